"""Keys that no database can hold, in addresses, filters, actions and forms, break no page."""

from __future__ import annotations

import pytest

from aggregator.keys import read_key
from aggregator.models import DuplicatePair
from aggregator.pair_view import compare_records
from tests.admin_pages import signed_in
from tests.cast import Cast

# Beyond what Python reads, beyond what a database holds, a digit of no number, no digit at all.
HOSTILE = ["9" * 5000, "9" * 30, "²", "٣٣", "abc", ""]


@pytest.mark.parametrize("text", [*HOSTILE, "-1", "1.0", " 1"])
def test_no_key_is_read_from_it(text: str) -> None:
    assert read_key(text) is None


def test_keys_of_a_database_are_read() -> None:
    assert [read_key(text) for text in ("0", "7", "007", "9" * 18)] == [0, 7, 7, 10**18 - 1]


@pytest.mark.parametrize("key", HOSTILE)
def test_pages_answer_hostile_keys_with_words(sunrise: Cast, key: str) -> None:
    clerk = signed_in(sunrise.operator)
    asked = [
        ("/admin/farms/field/", {"household": key, "village__id__exact": key, "p": key}),
        ("/admin/farms/field/", {"period": key}),
        ("/admin/aggregator/recordchange/", {"by": key}),
        ("/admin/map/plots.json", {"zoom": key, "season": key, "bbox": "1,1,2,2"}),
    ]
    for address, query in asked:
        assert clerk.get(address, query).status_code in (200, 302, 400, 404), address
    posted = [
        ("/admin/farms/practicerecord/", {"action": "delete_selected", "_selected_action": [key]}),
        ("/admin/practices/reports/", {"report": [key], "confirm": "1"}),
        ("/admin/map/chosen/", {"fields": f"{key},{key}"}),
        ("/admin/practices/enter/", {"village": key, "season": key, "practice": "no_till"}),
    ]
    for address, data in posted:
        assert clerk.post(address, data).status_code in (200, 302, 400), address


@pytest.mark.parametrize("key", HOSTILE[:-1])
def test_rows_ticked_in_a_form_are_refused_by_the_form(sunrise: Cast, key: str) -> None:
    approver = signed_in(sunrise.approver)
    answer = approver.post(
        "/admin/aggregator/payeeaccount/do/approve-many/", {"accounts": [key], "reason": "x"}
    )
    assert answer.status_code in (400, 404)


@pytest.mark.usefixtures("in_english")
def test_a_pair_is_compared_by_what_either_says(sunrise: Cast) -> None:
    first, second = sunrise.households[:2]
    for household in (first, second):
        household.agreements.all().delete()
    pair = DuplicatePair(cooperative=sunrise.cooperative, first=first, second=second)
    labels = [line.label for line in compare_records(pair)]
    assert "Agreements" not in labels
    assert "Village" in labels


@pytest.mark.usefixtures("in_english")
def test_one_person_cannot_take_the_wait_for_a_changed_account_away(sunrise: Cast) -> None:
    approver = signed_in(sunrise.approver)
    address = f"/admin/aggregator/cooperative/{sunrise.cooperative.pk}/change/"
    form = approver.get(address).context["adminform"].form
    sent = {**{name: form.initial[name] for name in form.fields}, "payee_cooling_days": "0"}
    answer = approver.post(address, sent)
    assert "A changed account waits at least one day" in answer.content.decode()
    sunrise.cooperative.payee_cooling_days = 0
    assert sunrise.cooperative.cooling_days == 1

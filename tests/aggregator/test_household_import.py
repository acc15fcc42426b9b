"""Households come in whole, once, and change only by what the file says."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aggregator import payees
from aggregator.encryption import hash_number
from aggregator.household_import import import_households
from aggregator.identity import read_phone
from aggregator.importing import ImportReport
from aggregator.models import (
    Agreement,
    AuditEvent,
    Household,
    ImportRun,
    Membership,
    OutboxMessage,
    PayeeAccount,
    Person,
    Village,
)
from aggregator.roles import NotAllowed, NotYours
from tests.aggregator.sheets import bank_card, household, identity, write_households
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("in_english")


class Importer:
    """Writes rows to a file and brings it in for Sunrise."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast = cast
        self.path = folder / "households.csv"

    def __call__(self, *rows: dict[str, str], **options: Any) -> ImportReport:
        write_households(self.path, *rows)
        by = options.pop("by", self.cast.operator)
        return import_households(self.path, cooperative=self.cast.cooperative, by=by, **options)


@pytest.fixture
def bring_in(sunrise: Cast, tmp_path: Path) -> Importer:
    return Importer(sunrise, tmp_path)


def counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.errors == []
    return tuple(report.counts[key] for key in ("created", "updated", "unchanged"))  # type: ignore[return-value]


def test_a_household_comes_in_with_all_that_hangs_on_it(bring_in: Importer) -> None:
    assert counts(bring_in(household(1, head_name="𠮷桂英", shares="3", language="英文"))) == (
        1,
        0,
        0,
    )
    made = Household.objects.get(code="Q001")
    assert made.phone == "+8613800000001"
    assert made.phone_hash == hash_number("+8613800000001")
    assert made.language == "en"
    head = Person.objects.get(household=made)
    assert (head.name, head.is_head) == ("𠮷桂英", True)
    assert head.identity_number == identity(1)
    membership = Membership.objects.get(household=made)
    assert (membership.starts_on, membership.ends_on, membership.shares) == (
        date(2020, 1, 1),
        None,
        3,
    )
    assert Agreement.objects.get(household=made).ends_on == date(2029, 12, 31)
    account = PayeeAccount.objects.get(household=made)
    assert (account.holder_name, account.number) == ("𠮷桂英", bank_card(1))


def test_the_second_run_of_a_file_changes_nothing(bring_in: Importer) -> None:
    rows = [household(1), household(2, village_code="V9", village_name="九村")]
    assert counts(bring_in(*rows)) == (2, 0, 0)
    assert counts(bring_in(*rows)) == (0, 0, 2)
    assert Village.objects.filter(code="V9", name="九村").count() == 1


def test_an_empty_cell_clears_nothing(bring_in: Importer) -> None:
    bring_in(household(1, shares="2"))
    bare = {"household_code": "Q001", "head_name": "王1", "phone": "", "shares": ""}
    assert counts(bring_in(bare)) == (0, 0, 1)
    assert Household.objects.get(code="Q001").phone == "+8613800000001"


def test_a_changed_cell_changes_one_thing(bring_in: Importer) -> None:
    bring_in(household(1), household(2))
    assert counts(bring_in(household(1, phone="13900000001"), household(2))) == (0, 1, 1)
    assert Household.objects.get(code="Q001").phone == "+8613900000001"
    assert counts(bring_in(household(1, phone="13900000001", head_name="王大"))) == (0, 1, 0)
    assert Person.objects.get(household__code="Q001").name == "王大"


def test_another_identity_number_is_another_head_and_the_old_one_stays(bring_in: Importer) -> None:
    bring_in(household(1))
    heir = household(1, head_name="王小", identity_number=identity(7))
    assert counts(bring_in(heir)) == (0, 1, 0)
    people = Person.objects.filter(household__code="Q001")
    assert [(p.name, p.is_head) for p in people] == [("王小", True), ("王1", False)]
    assert counts(bring_in(household(1))) == (0, 1, 0)
    assert [(p.name, p.is_head) for p in people.all()] == [("王1", True), ("王小", False)]


def test_a_head_without_a_number_gives_way_to_one_of_the_household_who_has_it(
    bring_in: Importer, sunrise: Cast
) -> None:
    wife = {"name": "陈妻", "identity_number": identity(7)}
    Person.objects.create(cooperative=sunrise.cooperative, household=sunrise.households[0], **wife)
    row = {"household_code": "H001", "head_name": "陈妻", "identity_number": identity(7)}
    assert counts(bring_in(row)) == (0, 1, 0)
    people = Person.objects.filter(household__code="H001")
    assert [(p.name, p.is_head) for p in people] == [("陈妻", True), ("户主1", False)]
    assert counts(bring_in(row)) == (0, 0, 1)


def test_an_account_in_a_file_waits_for_a_second_person(bring_in: Importer, sunrise: Cast) -> None:
    bring_in(household(1))
    first = PayeeAccount.objects.get(household__code="Q001")
    assert (first.status, first.proposed_by) == ("proposed", sunrise.operator)
    payees.approve_account(first, by=sunrise.approver)
    assert counts(bring_in(household(1))) == (0, 0, 1)
    assert counts(bring_in(household(1, account_number=bank_card(9)))) == (0, 1, 0)
    accounts = PayeeAccount.objects.filter(household__code="Q001")
    assert [(a.number, a.status) for a in accounts] == [
        (bank_card(1), "active"),
        (bank_card(9), "proposed"),
    ]


def test_a_later_file_takes_back_what_an_earlier_proposed(bring_in: Importer) -> None:
    bring_in(household(1))
    assert counts(bring_in(household(1, account_number=bank_card(9)))) == (0, 1, 0)
    accounts = PayeeAccount.objects.filter(household__code="Q001")
    assert [(a.number, a.status, a.reason) for a in accounts] == [
        (bank_card(9), "proposed", ""),
        (bank_card(1), "refused", "replaced"),
    ]


def test_another_name_on_the_account_is_a_change_of_the_account(
    bring_in: Importer, sunrise: Cast
) -> None:
    bring_in(household(1))
    payees.approve_account(PayeeAccount.objects.get(household__code="Q001"), by=sunrise.approver)
    assert counts(bring_in(household(1, account_holder="别人"))) == (0, 1, 0)
    active = PayeeAccount.objects.active().get(household__code="Q001")
    waiting = PayeeAccount.objects.get(household__code="Q001", status="proposed")
    assert (active.holder_name, waiting.holder_name) == ("王1", "别人")
    assert active.number == waiting.number


def test_the_phone_known_before_the_file_is_told_of_both_changes(
    bring_in: Importer, sunrise: Cast
) -> None:
    bring_in(household(1))
    OutboxMessage.objects.all().delete()
    bring_in(household(1, phone="13900009999", account_number=bank_card(9)))
    told = OutboxMessage.objects.filter(household__code="Q001")
    former = {message.phone for message in told}
    assert len(told) == 2
    assert former == {read_phone(household(1)["phone"])}


def test_a_membership_ends_and_begins_again(bring_in: Importer) -> None:
    bring_in(household(1))
    assert counts(bring_in(household(1, member_until="2023-12-31"))) == (0, 1, 0)
    assert counts(bring_in(household(1, member_since="2025-01-01"))) == (0, 1, 0)
    spans = Membership.objects.filter(household__code="Q001").values_list("starts_on", "ends_on")
    assert list(spans) == [
        (date(2020, 1, 1), date(2023, 12, 31)),
        (date(2025, 1, 1), None),
    ]
    overlapping = bring_in(household(1, member_since="2023-06-01"))
    assert "since 2020-01-01 is on record" in overlapping.errors[0].reason


def test_all_errors_of_all_rows_are_gathered_and_nothing_is_written(bring_in: Importer) -> None:
    report = bring_in(
        household(1),
        household(2, identity_number="110105194912310021", phone="1380000000"),
        household(3, head_name="", member_since="2020-13-01"),
        household(4, agreement_ends_on="", account_number="12x"),
        household(5, member_until="2019-12-31", language="latin"),
    )
    assert report.refused
    assert report.counts == {"created": 0, "updated": 0, "unchanged": 0}
    assert sorted((error.row, error.column) for error in report.errors) == [
        (3, "identity_number"),
        (3, "phone"),
        (4, "head_name"),
        (4, "member_since"),
        (5, "account_number"),
        (5, "agreement_ends_on"),
        (6, "language"),
        (6, "member_until"),
    ]
    assert not Household.objects.filter(code__startswith="Q").exists()


def test_a_code_short_of_a_digit_is_refused_as_on_the_certificate(bring_in: Importer) -> None:
    report = bring_in(household(1, household_code="35062710220300012"))
    assert report.errors[0].reason.startswith("17 digits, this code has 18.")
    assert report.errors[0].text == "35062710220300012"


def test_the_same_household_or_person_twice_in_a_file_is_refused(bring_in: Importer) -> None:
    report = bring_in(
        household(1), household(2, household_code="Q001"), household(3, identity_number=identity(1))
    )
    assert [(e.row, e.column, e.reason) for e in report.errors] == [
        (3, "household_code", "Row 2 has the same."),
        (4, "identity_number", "Row 2 has the same."),
    ]


def test_an_identity_number_of_another_household_is_refused(bring_in: Importer) -> None:
    bring_in(household(1))
    report = bring_in(household(2, identity_number=identity(1)))
    reason = "This identity number is on record for household Q001."
    assert [(e.column, e.reason) for e in report.errors] == [("identity_number", reason)]


def test_an_agreement_that_nobody_has_signed_yet_is_refused(bring_in: Importer) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    report = bring_in(household(1, agreement_signed_on=tomorrow))
    (error,) = report.errors
    assert (error.row, error.column) == (2, "agreement_signed_on")
    assert error.reason.startswith(f"The day {tomorrow} is still to come; today is ")


def test_an_agreement_of_another_household_is_refused(bring_in: Importer) -> None:
    bring_in(household(1))
    report = bring_in(household(2, agreement_code="XY001"))
    assert [(e.row, e.column) for e in report.errors] == [(2, "agreement_code")]


def test_villages_are_known_by_code_or_by_name_and_never_renamed(bring_in: Importer) -> None:
    by_name = household(1, village_code="", village_name="一村")
    assert counts(bring_in(by_name)) == (1, 0, 0)
    assert Household.objects.get(code="Q001").village.code == "V1"
    report = bring_in(household(2, village_name="二村"))
    assert [error.reason for error in report.errors] == ["Village V1 is called 一村."]
    report = bring_in(household(3, village_code="", village_name=""))
    assert "needs its village" in report.errors[0].reason


def test_a_village_once_brought_in_by_name_and_renamed_is_not_made_again(
    bring_in: Importer,
) -> None:
    bring_in(household(1, village_code="", village_name="东村"))
    Village.objects.filter(code="东村").update(name="东村一组")
    report = bring_in(household(2, village_code="", village_name="东村"))
    assert [error.reason for error in report.errors] == ["Village 东村 is called 东村一组."]


def test_a_dry_run_counts_and_writes_nothing(bring_in: Importer) -> None:
    report = bring_in(household(1), dry_run=True)
    assert (report.status, report.counts["created"]) == ("checked", 1)
    assert not Household.objects.filter(code="Q001").exists()
    assert ImportRun.objects.get().status == "checked"


def test_no_personal_number_is_in_report_run_or_audit_log(bring_in: Importer) -> None:
    numbers = {identity(1), "1380000000177", "6222020000000017", "350627196001010"}
    report = bring_in(
        household(1, phone="1380000000177", account_number="6222020000000017"),
        household(2, identity_number=identity(1)),
        household(3, identity_number="350627196001010", head_name="1" * 120),
        household(4, shares=identity(1)),
    )
    assert len(report.errors) >= 5
    run = ImportRun.objects.get()
    kept = f"{report.as_json()} {run.errors} {run.notes} {AuditEvent.objects.get().details}"
    assert not [number for number in numbers if number in kept]


def test_runs_are_recorded_with_who_and_what(bring_in: Importer, sunrise: Cast) -> None:
    bring_in(household(1))
    bring_in({"household_code": "Q002"})
    refused, imported = ImportRun.objects.all()
    assert (imported.status, imported.by, imported.file_name) == (
        "imported",
        sunrise.operator,
        "households.csv",
    )
    counted = {"created": 1, "updated": 0, "unchanged": 0, "errors": 0, "notes": 0}
    assert imported.counts == counted
    assert len(imported.sha256) == 64
    assert refused.status == "refused"
    assert "head_name" in refused.errors[0]["reason"]
    assert AuditEvent.objects.filter(action="import_households").count() == 2


def test_only_an_operator_of_the_cooperative_may_bring_in(
    bring_in: Importer, sunrise: Cast, riverbend: Cast
) -> None:
    for stranger, error in ((sunrise.viewer, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(error):
            bring_in(household(1), by=stranger)
    assert not ImportRun.objects.exists()


def test_two_cooperatives_may_have_the_same_codes_and_people(
    bring_in: Importer, riverbend: Cast
) -> None:
    bring_in(household(1))
    report = import_households(bring_in.path, cooperative=riverbend.cooperative, by=None)
    assert counts(report) == (1, 0, 0)
    assert Household.objects.filter(code="Q001").count() == 2


def test_a_second_import_asks_a_fixed_number_of_questions(
    bring_in: Importer, django_assert_max_num_queries: Any
) -> None:
    rows = [household(number) for number in range(1, 90)]
    bring_in(*rows)
    with django_assert_max_num_queries(22):
        assert counts(bring_in(*rows)) == (0, 0, 89)


@pytest.mark.parametrize("signed_on", [date(2020, 1, 1), None])
def test_the_days_of_an_agreement_made_in_the_program_are_not_changed_by_a_file(
    bring_in: Importer, signed_on: date | None
) -> None:
    bring_in(household(1))
    made = Agreement.objects.filter(code="XY001")
    made.update(text={"starts_on": "2020-01-01"}, signed_on=signed_on)
    report = bring_in(
        household(1, agreement_ends_on="2049-12-31", agreement_signed_on="2020-02-02")
    )
    assert [(error.row, error.code) for error in report.errors] == [(2, "agreement_frozen")]
    assert "made in the program" in report.errors[0].reason
    agreement = made.get()
    assert (agreement.signed_on, agreement.ends_on) == (signed_on, date(2029, 12, 31))


def test_a_file_that_says_the_same_days_leaves_a_signed_agreement_in_peace(
    bring_in: Importer,
) -> None:
    bring_in(household(1))
    Agreement.objects.update(text={"starts_on": "2020-01-01"})
    assert counts(bring_in(household(1))) == (0, 0, 1)

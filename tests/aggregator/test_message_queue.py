"""What waits in the outbox is sent by any worker, once, and survives a kill."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aggregator import sign_in, sms
from aggregator.household_import import import_households
from aggregator.models import Household, OutboxMessage
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import bank_card, household, write_households
from tests.aggregator.test_sms import Broken, Recorder
from tests.cast import Cast
from tests.payouts.test_money_races import at_once

LATER = timedelta(days=1)


@pytest.fixture
def provider(monkeypatch: Any, settings: Any) -> Recorder:
    """A provider of the test's own, as the settings would name it."""
    recorder = Recorder()
    monkeypatch.setitem(sms.GATEWAYS, "recorder", recorder)
    settings.SMS_GATEWAY = "recorder"
    return recorder


def queue(cast: Cast, *texts: str) -> list[OutboxMessage]:
    member = cast.households[0]
    sms.write_messages(sms.Message(member, member.phone, text) for text in texts)
    return list(OutboxMessage.objects.order_by("pk"))


def states() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("status", flat=True))


def pass_time() -> None:
    """Every lease is over."""
    OutboxMessage.objects.update(next_try_at=timezone.now())


def test_what_waits_is_sent_once_and_its_text_erased(sunrise: Cast, provider: Recorder) -> None:
    queue(sunrise, "one", "two")
    assert (states(), provider.sent) == (["waiting", "waiting"], [])
    assert sms.send_waiting() == 2
    phone = sunrise.households[0].phone
    assert provider.sent == [(phone, "one"), (phone, "two")]
    assert states() == ["sent", "sent"]
    assert {row.text for row in OutboxMessage.objects.all()} == {""}
    assert sms.send_waiting() == 0


def test_what_another_worker_took_is_left_to_it(sunrise: Cast, provider: Recorder) -> None:
    (row,) = queue(sunrise, "one")
    assert sms._claim(row)
    assert not sms._claim(row)
    assert sms.send_waiting() == 0
    assert provider.sent == []


def test_a_worker_killed_over_a_message_leaves_it_to_the_next(
    sunrise: Cast, provider: Recorder
) -> None:
    row, _other = queue(sunrise, "one", "two")
    assert sms._claim(row)
    assert sms.send_waiting() == 1
    pass_time()
    assert sms.send_waiting() == 1
    assert [text for _phone, text in provider.sent] == ["two", "one"]
    assert provider.keys == [f"message-{row.pk + 1}", f"message-{row.pk}"]


def test_a_message_that_fails_is_tried_later_and_given_up_in_the_end(
    sunrise: Cast, monkeypatch: Any, settings: Any
) -> None:
    broken = Broken()
    monkeypatch.setitem(sms.GATEWAYS, "broken", broken)
    settings.SMS_GATEWAY = "broken"
    queue(sunrise, "one")
    for _try in range(sms.MAX_TRIES):
        with pytest.raises(ConnectionError):
            sms.send_waiting()
        # Not again at once: the provider is given time.
        assert sms.send_waiting() == 0
        pass_time()
    assert sms.send_waiting() == 0
    assert states() == ["failed"]
    assert len(broken.sent) == sms.MAX_TRIES
    # The same key each time, so that a provider may drop what it had.
    assert len(set(broken.keys)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_whose_sending_failed_goes_first_or_not_at_all(
    sunrise: Cast, provider: Recorder, monkeypatch: Any, settings: Any
) -> None:
    queue(sunrise, "notice")
    monkeypatch.setitem(sms.GATEWAYS, "broken", Broken())
    settings.SMS_GATEWAY = "broken"
    sign_in.request_code(sunrise.households[0].phone, address="a")
    settings.SMS_GATEWAY = "recorder"
    pass_time()
    assert sms.send_waiting() == 2
    assert [text == "notice" for _phone, text in provider.sent] == [False, True]
    settings.SMS_GATEWAY = "broken"
    sign_in.request_code(sunrise.households[0].phone, address="a")
    settings.SMS_GATEWAY = "recorder"
    OutboxMessage.objects.update(expires_at=timezone.now())
    pass_time()
    assert sms.send_waiting() == 0
    assert states()[-1] == "failed"


def test_an_import_leaves_its_messages_in_the_queue(
    sunrise: Cast, provider: Recorder, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    rows = [household(number) for number in range(1, 41)]
    with django_capture_on_commit_callbacks() as callbacks:
        report = import_households(
            write_households(tmp_path / "a.csv", *rows),
            cooperative=sunrise.cooperative,
            by=sunrise.operator,
        )
    assert not report.errors
    # Nothing is left to a request that may be killed once the file is written.
    assert callbacks == []
    assert states() == ["waiting"] * 40
    assert provider.sent == []
    assert sms.send_waiting() == 40
    codes = OutboxMessage.objects.values_list("household__code", flat=True)
    assert len(set(codes)) == 40


def test_messages_of_an_import_cost_the_same_however_many(
    sunrise: Cast, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    rows = [household(number) for number in range(1, 61)]
    bring_in = write_households(tmp_path / "a.csv", *rows)
    with django_assert_max_num_queries(60):
        import_households(bring_in, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert OutboxMessage.objects.count() == 60


def test_a_refused_file_tells_nobody(sunrise: Cast, tmp_path: Path) -> None:
    rows = [household(1), household(2, phone="1380000000", account_number=bank_card(3))]
    path = write_households(tmp_path / "a.csv", *rows)
    import_households(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert not OutboxMessage.objects.exists()


def test_a_household_without_a_phone_leaves_no_message(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1, phone=""))
    import_households(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert Household.objects.filter(code="Q001").exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.usefixtures("in_english")
def test_what_goes_to_a_phone_is_not_read_by_staff(sunrise: Cast, provider: Recorder) -> None:
    """Between writing and sending a code stands in the outbox: it would let staff sign in."""
    queue(sunrise, "Your code is 123456.")
    page = words(signed_in(sunrise.operator).get("/admin/aggregator/outboxmessage/"))
    assert "only on the phone it goes to" in page
    assert "waits to be sent" in page
    assert "123456" not in page


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(sunrise: Cast, provider: Recorder) -> None:
    queue(sunrise, *(f"notice {number}" for number in range(150)))
    assert at_once(sms.send_waiting, sms.send_waiting) == ["done", "done"]
    assert len(provider.keys) == len(set(provider.keys)) == 150
    assert set(states()) == {"sent"}

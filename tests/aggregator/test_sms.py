"""Messages leave after commit, through the gateway that the settings name."""

import pytest
from django.db import transaction

from aggregator import sms
from aggregator.models import Household, OutboxMessage
from tests.cast import Cast


class Recorder:
    """A gateway of the test's own, as a plug-in would bring it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.keys: list[str] = []

    hands_over = True

    def send(self, *, phone: str, text: str, household: Household | None, key: str) -> None:
        self.sent.append((phone, text))
        self.keys.append(key)


class Broken(Recorder):
    def send(self, *, phone: str, text: str, household: Household | None, key: str) -> None:
        super().send(phone=phone, text=text, household=household, key=key)
        raise ConnectionError("provider is down")


@pytest.mark.django_db(transaction=True)
def test_the_outbox_keeps_number_and_text_encrypted(sunrise: Cast) -> None:
    household = sunrise.households[0]
    sms.send_message(household, text="您好")
    message = OutboxMessage.objects.get()
    assert (message.phone, message.text) == (household.phone, "您好")
    assert message.cooperative == sunrise.cooperative
    raw = OutboxMessage.objects.extra(select={"raw": "phone || text"}).values_list("raw")[0][0]
    assert household.phone not in raw
    assert "您好" not in raw


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_sent(sunrise: Cast, monkeypatch, settings) -> None:
    recorder = Recorder()
    monkeypatch.setitem(sms.GATEWAYS, "recorder", recorder)
    settings.SMS_GATEWAY = "recorder"

    def decide_and_fail() -> None:
        with transaction.atomic():
            sms.send_message(sunrise.households[0], text="too early")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        decide_and_fail()
    assert recorder.sent == []
    sms.send_message(sunrise.households[0], text="now")
    assert recorder.sent == [(sunrise.households[0].phone, "now")]


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_is_down_undoes_nothing(
    sunrise: Cast, monkeypatch, settings, caplog
) -> None:
    monkeypatch.setitem(sms.GATEWAYS, "broken", Broken())
    settings.SMS_GATEWAY = "broken"
    household = sunrise.households[0]
    with transaction.atomic():
        Household.objects.filter(pk=household.pk).update(language="en")
        sms.send_message(household, text="654321")
    household.refresh_from_db()
    assert household.language == "en"
    assert "provider is down" in caplog.text
    assert household.phone not in caplog.text
    assert "654321" not in caplog.text

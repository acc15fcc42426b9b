"""Text messages that tell a household what staff changed about its money or its phone.

Each goes to the number that was on record before the change; numbers in the text are masked.
"""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from aggregator import sms
from aggregator.encryption import mask_number
from aggregator.models import Household, PayeeAccount


def word_proposed(account: PayeeAccount, *, phone: str) -> sms.Message:
    """An account was named for the household; nothing goes there yet."""
    with translation.override(account.household.language):
        text = _(
            "[Tianhui] The bank account %(account)s was named for household %(code)s. "
            "No money goes there until a second person at the cooperative has approved it."
        )
        return _word(account.household, text % _words(account), phone=phone)


def tell_proposed(account: PayeeAccount, *, phone: str) -> None:
    """Send what `word_proposed` says."""
    _send(word_proposed(account, phone=phone))


def tell_approved(account: PayeeAccount, *, phone: str) -> None:
    """The account is approved; from which day money goes there."""
    with translation.override(account.household.language):
        text = _(
            "[Tianhui] The bank account %(account)s of household %(code)s is approved. "
            "Money goes there from %(day)s on."
        )
        day = account.usable_on.isoformat() if account.usable_on else ""
        _send(_word(account.household, text % {**_words(account), "day": day}, phone=phone))


def tell_ended(account: PayeeAccount, *, phone: str) -> None:
    """Nothing is paid to the account any more, and to no other yet."""
    with translation.override(account.household.language):
        text = _(
            "[Tianhui] Nothing more is paid to the bank account %(account)s of household %(code)s. "
            "Your money waits until another account is approved."
        )
        _send(_word(account.household, text % _words(account), phone=phone))


def word_phone_changed(household: Household, *, former: str) -> sms.Message:
    """The former phone of the household learns that another has taken its place."""
    with translation.override(household.language):
        text = _(
            "[Tianhui] Household %(code)s has a new telephone number, %(phone)s. "
            "Messages and sign-in codes no longer come to this one."
        )
        values = {"code": household.code, "phone": mask_number(household.phone) or "—"}
        return _word(household, text % values, phone=former)


def tell_phone_changed(household: Household, *, former: str) -> None:
    """Send what `word_phone_changed` says."""
    _send(word_phone_changed(household, former=former))


def tell_merged(merged: Household, kept: Household, *, phone: str, money_from: date | None) -> None:
    """The household's two records were made one; where it changes who is paid, from when."""
    with translation.override(merged.language):
        text = _(
            "[Tianhui] The records %(merged)s and %(kept)s were found to be one household and are "
            "now one, %(kept)s."
        ) % {"merged": merged.code, "kept": kept.code}
        if money_from is not None:
            text += " " + _("Money is paid again from %(day)s on.") % {
                "day": money_from.isoformat()
            }
        _send(_word(kept, text, phone=phone))


def _words(account: PayeeAccount) -> dict[str, str]:
    return {"account": str(account), "code": account.household.code}


def _word(household: Household, text: str, *, phone: str) -> sms.Message:
    if number := household.cooperative.phone:
        objection = _("Not you? Call %(phone)s.") % {"phone": number}
    else:
        objection = _("Not you? Tell your cooperative at once.")
    return sms.Message(household, phone, f"{text} {objection}")


def _send(message: sms.Message) -> None:
    if message.phone:
        sms.send_message(message.household, text=message.text, phone=message.phone)

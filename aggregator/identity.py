"""Personal numbers as they are written in China: identity, telephone, bank account.

Each reader takes text and gives the one stored form, or raises with a sentence that never quotes
the number itself.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

from aggregator.phones import PhoneError, normalise_phone

# ISO/IEC 7812-1 major industry identifiers of bank cards: 3-6, and 9 (old ICBC cards, 9558...).
_CARD_STARTS = "34569"


class NumberRefused(ValueError):
    """A personal number that cannot be right; the message says what to mend."""


def read_identity(text: str) -> str:
    """The 18-place resident identity number, or an organisation's unified social credit code.

    Raises:
        NumberRefused: wrong length, a letter inside, no such birthday, or a wrong last place.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    # Companies' and cooperatives' codes start with 9, no resident's number does; codes of other
    # bodies are told by their letters, since one wrong resident's number in 31 would pass as one.
    if number.startswith("9") or re.search(r"[A-Z]", number[:-1]):
        return _read_organisation(number)
    if len(number) == 15:
        raise NumberRefused(_("15 digits, the old number. Write the 18 of the card used today."))
    if len(number) != 18:
        raise NumberRefused(
            _("%(count)d places, an identity number has 18. Compare it with the card.")
            % {"count": len(number)}
        )
    # Not ric.validate: it also asks that the county existed in the year of birth, but people born
    # before 1984 carry the county in which they were first registered.
    try:
        ric.get_birth_date(number)
        mod_11_2.validate(number)
    except (ValidationError, ValueError) as error:
        raise NumberRefused(
            _(
                "A digit is wrong: birthday and last place do not fit together. "
                "Compare it with the card."
            )
        ) from error
    return number


def read_phone(text: str) -> str:
    """A telephone number in E.164 form; without a + it is Chinese.

    Raises:
        NumberRefused: not a telephone number, or a mobile number with a digit too few or too many.
    """
    try:
        number = normalise_phone(text, region="CN")
    except PhoneError as error:
        raise NumberRefused(_("Not a telephone number. A mobile number has 11 digits.")) from error
    if (
        number.startswith("+861")
        and len(number) != len("+86") + 11
        and not number.startswith("+8610")
    ):
        raise NumberRefused(
            _("%(count)d digits, a mobile number has 11.") % {"count": len(number) - len("+86")}
        )
    return number


def read_account(text: str) -> str:
    """A bank account or card number as bare digits.

    Raises:
        NumberRefused: other signs than digits, too short or long, or a card's check digit is wrong.
    """
    number = re.sub(r"[\s-]", "", text)
    if not number.isascii() or not number.isdigit():
        raise NumberRefused(_("An account number has digits only."))
    if not 8 <= len(number) <= 30:
        raise NumberRefused(
            _("%(count)d digits, an account number has 8 to 30.") % {"count": len(number)}
        )
    # Passbook accounts of rural banks carry no Luhn digit, so only cards are held to it.
    if 16 <= len(number) <= 19 and number[0] in _CARD_STARTS and not luhn.is_valid(number):
        raise NumberRefused(
            _("A digit is wrong: this is no card number. Compare it with the card.")
        )
    return number


def _read_organisation(number: str) -> str:
    try:
        return str(uscc.validate(number))
    except ValidationError as error:
        raise NumberRefused(
            _(
                "Neither an identity number (17 digits, then a digit or X) "
                "nor a unified social credit code."
            )
        ) from error

"""Telephone numbers in one written form, E.164, whatever way people write them.

Imports no Django.
"""

import phonenumbers


class PhoneError(ValueError):
    """Text that cannot be a telephone number of the region or, with a +, of any other."""


def normalise_phone(text: str, *, region: str = "CN") -> str:
    """Read a number as written, e.g. ``"138 0000 0001"``.

    Args:
        text: The number; spaces, dashes and full-width digits are fine.
        region: ISO 3166 code of the country meant where no ``+`` leads the number.

    Returns:
        The number in E.164 form, ``"+8613800000001"``.

    Raises:
        PhoneError: too short, too long, or not digits.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError(text) from error
    # Possible, not valid: number ranges open faster than the tables are updated. A number without
    # its area code is possible "locally only" and reaches nobody from here.
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise PhoneError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

"""Names kept in two languages: the one that the reader reads.

Imports no model; a row has `name` and, beside it, `name_en`, which may be empty.
"""

from typing import Any

from django.utils.translation import get_language


def local_name(row: Any, field: str = "name") -> str:
    """The row's English name for those who read English and where there is one."""
    english = getattr(row, f"{field}_en", "")
    return english if english and get_language() == "en" else str(getattr(row, field))

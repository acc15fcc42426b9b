"""Whether a field exists on a day or in a season, and the words that name the day if not."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.errors import DomainError
from farms.models import Field, FieldDescent, Season


class OutsideFieldsLife(DomainError):
    code = "outside_fields_life"
    message = gettext_lazy("Field %(field)s exists from %(starts_on)s to %(ends_on)s only.")


def exists_on(field: Field, day: date | None) -> bool:
    """Whether the field exists on the day; a day that is not said is no contradiction."""
    if day is None:
        return True
    return (field.starts_on or date.min) <= day <= (field.ends_on or date.max)


def outside_life(field: Field) -> OutsideFieldsLife:
    return OutsideFieldsLife(
        field=field.code, starts_on=field.starts_on or "…", ends_on=field.ends_on or "…"
    )


def say_outside_life(field: Field, season: Season) -> str:
    """Why nothing can be recorded of the field in the season; empty if it can."""
    if field.ends_on is not None and field.ends_on < season.starts_on:
        return _("This field ended on %(day)s. The fields that came of it: %(codes)s.") % {
            "day": field.ends_on.isoformat(),
            "codes": ", ".join(_successors(field)) or "-",
        }
    if field.starts_on is not None and field.starts_on > season.ends_on:
        return _("This field exists from %(day)s on, after the season %(season)s.") % {
            "day": field.starts_on.isoformat(),
            "season": season.code,
        }
    return ""


def _successors(field: Field) -> list[str]:
    """The codes of the fields that came out of one that ended."""
    descents = FieldDescent.objects.filter(parent=field).order_by("child__code")
    return list(descents.values_list("child__code", flat=True))

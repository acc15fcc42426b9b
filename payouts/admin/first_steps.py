"""How a cooperative without a project begins: three files and what they lead to."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from aggregator.models import Cooperative, Household
from farms.models import Field, PracticeRecord


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step; `count` is how much of it is on record, more than nothing is done."""

    text: str
    hint: str
    url: str
    count: int = 0


def list_first_steps(cooperative: Cooperative) -> list[FirstStep]:
    """From members to a project, in the order in which one needs the other."""
    return [
        FirstStep(
            _("Bring in the households"),
            _("A list of the members, Excel or CSV."),
            reverse("import-file", args=["households"]),
            _count(Household, cooperative),
        ),
        FirstStep(
            _("Bring in the fields"),
            _("A map layer, or the zip of the land registry."),
            reverse("import-file", args=["fields"]),
            _count(Field, cooperative),
        ),
        FirstStep(
            _("Bring in the practices"),
            _("What was done on each field, with photos if there are any."),
            reverse("import-file", args=["practices"]),
            _count(PracticeRecord, cooperative),
        ),
        FirstStep(
            _("Set up a project"),
            _("Enrol the fields and open its first period."),
            reverse("admin:credits_project_changelist"),
        ),
    ]


def _count(model: type[Model], cooperative: Cooperative) -> int:
    return model._default_manager.filter(cooperative=cooperative).count()

"""The papers and conditions that a program asks for: found in order by a person, before anybody
verifies.

A document holds for the whole project, a condition for one period. What the checks of enrolment
look at field by field needs no person here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import MonitoringPeriod, RequirementCheck
from credits.terms.names import TERM_NAMES

# The signed agreement is asked of each field and day by the rights.
CHECKED_BY_FIELD = frozenset({"agreement"})
_MOST = 200


class RequirementsMissing(DomainError):
    code = "requirements_missing"
    message = _("The program asks for these first; say where they are seen: %(names)s.")


class UnknownRequirement(BadInput):
    code = "unknown_requirement"
    message = _("The program does not ask for “%(code)s”.")


class ReferenceMissing(BadInput):
    code = "reference_missing"
    message = _("Say where it is seen, in at most 200 characters.")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is asked, whether once for the project, and where it was seen; empty: not yet."""

    code: str
    once: bool
    reference: str = ""

    @property
    def name(self) -> str:
        return str(TERM_NAMES.get(self.code, self.code))


def list_requirements(period: MonitoringPeriod) -> list[Requirement]:
    """All that a person has to look after before the period is verified, documents first."""
    terms = period.project.terms
    asked = [(code, True) for code in terms.get("documents", []) if code not in CHECKED_BY_FIELD]
    asked += [(code, False) for code in terms.get("conditions", [])]
    if not asked:
        return []
    seen = {
        (check.code, check.period_id is None): check.reference
        for check in RequirementCheck.objects.filter(project=period.project_id)
        if check.period_id in (None, period.pk)
    }
    return [Requirement(code, once, seen.get((code, once), "")) for code, once in asked]


def require_all(period: MonitoringPeriod) -> None:
    """Raise RequirementsMissing while anything that the program asks for has not been seen."""
    missing = [each.name for each in list_requirements(period) if not each.reference]
    if missing:
        raise RequirementsMissing(names="; ".join(missing))


def confirm_requirements(
    period: MonitoringPeriod, *, references: Mapping[str, str], by: User
) -> list[RequirementCheck]:
    """Keep where each document or condition is seen; one told again stands as told last.

    Raises:
        UnknownRequirement, ReferenceMissing: what was sent cannot be kept.
    """
    require_role(by, "operator", of=period)
    asked = {each.code: each for each in list_requirements(period)}
    for code, reference in references.items():
        if code not in asked:
            raise UnknownRequirement(code=code)
        if not 0 < len(reference.strip()) <= _MOST:
            raise ReferenceMissing
    with transaction.atomic():
        kept = []
        for code, reference in references.items():
            check, _new = RequirementCheck.objects.update_or_create(
                cooperative_id=period.cooperative_id,
                project_id=period.project_id,
                period=None if asked[code].once else period,
                code=code,
                defaults={
                    "reference": reference.strip(),
                    "checked_by": by,
                    "checked_at": timezone.now(),
                },
            )
            audit.record_event(check, action="confirm_requirement", by=by, code=code)
            kept.append(check)
    return kept

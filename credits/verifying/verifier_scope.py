"""Which rows of every floor a verifier sees: those of the projects assigned to him, and no more.

Of money, staff and messages he sees nothing: what is not named here is empty for him.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from aggregator.models import User
from aggregator.tenancy import register_verifier_rows
from credits.models import Enrolment
from credits.verifying.verifiers import current_assignments

# Model -> the key of its project, and of its field or household where it hangs on one of those.
_BY_PROJECT = {
    "credits.Project": "pk",
    "credits.Enrolment": "project",
    "credits.EnrolmentSpan": "project",
    "credits.VerifierAssignment": "project",
    "credits.MonitoringPeriod": "project",
    "credits.QuantificationRun": "period__project",
    "credits.FieldResult": "run__period__project",
    "credits.Verification": "period__project",
    "credits.SampledField": "verification__period__project",
    "credits.FindingPhoto": "sampled_field__verification__period__project",
    "credits.CorrectiveAction": "verification__period__project",
    "credits.CorrectiveFile": "message__action__verification__period__project",
    "credits.SoilCampaign": "project",
    "credits.SoilReport": "campaign__project",
    "credits.SoilPoint": "campaign__project",
    "credits.SoilLayer": "point__campaign__project",
    "credits.Issuance": "period__project",
    "credits.CreditBlock": "issuance__period__project",
}
_BY_FIELD = {
    "farms.Field": "pk",
    "farms.Boundary": "field",
    "farms.Tenure": "field",
    "farms.PracticeRecord": "field",
    "farms.Evidence": "record__field",
    "farms.Observation": "field",
    "farms.Overlap": "field",
    "farms.GrainFlag": "field",
}
_BY_HOUSEHOLD = {
    "aggregator.Household": "pk",
    "aggregator.Person": "household",
    "aggregator.Agreement": "household",
    "aggregator.Membership": "household",
}
_BY_COOPERATIVE = ("farms.Season", "aggregator.Village")


def register_scope() -> None:
    for label, path in _BY_PROJECT.items():
        register_verifier_rows(label, _rows(path, _projects))
    for label, path in _BY_FIELD.items():
        register_verifier_rows(label, _rows(path, _fields))
    for label, path in _BY_HOUSEHOLD.items():
        register_verifier_rows(label, _rows(path, _households))
    for label in _BY_COOPERATIVE:
        register_verifier_rows(label, _rows("cooperative", _cooperatives))


def _rows(path: str, keys: Callable[[User], Any]) -> Callable[[User], Q]:
    return lambda user: Q(**{f"{path}__in": keys(user)})


def _projects(user: User) -> Any:
    return current_assignments(user).values("project_id")


def _cooperatives(user: User) -> Any:
    return current_assignments(user).values("cooperative_id")


def _fields(user: User) -> Any:
    """Fields that were asked into his projects, those refused among them."""
    return Enrolment.objects.filter(project__in=_projects(user)).values("field_id")


def _households(user: User) -> Any:
    rows = Enrolment.objects.filter(project__in=_projects(user))
    return rows.values("field__tenures__household_id")

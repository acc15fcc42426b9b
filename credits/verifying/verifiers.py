"""Which verifier looks at which project: assigned by the cooperative, ended by it, checked here."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.actors import state_actor
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import NotYours, require_role
from credits.models import Project, VerifierAssignment


class UnknownVerifier(BadInput):
    code = "unknown_verifier"
    message = _("Nobody with the role of a verifier signs in as “%(username)s”.")


class NotYourProject(NotYours):
    message = _("This project is not assigned to you.")


class AlreadyAssigned(DomainError):
    code = "already_assigned"
    message = _("“%(username)s” is assigned to this project already.")


class NotAssigned(DomainError):
    code = "not_assigned"
    message = _("This assignment has ended already.")


def assign_verifier(project: Project, *, username: str, by: User) -> VerifierAssignment:
    """Let a verifier, of any cooperative or of none, look at a project.

    Raises:
        UnknownVerifier: there is no such verifier.
        AlreadyAssigned: he looks at it already.
    """
    require_role(by, "operator", "approver", of=project)
    verifier = User.objects.filter(
        username=username.strip(), role=User.Role.VERIFIER, is_active=True
    ).first()
    if verifier is None:
        raise UnknownVerifier(username=username.strip())
    try:
        with transaction.atomic():
            assignment = VerifierAssignment.objects.create(
                cooperative_id=project.cooperative_id,
                project=project,
                verifier=verifier,
                assigned_by=by,
            )
            audit.record_event(project, action="assign_verifier", by=by, verifier=verifier.pk)
    except IntegrityError as error:
        raise AlreadyAssigned(username=verifier.username) from error
    return assignment


def end_assignment(assignment: VerifierAssignment, *, by: User) -> None:
    """From now on the verifier sees nothing more of the project; what he wrote stays.

    Raises:
        NotAssigned: it has ended already.
    """
    require_role(by, "operator", "approver", of=assignment)
    with transaction.atomic():
        ended = VerifierAssignment.objects.filter(pk=assignment.pk, ended_at=None).update(
            ended_at=timezone.now(), ended_by=by
        )
        if not ended:
            raise NotAssigned
        audit.record_event(
            assignment.project, action="end_assignment", by=by, verifier=assignment.verifier_id
        )
    assignment.refresh_from_db()


def is_assigned(verifier: User, project_id: int) -> bool:
    return current_assignments(verifier).filter(project_id=project_id).exists()


def current_assignments(verifier: User):  # type: ignore[no-untyped-def]
    """The assignments a verifier works under now."""
    return VerifierAssignment.objects.filter(verifier=verifier, ended_at=None)


def require_verifier(by: User, *others: str, project: Project) -> None:
    """Raise unless `by` is a verifier of this project, or has one of the `others` roles in it.

    Raises:
        NotYourProject, NotYours: a verifier without an assignment, another cooperative's staff.
        NotAllowed: the role is another one.
    """
    if by.is_superuser or by.role != User.Role.VERIFIER:
        require_role(by, *others, User.Role.VERIFIER, of=project)
        return
    if not is_assigned(by, project.pk):
        raise NotYourProject
    state_actor(by)

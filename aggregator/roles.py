"""Who may take which step: one check, used by every rule that a person's decision triggers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from aggregator.actors import state_actor
from aggregator.errors import DomainError, NotAllowed
from aggregator.models import User
from aggregator.tenancy import TenantModel


class NotYours(DomainError):
    code = "not_yours"
    message = _("This belongs to another cooperative.")
    status = 404


def require_role(by: User, *roles: str, of: TenantModel) -> None:
    """Raise unless `by` works for the row's cooperative and has one of `roles`.

    What the rule goes on to write is recorded as the work of `by`.

    Raises:
        NotYours: the row belongs to another cooperative.
        NotAllowed: the role is another one.
    """
    if not by.is_superuser:
        if by.cooperative_id != of.cooperative_id:
            raise NotYours
        if by.role not in roles:
            raise NotAllowed(role=" / ".join(str(User.Role(role).label) for role in roles))
    state_actor(by)

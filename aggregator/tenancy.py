"""Ownership: every tenant-owned row names its cooperative and is asked for through it.

Imports no model: the cooperative is named as a string.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from aggregator.models import Cooperative, User

# How PostgreSQL keeps an index of a cooperative's texts by their beginnings, whatever its
# collation; every index on SQLite finds them.
BEGINS = ("int8_ops", "varchar_pattern_ops")

# The independent verifier's role: he sees rows by what is assigned to him, whosever they are.
VERIFIER = "verifier"
_VERIFIER_ROWS: dict[str, Callable[[User], models.Q]] = {}


def register_verifier_rows(label: str, rows: Callable[[User], models.Q]) -> None:
    """Let a floor above say which rows of the model `label` a verifier sees; of others, none."""
    _VERIFIER_ROWS[label] = rows


class TenantQuerySet(models.QuerySet[Any]):
    """Rows of one cooperative only, once asked."""

    def for_cooperative(self, cooperative: Cooperative) -> Self:
        return self.filter(cooperative=cooperative)

    def for_user(self, user: User) -> Self:
        """The rows a signed-in member of staff may see; a platform superuser sees all."""
        if user.is_superuser:
            return self
        if user.role == VERIFIER:
            rows = _VERIFIER_ROWS.get(self.model._meta.label)
            return self.filter(rows(user)) if rows else self.none()
        if user.cooperative_id is None:
            return self.none()
        return self.filter(cooperative_id=user.cooperative_id)


class TenantModel(models.Model):
    """A row that belongs to one cooperative for good."""

    cooperative = models.ForeignKey(
        "aggregator.Cooperative",
        models.PROTECT,
        related_name="+",
        verbose_name=_("cooperative"),
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True

"""Ownership: every tenant-owned row names its cooperative and is asked for through it.

Imports no model: the cooperative is named as a string.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from aggregator.models import Cooperative, User

# How PostgreSQL keeps an index of a cooperative's texts by their beginnings, whatever its
# collation; every index on SQLite finds them.
BEGINS = ("int8_ops", "varchar_pattern_ops")


class TenantQuerySet(models.QuerySet[Any]):
    """Rows of one cooperative only, once asked."""

    def for_cooperative(self, cooperative: Cooperative) -> Self:
        return self.filter(cooperative=cooperative)

    def for_user(self, user: User) -> Self:
        """The rows a signed-in member of staff may see; a platform superuser sees all."""
        if user.is_superuser:
            return self
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

"""Land that two fields both cover, as the last check of a cooperative's land found it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from aggregator.models import User
from aggregator.tenancy import TenantModel, TenantQuerySet
from farms.models.field import Field


class OverlapScan(TenantModel):
    """One asked-for comparison of a cooperative's whole land; the row is the queue."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    compared = models.PositiveIntegerField(_("fields compared"), default=0)
    found = models.PositiveIntegerField(_("overlaps found"), default=0)
    crowded = models.PositiveIntegerField(
        _("fields with more overlaps than are listed"),
        default=0,
        help_text=_("Mend the overlaps that are listed, then check again: the others follow."),
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("check of the land")
        verbose_name_plural = _("checks of the land")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative"],
                condition=Q(status="pending"),
                name="overlap_scan_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.asked_at):%Y-%m-%d %H:%M}"


class OverlapQuerySet(TenantQuerySet):
    def unresolved(self) -> Self:
        return self.filter(resolved_at=None)


class Overlap(TenantModel):
    """Two fields that share land. Without `other` the land is another cooperative's: whose, and
    which field, is not kept. Written by scans alone, which also resolve what is gone.
    """

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="overlaps", verbose_name=_("field")
    )
    other = models.ForeignKey(
        Field,
        models.CASCADE,
        null=True,
        related_name="overlapped_by",
        verbose_name=_("other field"),
    )
    share = models.DecimalField(_("share of the smaller one"), max_digits=5, decimal_places=4)
    area_m2 = models.DecimalField(_("shared area (m²)"), max_digits=14, decimal_places=2)
    found_at = models.DateTimeField(_("found at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True)

    objects = OverlapQuerySet.as_manager()

    class Meta:
        ordering = ["-share", "-pk"]
        verbose_name = _("overlap")
        verbose_name_plural = _("overlaps")
        constraints = [
            models.UniqueConstraint(fields=["field", "other"], name="overlap_unique"),
            models.UniqueConstraint(
                fields=["field"], condition=Q(other=None), name="overlap_elsewhere_unique"
            ),
            models.CheckConstraint(
                condition=Q(other=None) | Q(field__lt=F("other")), name="overlap_field_before_other"
            ),
        ]
        indexes = [
            models.Index(fields=["cooperative", "resolved_at", "-share"], name="overlap_open"),
        ]

    def __str__(self) -> str:
        elsewhere = _("land of another cooperative")
        return f"{self.field} – {self.other or elsewhere}"

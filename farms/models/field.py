"""Plots, their versioned boundaries, and who holds them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household, Village
from aggregator.tenancy import TenantModel, TenantQuerySet


class FieldQuerySet(TenantQuerySet):
    def with_area(self) -> Self:
        """Add `area_m2`, the geodesic area of each field's latest boundary."""
        latest = Boundary.objects.filter(field=OuterRef("pk")).order_by("-version")
        return self.annotate(area_m2=Subquery(latest.values("area_m2")[:1]))


class Field(TenantModel):
    """A plot of land. Its code never changes; its boundary changes by adding a version."""

    class LandClass(models.TextChoices):
        UNKNOWN = "", _("not recorded")
        PERMANENT_BASIC = "permanent_basic", _("permanent basic farmland")
        HIGH_STANDARD = "high_standard", _("high-standard farmland")
        GENERAL = "general", _("general farmland")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="fields", verbose_name=_("village")
    )
    # 40: parcel codes have 19 places, other countries' registers use UUIDs of 36.
    code = models.CharField(_("field code"), max_length=40)
    name = models.CharField(_("name"), max_length=100, blank=True)
    contract_area_m2 = models.DecimalField(
        _("contract area (m²)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    land_class = models.CharField(_("land class"), max_length=20, choices=LandClass, blank=True)

    objects = FieldQuerySet.as_manager()

    class Meta:
        ordering = ["cooperative", "code"]
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="field_code_unique"),
            models.CheckConstraint(
                condition=Q(contract_area_m2__isnull=True) | Q(contract_area_m2__gt=0),
                name="field_contract_area_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Boundary(TenantModel):
    """One version of a field's outline, as WKB in longitude and latitude (EPSG:4326); never edited.

    The box columns find candidates for overlap without a spatial extension.
    """

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="boundaries", verbose_name=_("field")
    )
    version = models.PositiveIntegerField(_("version"))
    geometry_wkb = models.BinaryField()
    area_m2 = models.DecimalField(_("geodesic area (m²)"), max_digits=14, decimal_places=2)
    min_x = models.FloatField()
    min_y = models.FloatField()
    max_x = models.FloatField()
    max_y = models.FloatField()
    source_crs = models.CharField(_("source CRS"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        ordering = ["field", "version"]
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        constraints = [
            models.UniqueConstraint(fields=["field", "version"], name="boundary_version_unique"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="boundary_area_positive"),
        ]
        indexes = [
            models.Index(fields=["cooperative", "min_x", "max_x"], name="boundary_box"),
        ]

    def __str__(self) -> str:
        return f"{self.field} v{self.version}"


class TenureQuerySet(TenantQuerySet):
    def touching(self, starts_on: date, ends_on: date) -> Self:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).filter(
            starts_on__lte=ends_on
        )


class Tenure(TenantModel):
    """Who holds a field, and when: by contract 承包, or by transfer 流转, which prevails."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("contract")
        TRANSFER = "transfer", _("transfer")

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="tenures", verbose_name=_("field")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="tenures", verbose_name=_("household")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CONTRACT)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = TenureQuerySet.as_manager()

    class Meta:
        ordering = ["field", "starts_on", "kind"]
        verbose_name = _("tenure")
        verbose_name_plural = _("tenures")
        constraints = [
            models.UniqueConstraint(fields=["field", "kind", "starts_on"], name="tenure_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="tenure_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.household} {self.starts_on}"

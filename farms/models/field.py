"""Plots, their versioned boundaries, and who holds them."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from aggregator.models import Agreement, Household, User, Village
from aggregator.tenancy import BEGINS, TenantModel, TenantQuerySet


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
    # A split or merger ends a field; empty: for as long as anybody knows.
    starts_on = models.DateField(_("exists from"), null=True, blank=True)
    ends_on = models.DateField(_("exists to"), null=True, blank=True)

    objects = FieldQuerySet.as_manager()

    class Meta:
        ordering = ["cooperative", "code"]
        # For the orders of the list.
        indexes = [
            models.Index(fields=["cooperative", "name", "id"], name="field_by_name"),
            models.Index(fields=["cooperative", "contract_area_m2", "id"], name="field_by_area"),
            # What is typed into the search box stands at the beginning.
            models.Index(
                fields=["cooperative", "code"], name="field_code_begins", opclasses=BEGINS
            ),
            models.Index(
                fields=["cooperative", "name"], name="field_name_begins", opclasses=BEGINS
            ),
        ]
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
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    # import, repair, back_conversion, drawing, split, merger
    origin = models.CharField(_("origin"), max_length=20, default="import")

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

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            told = _("The last day, %(ends_on)s, lies before the first, %(starts_on)s.")
            days = {"starts_on": self.starts_on, "ends_on": self.ends_on}
            raise ValidationError({"ends_on": told % days})


class FieldDescent(TenantModel):
    """A field that came out of another by a split or a merger on a day; never edited."""

    parent = models.ForeignKey(
        Field, models.PROTECT, related_name="children", verbose_name=_("former field")
    )
    child = models.ForeignKey(
        Field, models.PROTECT, related_name="parents", verbose_name=_("new field")
    )
    happened_on = models.DateField(_("on"))
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        ordering = ["happened_on", "pk"]
        verbose_name = _("descent of fields")
        verbose_name_plural = _("descent of fields")
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="field_descent_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.child}"


class AgreementField(TenantModel):
    """A field named in an agreement that does not cover the whole holding."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="named_fields", verbose_name=_("agreement")
    )
    field = models.ForeignKey(
        Field, models.PROTECT, related_name="agreements", verbose_name=_("field")
    )

    class Meta:
        ordering = ["agreement", "field"]
        verbose_name = _("field of an agreement")
        verbose_name_plural = _("fields of an agreement")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "field"], name="agreement_field_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.field}"


class Observation(TenantModel):
    """What was seen on a field on a day, by a visit or from the air 遥感/实地观测; never edited."""

    class Seen(models.TextChoices):
        CULTIVATED = "cultivated", _("cultivated")
        ABANDONED = "abandoned", _("abandoned")
        TREES = "trees", _("planted with trees")
        POND = "pond", _("dug into a pond")
        BUILT = "built", _("built on")

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="observations", verbose_name=_("field")
    )
    seen_on = models.DateField(_("seen on"))
    seen = models.CharField(_("what was seen"), max_length=16, choices=Seen)
    source = models.CharField(_("by what"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        ordering = ["field", "-seen_on", "-pk"]
        verbose_name = _("observation")
        verbose_name_plural = _("observations")

    def __str__(self) -> str:
        return f"{self.field} {self.seen_on} {self.get_seen_display()}"


class GrainFlag(TenantModel):
    """A rule of the grain guard that a field breaks now; derived, and written afresh each time."""

    class Severity(models.TextChoices):
        REFUSE = "refuse", _("against the rules")
        LOOK = "look", _("worth a look")

    field = models.ForeignKey(
        Field, models.CASCADE, related_name="grain_flags", verbose_name=_("field")
    )
    # A rule of `grain_rules`; no `choices`, a new rule must not be a migration.
    rule = models.CharField(_("rule"), max_length=40)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    since = models.DateField(_("since"), null=True, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)

    class Meta:
        ordering = ["field", "rule"]
        verbose_name = _("grain guard flag")
        verbose_name_plural = _("grain guard flags")
        constraints = [
            models.UniqueConstraint(fields=["field", "rule"], name="grain_flag_unique"),
        ]

    def __str__(self) -> str:
        return str(self.field)

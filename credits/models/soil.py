"""Soil sampling: a round, its published list, the points drawn, what the laboratory found."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel, TenantQuerySet
from credits.models.monitoring import MonitoringPeriod
from credits.models.project import Project
from farms.models import Boundary, Field


class SoilCampaign(TenantModel):
    """One round of soil sampling. The list's hash is fixed before the seed; closed, it is frozen.

    `strata` holds each stratum's name, number of fields, area and points; `depths_cm` the lower
    ends of the layers asked for.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("list published")
        DRAWN = "drawn", _("points drawn")
        CLOSED = "closed", _("closed")

    class StratifyBy(models.TextChoices):
        WHOLE = "whole", _("not at all")
        VILLAGE = "village", _("village")
        LAND_CLASS = "land_class", _("land class")
        PRACTICE = "practice", _("practice of the latest season")
        AREA_CLASS = "area_class", _("size: three classes of equally many fields")
        SHEET = "sheet", _("a column of a sheet")
        EARLIER = "earlier", _("strata of the round before")

    class DensityOf(models.TextChoices):
        WHOLE_SOIL = "whole_soil", _("the soil between the coarse fragments")
        FINE_EARTH = "fine_earth", _("fine earth over the whole volume")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="soil_campaigns", verbose_name=_("project")
    )
    # The period that the round's answer is for; none while nobody has said which.
    period = models.ForeignKey(
        MonitoringPeriod,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="soil_rounds",
        verbose_name=_("monitoring period"),
    )
    number = models.PositiveIntegerField(_("round"))
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("round before"),
    )
    stratify_by = models.CharField(_("strata by"), max_length=12, choices=StratifyBy)
    revisits = models.BooleanField(_("the same points as the round before"), default=False)
    strata = models.JSONField(_("strata"), default=list)
    depths_cm = models.JSONField(_("layers down to (cm)"), default=list)
    probe_diameter_mm = models.DecimalField(
        _("inner diameter of the probe (mm)"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    cores_per_sample = models.PositiveIntegerField(_("cores put together"), default=1)
    density_of = models.CharField(
        _("bulk density is that of"),
        max_length=12,
        choices=DensityOf,
        default=DensityOf.WHOLE_SOIL,
    )
    # A rule of measured-soc; no `choices`, a rule more must not be a migration.
    rule = models.CharField(_("rule of uncertainty"), max_length=20, default="none")
    population_sha256 = models.CharField(_("published list's SHA-256"), max_length=64)
    population_size = models.PositiveIntegerField(_("fields"))
    seed = models.CharField(_("published seed"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    planned_at = models.DateTimeField(_("published at"), auto_now_add=True)
    drawn_at = models.DateTimeField(_("drawn at"), null=True, blank=True)

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("soil sampling round")
        verbose_name_plural = _("soil sampling rounds")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="soil_round_unique"),
            models.CheckConstraint(
                condition=Q(status="planned", seed="") | (~Q(status="planned") & ~Q(seed="")),
                name="soil_round_drawn_with_seed",
            ),
            models.CheckConstraint(
                condition=Q(cores_per_sample__gte=1), name="soil_round_has_cores"
            ),
        ]

    def __str__(self) -> str:
        words = {"project": self.project, "number": self.number}
        return str(_("%(project)s, round %(number)s") % words)


class SoilPopulation(TenantModel):
    """The list that a round's points are drawn from as it was published, packed; never changed."""

    campaign = models.OneToOneField(
        SoilCampaign,
        models.PROTECT,
        related_name="population",
        verbose_name=_("soil sampling round"),
    )
    content = models.BinaryField(_("list"))

    class Meta:
        ordering = ["campaign"]
        verbose_name = _("published list of a soil sampling")
        verbose_name_plural = _("published lists of soil samplings")

    def __str__(self) -> str:
        return str(self.campaign)


class SoilPoint(TenantModel):
    """A place to sample, drawn; its code stands on the bag. Never moved: it is sampled or replaced.

    `label` is what is the same in every round that goes back to the point.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("to be sampled")
        UNREACHED = "unreached", _("could not be reached")

    campaign = models.ForeignKey(
        SoilCampaign,
        models.PROTECT,
        related_name="points",
        verbose_name=_("soil sampling round"),
    )
    code = models.CharField(_("code on the bag"), max_length=60)
    label = models.CharField(_("point"), max_length=20)
    stratum = models.CharField(_("stratum"), max_length=80)
    position = models.PositiveIntegerField(_("drawn as"))
    field = models.ForeignKey(Field, models.PROTECT, related_name="+", verbose_name=_("field"))
    boundary = models.ForeignKey(Boundary, models.PROTECT, related_name="+")
    longitude = models.DecimalField(_("longitude"), max_digits=10, decimal_places=7)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=7)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    reason = models.CharField(_("why it was not reached"), max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("in place of"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported by"),
    )

    class Meta:
        ordering = ["campaign", "stratum", "position"]
        verbose_name = _("soil sampling point")
        verbose_name_plural = _("soil sampling points")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "stratum", "position"], name="soil_point_position_unique"
            ),
            models.UniqueConstraint(fields=["cooperative", "code"], name="soil_point_code_unique"),
            models.CheckConstraint(
                condition=Q(status="planned", reason="") | (Q(status="unreached") & ~Q(reason="")),
                name="soil_point_unreached_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SoilReport(TenantModel):
    """A laboratory's sheet as it was handed in, and who took it; nothing of it ever changes.

    The file lies sealed under its SHA-256. Withdrawn, its layers count no more and stay as they
    were; a sheet in its stead is another report.
    """

    campaign = models.ForeignKey(
        SoilCampaign,
        models.PROTECT,
        related_name="reports",
        verbose_name=_("soil sampling round"),
    )
    number = models.PositiveIntegerField(_("version"))
    laboratory = models.CharField(_("laboratory"), max_length=100)
    file_name = models.CharField(_("file"), max_length=200)
    file = models.FileField(_("file"), upload_to="soil/", editable=False)
    sha256 = models.CharField("SHA-256", max_length=64)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by")
    )
    taken_at = models.DateTimeField(_("taken at"), auto_now_add=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    reason = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)

    class Meta:
        ordering = ["campaign", "number"]
        verbose_name = _("laboratory's report")
        verbose_name_plural = _("laboratory's reports")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], name="soil_report_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(reason="")),
                name="soil_report_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.number}. {self.file_name}"


class SoilLayerQuerySet(TenantQuerySet):
    def standing(self) -> Self:
        """The layers that count: those whose report was not withdrawn."""
        return self.filter(withdrawn=False)


class SoilLayer(TenantModel):
    """What the laboratory found in one layer of a point; carbon in g/kg, whatever the sheet's unit.

    `flagged` marks a value far from its stratum's that somebody confirmed. A layer `withdrawn` with
    its report stays as it is and counts no more; its bag may have others since.
    """

    # Empty for layers of before reports were kept.
    report = models.ForeignKey(
        SoilReport,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="layers",
        verbose_name=_("laboratory's report"),
    )
    withdrawn = models.BooleanField(_("withdrawn"), default=False)
    point = models.ForeignKey(
        SoilPoint, models.PROTECT, related_name="layers", verbose_name=_("soil sampling point")
    )
    top_cm = models.DecimalField(_("from (cm)"), max_digits=6, decimal_places=2)
    bottom_cm = models.DecimalField(_("to (cm)"), max_digits=6, decimal_places=2)
    carbon_g_per_kg = models.DecimalField(
        _("organic carbon (g/kg)"), max_digits=9, decimal_places=6
    )
    bulk_density_g_per_cm3 = models.DecimalField(
        _("bulk density (g/cm³)"), max_digits=8, decimal_places=6, null=True, blank=True
    )
    mass_g = models.DecimalField(
        _("fine earth (g)"), max_digits=13, decimal_places=6, null=True, blank=True
    )
    coarse_percent = models.DecimalField(
        _("coarse fragments (per cent of the volume)"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
    )
    lab_number = models.CharField(_("laboratory's number"), max_length=60, blank=True)
    method = models.CharField(_("method"), max_length=100, blank=True)
    laboratory = models.CharField(_("laboratory"), max_length=100)
    sampled_on = models.DateField(_("sampled on"))
    flagged = models.JSONField(_("confirmed although unusual"), default=list, blank=True)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64)

    objects = SoilLayerQuerySet.as_manager()

    class Meta:
        ordering = ["point", "top_cm"]
        verbose_name = _("soil layer")
        verbose_name_plural = _("soil layers")
        constraints = [
            models.UniqueConstraint(
                fields=["point", "top_cm"],
                condition=Q(withdrawn=False),
                name="soil_layer_unique",
            ),
            models.UniqueConstraint(
                fields=["cooperative", "laboratory", "lab_number"],
                condition=~Q(lab_number="") & Q(withdrawn=False),
                name="soil_layer_lab_number_unique",
            ),
            models.CheckConstraint(
                condition=Q(top_cm__gte=0) & Q(bottom_cm__gt=F("top_cm")),
                name="soil_layer_has_depth",
            ),
            models.CheckConstraint(
                condition=Q(carbon_g_per_kg__gte=0) & Q(carbon_g_per_kg__lte=600),
                name="soil_layer_carbon_in_range",
            ),
            models.CheckConstraint(
                condition=Q(bulk_density_g_per_cm3__isnull=False) | Q(mass_g__isnull=False),
                name="soil_layer_has_mass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.top_cm.normalize():f}–{self.bottom_cm.normalize():f} cm"

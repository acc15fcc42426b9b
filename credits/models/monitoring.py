"""Monitoring periods and what a methodology found in them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household
from aggregator.tenancy import TenantModel, TenantQuerySet
from credits.models.project import Project
from farms.models import Boundary, Field


class MonitoringPeriod(TenantModel):
    """A span of a project whose tonnes are counted together; `code` is its vintage, e.g. 2025."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        VERIFIED = "verified", _("verified")
        ISSUED = "issued", _("issued")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="periods", verbose_name=_("project")
    )
    code = models.CharField(_("period"), max_length=16)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)

    class Meta:
        ordering = ["project", "starts_on"]
        verbose_name = _("monitoring period")
        verbose_name_plural = _("monitoring periods")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="period_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="period_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.code}"


class FinishedRuns(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Runs that have been counted to the end: a draft is nobody's result."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(finished=True)  # type: ignore[no-any-return]


class FinishedResults(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """The rows of finished runs."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(run__finished=True)  # type: ignore[no-any-return]


class QuantificationRun(TenantModel):
    """One run of a methodology over a period. Same inputs and version: same run, same hash.

    One that is not `finished` is the draft of a job: its sums and hashes are empty, and `objects`
    does not show it.
    """

    period = models.ForeignKey(
        MonitoringPeriod, models.PROTECT, related_name="runs", verbose_name=_("period")
    )
    methodology = models.CharField(_("methodology"), max_length=32)
    methodology_version = models.CharField(_("version"), max_length=16)
    inputs_sha256 = models.CharField(_("inputs' SHA-256"), max_length=64)
    results_sha256 = models.CharField(_("results' SHA-256"), max_length=64)
    gross_kg = models.BigIntegerField(_("gross (kg)"))
    reserve_kg = models.BigIntegerField(_("reserve (kg)"))
    credited_kg = models.BigIntegerField(_("sellable (kg)"))
    ran_at = models.DateTimeField(_("ran at"), default=timezone.now)
    finished = models.BooleanField(_("finished"), default=True)

    objects = FinishedRuns()
    with_drafts = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["period", "-ran_at", "-pk"]
        verbose_name = _("quantification run")
        verbose_name_plural = _("quantification runs")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "methodology", "methodology_version", "inputs_sha256"],
                name="run_inputs_unique",
            ),
            models.CheckConstraint(
                condition=Q(gross_kg=F("reserve_kg") + F("credited_kg")), name="run_adds_up"
            ),
            models.UniqueConstraint(
                fields=["period"], condition=Q(finished=False), name="period_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.results_sha256[:12]}"


class FieldResult(TenantModel):
    """What one field earned for one operator in one run; a transfer in mid-period makes two rows.

    `credited_kg` is the sellable part, the weight of every share of money; kilograms are whole,
    rounded down, and `terms` holds every intermediate value the methodology used, as text.
    """

    run = models.ForeignKey(
        QuantificationRun, models.CASCADE, related_name="results", verbose_name=_("run")
    )
    field = models.ForeignKey(Field, models.PROTECT, related_name="+", verbose_name=_("field"))
    boundary = models.ForeignKey(Boundary, models.PROTECT, related_name="+")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    area_m2 = models.DecimalField(_("area (m²)"), max_digits=14, decimal_places=2)
    # The practice that earned, and all that were recorded: the statement names them.
    practice = models.CharField(_("practice"), max_length=32, blank=True)
    practices = models.JSONField(_("practices"), default=list)
    gross_kg = models.BigIntegerField(_("gross (kg)"))
    reserve_kg = models.BigIntegerField(_("reserve (kg)"))
    credited_kg = models.BigIntegerField(_("sellable (kg)"))
    terms = models.JSONField(_("terms"), default=dict)

    objects = FinishedResults()
    with_drafts = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["run", "field", "starts_on"]
        verbose_name = _("field result")
        verbose_name_plural = _("field results")
        constraints = [
            models.UniqueConstraint(fields=["run", "field", "starts_on"], name="result_unique"),
            models.CheckConstraint(
                condition=Q(gross_kg=F("reserve_kg") + F("credited_kg")), name="result_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(reserve_kg__gte=0) & Q(credited_kg__gte=0),
                name="result_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.field}"

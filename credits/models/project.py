"""Pools of fields under one program and one methodology."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.names import local_name
from aggregator.tenancy import TenantModel
from farms.models import Field


class Project(TenantModel):
    """A pool. `terms` is the snapshot of the program's preset, adapted; it outlives the preset.

    `parameters` are the methodology's own inputs that hold for the whole project (region, rates).
    """

    code = models.SlugField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    # Ids of the registries, not `choices`: a plug-in more must not be a migration.
    program = models.CharField(_("program"), max_length=32)
    methodology = models.CharField(_("methodology"), max_length=32)
    terms = models.JSONField(_("program's terms"), default=dict, blank=True)
    parameters = models.JSONField(_("methodology's parameters"), default=dict, blank=True)
    starts_on = models.DateField(_("contract from"))
    ends_on = models.DateField(_("contract to"))

    class Meta:
        ordering = ["cooperative", "code"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="project_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="project_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return local_name(self)


class Enrolment(TenantModel):
    """A field in a pool, or asked in and refused with the named reasons."""

    class Status(models.TextChoices):
        ENROLLED = "enrolled", _("enrolled")
        REFUSED = "refused", _("refused")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="enrolments", verbose_name=_("project")
    )
    field = models.ForeignKey(
        Field, models.PROTECT, related_name="enrolments", verbose_name=_("field")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    checked_at = models.DateTimeField(_("checked at"), auto_now=True)

    class Meta:
        ordering = ["project", "field"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["project", "field"], name="enrolment_unique"),
            # By code: a field is in one pool. By geometry the enrolment check compares boundaries.
            models.UniqueConstraint(
                fields=["field"],
                condition=Q(status="enrolled"),
                name="enrolment_one_pool",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.field}"


class EnrolmentSpan(TenantModel):
    """Days that a field was in a pool before its right ended; they still count for this pool.

    A right that comes again begins a new enrolment; these days stay as they were.
    """

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="past_spans", verbose_name=_("project")
    )
    field = models.ForeignKey(
        Field, models.PROTECT, related_name="past_enrolments", verbose_name=_("field")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    class Meta:
        ordering = ["project", "field", "starts_on"]
        verbose_name = _("days of an ended enrolment")
        verbose_name_plural = _("days of ended enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "field", "starts_on"], name="enrolment_span_unique"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="enrolment_span_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.field} {self.starts_on}–{self.ends_on}"

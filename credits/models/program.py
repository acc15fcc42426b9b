"""What a program asks a person for in each period: its uncertainty, its papers and conditions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel
from credits.models.monitoring import MonitoringPeriod
from credits.models.project import Project


class PeriodUncertainty(TenantModel):
    """The uncertainty of one period's figures, where its program has one for each; until it closes.

    `rate` is taken off what the methodology found: 1 − rate is left.
    """

    period = models.OneToOneField(
        MonitoringPeriod,
        models.PROTECT,
        related_name="uncertainty",
        verbose_name=_("period"),
    )
    rate = models.DecimalField(_("uncertainty deduction"), max_digits=9, decimal_places=8)
    source = models.CharField(_("where it was worked out"), max_length=200)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("told by")
    )

    class Meta:
        ordering = ["period"]
        verbose_name = _("uncertainty of a period")
        verbose_name_plural = _("uncertainties of periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=1), name="uncertainty_is_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.rate}"


class RequirementCheck(TenantModel):
    """A document or condition of the program that somebody found in order, and where it is seen.

    Documents hold for the project (`period` empty), conditions for one period.
    """

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="requirement_checks", verbose_name=_("project")
    )
    period = models.ForeignKey(
        MonitoringPeriod,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requirement_checks",
        verbose_name=_("period"),
    )
    code = models.CharField(_("what is asked"), max_length=40)
    reference = models.CharField(_("where it is seen"), max_length=200)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked at"), default=timezone.now)

    class Meta:
        ordering = ["project", "period", "code"]
        verbose_name = _("what the program asks, checked")
        verbose_name_plural = _("what the program asks, checked")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                condition=Q(period__isnull=True),
                name="document_checked_once",
            ),
            models.UniqueConstraint(
                fields=["period", "code"],
                condition=Q(period__isnull=False),
                name="condition_checked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.code}"

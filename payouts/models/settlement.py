"""The division of received money among households."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household
from aggregator.tenancy import TenantModel
from credits.models import MonitoringPeriod, Project, QuantificationRun


class Settlement(TenantModel):
    """One tranche of receipts shared once. After approval nothing in it changes but job states.

    ``requested`` rows wait for the worker to draft them; a ``draft`` waits for a second person.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("being drafted")
        DRAFT = "draft", _("waiting for approval")
        APPROVED = "approved", _("approved")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Job(models.TextChoices):
        NONE = "none", _("not due")
        PENDING = "pending", _("pending")
        DONE = "done", _("done")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="settlements", verbose_name=_("project")
    )
    period = models.ForeignKey(
        MonitoringPeriod, models.PROTECT, related_name="settlements", verbose_name=_("period")
    )
    run = models.ForeignKey(
        QuantificationRun,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("quantification run"),
    )
    number = models.PositiveIntegerField(_("tranche"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    currency = models.CharField(_("currency"), max_length=3)
    gross_minor = models.PositiveBigIntegerField(_("gross"), default=0)
    net_minor = models.PositiveBigIntegerField(_("to households"), default=0)
    credited_kg = models.PositiveBigIntegerField(_("kilograms sharing"), default=0)
    # Tonnes that the receipts paid for, in kilograms: the divisor of the average price.
    paid_kg = models.PositiveBigIntegerField(_("kilograms paid for"), default=0)
    inputs_sha256 = models.CharField(_("inputs' SHA-256"), max_length=64, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("drafted by"),
        help_text=_("Empty for the scheduler."),
    )
    drafted_at = models.DateTimeField(_("drafted at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    # Statement numbers are reserved at approval: number = first + share.ordinal, so chunks of the
    # job can be issued in any order, twice or after a kill, and no gap can open.
    first_statement = models.PositiveIntegerField(null=True, blank=True)
    statements_job = models.CharField(_("statements"), max_length=10, choices=Job, default=Job.NONE)

    class Meta:
        ordering = ["period", "number"]
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="settlement_number_unique"),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(status__in=["requested", "draft"]),
                name="settlement_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_by__isnull=False),
                name="settlement_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(approved_by=models.F("drafted_by")),
                name="settlement_maker_is_not_checker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period.code}-{self.number}"


class SettlementLine(TenantModel):
    """One deduction of a settlement: the rule as it then was, and what it took from the pool."""

    settlement = models.ForeignKey(
        Settlement, models.CASCADE, related_name="lines", verbose_name=_("settlement")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    payee = models.CharField(_("goes to"), max_length=100)
    payee_en = models.CharField(max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20)
    rate = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    unit_amount_minor = models.PositiveBigIntegerField(null=True)
    # What the rule was applied to: gross or what remained, for the formula shown to people.
    base_minor = models.PositiveBigIntegerField()
    amount_minor = models.PositiveBigIntegerField(_("amount"))

    class Meta:
        ordering = ["settlement", "position"]
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "position"], name="line_position_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.settlement} {self.code}"


class Share(TenantModel):
    """A household's part. `deductions_minor` follows the order of the settlement's lines."""

    settlement = models.ForeignKey(
        Settlement, models.CASCADE, related_name="shares", verbose_name=_("settlement")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="shares", verbose_name=_("household")
    )
    ordinal = models.PositiveIntegerField(_("order"))
    credited_kg = models.PositiveBigIntegerField(_("kilograms"))
    gross_minor = models.PositiveBigIntegerField(_("gross"))
    deductions_minor = models.JSONField(_("deductions"), default=list)
    net_minor = models.PositiveBigIntegerField(_("net"))

    class Meta:
        ordering = ["settlement", "ordinal"]
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "household"], name="share_unique"),
            models.UniqueConstraint(fields=["settlement", "ordinal"], name="share_ordinal_unique"),
            models.CheckConstraint(
                condition=Q(net_minor__lte=models.F("gross_minor")), name="share_net_within_gross"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.settlement} {self.household}"

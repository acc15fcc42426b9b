"""Money that came in, and the ordered rules by which it is shared."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.names import local_name
from aggregator.tenancy import TenantModel
from credits.models import Lot, Project


class Receipt(TenantModel):
    """Money received for a lot. Never edited; `settlement` is set once, when it is shared out."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="receipts", verbose_name=_("lot"))
    received_on = models.DateField(_("received on"))
    amount_minor = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(
        _("bank reference"),
        max_length=64,
        help_text=_("As on the bank statement; the same reference is never taken twice."),
    )
    settlement = models.ForeignKey(
        "payouts.Settlement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("settlement"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        ordering = ["cooperative", "received_on", "pk"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "reference"], name="receipt_reference_unique"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="receipt_positive"),
        ]

    def __str__(self) -> str:
        return self.reference


class WaterfallRule(TenantModel):
    """One deduction of a project, taken in the order of `position`. A settlement keeps a copy."""

    class Kind(models.TextChoices):
        PER_TONNE = "per_tonne", _("per tonne")
        FIXED = "fixed", _("fixed amount a period")
        RATE_OF_GROSS = "rate_of_gross", _("part of gross")
        RATE_OF_REMAINING = "rate_of_remaining", _("part of what remains")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="waterfall_rules", verbose_name=_("project")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.SlugField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    payee = models.CharField(_("goes to"), max_length=100)
    payee_en = models.CharField(_("goes to (English)"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    rate = models.DecimalField(
        _("rate (0–1)"), max_digits=9, decimal_places=8, null=True, blank=True
    )
    amount_minor = models.PositiveBigIntegerField(
        _("amount"), null=True, blank=True, help_text=_("In fen or cents; a tonne, or a period.")
    )

    class Meta:
        ordering = ["project", "position"]
        verbose_name = _("waterfall rule")
        verbose_name_plural = _("waterfall rules")
        constraints = [
            models.UniqueConstraint(fields=["project", "position"], name="rule_position_unique"),
            models.UniqueConstraint(fields=["project", "code"], name="rule_code_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=["per_tonne", "fixed"], amount_minor__isnull=False, rate=None)
                | Q(
                    kind__in=["rate_of_gross", "rate_of_remaining"],
                    amount_minor=None,
                    rate__gte=0,
                    rate__lte=1,
                ),
                name="rule_has_its_number",
            ),
        ]

    def __str__(self) -> str:
        return local_name(self)

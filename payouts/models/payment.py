"""Paying what is owed: batches for the bank and the payments in them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField
from aggregator.models import Household, PayeeAccount
from aggregator.tenancy import TenantModel


class PaymentBatch(TenantModel):
    """Balances proposed for payment by one person, approved by another, sent as one bank file."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("waiting for approval")
        APPROVED = "approved", _("approved")
        EXPORTED = "exported", _("sent to the bank")
        WITHDRAWN = "withdrawn", _("withdrawn")

    number = models.PositiveIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    file_format = models.CharField(_("file format"), max_length=32, default="generic-xlsx")
    payment_count = models.PositiveIntegerField(_("payments"), default=0)
    total_minor = models.PositiveBigIntegerField(_("total"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    exported_at = models.DateTimeField(_("exported at"), null=True, blank=True)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64, blank=True)

    class Meta:
        ordering = ["cooperative", "number"]
        verbose_name = _("payment batch")
        verbose_name_plural = _("payment batches")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "number"], name="batch_number_unique"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="batch_maker_is_not_checker",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Payment(TenantModel):
    """One household's money in a batch. Held, failed and unknown payees stay visible here."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        HELD = "held", _("held")
        SENT = "sent", _("sent to the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    batch = models.ForeignKey(
        PaymentBatch, models.PROTECT, related_name="payments", verbose_name=_("batch")
    )
    position = models.PositiveIntegerField(_("line"))
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="payments", verbose_name=_("household")
    )
    payee_account = models.ForeignKey(
        PayeeAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payee account"),
    )
    amount_minor = models.PositiveBigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        ordering = ["batch", "position"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["batch", "household"], name="payment_unique"),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(status__in=["proposed", "sent"]),
                name="payment_one_live",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["held", "withdrawn"]) | Q(payee_account__isnull=False),
                name="payment_has_payee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.household}"


class BankFile(TenantModel):
    """The one file made of a batch, kept encrypted so that a copy is the same to the byte."""

    batch = models.OneToOneField(
        PaymentBatch, models.PROTECT, related_name="bank_file", verbose_name=_("batch")
    )
    name = models.CharField(_("file"), max_length=100)
    content_type = models.CharField(max_length=100)
    # Base64 inside the encryption, since the fields of personal data are text.
    content = EncryptedTextField()
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        ordering = ["batch"]
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")

    def __str__(self) -> str:
        return self.name

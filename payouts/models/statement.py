"""Statements, frozen as data, and the documents rendered from them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household, Village
from aggregator.tenancy import TenantModel
from payouts.models.settlement import Settlement, Share


class RenderStatus(models.TextChoices):
    PENDING = "pending", _("pending")
    READY = "ready", _("ready")


class StatementCounter(TenantModel):
    """The next free number of a cooperative's series (a vintage), locked when numbers are taken."""

    series = models.CharField(max_length=16)
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["cooperative", "series"]
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "series"], name="counter_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.series}: {self.next_number}"


class Statement(TenantModel):
    """What a household is told: `data` is all that is shown, frozen; HTML and PDF come from it.

    A correction is a new row of the next `revision` that `replaces` this one.
    """

    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="statements", verbose_name=_("settlement")
    )
    share = models.ForeignKey(Share, models.PROTECT, related_name="statements")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="statements", verbose_name=_("household")
    )
    # Where the household lived when it was issued: printing and posting go by village.
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    number = models.CharField(_("number"), max_length=32)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    data = models.JSONField(_("data"))
    sha256 = models.CharField("SHA-256", max_length=64)
    # Unguessable part of the address in the QR code.
    token = models.CharField(max_length=32, unique=True)
    issued_at = models.DateTimeField(_("issued at"), auto_now_add=True)

    class Meta:
        ordering = ["cooperative", "number", "revision"]
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "number", "revision"], name="statement_number_unique"
            ),
            models.UniqueConstraint(fields=["share", "revision"], name="statement_share_unique"),
        ]

    def __str__(self) -> str:
        return self.number


class StatementPdf(TenantModel):
    """The PDF of a statement; a pending row is the queue of the renderer."""

    statement = models.OneToOneField(Statement, models.CASCADE, related_name="pdf")
    status = models.CharField(
        _("status"), max_length=10, choices=RenderStatus, default=RenderStatus.PENDING
    )
    content = models.BinaryField(null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    rendered_at = models.DateTimeField(_("rendered at"), null=True)

    class Meta:
        ordering = ["statement"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="pending") | Q(content__isnull=False),
                name="pdf_ready_has_content",
            ),
        ]
        indexes = [
            models.Index(fields=["statement"], condition=Q(status="pending"), name="pdf_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.status}"


class VillageDocument(TenantModel):
    """A village's statements to print, or its posting list 公示; pending rows are the queue."""

    class Kind(models.TextChoices):
        BOOK = "book", _("statements to print")
        POSTING = "posting", _("posting list")

    settlement = models.ForeignKey(
        Settlement,
        models.PROTECT,
        related_name="village_documents",
        verbose_name=_("settlement"),
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(
        _("status"), max_length=10, choices=RenderStatus, default=RenderStatus.PENDING
    )
    content = models.BinaryField(null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    rendered_at = models.DateTimeField(_("rendered at"), null=True)

    class Meta:
        ordering = ["settlement", "village", "kind"]
        verbose_name = _("village document")
        verbose_name_plural = _("village documents")
        constraints = [
            models.UniqueConstraint(
                fields=["settlement", "village", "kind"], name="village_document_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.settlement} {self.village} {self.get_kind_display()}"

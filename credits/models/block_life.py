"""What became of blocks: their ancestry, every move, removals for good, reversals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aggregator.models import Household
from aggregator.tenancy import TenantModel
from credits.models.issuance import CreditBlock
from credits.models.monitoring import QuantificationRun
from credits.models.project import Project


class BlockLink(TenantModel):
    """One step of ancestry: tonnes of `parent` passed into `child`. Append-only."""

    parent = models.ForeignKey(
        CreditBlock, models.PROTECT, related_name="child_links", verbose_name=_("parent")
    )
    child = models.ForeignKey(
        CreditBlock, models.PROTECT, related_name="parent_links", verbose_name=_("child")
    )

    class Meta:
        ordering = ["parent", "child"]
        verbose_name = _("ancestry of a block")
        verbose_name_plural = _("ancestry of blocks")
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="block_link_unique"),
            models.CheckConstraint(condition=~Q(parent=F("child")), name="block_link_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.child}"


class BlockEvent(TenantModel):
    """One move of a block: who, when, from which status to which, and why. Append-only."""

    class Action(models.TextChoices):
        ISSUE = "issue", _("issued")
        RESERVE = "reserve", _("reserved for sale")
        UNRESERVE = "unreserve", _("set free again")
        SELL = "sell", _("sold")
        RETIRE = "retire", _("retired")
        CANCEL = "cancel", _("cancelled")
        RELEASE = "release", _("released from the buffer")
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split")

    block = models.ForeignKey(
        CreditBlock, models.PROTECT, related_name="events", verbose_name=_("block")
    )
    action = models.CharField(_("what"), max_length=12, choices=Action)
    from_status = models.CharField(_("from"), max_length=12, choices=CreditBlock.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=CreditBlock.Status)
    serial_start = models.PositiveBigIntegerField(_("first serial"))
    serial_end = models.PositiveBigIntegerField(_("last serial"))
    # What it was done for: ``lot:12``, ``removal:3``, ``reversal:1``.
    reference = models.CharField(_("reference"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # None is the scheduler, or the program itself when it first kept blocks apart.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("move of a block")
        verbose_name_plural = _("moves of blocks")

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.serial_start}–{self.serial_end}"


class Removal(TenantModel):
    """Tonnes taken out for good, proposed by one person and approved by another.

    Retired for a beneficiary and a purpose, or cancelled for a reason. Once approved its `data`
    is frozen: the certificate is rendered from it and nothing else.
    """

    class Kind(models.TextChoices):
        RETIRE = "retire", _("retirement")
        CANCEL = "cancel", _("cancellation")

    class Status(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("credits", "proposed")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="removals", verbose_name=_("project")
    )
    block = models.ForeignKey(
        CreditBlock, models.PROTECT, related_name="removals", verbose_name=_("block")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    serial_start = models.PositiveBigIntegerField(_("first serial"))
    serial_end = models.PositiveBigIntegerField(_("last serial"))
    beneficiary = models.CharField(_("beneficiary"), max_length=200, blank=True)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    # Letters and digits, given with the approval: the address of the public page.
    token = models.CharField(max_length=64, blank=True, editable=False)
    data = models.JSONField(default=dict, editable=False)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        verbose_name = _("retirement or cancellation")
        verbose_name_plural = _("retirements and cancellations")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="cancel") & ~Q(reason="")
                | Q(kind="retire") & ~Q(beneficiary="") & ~Q(purpose=""),
                name="removal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(serial_end__gte=F("serial_start")), name="removal_not_empty"
            ),
            models.UniqueConstraint(
                fields=["token"], condition=~Q(token=""), name="removal_token_unique"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="removal_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.serial_start}–{self.serial_end}"

    @property
    def tonnes(self) -> int:
        return self.serial_end - self.serial_start + 1


class Reversal(TenantModel):
    """Carbon lost again: what it was, and once approved, which tonnes answered for it.

    `lost_kg` is what must be made good; ``buffer_t + held_t + debt_t`` is its ceiling in tonnes.
    """

    class Kind(models.TextChoices):
        AVOIDABLE = "avoidable", _("avoidable")
        UNAVOIDABLE = "unavoidable", _("unavoidable")

    class Rule(models.TextChoices):
        VOID = "void", _("all tonnes of the land are void")
        BUFFER = "buffer", _("the buffer answers")

    class Status(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("credits", "proposed")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="reversals", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    happened_on = models.DateField(_("happened on"))
    reason = models.CharField(_("reason"), max_length=500)
    # Codes of the fields whose land lost its carbon; the program voids all they earned.
    field_codes = models.JSONField(_("fields"), default=list)
    lost_kg = models.PositiveBigIntegerField(_("lost (kg)"))
    buffer_t = models.PositiveBigIntegerField(_("from the buffer (t)"), default=0)
    held_t = models.PositiveBigIntegerField(_("from unsold credits (t)"), default=0)
    debt_t = models.PositiveBigIntegerField(_("still owed (t)"), default=0)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        constraints = [
            models.CheckConstraint(condition=Q(lost_kg__gt=0), name="reversal_lost_something"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="reversal_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.happened_on} {self.get_kind_display()}"


class ClawbackProposal(TenantModel):
    """Kilograms of a household in a run that a reversal made void; what was paid for them may be
    asked back. Nothing is posted by it: payouts reads it and people decide.
    """

    reversal = models.ForeignKey(
        Reversal, models.PROTECT, related_name="clawbacks", verbose_name=_("reversal")
    )
    run = models.ForeignKey(
        QuantificationRun, models.PROTECT, related_name="+", verbose_name=_("run")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household")
    )
    void_kg = models.PositiveBigIntegerField(_("void (kg)"))
    credited_kg = models.PositiveBigIntegerField(_("credited in the period (kg)"))

    class Meta:
        ordering = ["reversal", "household", "run"]
        verbose_name = _("proposal to claw back")
        verbose_name_plural = _("proposals to claw back")
        constraints = [
            models.UniqueConstraint(
                fields=["reversal", "run", "household"], name="clawback_unique"
            ),
            models.CheckConstraint(
                condition=Q(void_kg__lte=F("credited_kg")), name="clawback_within_credited"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.void_kg} kg"

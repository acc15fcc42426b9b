"""Double entry: accounts, journal entries and postings. Only ``payouts.ledger`` writes here.

Entries and postings are append-only and sum to zero; triggers in both databases enforce it.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from aggregator.models import Household
from aggregator.tenancy import TenantModel, TenantQuerySet

# Names of accounts are stored in English and shown in the reader's language.
ACCOUNT_NAMES = {
    "bank": gettext_noop("Bank"),
    "undistributed": gettext_noop("Received, not yet shared"),
    "deduction": gettext_noop("Deducted, owed to the payee"),
    "members": gettext_noop("Owed to members"),
    "in_transit": gettext_noop("On its way to members"),
}


class AccountQuerySet(TenantQuerySet):
    def with_balance(self) -> Self:
        """Add `balance_minor`, the sum of the postings; positive is debit."""
        return self.annotate(
            balance_minor=Coalesce(Sum("postings__amount_minor"), 0, output_field=_BIG)
        )


class PostingQuerySet(TenantQuerySet):
    def owed_by_household(self) -> Self:
        """Rows of `household_id` and `owed_minor` (positive: we owe it), without the zeros."""
        return (
            self.filter(household__isnull=False)
            .order_by("household_id")
            .values("household_id")
            .annotate(owed_minor=-Sum("amount_minor"))
            .exclude(owed_minor=0)
        )


_BIG: models.BigIntegerField[int, int] = models.BigIntegerField()


class Account(TenantModel):
    """An account of the books; what is owed to members is one, with a household on each posting."""

    class Kind(models.TextChoices):
        ASSET = "asset", _("asset")
        LIABILITY = "liability", _("liability")

    code = models.CharField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    currency = models.CharField(_("currency"), max_length=3)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["cooperative", "code", "currency"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "code", "currency"], name="account_code_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{gettext(self.name)} {self.code.partition(':')[2]}".strip()

    @property
    def label(self) -> str:
        return gettext(self.name)


class JournalEntry(TenantModel):
    """One event of the books. `reference` is unique: the idempotency of money."""

    reference = models.CharField(_("reference"), max_length=64)
    occurred_on = models.DateField(_("day"))
    memo = models.CharField(_("memo"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    posted_at = models.DateTimeField(_("posted at"), auto_now_add=True)
    # Declared at once and never changed: the triggers let in this many postings and not one more.
    posting_count = models.PositiveIntegerField(_("postings"))
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    class Meta:
        ordering = ["cooperative", "pk"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "reference"], name="entry_reference_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Posting(TenantModel):
    """One signed amount on one account; positive is debit."""

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="postings", verbose_name=_("entry")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="postings", verbose_name=_("account")
    )
    household = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="postings",
        verbose_name=_("household"),
    )
    amount_minor = models.BigIntegerField(_("amount"))

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["entry", "pk"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.account} {self.amount_minor}"

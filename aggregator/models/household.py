"""Member households, the people in them and where their money goes."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import EncryptedTextField, hash_number, mask_number
from aggregator.models.cooperative import User, Village
from aggregator.tenancy import BEGINS, TenantModel, TenantQuerySet


class HouseholdQuerySet(TenantQuerySet):
    def with_head(self) -> Self:
        """Add `head_name`, the name of the household's head, without a query a row."""
        heads = Person.objects.filter(household=OuterRef("pk"), is_head=True)
        return self.annotate(head_name=Subquery(heads.values("name")[:1]))


class Household(TenantModel):
    """A member household, the payee. Its code is the cooperative's own and never changes."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="households", verbose_name=_("village")
    )
    code = models.CharField(_("household code"), max_length=32)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.CHINESE
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_households",
        verbose_name=_("merged into"),
        help_text=_("Set where this was a second record of the same household."),
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["cooperative", "code"]
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "code"], name="household_code_unique"),
        ]
        # What is typed into the search box stands at the beginning.
        indexes = [
            models.Index(
                fields=["cooperative", "code"], name="household_code_begins", opclasses=BEGINS
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def masked_phone(self) -> str:
        return mask_number(self.phone)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone_hash = hash_number(self.phone)
        super().save(*args, **kwargs)


class Person(TenantModel):
    """Someone of a household; exactly one is its head 户主. Who left stays on record."""

    class Leaving(models.TextChoices):
        DIED = "died", _("died")
        MOVED = "moved", _("moved away")
        OWN_HOUSEHOLD = "own_household", _("own household")

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="persons", verbose_name=_("household")
    )
    name = models.CharField(_("name"), max_length=100)
    is_head = models.BooleanField(_("head of household"), default=False)
    identity_number = EncryptedTextField(_("identity number"), blank=True)
    identity_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leaving = models.CharField(_("why left"), max_length=16, choices=Leaving, blank=True)

    class Meta:
        ordering = ["household", "-is_head", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(is_head=True), name="household_one_head"
            ),
            models.UniqueConstraint(
                fields=["cooperative", "identity_hash"],
                condition=~Q(identity_hash=""),
                name="person_identity_unique",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cooperative", "name"], name="person_name_begins", opclasses=BEGINS
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_identity(self) -> str:
        return mask_number(self.identity_number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.identity_hash = hash_number(self.identity_number)
        super().save(*args, **kwargs)


class Membership(TenantModel):
    """A household's dated belonging to the cooperative, with its shares; an open end is null."""

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="memberships", verbose_name=_("household")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    shares = models.PositiveIntegerField(_("membership shares"), default=1)

    class Meta:
        ordering = ["household", "starts_on"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["household", "starts_on"], name="membership_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.starts_on}"


class PayeeAccountQuerySet(TenantQuerySet):
    def active(self) -> Self:
        return self.filter(status=PayeeAccount.Status.ACTIVE)

    def usable(self, day: date) -> Self:
        """Active, and past the days in which a change cools off."""
        return self.active().filter(Q(usable_on__isnull=True) | Q(usable_on__lte=day))


class PayeeAccount(TenantModel):
    """A bank account money goes to: proposed by one person, approved by another, then active.

    The number is encrypted and never overwritten. Money goes to it from `usable_on` on.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("waiting for approval")
        ACTIVE = "active", _("active")
        REFUSED = "refused", _("refused")
        ENDED = "ended", _("ended")

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="payee_accounts", verbose_name=_("household")
    )
    holder_name = models.CharField(_("account holder"), max_length=100)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    number = EncryptedTextField(_("account number"))
    number_hash = models.CharField(max_length=64, editable=False, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    proposed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    usable_on = models.DateField(_("paid to from"), null=True, blank=True)

    objects = PayeeAccountQuerySet.as_manager()

    class Meta:
        ordering = ["household", "status", "pk"]
        verbose_name = _("payee account")
        verbose_name_plural = _("payee accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(status="active"), name="payee_one_active"
            ),
            models.UniqueConstraint(
                fields=["household"], condition=Q(status="proposed"), name="payee_one_proposed"
            ),
            models.CheckConstraint(
                condition=~Q(status="active")
                | Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="payee_maker_is_not_checker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.masked_number}".strip()

    @property
    def masked_number(self) -> str:
        return mask_number(self.number)

    def is_usable(self, day: date) -> bool:
        """Whether money may go to it on `day`."""
        cooled = self.usable_on is None or self.usable_on <= day
        return self.status == PayeeAccount.Status.ACTIVE and cooled

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_hash = hash_number(self.number)
        super().save(*args, **kwargs)

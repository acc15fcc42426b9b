"""How households follow one another, and which records may be one household twice."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.models.cooperative import User
from aggregator.models.household import Household, Person
from aggregator.tenancy import TenantModel


class Succession(TenantModel):
    """A household's rights passing on: by death, by division 分户, by merger 合户. Never edited.

    By death within the household, `successor` is the household itself and `person` the heir.
    """

    class Kind(models.TextChoices):
        DEATH = "death", _("death")
        DIVISION = "division", _("division")
        MERGER = "merger", _("merger")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="successions", verbose_name=_("household")
    )
    successor = models.ForeignKey(
        Household, models.PROTECT, related_name="inheritances", verbose_name=_("successor")
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("new head"),
    )
    happened_on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        ordering = ["-happened_on", "-pk"]
        verbose_name = _("succession")
        verbose_name_plural = _("successions")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.household} → {self.successor}"


class DuplicatePair(TenantModel):
    """Two records that may be one household, and what was decided about them.

    A merge is proposed by one person and decided by another. A refused one is open again: `reason`,
    `decided_by` and `decided_at` then say who refused the last proposal, and why.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("to be looked at")
        PROPOSED = "proposed", _("merge waits for approval")
        DIFFERENT = "different", _("two households")
        MERGED = "merged", _("merged")

    first = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("first household")
    )
    second = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("second household")
    )
    # Codes of what they have in common: same_identity, same_phone, near_name.
    grounds = models.JSONField(_("in common"), default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    found_at = models.DateTimeField(_("found at"), auto_now_add=True)
    kept = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("record to keep"),
    )
    proposed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        ordering = ["status", "pk"]
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_unique"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(status="proposed")
                | Q(kept__isnull=False, proposed_by__isnull=False, proposed_at__isnull=False),
                name="duplicate_pair_proposed_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(status="merged")
                | Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="duplicate_pair_maker_is_not_checker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} · {self.second}"

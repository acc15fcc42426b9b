"""Issued credits in serialised blocks, and the lots sold out of them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aggregator.tenancy import TenantModel, TenantQuerySet
from credits.models.monitoring import MonitoringPeriod, QuantificationRun
from credits.models.project import Project


class Issuance(TenantModel):
    """Whole tonnes issued for a period; what the floor leaves over is carried to the next."""

    period = models.OneToOneField(
        MonitoringPeriod, models.PROTECT, related_name="issuance", verbose_name=_("period")
    )
    run = models.ForeignKey(
        QuantificationRun, models.PROTECT, related_name="+", verbose_name=_("run")
    )
    issued_on = models.DateField(_("issued on"))
    # Sellable and reserve are floored apart, so each carries its own fraction.
    carried_in_kg = models.PositiveIntegerField(_("carried in (kg)"))
    carried_out_kg = models.PositiveIntegerField(_("carried out (kg)"))
    reserve_carried_in_kg = models.PositiveIntegerField(_("reserve carried in (kg)"))
    reserve_carried_out_kg = models.PositiveIntegerField(_("reserve carried out (kg)"))
    sellable_t = models.PositiveBigIntegerField(_("sellable (t)"))
    reserve_t = models.PositiveBigIntegerField(_("reserve (t)"))

    class Meta:
        ordering = ["period"]
        verbose_name = _("issuance")
        verbose_name_plural = _("issuances")
        constraints = [
            models.CheckConstraint(
                condition=Q(carried_out_kg__lt=1000) & Q(reserve_carried_out_kg__lt=1000),
                name="issuance_carries_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.sellable_t} t"


class CreditBlockQuerySet(TenantQuerySet):
    def live(self) -> Self:
        """The blocks that hold tonnes now; the others were split or merged into them."""
        return self.filter(is_live=True)

    def within(self, block: CreditBlock) -> Self:
        """The live blocks into which `block` has passed; itself while it is whole."""
        return self.live().filter(
            issuance=block.issuance_id,
            serial_start__gte=block.serial_start,
            serial_end__lte=block.serial_end,
        )

    def sum_tonnes(self) -> int:
        found = self.aggregate(total=Sum(F("serial_end") - F("serial_start") + 1))["total"]
        return int(found or 0)


class CreditBlock(TenantModel):
    """A range of serial numbers with one status; both ends inclusive, one number a tonne.

    Every serial of an issuance lies in exactly one live block. A block that is split or merged
    stays as a row that is not live; only status and `is_live` of a row ever change, by
    ``credits.tonnes.blocks``, and triggers in both databases refuse all else.
    """

    class Kind(models.TextChoices):
        SELLABLE = "sellable", _("sellable")
        RESERVE = "reserve", _("reserve")

    class Status(models.TextChoices):
        HELD = "held", pgettext_lazy("credits", "held")
        RESERVED = "reserved", _("reserved for sale")
        TRANSFERRED = "transferred", _("sold")
        RETIRED = "retired", _("retired")
        CANCELLED = "cancelled", _("cancelled")
        BUFFER = "buffer", _("in the buffer")

    issuance = models.ForeignKey(
        Issuance, models.PROTECT, related_name="blocks", verbose_name=_("issuance")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="blocks", verbose_name=_("project")
    )
    # As what it was issued: a buffer's tonnes stay `reserve` when they are released.
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.HELD)
    is_live = models.BooleanField(_("live"), default=True)
    serial_start = models.PositiveBigIntegerField(_("first serial"))
    serial_end = models.PositiveBigIntegerField(_("last serial"))
    locked_until = models.DateField(_("locked until"), null=True, blank=True)

    objects = CreditBlockQuerySet.as_manager()

    class Meta:
        ordering = ["project", "serial_start", "pk"]
        verbose_name = _("credit block")
        verbose_name_plural = _("credit blocks")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "serial_start"],
                condition=Q(is_live=True),
                name="block_serial_unique",
            ),
            models.CheckConstraint(
                condition=~Q(status="buffer") | Q(kind="reserve"), name="block_buffer_is_reserve"
            ),
            models.CheckConstraint(
                condition=Q(serial_end__gte=F("serial_start")), name="block_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project.code}-{self.serial_start}–{self.serial_end}"

    @property
    def tonnes(self) -> int:
        return self.serial_end - self.serial_start + 1


class Buyer(TenantModel):
    """Who buys credits of the cooperative."""

    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering = ["cooperative", "name"]
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        constraints = [
            models.UniqueConstraint(fields=["cooperative", "name"], name="buyer_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Lot(TenantModel):
    """The sale of a block to a buyer at a price a tonne; the block as it was when it was sold."""

    block = models.ForeignKey(
        CreditBlock, models.PROTECT, related_name="lots", verbose_name=_("block")
    )
    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="lots", verbose_name=_("buyer"))
    serial_start = models.PositiveBigIntegerField(_("first serial"))
    serial_end = models.PositiveBigIntegerField(_("last serial"))
    unit_price_minor = models.PositiveBigIntegerField(_("price a tonne"))
    currency = models.CharField(_("currency"), max_length=3)
    sold_on = models.DateField(_("sold on"))

    class Meta:
        ordering = ["block", "serial_start"]
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.UniqueConstraint(fields=["block", "serial_start"], name="lot_serial_unique"),
            models.CheckConstraint(
                condition=Q(serial_end__gte=F("serial_start")), name="lot_not_empty"
            ),
            models.CheckConstraint(condition=Q(unit_price_minor__gt=0), name="lot_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.block.project.code} {self.serial_start}–{self.serial_end}"

    @property
    def tonnes(self) -> int:
        return self.serial_end - self.serial_start + 1

    @property
    def amount_minor(self) -> int:
        return self.tonnes * self.unit_price_minor

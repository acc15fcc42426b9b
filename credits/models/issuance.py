"""Issued credits in serialised blocks, and the lots sold out of them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import TenantModel
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


class CreditBlock(TenantModel):
    """A range of serial numbers of one kind; both ends inclusive, one number a tonne."""

    class Kind(models.TextChoices):
        SELLABLE = "sellable", _("sellable")
        RESERVE = "reserve", _("reserve")

    issuance = models.ForeignKey(
        Issuance, models.PROTECT, related_name="blocks", verbose_name=_("issuance")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="blocks", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    serial_start = models.PositiveBigIntegerField(_("first serial"))
    serial_end = models.PositiveBigIntegerField(_("last serial"))
    locked_until = models.DateField(_("locked until"), null=True, blank=True)

    class Meta:
        ordering = ["project", "serial_start"]
        verbose_name = _("credit block")
        verbose_name_plural = _("credit blocks")
        constraints = [
            models.UniqueConstraint(fields=["project", "serial_start"], name="block_serial_unique"),
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
    """A serial range out of a sellable block, sold to a buyer at a price a tonne."""

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

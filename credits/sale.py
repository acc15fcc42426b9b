"""Selling lots: a serial range of a sellable block to a named buyer, each number once."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.days import refuse_future
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import NotYours, require_role
from credits.models import Buyer, CreditBlock, Lot
from credits.serials import SerialRange


class ReserveLocked(DomainError):
    code = "reserve_locked"
    message = _("These credits are the reserve, locked to %(locked_until)s; they cannot be sold.")


class BelowMinimumLot(DomainError):
    code = "below_minimum_lot"
    message = _("A lot is at least %(minimum)s t; %(tonnes)s t were asked.")


class NotEnoughCredits(DomainError):
    code = "not_enough_credits"
    message = _("%(left)s t are left in the block; %(tonnes)s t were asked.")


class BadQuantity(BadInput):
    code = "bad_quantity"
    message = _("A lot is a whole number of tonnes, at least one.")


class BadPrice(BadInput):
    code = "bad_price"
    message = _("The price of a tonne must be above zero.")


class PriceTooHigh(BadInput):
    code = "price_too_high"
    message = _("This lot would cost more than all the money there is. Look at the price again.")


# Minor units. A slip of the hand must not make sums that no database can hold.
MOST_FOR_A_LOT = 10**15


def sell_lot(
    block: CreditBlock,
    *,
    tonnes: int,
    buyer: Buyer,
    unit_price_minor: int,
    sold_on: date,
    by: User,
) -> Lot:
    """Sell the lowest free serials of a sellable block, at a price in the cooperative's currency.

    Raises:
        BadQuantity, BadPrice, PriceTooHigh: no whole tonne, no price, or one typed wrong.
        DayInFuture: the day of the sale is still to come.
        ReserveLocked: the block is reserve.
        BelowMinimumLot: less than the program's smallest lot.
        NotEnoughCredits: more than is left.
        NotYours: block or buyer belong to another cooperative.
    """
    require_role(by, "operator", of=block)
    if buyer.cooperative_id != block.cooperative_id:
        raise NotYours
    if type(tonnes) is not int or tonnes < 1:
        raise BadQuantity
    if unit_price_minor < 1:
        raise BadPrice
    if tonnes * unit_price_minor > MOST_FOR_A_LOT:
        raise PriceTooHigh
    refuse_future(sold_on)
    if block.kind != CreditBlock.Kind.SELLABLE:
        raise ReserveLocked(locked_until=block.locked_until)
    minimum = block.project.terms["minimum_lot_t"]
    if tonnes < minimum:
        raise BelowMinimumLot(minimum=minimum, tonnes=tonnes)
    with transaction.atomic():
        locked = CreditBlock.objects.select_for_update().get(pk=block.pk)
        start = _lowest_free(locked, tonnes)
        lot = Lot.objects.create(
            cooperative_id=block.cooperative_id,
            block=block,
            buyer=buyer,
            serial_start=start,
            serial_end=start + tonnes - 1,
            unit_price_minor=unit_price_minor,
            currency=block.cooperative.currency,
            sold_on=sold_on,
        )
        audit.record_event(lot, action="sell_lot", by=by, tonnes=tonnes, buyer=buyer.pk)
    return lot


def unsold_tonnes(block: CreditBlock) -> int:
    """Tonnes of a block in no lot."""
    sold = sum(lot.tonnes for lot in block.lots.all())
    return block.tonnes - int(sold)


def lot_serials(lot: Lot) -> SerialRange:
    """The lot's serial range, to print on contracts and statements."""
    return _serials(lot.block, lot.serial_start, lot.serial_end)


def block_serials(block: CreditBlock) -> SerialRange:
    """The block's serial range."""
    return _serials(block, block.serial_start, block.serial_end)


def _serials(block: CreditBlock, start: int, end: int) -> SerialRange:
    return SerialRange(
        program=block.project.program,
        project=block.project.code,
        vintage=block.issuance.period.ends_on.year,
        start=start,
        end=end,
    )


def _lowest_free(block: CreditBlock, tonnes: int) -> int:
    """The first serial of the first gap that holds `tonnes`."""
    start: int = block.serial_start
    for lot in block.lots.order_by("serial_start"):
        if lot.serial_start - start >= tonnes:
            return start
        start = lot.serial_end + 1
    if block.serial_end - start + 1 < tonnes:
        raise NotEnoughCredits(left=unsold_tonnes(block), tonnes=tonnes)
    return start

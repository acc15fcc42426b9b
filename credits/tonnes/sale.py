"""Selling lots: a serial range of unsold credits to a named buyer, each number once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.days import refuse_future
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.money import Money
from aggregator.roles import NotYours, require_role
from credits.models import Buyer, CreditBlock, Lot
from credits.tonnes.blocks import UNSOLD, Action, Move, lock_issuance, move_range
from credits.tonnes.serials import SerialRange


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


class PriceBelowProgram(BadInput):
    code = "price_below_program"
    message = _("The program lets no tonne go below %(least)s.")


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
    """Sell the lowest free serials of a block, at a price in the cooperative's currency.

    The block may have been split since: what is left of it is sold. What is set aside for a sale is
    sold only when that block itself is named.

    Raises:
        BadQuantity, BadPrice, PriceTooHigh: no whole tonne, no price, or one typed wrong.
        PriceBelowProgram: less than the program lets a tonne be sold for, in its own currency.
        DayInFuture: the day of the sale is still to come.
        ReserveLocked: the block is in the buffer.
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
    _check_least_price(block, unit_price_minor)
    refuse_future(sold_on)
    if block.status == CreditBlock.Status.BUFFER:
        raise ReserveLocked(locked_until=block.locked_until)
    minimum = block.project.terms["minimum_lot_t"]
    if tonnes < minimum:
        raise BelowMinimumLot(minimum=minimum, tonnes=tonnes)
    with transaction.atomic():
        lock_issuance(block.issuance_id)
        free = _lowest_free(block, tonnes)
        first = free.serial_start
        move = Move(Action.SELL, CreditBlock.Status.TRANSFERRED, by, reference=f"buyer:{buyer.pk}")
        sold = move_range(free, move, first=first, last=first + tonnes - 1)
        lot = Lot.objects.create(
            cooperative_id=block.cooperative_id,
            block=sold,
            buyer=buyer,
            serial_start=sold.serial_start,
            serial_end=sold.serial_end,
            unit_price_minor=unit_price_minor,
            currency=block.cooperative.currency,
            sold_on=sold_on,
        )
        audit.record_event(lot, action="sell_lot", by=by, tonnes=tonnes, buyer=buyer.pk)
    return lot


def _check_least_price(block: CreditBlock, unit_price_minor: int) -> None:
    """Only in the program's own currency; no rate of exchange is assumed."""
    terms = block.project.terms
    currency = block.cooperative.currency
    if "least_price" not in terms or terms.get("least_price_currency") != currency:
        return
    if Money(unit_price_minor, currency).decimal < Decimal(terms["least_price"]):
        raise PriceBelowProgram(least=f"{terms['least_price']} {currency}")


def unsold_tonnes(block: CreditBlock) -> int:
    """Tonnes of a block that are neither sold, removed nor in the buffer."""
    return CreditBlock.objects.within(block).filter(status__in=UNSOLD).sum_tonnes()


def lot_serials(lot: Lot) -> SerialRange:
    """The lot's serial range, to print on contracts and statements."""
    return _serials(lot.block, lot.serial_start, lot.serial_end)


def block_serials(block: CreditBlock) -> SerialRange:
    """The block's serial range."""
    return _serials(block, block.serial_start, block.serial_end)


def range_serials(block: CreditBlock, *, first: int, last: int) -> SerialRange:
    """The serials `first` to `last` of the block's issuance, as printed."""
    return _serials(block, first, last)


def _serials(block: CreditBlock, start: int, end: int) -> SerialRange:
    return SerialRange(
        program=block.project.program,
        project=block.project.code,
        vintage=block.issuance.period.ends_on.year,
        start=start,
        end=end,
    )


def _lowest_free(block: CreditBlock, tonnes: int) -> CreditBlock:
    """The first block of what is left of `block` that has `tonnes`."""
    statuses = {CreditBlock.Status.HELD, block.status} & set(UNSOLD)
    left = list(
        CreditBlock.objects.within(block).filter(status__in=statuses).order_by("serial_start")
    )
    for each in left:
        if each.tonnes >= tonnes:
            return each
    raise NotEnoughCredits(left=sum(each.tonnes for each in left), tonnes=tonnes)

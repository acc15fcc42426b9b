"""Whose kilograms a block holds, worked out from its issuance's run; nothing is stored for it."""

from __future__ import annotations

from django.db.models import Sum

from credits.models import CreditBlock, FieldResult, Issuance
from credits.tonnes.block_kilograms import count_kilograms, deal_kilograms


def issuance_shares(issuance: Issuance) -> dict[int, int]:
    """Kilograms of each household in an issuance, by its key and in its order.

    Dealt over what each was credited in the run; over all it earned where nothing was sellable.
    Empty where the run has no household, or none that earned.
    """
    rows = (
        FieldResult.objects.filter(run=issuance.run_id)
        .order_by("household_id")
        .values_list("household_id")
        .annotate(credited=Sum("credited_kg"), gross=Sum("gross_kg"))
    )
    earned = list(rows)
    weights = [credited for _key, credited, _gross in earned]
    if not any(weights):
        weights = [gross for _key, _credited, gross in earned]
    if not any(weights):
        return {}
    dealt = deal_kilograms(issuance.sellable_t + issuance.reserve_t, weights)
    return dict(zip((key for key, *_kilograms in earned), dealt, strict=True))


def block_kilograms(block: CreditBlock, *, shares: dict[int, int] | None = None) -> dict[int, int]:
    """Kilograms of each household in a block, by its key; together the block's tonnes.

    `shares` are those of its issuance, if they are at hand.
    """
    if shares is None:
        shares = issuance_shares(block.issuance)
    return range_kilograms(shares, first=block.serial_start, last=block.serial_end)


def range_kilograms(shares: dict[int, int], *, first: int, last: int) -> dict[int, int]:
    """Kilograms of each household in the serials `first` to `last` of an issuance."""
    counted = count_kilograms(list(shares.values()), serial_start=first, serial_end=last)
    return dict(zip(shares, counted, strict=True))

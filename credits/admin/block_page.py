"""What the pages of a block and of a removal show: ancestry, kilograms, serials as others write."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from aggregator.admin_columns import TONE_SIGNS
from aggregator.models import Household
from credits.models import CreditBlock
from credits.tonnes.block_history import known_parts, trace_block
from credits.tonnes.block_holdings import issuance_shares, range_kilograms
from credits.tonnes.sale import block_serials
from credits.tonnes.serial_grammars import GRAMMARS, sketch_serials

# More households than anyone reads on a page; the file of the period has them all.
MOST_HOUSEHOLDS = 60
MOST_BLOCKS = 100
BLOCK_TONES = {
    "held": "good",
    "reserved": "wait",
    "transferred": "none",
    "retired": "none",
    "cancelled": "bad",
    "buffer": "none",
}
NAMES = {
    "verra": "Verra",
    "gold-standard": "Gold Standard",
    "car": "Climate Action Reserve",
    "acr": "American Carbon Registry",
    "undp": "UNDP",
}


def draw_history(block: CreditBlock) -> SafeString:
    """The blocks before and after, and every move on the way."""
    found = trace_block(block)
    context = {
        "block": block,
        "before": [_kin(row) for row in found.before[:MOST_BLOCKS]],
        "after": [_kin(row) for row in found.after[:MOST_BLOCKS]],
        "hidden": max(len(found.before) - MOST_BLOCKS, 0) + max(len(found.after) - MOST_BLOCKS, 0),
        "moves": found.moves[-MOST_BLOCKS:],
    }
    return render_to_string("admin/credits/block_history.html", context)


def _kin(row: CreditBlock) -> dict[str, Any]:
    tone = BLOCK_TONES[row.status] if row.is_live else "none"
    return {
        "row": row,
        "url": reverse("admin:credits_creditblock_change", args=[row.pk]),
        "tonnes": f"{row.tonnes:,}",
        "tone": tone,
        "sign": TONE_SIGNS[tone],
    }


def list_kilograms(block: CreditBlock, *, first: int = 0, last: int = 0) -> SafeString:
    """The households with most kilograms in a block, or in some of its serials; with the sum."""
    first, last = first or block.serial_start, last or block.serial_end
    held = range_kilograms(issuance_shares(block.issuance), first=first, last=last)
    held = {key: kilograms for key, kilograms in held.items() if kilograms}
    shown = sorted(held, key=lambda key: (-held[key], key))[:MOST_HOUSEHOLDS]
    names = Household.objects.in_bulk(shown)
    context = {
        "rows": [
            {
                "name": names[key],
                "url": reverse("admin:aggregator_household_change", args=[key]),
                "kilograms": f"{held[key]:,}",
            }
            for key in shown
        ],
        "others": len(held) - len(shown),
        "others_kg": f"{sum(held.values()) - sum(held[key] for key in shown):,}",
        "total": f"{sum(held.values()):,}",
        "households": len(held),
    }
    return render_to_string("admin/credits/block_kilograms.html", context)


def list_serials(block: CreditBlock) -> SafeString:
    """The block's serials in our own grammar, and as far as they can be told in the others."""
    others = [
        {
            "name": NAMES[registry],
            "pieces": sketch_serials(registry, known_parts(block, registry=registry)),
        }
        for registry in GRAMMARS
        if registry in NAMES
    ]
    context = {"own": block_serials(block), "others": others}
    return render_to_string("admin/credits/block_serials.html", context)

"""What a removal's page shows to the one who decides: which credits, whose, and what remains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from aggregator.admin_base import link_to
from credits.admin.block_page import list_kilograms
from credits.models import CreditBlock, Removal
from credits.tonnes.balance import project_balance
from credits.tonnes.blocks import BlockChanged, find_live
from credits.tonnes.certificates import check_url
from credits.tonnes.sale import range_serials


def name_removal(row: Removal) -> str:
    """What it is, once, and how much: the page's heading."""
    tonnes = f"{row.tonnes:,}"
    if row.kind == Removal.Kind.RETIRE:
        return _("Retirement of %(tonnes)s t") % {"tonnes": tonnes}
    return _("Cancellation of %(tonnes)s t") % {"tonnes": tonnes}


def find_held(row: Removal) -> CreditBlock | None:
    """The live block the serials lie in now; None where they have moved apart."""
    try:
        return find_live(row.block, first=row.serial_start, last=row.serial_end)
    except BlockChanged:
        return None


def draw_removal(row: Removal) -> SafeString:
    """The serials with the block they lie in, and what remains of block and project."""
    held = find_held(row)
    balance = project_balance(row.project)
    waits = row.status == Removal.Status.PROPOSED
    context = {
        "serials": range_serials(row.block, first=row.serial_start, last=row.serial_end),
        "block": link_to(held) if held else "",
        "status": held.get_status_display() if held else "",
        "vintage": row.block.issuance.period.code,
        "waits": waits,
        "block_t": f"{held.tonnes:,}" if held else "",
        "left_t": f"{held.tonnes - row.tonnes:,}" if held and waits else "",
        "sold_t": f"{balance.sold_t:,}",
        "unsold_t": f"{balance.unsold_t:,}",
        "gone_t": f"{balance.retired_t + balance.cancelled_t:,}",
        "url": check_url(row.token) if row.token else "",
    }
    return render_to_string("admin/credits/removal_serials.html", context)


def draw_owners(row: Removal) -> SafeString:
    """The households whose kilograms these serials are."""
    return list_kilograms(row.block, first=row.serial_start, last=row.serial_end)


def explain_approval(row: Removal) -> Iterator[Any]:
    """What the second person reads before it is done for good."""
    serials = range_serials(row.block, first=row.serial_start, last=row.serial_end)
    yield capfirst(name_removal(row)) + f": {serials}"
    if row.kind == Removal.Kind.RETIRE:
        yield _("For %(beneficiary)s: %(purpose)s") % {
            "beneficiary": row.beneficiary,
            "purpose": row.purpose,
        }
    else:
        yield _("Because: %(reason)s") % {"reason": row.reason}
    held = find_held(row)
    if held is None:
        yield _("These tonnes have moved meanwhile. This proposal can only be refused.")
        return
    yield _("Its block has %(tonnes)s t (%(status)s); %(left)s t remain in it.") % {
        "tonnes": f"{held.tonnes:,}",
        "status": held.get_status_display(),
        "left": f"{held.tonnes - row.tonnes:,}",
    }
    yield _("It is for good. A certificate is made, with an address where anyone can check it.")

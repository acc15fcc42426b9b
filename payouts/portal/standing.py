"""Which statements the money paid so far has covered: the oldest first.

Payments are of balances, not of statements; a farmer asks "is 2024 paid?". Imports no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of one statement's net has come, is on its way, and is still open; minor units."""

    paid_minor: int
    sent_minor: int
    open_minor: int
    # The day on which the last of the paid part came.
    paid_on: date | None


def cover_statements(
    nets_minor: Sequence[int], *, paid: Sequence[tuple[date, int]], sent_minor: int
) -> list[Standing]:
    """Lay payments over statements, both oldest first.

    Args:
        nets_minor: What each statement gives, oldest first; none negative.
        paid: Day and amount of each payment that has come.
        sent_minor: What the bank has been told to pay and has not confirmed.

    Returns:
        One standing a statement, in the same order; its three parts sum to its net.
    """
    waiting = sorted(paid)
    standings = []
    for net_minor in nets_minor:
        paid_minor, paid_on = 0, None
        while waiting and paid_minor < net_minor:
            paid_on, amount_minor = waiting.pop(0)
            taken = min(amount_minor, net_minor - paid_minor)
            paid_minor += taken
            if taken < amount_minor:
                waiting.insert(0, (paid_on, amount_minor - taken))
        on_way = min(sent_minor, net_minor - paid_minor)
        sent_minor -= on_way
        standings.append(Standing(paid_minor, on_way, net_minor - paid_minor - on_way, paid_on))
    return standings

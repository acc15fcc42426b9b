"""What was paid for kilograms that a reversal made void. Reads only: nothing is posted by it."""

from __future__ import annotations

from collections.abc import Iterable

from credits.models import ClawbackProposal
from payouts.models import Settlement, Share


def find_paid(proposals: Iterable[ClawbackProposal]) -> dict[int, dict[str, int]]:
    """By proposal and currency, the void part of what its approved settlements shared out.

    Each share's part is its net amount in proportion to the kilograms, rounded down.
    """
    wanted = {(row.run_id, row.household_id): row for row in proposals}
    shares = Share.objects.filter(
        settlement__status=Settlement.Status.APPROVED,
        settlement__run__in={run for run, _household in wanted},
        household__in={household for _run, household in wanted},
    )
    found: dict[int, dict[str, int]] = {row.pk: {} for row in wanted.values()}
    for run, household, currency, net in shares.values_list(
        "settlement__run", "household", "settlement__currency", "net_minor"
    ):
        row = wanted.get((run, household))
        if row is None or not row.credited_kg:
            continue
        paid = found[row.pk]
        paid[currency] = paid.get(currency, 0) + net * row.void_kg // row.credited_kg
    return found

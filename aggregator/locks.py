"""One order in which rows are locked, so that no two rules wait for each other for ever.

First the cooperative, then its rows, those of one kind in the order of their keys. A rule that
writes what a file may bring in, too (people, accounts, land, agreements), begins here: an import
then never plans against what an approval is about to change.
"""

from __future__ import annotations

from aggregator.models import Cooperative


def lock_cooperative(pk: int) -> Cooperative:
    """The cooperative's row, held to the end of the transaction."""
    # Without its key: with it, every new row that points to the cooperative, such as a farmer's
    # report or an event of the log, would wait until a file is written.
    cooperative: Cooperative = Cooperative.objects.select_for_update(no_key=True).get(pk=pk)
    return cooperative

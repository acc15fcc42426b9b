"""How a settlement falls on the villages: who shares, by how much, and what the middle one gets.

Reads shares, writes nothing; sums stay whole numbers all the way through.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from aggregator.models import Village
from payouts.models import Settlement

_COLUMNS = {
    "village_id": "household__village_id",
    "credited_kg": "credited_kg",
    "gross_minor": "gross_minor",
    "net_minor": "net_minor",
}


@dataclass(frozen=True, slots=True)
class VillagePart:
    """A village's part of a settlement; half of its households get `middle_minor` or more."""

    village: Village
    households: int
    credited_kg: int
    gross_minor: int
    net_minor: int
    middle_minor: int


def divide_by_village(settlement: Settlement) -> list[VillagePart]:
    """The parts of the villages, by village code; they sum to the settlement."""
    rows = settlement.shares.order_by().values_list(*_COLUMNS.values())
    frame = pd.DataFrame.from_records(list(rows), columns=list(_COLUMNS))
    if frame.empty:
        return []
    groups = frame.sort_values("net_minor").groupby("village_id")
    parts = groups[["credited_kg", "gross_minor", "net_minor"]].sum()
    parts["households"] = groups.size()
    # By place, not by `quantile`: that one goes through floats and loses the last fen.
    parts["middle_minor"] = groups["net_minor"].agg(lambda nets: nets.iloc[len(nets) // 2])
    villages = Village.objects.in_bulk(list(parts.index))
    found = [
        VillagePart(
            village=villages[row.Index],
            households=int(row.households),
            credited_kg=int(row.credited_kg),
            gross_minor=int(row.gross_minor),
            net_minor=int(row.net_minor),
            middle_minor=int(row.middle_minor),
        )
        for row in parts.itertuples()
    ]
    return sorted(found, key=lambda part: part.village.code)

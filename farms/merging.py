"""What the land moves when two records of one household are merged."""

from __future__ import annotations

from aggregator.merging import Moves
from farms.models import PracticeRecord, Tenure


def move_land(moves: Moves) -> None:
    """Tenures and what the household reported itself. Days both held a field stay as they are:
    both rows now name one household."""
    moves.move(Tenure)
    moves.move(PracticeRecord, "reported_by")

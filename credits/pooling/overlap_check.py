"""Checks of a cooperative's land against its own fields and those enrolled by all others."""

from __future__ import annotations

from credits.pooling.overlaps import enrolled_near
from farms.models import Boundary, OverlapScan
from farms.overlap_scan import free_lost_scans, run_scan


def check_waiting_land() -> int:
    """Run every check that waits; returns how many there were."""
    free_lost_scans()
    waiting = OverlapScan.objects.filter(status=OverlapScan.Status.PENDING)
    return sum(check_land(scan) for scan in waiting.select_related("cooperative", "asked_by"))


def check_land(scan: OverlapScan) -> bool:
    """Run one check; tenancy is crossed for land that is sold, and nothing of it is told."""
    own = Boundary.objects.for_cooperative(scan.cooperative)
    return run_scan(scan, elsewhere=enrolled_near(own))

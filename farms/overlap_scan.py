"""Checking a cooperative's whole land for overlaps, and keeping what was found until it is gone.

Reads other cooperatives' land only as far as the caller hands it over, and keeps of it only how
much is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import Cooperative, User
from aggregator.roles import require_role
from farms.models import Boundary, Overlap, OverlapScan
from farms.overlap_tiles import Indices, Mask, sweep_overlaps
from farms.plot_boxes import PlotBoxes, read_boxes

# Own field, other field (None: another cooperative's), share and square metres.
Finding = tuple[int, int | None, float, float]

_BATCH = 2_000


class ScanWaits(DomainError):
    code = "overlap_scan_waits"
    message = _("A check is waiting already. It starts within a minute.")


def ask_scan(cooperative: Cooperative, *, by: User) -> OverlapScan:
    """Put a check of the cooperative's land into the queue.

    Raises:
        ScanWaits: one is waiting already.
    """
    scan = OverlapScan(cooperative=cooperative, asked_by=by)
    require_role(by, User.Role.OPERATOR, of=scan)
    with transaction.atomic():
        lock_cooperative(cooperative.pk)
        if _waiting().filter(cooperative=cooperative).exists():
            raise ScanWaits
        scan.save()
        audit.record_event(cooperative, action="ask_overlap_scan", by=by)
    return scan


def run_scan(scan: OverlapScan, *, elsewhere: QuerySet[Boundary]) -> bool:
    """Compare the land and keep what is found; False if somebody else has begun with it.

    `elsewhere` holds other cooperatives' boundaries to compare with, such as those enrolled.
    """
    claimed = _waiting().filter(pk=scan.pk)
    if not claimed.update(status=OverlapScan.Status.RUNNING, started_at=timezone.now()):
        return False
    cooperative = scan.cooperative
    own = Boundary.objects.for_cooperative(cooperative)
    plots = read_boxes(own | elsewhere.exclude(cooperative=cooperative))
    owned = set(own.order_by().values_list("field_id", flat=True))
    crowded: set[int] = set()
    findings = _worst_of_each(find_pairs(plots, owned, crowded=crowded))
    crowded &= owned
    with transaction.atomic():
        _keep_findings(cooperative, findings, crowded=crowded)
        OverlapScan.objects.filter(pk=scan.pk).update(
            status=OverlapScan.Status.DONE,
            finished_at=timezone.now(),
            compared=len(owned),
            found=len(findings),
            crowded=len(crowded),
        )
        audit.record_event(
            cooperative, action="scan_overlaps", by=scan.asked_by, found=len(findings)
        )
    return True


def free_lost_scans(*, minutes: int = 60) -> int:
    """Put scans that a killed worker left running back into the queue."""
    before = timezone.now() - timedelta(minutes=minutes)
    lost = OverlapScan.objects.filter(status=OverlapScan.Status.RUNNING, started_at__lt=before)
    asked_again = lost.filter(cooperative__in=_waiting().values("cooperative"))
    asked_again.delete()
    return lost.update(status=OverlapScan.Status.PENDING)


def _waiting() -> QuerySet[OverlapScan]:
    return OverlapScan.objects.filter(status=OverlapScan.Status.PENDING)


def find_pairs(plots: PlotBoxes, owned: set[int], *, crowded: set[int]) -> Iterable[Finding]:
    """Overlaps of the `owned` fields with one another and with all others.

    Fields of which not all are told, because very many lie on one another, are put into `crowded`.
    """
    is_own = np.fromiter((key in owned for key in plots.fields.tolist()), bool, len(plots))

    def asked(first: Indices, second: Indices) -> Mask:
        return (is_own[first] | is_own[second]) & plots.exist_together(first, second)

    for tile in sweep_overlaps(
        plots.boxes,
        plots.read_shapes,
        tolerance=float(settings.FIELD_OVERLAP_TOLERANCE),
        comparable=asked,
    ):
        crowded.update(plots.fields[tile.crowded].tolist())
        for one, other, share, area_m2 in zip(
            tile.first.tolist(),
            tile.second.tolist(),
            tile.share.tolist(),
            tile.area_m2.tolist(),
            strict=True,
        ):
            # Rows are in the order of their keys; an own field comes first in a finding.
            mine, theirs = (one, other) if is_own[one] else (other, one)
            strange = not is_own[theirs]
            told = None if strange else int(plots.fields[theirs])
            yield int(plots.fields[mine]), told, share, area_m2


def _worst_of_each(found: Iterable[Finding]) -> dict[tuple[int, int | None], tuple[float, float]]:
    """One finding a pair; of all land of others under a field, the largest share."""
    worst: dict[tuple[int, int | None], tuple[float, float]] = {}
    for field, other, share, area_m2 in found:
        key = field, other
        worst[key] = max(worst.get(key, (0.0, 0.0)), (share, area_m2))
    return worst


def _keep_findings(
    cooperative: Cooperative,
    findings: dict[tuple[int, int | None], tuple[float, float]],
    *,
    crowded: set[int],
) -> None:
    now = timezone.now()
    known = {
        (row.field_id, row.other_id): row for row in Overlap.objects.for_cooperative(cooperative)
    }
    changed: list[Overlap] = []
    new: list[Overlap] = []
    gone: list[Overlap] = []
    for key, (share, area_m2) in findings.items():
        row = known.get(key) or Overlap(cooperative=cooperative, field_id=key[0], other_id=key[1])
        if row.pk is None or row.resolved_at is not None:
            row.found_at, row.resolved_at = now, None
        row.share, row.area_m2 = _round(share, "0.0001"), _round(area_m2, "0.01")
        (changed if row.pk else new).append(row)
    for key, row in known.items():
        # A pair of crowded fields was perhaps not looked at: that mends nothing.
        unknown = crowded.issuperset(filter(None, key))
        if key not in findings and row.resolved_at is None and not unknown:
            row.resolved_at = now
            gone.append(row)
    Overlap.objects.bulk_create(new, batch_size=_BATCH)
    columns = ["share", "area_m2", "found_at", "resolved_at"]
    Overlap.objects.bulk_update(changed + gone, columns, batch_size=_BATCH)


def _round(number: float, places: str) -> Decimal:
    return Decimal(repr(number)).quantize(Decimal(places), rounding=ROUND_HALF_UP)

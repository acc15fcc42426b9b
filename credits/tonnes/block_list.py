"""The blocks of a project as a plain list: serials, tonnes, status and what was last done."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.db.models import Prefetch

from aggregator import audit
from aggregator.list_files import harmless
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import BlockEvent, Project
from credits.tonnes.cadtrust.export import RecordsFile
from credits.tonnes.sale import block_serials

COLUMNS = (
    *("serials", "first_serial", "last_serial", "tonnes", "vintage", "kind", "status"),
    *("locked_until", "last_move", "last_move_on", "reference", "reason"),
)


def export_blocks(project: Project, *, by: User) -> RecordsFile:
    """The live blocks as CSV, in the order of their serials; their tonnes are what was issued."""
    require_role(by, "operator", "approver", "viewer", of=project)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(project))
    audit.record_event(project, action="export_blocks", by=by)
    return RecordsFile(f"{project.code}-blocks.csv", text.getvalue().encode("utf-8-sig"))


def _rows(project: Project) -> Iterator[list[str]]:
    moves = Prefetch("events", BlockEvent.objects.order_by("pk"), to_attr="moves")
    blocks = project.blocks.live().select_related("issuance__period", "project")
    for block in blocks.prefetch_related(moves).order_by("serial_start"):
        last = block.moves[-1] if block.moves else None
        row = [
            str(block_serials(block)),
            *map(str, (block.serial_start, block.serial_end, block.tonnes)),
            str(block.issuance.period.ends_on.year),
            *(block.kind, block.status, str(block.locked_until or "")),
            *((last.action, str(last.at.date()), last.reference, last.reason) if last else ()),
        ]
        # What people typed may begin like a formula of a spreadsheet.
        yield [harmless(cell) for cell in row]

"""Where a project's issued tonnes are. Reads, never writes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Sum

from credits.models import CreditBlock, Project

Status = CreditBlock.Status


@dataclass(frozen=True, slots=True)
class Balance:
    """Tonnes of a project; what was issued is the sum of all the others.

    `sold_t` are those a buyer holds: what he retires is `retired_t`. `unsold_t` are held or
    reserved for a sale, `reserve_t` those in the buffer.
    """

    issued_t: int
    sold_t: int
    unsold_t: int
    reserve_t: int
    retired_t: int = 0
    cancelled_t: int = 0


def project_balance(project: Project) -> Balance:
    """Add up the live blocks."""
    tonnes = tonnes_by_status(project)
    return Balance(
        issued_t=sum(tonnes.values()),
        sold_t=tonnes[Status.TRANSFERRED],
        unsold_t=tonnes[Status.HELD] + tonnes[Status.RESERVED],
        reserve_t=tonnes[Status.BUFFER],
        retired_t=tonnes[Status.RETIRED],
        cancelled_t=tonnes[Status.CANCELLED],
    )


def tonnes_by_status(project: Project) -> dict[str, int]:
    """Tonnes of a project in each status, nought where there are none."""
    found = (
        project.blocks.live()
        .order_by()
        .values_list("status")
        .annotate(tonnes=Sum(F("serial_end") - F("serial_start") + 1))
    )
    return dict.fromkeys(Status.values, 0) | dict(found)

"""Admin of the tonnes: projects, periods, verification, issuance, sale."""

from credits.admin import (
    actions,
    filters,
    issuance,
    land_map,
    monitoring,
    overlaps,
    period_files,
    projects,
    verification,
)

__all__ = [
    "actions",
    "filters",
    "issuance",
    "land_map",
    "monitoring",
    "overlaps",
    "period_files",
    "projects",
    "verification",
]

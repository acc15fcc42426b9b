"""Admin of the tonnes: projects, periods, verification, issuance, sale."""

from credits.admin import (
    actions,
    block_actions,
    credit_files,
    estimate_links,
    filters,
    issuance,
    land_map,
    monitoring,
    overlaps,
    period_files,
    period_terms,
    projects,
    removals,
    soil,
    soil_actions,
    verification,
)

__all__ = [
    "actions",
    "block_actions",
    "credit_files",
    "estimate_links",
    "filters",
    "issuance",
    "land_map",
    "monitoring",
    "overlaps",
    "period_files",
    "period_terms",
    "projects",
    "removals",
    "soil",
    "soil_actions",
    "verification",
]

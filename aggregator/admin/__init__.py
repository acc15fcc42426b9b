"""Admin of the ground floor: who there is, what was sent, brought in and decided."""

from aggregator.admin import (
    agreements,
    changes,
    duplicates,
    households,
    imports,
    log,
    messages,
    payees,
    staff,
    successions,
)
from aggregator.admin.households import HouseholdAdmin
from aggregator.admin.staff import VillageAdmin

__all__ = [
    "HouseholdAdmin",
    "VillageAdmin",
    "agreements",
    "changes",
    "duplicates",
    "households",
    "imports",
    "log",
    "messages",
    "payees",
    "staff",
    "successions",
]

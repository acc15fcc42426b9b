"""Admin of the ground floor: who there is, what was sent, brought in and decided."""

from aggregator.admin import agreements, changes, households, imports, log, messages, staff
from aggregator.admin.households import HouseholdAdmin
from aggregator.admin.staff import VillageAdmin

__all__ = [
    "HouseholdAdmin",
    "VillageAdmin",
    "agreements",
    "changes",
    "households",
    "imports",
    "log",
    "messages",
    "staff",
]

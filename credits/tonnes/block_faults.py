"""What can be wrong with blocks: each fault as a code with its sentence, and what to do about it.

Reads nothing. The sentences are English for the log and the shell, and translated on pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

SENTENCES = {
    "guard_missing": gettext_noop("guard %(name)s is missing"),
    "overlaps": gettext_noop("overlaps %(of)s %(other)s"),
    "tonnes_missing": gettext_noop("blocks hold %(held)s t"),
    "kilograms_missing": gettext_noop("households hold %(held)s kg of %(tonnes)s t"),
    "passed_wrongly": gettext_noop("%(passed)s of %(tonnes)s t passed into other blocks"),
    "leads_nowhere": gettext_noop("event %(event)s leads from %(status)s nowhere"),
    "ends_elsewhere": gettext_noop("is %(status)s, its moves end in %(end)s"),
    "not_the_sale": gettext_noop("is not the sale of its block"),
    "in_no_lot": gettext_noop("was sold in no lot"),
}
_PAST_THE_RULES = gettext_lazy(
    "The row was changed past the program. Open its history to see when and through which door; "
    "put right what was wrong with the database's administrator, then check again."
)
_STOP = gettext_lazy(
    "Sell, retire and issue nothing of this project until it is explained. Compare with the moves "
    "of its blocks and with the last backup, then check again."
)
ADVICE: Mapping[str, str | Promise] = {
    "guard_missing": gettext_lazy(
        "The database no longer refuses what is not allowed. Ask its administrator who removed the "
        "trigger, restore it from the program's migrations, then check again."
    ),
    "overlaps": _STOP,
    "tonnes_missing": _STOP,
    "kilograms_missing": _STOP,
    "passed_wrongly": _STOP,
    "leads_nowhere": _PAST_THE_RULES,
    "ends_elsewhere": _PAST_THE_RULES,
    "not_the_sale": gettext_lazy(
        "A lot and the block it sold differ. Compare it with the contract of sale before any money "
        "of it is shared out."
    ),
    "in_no_lot": gettext_lazy(
        "A block was sold and its lot is gone. Find the contract of sale; no money can be booked "
        "for it until the lot is there again."
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what row it is (`of` database, issuance, block or lot), and how."""

    code: str
    of: str
    key: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = SENTENCES[self.code] % self.values
        return f"{self.of} {self.key}: {told}" if self.key else told

    @property
    def words(self) -> str:
        """The sentence in the reader's language, without the row it is about."""
        return _(SENTENCES[self.code]) % self.values

    @property
    def advice(self) -> str:
        return str(ADVICE[self.code])

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "of": self.of, "key": self.key, "values": dict(self.values)}

"""The books in words: which project or deduction an account is for, and what an entry tells of.

Reads only. Names of projects and rules are asked with the rows, in no query of their own.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from credits.models import Project
from payouts import ledger
from payouts.models import Account, SettlementLine, WaterfallRule

_ENTRIES: tuple[tuple[re.Pattern[str], Promise], ...] = (
    (re.compile(r"receipt:\d+"), _("money received")),
    (re.compile(r"settlement:\d+"), _("settlement shared out")),
    (re.compile(r"batch:\d+"), _("payment batch approved")),
    (re.compile(r"batch:\d+:paid"), _("payment batch paid by the bank")),
    (re.compile(r"payment:\d+:failed"), _("payment failed, owed again")),
    (re.compile(r"reversal:\d+"), _("entry reversed")),
    (re.compile(r"merge:.*"), _("household records merged")),
)


def say_entry(reference: str) -> str:
    """What an entry tells of; the reference itself where it is of none of the kinds known."""
    known = (said for pattern, said in _ENTRIES if pattern.fullmatch(reference))
    return str(next(known, reference))


def with_details(accounts: QuerySet[Any]) -> QuerySet[Any]:
    """Add `detail`: the name of the project or deduction that an account is for."""
    rules = WaterfallRule.objects.order_by("-pk")
    lines = SettlementLine.objects.order_by("-pk")
    return accounts.annotate(
        detail=Coalesce(
            _name_of(Project.objects.order_by("pk"), ledger.UNDISTRIBUTED),
            _name_of(rules, ledger.DEDUCTION),
            # A rule that was deleted since has left its name on the settlements.
            _name_of(lines, ledger.DEDUCTION),
            Value(""),
        )
    )


def account_title(account: Account) -> str:
    """The account's name with the name of what it is for, or else with its code."""
    detail = getattr(account, "detail", "")
    return f"{account.label} · {detail}" if detail else str(account)


def _name_of(rows: QuerySet[Any], kind: str) -> Subquery:
    name = F("name")
    if get_language() == "en":
        name = Coalesce(NullIf(F("name_en"), Value("")), F("name"))  # type: ignore[assignment]
    found = rows.annotate(
        account_code=Concat(Value(f"{kind}:"), F("code"), output_field=CharField()), shown=name
    ).filter(cooperative=OuterRef("cooperative"), account_code=OuterRef("code"))
    return Subquery(found.values("shown")[:1])

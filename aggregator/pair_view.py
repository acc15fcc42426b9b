"""Two records side by side: what each says, and where they say the same. Numbers are masked."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from aggregator.models import DuplicatePair, Household
from aggregator.name_likeness import are_alike, fold_name

_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the comparison; `same` where both say it. One of which neither says a thing
    is left out."""

    label: str
    first: list[str]
    second: list[str]
    same: bool


def compare_records(pair: DuplicatePair) -> list[Line]:
    """The lines of the page, in order."""
    one, other = pair.first, pair.second
    lines = [
        _line(_("Village"), [str(one.village)], [str(other.village)]),
        _people(one, other),
        _numbers(one, other),
        Line(
            _("Phone"),
            [one.masked_phone or _NOTHING],
            [other.masked_phone or _NOTHING],
            bool(one.phone_hash) and one.phone_hash == other.phone_hash,
        ),
        _accounts(one, other),
        _line(_("Membership"), _memberships(one), _memberships(other)),
        _line(_("Agreements"), _agreements(one), _agreements(other)),
    ]
    return [line for line in lines if [*line.first, *line.second] != [_NOTHING, _NOTHING]]


def _line(label: str, first: list[str], second: list[str]) -> Line:
    return Line(label, first or [_NOTHING], second or [_NOTHING], bool(first) and first == second)


def _people(one: Household, other: Household) -> Line:
    names = [[person.name for person in each.persons.all()] for each in (one, other)]
    folded = [{fold_name(name) for name in each} for each in names]
    alike = any(are_alike(first, second) for first in folded[0] for second in folded[1])
    return Line(_("People"), names[0] or [_NOTHING], names[1] or [_NOTHING], alike)


def _numbers(one: Household, other: Household) -> Line:
    shown, known = [], []
    for each in (one, other):
        persons = list(each.persons.all())
        shown.append([person.masked_identity or _("not on record") for person in persons])
        known.append({person.identity_hash for person in persons if person.identity_hash})
    return Line(
        _("Identity numbers"),
        shown[0] or [_NOTHING],
        shown[1] or [_NOTHING],
        bool(known[0] & known[1]),
    )


def _accounts(one: Household, other: Household) -> Line:
    rows = [list(each.payee_accounts.all()) for each in (one, other)]
    hashes = [{account.number_hash for account in each} for each in rows]
    shown = [
        [f"{account} ({account.get_status_display()})" for account in each] or [_NOTHING]
        for each in rows
    ]
    return Line(_("Accounts"), shown[0], shown[1], bool(hashes[0] & hashes[1]))


def _memberships(household: Household) -> list[str]:
    return [
        f"{span.starts_on.isoformat()} – {span.ends_on.isoformat() if span.ends_on else '…'}"
        for span in household.memberships.all()
    ]


def _agreements(household: Household) -> list[str]:
    return [agreement.code for agreement in household.agreements.all()]

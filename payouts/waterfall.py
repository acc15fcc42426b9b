"""From gross to what is left: deductions in order, then every line over the households.

Imports no Django and no pandas; amounts are whole minor units, rates and tonnes exact fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from aggregator.money import round_half_up
from payouts.allocation import allocate

PER_TONNE = "per_tonne"
FIXED = "fixed"
RATE_OF_GROSS = "rate_of_gross"
RATE_OF_REMAINING = "rate_of_remaining"


class WaterfallError(ValueError):
    """A rule that cannot be applied: an unknown kind, or without the number its kind needs."""


class SharesDoNotAddUp(ValueError):
    """Shares that break an invariant of money; nothing of the settlement may be kept.

    `code` names the invariant, `values` what is quoted of it; `line` is 0 for the net.
    """

    def __init__(self, text: str, *, code: str, **values: int) -> None:
        super().__init__(text)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Rule:
    """One deduction: `rate` in 0–1 for the two rates, `amount_minor` a tonne or a period else."""

    code: str
    kind: str
    rate: Fraction | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a rule took: `base_minor` is the gross or the remainder that it was applied to."""

    code: str
    base_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shares:
    """The parts of every household, all lists in the order of the weights.

    `deductions` has one list a line; the gross of a household is the sum of its parts.
    """

    gross: list[int]
    deductions: list[list[int]]
    net: list[int]


def apply_rules(
    gross_minor: int,
    rules: Sequence[Rule],
    *,
    tonnes: Fraction,
    already_taken: Mapping[str, int],
) -> list[Line]:
    """Take each rule's part in turn; none takes more than what remains.

    Args:
        gross_minor: the pool, minor units, not negative.
        rules: in the order in which they are taken.
        tonnes: tonnes that the pool's receipts paid for, exact: the sum of amount over price.
        already_taken: by code of a fixed rule, what earlier tranches of the period took.

    Returns:
        One line a rule, also where it took nothing; fees rounded half up to the minor unit.

    Raises:
        WaterfallError: a rule of unknown kind, or without its number.

    Source: DOMAIN.md, From money to shares.
    """
    if gross_minor < 0:
        raise WaterfallError(f"a pool of {gross_minor} cannot be shared")
    lines: list[Line] = []
    remaining = gross_minor
    for rule in rules:
        base = gross_minor if rule.kind == RATE_OF_GROSS else remaining
        wanted = _wanted(rule, base, tonnes, already_taken.get(rule.code, 0))
        taken = min(wanted, remaining)
        lines.append(Line(rule.code, base, taken))
        remaining -= taken
    return lines


def split_lines(net_minor: int, line_amounts: Sequence[int], weights: Sequence[int]) -> Shares:
    """Split each line and the net over the households by `allocate`.

    Args:
        net_minor: what the lines left, minor units.
        line_amounts: minor units of each line, in order.
        weights: sellable kilograms of each household, in the published order.

    Returns:
        Parts whose sums are the lines, the net and the gross exactly; for each household
        gross − deductions = net by construction. Each part of a line and of the net is less than
        one minor unit from its exact quota, so a gross is less than one for each of them.

    Raises:
        AllocationError: no positive weight for an amount other than zero.
    """
    net = allocate(net_minor, weights)
    deductions = [allocate(amount, weights) for amount in line_amounts]
    gross = [sum(parts) for parts in zip(net, *deductions, strict=True)]
    return Shares(gross=gross, deductions=deductions, net=net)


def check_shares(
    shares: Shares, *, gross_minor: int, line_amounts: Sequence[int], weights: Sequence[int]
) -> None:
    """Raise unless the shares keep the invariants of money, looked at afresh.

    Raises:
        SharesDoNotAddUp: naming the invariant that is broken.

    Source: DOMAIN.md, invariants 1–3.
    """
    net_minor = gross_minor - sum(line_amounts)
    columns = enumerate(
        [
            (net_minor, shares.net),
            *zip(line_amounts, shares.deductions, strict=True),
        ]
    )
    if sum(shares.gross) != gross_minor:
        found = sum(shares.gross)
        raise SharesDoNotAddUp(
            f"gross: {found} of {gross_minor}", code="gross", found=found, amount=gross_minor
        )
    for line, (amount, parts) in columns:
        _check_column(line, amount, parts, weights)
    for gross, *parts in zip(shares.gross, shares.net, *shares.deductions, strict=True):
        if gross != sum(parts):
            raise SharesDoNotAddUp(
                f"a household's gross {gross} is not the sum of its parts",
                code="household",
                found=gross,
                amount=sum(parts),
            )


def _wanted(rule: Rule, base: int, tonnes: Fraction, already_taken: int) -> int:
    if rule.kind in (RATE_OF_GROSS, RATE_OF_REMAINING):
        if rule.rate is None or not 0 <= rule.rate <= 1:
            raise WaterfallError(f"rule {rule.code} has no rate between 0 and 1")
        return round_half_up(rule.rate * base)
    if rule.amount_minor is None or rule.amount_minor < 0:
        raise WaterfallError(f"rule {rule.code} has no amount")
    if rule.kind == PER_TONNE:
        return round_half_up(tonnes * rule.amount_minor)
    if rule.kind == FIXED:
        return max(rule.amount_minor - already_taken, 0)
    raise WaterfallError(f"rule {rule.code} is of unknown kind {rule.kind}")


def _check_column(line: int, amount: int, parts: Sequence[int], weights: Sequence[int]) -> None:
    name = f"line {line}" if line else "net"
    found = sum(parts)
    if found != amount:
        text = f"{name}: {found} of {amount}"
        raise SharesDoNotAddUp(text, code="column", line=line, found=found, amount=amount)
    if len(parts) != len(weights) or (parts and min(parts) < 0):
        raise SharesDoNotAddUp(f"{name}: a part is missing or negative", code="part", line=line)
    weight_sum = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if abs(part * weight_sum - amount * weight) >= max(weight_sum, 1):
            text = f"{name}: {part} is a unit or more from its quota"
            raise SharesDoNotAddUp(text, code="quota", line=line, found=part)

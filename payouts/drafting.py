"""The arithmetic of one draft: gathers receipts and weights, applies the rules, writes shares.

Runs inside the transaction of `settlement.draft_settlement` and decides nothing about states.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum

from aggregator.bulk import write_rows
from aggregator.canonical import sha256_of
from aggregator.money import round_half_up
from aggregator.units import KG_PER_TONNE
from credits.models import FieldResult, MonitoringPeriod, QuantificationRun
from payouts.models import Receipt, Settlement, SettlementLine, Share, WaterfallRule
from payouts.waterfall import FIXED, Line, Rule, Shares, apply_rules, check_shares, split_lines

# Told how many shares are written, out of how many.
Progress = Callable[[int, int], None]
_PROGRESS_STEP = 1000


class Weight(NamedTuple):
    """A household's sellable kilograms in a run."""

    household_id: int
    village_code: str
    household_code: str
    credited_kg: int


def unsettled_receipts(period: MonitoringPeriod) -> QuerySet[Receipt]:
    """Money received for the period's lots that no settlement has taken."""
    return Receipt.objects.filter(  # type: ignore[no-any-return]
        lot__block__issuance__period=period, settlement=None
    ).order_by("received_on", "pk")


def read_weights(run: QuantificationRun) -> list[Weight]:
    """Every household of the run in the published order: by village code, then its own code.

    Ties for the last fen go by this order; a household that earned nothing is listed with zero.
    """
    rows = (
        FieldResult.objects.filter(run=run)
        .order_by()
        .values_list("household_id", "household__village__code", "household__code")
        .annotate(kg=Sum("credited_kg"))
    )
    weights = [Weight(key, village, code, int(kg)) for key, village, code, kg in rows]
    # Sorted here, by code point: databases sort text each by its own locale.
    return sorted(weights, key=lambda weight: (weight.village_code, weight.household_code))


def write_draft(settlement: Settlement, *, on_progress: Progress | None) -> None:
    """Take the receipts, and write the lines, the shares and the sums of a settlement."""
    receipts = _take_receipts(settlement)
    weights = read_weights(settlement.run)  # type: ignore[arg-type]  # set when requested
    rows = list(WaterfallRule.objects.filter(project=settlement.project_id).order_by("position"))
    rules = [rule_of(row) for row in rows]
    gross = sum(receipt.amount_minor for receipt in receipts)
    tonnes = sum(
        (Fraction(receipt.amount_minor, receipt.lot.unit_price_minor) for receipt in receipts),
        Fraction(0),
    )
    taken = _already_taken(settlement)
    lines = apply_rules(gross, rules, tonnes=tonnes, already_taken=taken)
    amounts = [line.amount_minor for line in lines]
    kilograms = [weight.credited_kg for weight in weights]
    shares = split_lines(gross - sum(amounts), amounts, kilograms)
    check_shares(shares, gross_minor=gross, line_amounts=amounts, weights=kilograms)
    _write_lines(settlement, rows, lines)
    _write_shares(settlement, weights, shares, on_progress)
    settlement.gross_minor = gross
    settlement.net_minor = gross - sum(amounts)
    settlement.credited_kg = sum(kilograms)
    settlement.paid_kg = round_half_up(tonnes * KG_PER_TONNE)
    settlement.inputs_sha256 = _hash_inputs(settlement, receipts, rules, taken, weights)
    settlement.save(
        update_fields=["gross_minor", "net_minor", "credited_kg", "paid_kg", "inputs_sha256"]
    )


def _take_receipts(settlement: Settlement) -> list[Receipt]:
    free = unsettled_receipts(settlement.period).filter(currency=settlement.currency)
    taken = list(free.select_for_update(of=("self",)).select_related("lot"))
    Receipt.objects.filter(pk__in=[receipt.pk for receipt in taken]).update(settlement=settlement)
    return taken


def rule_of(row: WaterfallRule) -> Rule:
    rate = None if row.rate is None else Fraction(row.rate)
    return Rule(row.code, row.kind, rate=rate, amount_minor=row.amount_minor)


def _already_taken(settlement: Settlement) -> dict[str, int]:
    """By rule, what the approved tranches of the period took: a fixed fee is due once a period."""
    rows = (
        SettlementLine.objects.filter(
            settlement__period=settlement.period,
            settlement__status=Settlement.Status.APPROVED,
            kind=FIXED,
        )
        .order_by("code")
        .values_list("code")
        .annotate(total=Sum("amount_minor"))
    )
    return {code: int(total) for code, total in rows}


def _write_lines(
    settlement: Settlement, rules: Sequence[WaterfallRule], lines: Sequence[Line]
) -> None:
    SettlementLine.objects.bulk_create(
        SettlementLine(
            cooperative_id=settlement.cooperative_id,
            settlement=settlement,
            position=position,
            code=rule.code,
            name=rule.name,
            name_en=rule.name_en,
            payee=rule.payee,
            payee_en=rule.payee_en,
            kind=rule.kind,
            rate=rule.rate,
            unit_amount_minor=rule.amount_minor,
            base_minor=line.base_minor,
            amount_minor=line.amount_minor,
        )
        for position, (rule, line) in enumerate(zip(rules, lines, strict=True), start=1)
    )


def _write_shares(
    settlement: Settlement,
    weights: Sequence[Weight],
    shares: Shares,
    on_progress: Progress | None,
) -> None:
    deductions = (
        zip(*shares.deductions, strict=True) if shares.deductions else ([] for _ in weights)
    )
    rows = (
        (
            settlement.cooperative_id,
            settlement.pk,
            weight.household_id,
            ordinal,
            weight.credited_kg,
            gross,
            list(parts),
            net,
        )
        for ordinal, (weight, gross, parts, net) in enumerate(
            zip(weights, shares.gross, deductions, shares.net, strict=True)
        )
    )
    columns = ["cooperative_id", "settlement_id", "household_id", "ordinal", "credited_kg"]
    columns += ["gross_minor", "deductions_minor", "net_minor"]
    write_rows(Share, columns, _with_progress(rows, len(weights), on_progress))


def _with_progress(rows: Iterator[Any], total: int, on_progress: Progress | None) -> Iterator[Any]:
    for done, row in enumerate(rows, start=1):
        yield row
        if on_progress and (done % _PROGRESS_STEP == 0 or done == total):
            on_progress(done, total)


def _hash_inputs(
    settlement: Settlement,
    receipts: Sequence[Receipt],
    rules: Sequence[Rule],
    taken: dict[str, int],
    weights: Sequence[Weight],
) -> str:
    """One hash over all that the draft was computed from, so that anyone can repeat it."""
    listed = "".join(
        f"{weight.village_code}\t{weight.household_code}\t{weight.credited_kg}\n"
        for weight in weights
    )
    run = settlement.run
    return sha256_of(
        {
            "receipts": [
                [row.reference, row.amount_minor, row.currency, row.lot.unit_price_minor]
                for row in receipts
            ],
            "rules": [
                [rule.code, rule.kind, str(rule.rate), str(rule.amount_minor)] for rule in rules
            ],
            "already_taken": taken,
            "run": run.results_sha256 if run else "",
            "weights": hashlib.sha256(listed.encode()).hexdigest(),
        }
    )

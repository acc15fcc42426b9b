"""Drafts the settlement of a period from the shell; a second person approves it in the admin."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from aggregator.errors import DomainError
from aggregator.models import User
from aggregator.money import format_money
from credits.models import MonitoringPeriod
from payouts.models import Settlement
from payouts.settlement import draft_settlement, request_settlement


class Command(BaseCommand):
    help = "Share what has come in for a period of a project: a draft, waiting for approval."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="CODE")
        parser.add_argument("--period", required=True, metavar="CODE", help="for example 2025")
        parser.add_argument("--cooperative", metavar="CODE", help="where two have such a project")
        parser.add_argument("--by", metavar="USER", help="the operator; without it, the scheduler")

    def handle(self, **options: Any) -> None:
        period = _find_period(options)
        by = _find_user(options["by"])
        try:
            settlement = _opened(period) or request_settlement(period, by=by)
            _draft(settlement)
        except DomainError as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self._report(settlement)

    def _report(self, settlement: Settlement) -> None:
        currency, write = settlement.currency, self.stdout.write
        write(f"{settlement.project} {settlement}: {settlement.receipts.count()} receipts")
        write(f"  {'gross':<24}{format_money(settlement.gross_minor, currency):>20}")
        for line in settlement.lines.all():
            write(f"  {line.code:<24}{format_money(-line.amount_minor, currency):>20}")
        write(f"  {'to households':<24}{format_money(settlement.net_minor, currency):>20}")
        write(f"{settlement.shares.count()} shares; {settlement.get_status_display()}.")


def _find_period(options: dict[str, Any]) -> MonitoringPeriod:
    found = MonitoringPeriod.objects.filter(
        project__code=options["project"], code=options["period"]
    ).select_related("project", "cooperative")
    if options["cooperative"]:
        found = found.filter(cooperative__code=options["cooperative"])
    periods = list(found)
    wanted = f"period {options['period']} of project {options['project']}"
    if not periods:
        raise CommandError(f"There is no {wanted}.")
    if len(periods) > 1:
        codes = ", ".join(period.cooperative.code for period in periods)
        raise CommandError(f"More than one cooperative has a {wanted}: add --cooperative ({codes})")
    return periods[0]


def _find_user(username: str | None) -> User | None:
    if username is None:
        return None
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as error:
        raise CommandError(f"There is no member of staff {username}.") from error


def _opened(period: MonitoringPeriod) -> Settlement | None:
    """A request whose worker was stopped: it is drafted rather than asked for again."""
    return Settlement.objects.filter(period=period, status=Settlement.Status.REQUESTED).first()


def _draft(settlement: Settlement) -> None:
    total = settlement.run.results.values("household").distinct().count() if settlement.run else 0
    with tqdm(total=total, unit=" households", file=sys.stderr, disable=None) as bar:
        draft_settlement(settlement, on_progress=lambda done, _total: bar.update(done - bar.n))

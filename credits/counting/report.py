"""The report of a closed period as a PDF: figures, where they come from, map, sample, proof.

Reads the run that stands and computes no tonne; names no person, households by their codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aggregator import audit
from aggregator.formats import format_area, format_day, format_span, html_lang
from aggregator.models import User, Village
from aggregator.names import local_name
from aggregator.pdf import render_pdf
from aggregator.units import format_tonnes
from credits.counting.activity import describe_header
from credits.counting.package import Count as PeriodCount
from credits.counting.package import find_count, ordered_results
from credits.counting.report_chain import Chain
from credits.counting.report_map import draw_map
from credits.methodologies.base import decimal_text
from credits.models import FieldResult, MonitoringPeriod, SampledField, SoilCampaign, SoilLayer
from credits.pooling.reasons import zero_text
from credits.registry import PROGRAMS
from credits.soil.estimate import RULE_NAMES
from credits.terms.changes import name_methodology
from credits.terms.names import TERM_NAMES, region_name
from credits.terms.period_uncertainty import told_uncertainty
from credits.terms.requirements import list_requirements
from credits.verifying.corrections import overclaim_of
from credits.verifying.sample_words import rule_name
from credits.verifying.verifiers import require_verifier

# More rows than anybody reads on paper; the package has them all.
MOST_ROWS = 400
_CHUNK = 2_000
_BARS = 12


@dataclass(slots=True)
class _Group:
    """What rows of a kind have in common, added up."""

    fields: set[int] = field(default_factory=set)
    area_m2: Decimal = Decimal(0)
    gross_kg: int = 0
    withheld_kg: int = 0

    def add(self, row: FieldResult) -> None:
        if row.field_id not in self.fields:
            self.area_m2 += row.area_m2
        self.fields.add(row.field_id)
        self.gross_kg += row.gross_kg
        self.withheld_kg += int(row.terms.get("withheld_kg", 0))


@dataclass(slots=True)
class _Sums:
    rates: dict[tuple[str, ...], _Group] = field(default_factory=lambda: defaultdict(_Group))
    zeroes: dict[str, _Group] = field(default_factory=lambda: defaultdict(_Group))
    villages: dict[int, _Group] = field(default_factory=lambda: defaultdict(_Group))
    whole: _Group = field(default_factory=_Group)
    households: set[int] = field(default_factory=set)
    chain: Chain = field(default_factory=Chain)
    rows: list[FieldResult] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class ReportFile:
    name: str
    content: bytes


def report_period(period: MonitoringPeriod, *, language: str, by: User) -> ReportFile:
    """The report of a closed period in a language, for those who may see it.

    Raises:
        NothingCounted: the period is open.
    """
    require_verifier(by, "operator", "approver", project=period.project)
    content = render_report(period, language=language)
    audit.record_event(period, action="report_period", by=by, language=language)
    return ReportFile(f"{period.project.code}-{period.code}.pdf", content)


def render_report(period: MonitoringPeriod, *, language: str) -> bytes:
    with translation.override(language):
        context = report_context(find_count(period), language=language)
        return render_pdf(render_to_string("reports/period.html", context))


def report_context(count: PeriodCount, *, language: str) -> dict[str, Any]:
    """Everything the report says, as words in the active language."""
    run, period = count.run, count.run.period
    project, unit = period.project, period.cooperative.area_unit
    sums = _add_up(count)
    header = describe_header(period)
    program = PROGRAMS.get(project.program)
    return {
        "html_lang": html_lang(language),
        "period": period,
        "project": project,
        "project_name": local_name(project),
        "cooperative": local_name(period.cooperative),
        "program": program.name if program else project.program,
        "span": format_span(str(period.starts_on), str(period.ends_on)),
        "methodology": name_methodology(run.methodology),
        "region": region_name(str(project.parameters.get("region", ""))),
        "chain": sums.chain.lines(
            run,
            rates=header.get("deductions", {}),
            overstatement=count.verification.overstatement if count.verification else "",
        ),
        "reserve_formula": sums.chain.reserve_formula(header["reserve_rate"]),
        "uncertainty": told_uncertainty(period),
        "run": run,
        "ran_on": format_day(timezone.localdate(run.ran_at)),
        "fields": len(sums.whole.fields),
        "households": len(sums.households),
        "area": format_area(sums.whole.area_m2, unit),
        "gross": format_tonnes(run.gross_kg),
        "reserve": format_tonnes(run.reserve_kg),
        "credited": format_tonnes(run.credited_kg),
        "rates": [_rate(key, group, unit) for key, group in sorted(sums.rates.items())],
        "zeroes": [_zero(code, group, unit) for code, group in sorted(sums.zeroes.items())],
        "practice_bars": _bars(_by_practice(sums)),
        "village_bars": _bars(_by_village(sums)),
        "rows": [_row(row, unit) for row in sums.rows],
        "row_count": sums.count,
        "map": draw_map(run, _marked(count)),
        "verification": count.verification,
        "sample_rule": rule_name(count.verification.rule) if count.verification else "",
        "requirements": list_requirements(period),
        "soil_rounds": list(_soil_rounds(period)),
        "sample": list(_sample(count)),
    }


def _add_up(count: PeriodCount) -> _Sums:
    sums = _Sums()
    for row in ordered_results(count.run).iterator(chunk_size=_CHUNK):
        sums.count += 1
        sums.whole.add(row)
        sums.chain.add(row)
        sums.households.add(row.household_id)
        sums.villages[row.field.village_id].add(row)
        terms = row.terms
        if row.gross_kg:
            sums.rates[_rate_key(terms)].add(row)
        else:
            sums.zeroes[terms.get("withheld") or terms.get("reason", "")].add(row)
        if sums.count <= MOST_ROWS:
            sums.rows.append(row)
    if sums.count > MOST_ROWS:
        sums.rows.clear()
    return sums


def _rate_key(terms: dict[str, str]) -> tuple[str, ...]:
    """Practice, watering, rate, its unit and source; a situation is its own source."""
    if "kg_per_ha" not in terms:
        names = ("practice", "irrigated", "rate", "rate_unit", "rate_source")
        return tuple(terms.get(name, "") for name in names)
    net = Fraction(terms["kg_per_ha"]) - Fraction(terms.get("emitted_kg_per_ha", "0"))
    facts = (decimal_text(net, 3), "kg CO2e/ha", terms.get("situation", ""))
    return (terms.get("practice", ""), terms.get("irrigated", ""), *facts)


def _rate(key: tuple[str, ...], group: _Group, unit: str) -> dict[str, Any]:
    practice, irrigated, rate, rate_unit, source = key
    return {
        "practice": TERM_NAMES.get(practice, practice),
        "irrigated": TERM_NAMES.get(irrigated, irrigated),
        "rate": f"{rate} {rate_unit}",
        "source": source,
        "fields": len(group.fields),
        "area": format_area(group.area_m2, unit),
        "tonnes": format_tonnes(group.gross_kg),
    }


def _zero(code: str, group: _Group, unit: str) -> dict[str, Any]:
    return {
        "reason": zero_text({"reason": code}),
        "fields": len(group.fields),
        "area": format_area(group.area_m2, unit),
        "tonnes": format_tonnes(group.withheld_kg),
    }


def _by_practice(sums: _Sums) -> list[tuple[str, int]]:
    earned: dict[str, int] = defaultdict(int)
    for (practice, *_others), group in sums.rates.items():
        earned[str(TERM_NAMES.get(practice, practice))] += group.gross_kg
    return sorted(earned.items(), key=lambda pair: (-pair[1], pair[0]))


def _by_village(sums: _Sums) -> list[tuple[str, int]]:
    names = dict(Village.objects.filter(pk__in=list(sums.villages)).values_list("pk", "name"))
    earned = [(names[key], group.gross_kg) for key, group in sums.villages.items()]
    earned.sort(key=lambda pair: (-pair[1], pair[0]))
    rest = sum(kg for _name, kg in earned[_BARS:])
    others = [(_("other villages"), rest)] if len(earned) > _BARS else []
    return earned[:_BARS] + others


def _bars(earned: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """Bars of a drawing 480 wide, the longest 250."""
    pairs = list(earned)
    longest = max((kg for _name, kg in pairs), default=0) or 1
    bars = [
        {
            "label": name,
            "y": 4 + place * 18,
            "text_y": 14 + place * 18,
            "width": f"{250 * kg / longest:.1f}",
            "text_x": f"{146 + 250 * kg / longest:.1f}",
            "text": format_tonnes(kg),
        }
        for place, (name, kg) in enumerate(pairs)
    ]
    return {"bars": bars, "height": 6 + 18 * len(pairs)}


def _row(row: FieldResult, unit: str) -> dict[str, Any]:
    return {
        "field": row.field.code,
        "household": row.household.code,
        "days": f"{row.starts_on:%m-%d} – {row.ends_on:%m-%d}",
        "area": format_area(row.area_m2, unit),
        "practice": TERM_NAMES.get(row.practice, row.practice) or zero_text(row.terms),
        "earned": bool(row.gross_kg),
        "gross": row.gross_kg,
        "reserve": row.reserve_kg,
        "credited": row.credited_kg,
    }


def _marked(count: PeriodCount) -> dict[int, str]:
    if count.verification is None:
        return {}
    drawn = count.verification.sample.values_list("result__field_id", "position")
    return {field_id: str(position) for field_id, position in drawn}


def _soil_rounds(period: MonitoringPeriod) -> Iterable[dict[str, Any]]:
    rounds = SoilCampaign.objects.filter(project=period.project_id)
    for each in rounds.filter(Q(period=period) | Q(period=None)).order_by("number"):
        measured = SoilLayer.objects.filter(point__campaign=each).aggregate(
            points=Count("point", distinct=True), layers=Count("pk")
        )
        yield {
            "number": each.number,
            "fields": each.population_size,
            "points": each.points.count(),
            **{f"measured_{name}": value for name, value in measured.items()},
            "rule": RULE_NAMES.get(each.rule, each.rule),
            "sha256": each.population_sha256,
        }


def _sample(count: PeriodCount) -> Iterable[dict[str, Any]]:
    if count.verification is None:
        return
    claims = dict(
        FieldResult.objects.filter(run=count.verification.run_id)
        .order_by()
        .values_list("field_id")
        .annotate(kg=Sum("gross_kg"))
    )
    drawn = count.verification.sample.select_related("result__field", "result__household")
    for sampled in drawn.order_by("position"):
        claimed_kg = claims[sampled.result.field_id]
        yield {
            "position": sampled.position,
            "field": sampled.result.field.code,
            "household": sampled.result.household.code,
            "claimed": claimed_kg,
            "overclaimed": overclaim_of(sampled, claimed_kg),
            "finding": sampled.get_finding_display(),
            "deviates": sampled.finding == SampledField.Finding.DEVIATES,
        }

"""Laboratory results of a soil sampling round from a sheet: read, checked, written whole or not.

Units stand in the headings: a column of carbon without one is not read. Every fault is told by its
row and column; what is only unusual has to be confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.errors import BadInput, DomainError
from aggregator.files import hash_file
from aggregator.importing import Counts, ImportJob, ImportReport, RowError, run_import
from aggregator.models import User
from aggregator.roles import require_role
from aggregator.tabular import Column, Row, Table, read_table
from credits.models import SoilCampaign, SoilLayer, SoilPoint, SoilReport
from credits.soil.findings import (
    CARBON,
    COARSE,
    DENSITY,
    MASS,
    RANGES,
    Finding,
    Measured,
    check_depths,
    find_outliers,
    is_in_range,
)
from credits.soil.reports import keep_report

KIND = "soil_results"
CARBON_PERCENT = "carbon_percent"
_DECIMALS = Decimal("0.000001")


def _with_unit(names: tuple[str, ...], *units: str) -> tuple[str, ...]:
    """Headings as people write them: the unit in brackets of either width, or after a comma."""
    shapes = ("{} ({})", "{}（{}）", "{}, {}", "{} {}")
    return tuple(shape.format(name, unit) for name in names for unit in units for shape in shapes)


_CARBON = ("有机碳", "土壤有机碳", "organic carbon", "SOC", "OC")
_ORGANIC_MATTER = ("有机质", "organic matter", "SOM")
_DENSITY = ("容重", "土壤容重", "bulk density", "BD")
_COARSE = ("砾石", "粗颗粒", "石砾", "coarse fragments")
_FINE = ("细土质量", "烘干土重", "烘干细土质量", "fine earth", "dry mass")
_FROM = ("上界", "起始深度", "深度起", "from", "top")
_TO = ("下界", "终止深度", "深度止", "to", "bottom")
COLUMNS = (
    Column(
        "sample_code",
        ("样品编号", "样袋编号", "袋号", "采样点编号", "sample", "bag"),
        words="code on the bag",
        required=True,
        code=True,
    ),
    Column("top_cm", ("上界(cm)", *_with_unit(_FROM, "cm", "厘米")), required=True),
    Column("bottom_cm", ("下界(cm)", *_with_unit(_TO, "cm", "厘米")), required=True),
    Column(CARBON, ("有机碳(g/kg)", *_with_unit(_CARBON, "g/kg", "g·kg-1", "克/千克"))),
    Column(CARBON_PERCENT, ("有机碳(%)", *_with_unit(_CARBON, "%", "％"))),
    Column(
        DENSITY, ("容重(g/cm3)", *_with_unit(_DENSITY, "g/cm3", "g/cm³", "g·cm-3", "克/立方厘米"))
    ),
    Column(MASS, ("细土质量(g)", *_with_unit(_FINE, "g", "克"))),
    Column(
        COARSE,
        ("砾石(体积%)", *_with_unit(_COARSE, "体积%", "% vol", "vol%", "% of the volume")),
    ),
    Column("sampled_on", ("采样日期", "取样日期"), words="sampled on", required=True),
    Column("lab_number", ("实验室编号", "化验编号", "检测编号"), words="lab number", code=True),
    Column("method", ("检测方法", "测定方法", "方法"), words="method"),
)
_SENTENCES: Mapping[str, str | Promise] = {
    "depth_missing": gettext_lazy("%(bag)s: nothing is said of %(top)s to %(bottom)s cm."),
    "depth_twice": gettext_lazy("%(bag)s: %(top)s to %(bottom)s cm stand in two layers."),
    "core_too_short": gettext_lazy("%(bag)s ends at %(reached)s cm, planned were %(wanted)s cm."),
    "outlier": gettext_lazy(
        "%(value)s lies far from the others of stratum %(stratum)s, whose median is %(middle)s."
    ),
}


class RoundNotOpen(DomainError):
    code = "soil_round_not_open"
    message = gettext_lazy("Results are taken after the points are drawn and before it is closed.")


class LaboratoryMissing(BadInput):
    code = "laboratory_missing"
    message = gettext_lazy("Name the laboratory, in at most 100 characters.")


@dataclass(slots=True)
class ResultsPlan:
    """The layers a sheet would add, what refuses it, and what is worth a look."""

    counts: Counts = field(default_factory=Counts)
    errors: list[RowError] = field(default_factory=list)
    notes: list[RowError] = field(default_factory=list)
    layers: list[SoilLayer] = field(default_factory=list)
    # Keeps the sheet itself, once it is known to be taken.
    keep: Callable[[], SoilReport] | None = None

    def apply(self) -> None:
        report = self.keep() if self.keep and self.layers else None
        for layer in self.layers:
            layer.report = report
        SoilLayer.objects.bulk_create(self.layers, batch_size=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Who measured, and whether what is unusual has been asked about and stands."""

    name: str
    confirmed: bool = False


def import_results(campaign: SoilCampaign, path: Path, *, lab: Lab, by: User) -> ImportReport:
    """Take a laboratory's sheet: every layer of it is written, or none.

    Raises:
        RoundNotOpen: no points yet, or closed.
        LaboratoryMissing: no name of the laboratory, or too long a one.
    """
    require_role(by, User.Role.OPERATOR, of=campaign)
    if not 0 < len(lab.name.strip()) <= 100:
        raise LaboratoryMissing
    job = ImportJob(KIND, campaign.cooperative, by)
    sha256 = hash_file(path)

    def plan(table: Table) -> ResultsPlan:
        # Under the lock: what was closed meanwhile stays as it is.
        if SoilCampaign.objects.get(pk=campaign.pk).status != SoilCampaign.Status.DRAWN:
            raise RoundNotOpen
        found = _Reading(campaign, lab, sha256).plan(table)
        name = lab.name.strip()
        found.keep = lambda: keep_report(campaign, path, laboratory=name, by=by)
        return found

    return run_import(path, job, read=lambda file: read_table(file, COLUMNS), plan=plan)


class _Reading:
    """One sheet against the round's points and what is on record."""

    def __init__(self, campaign: SoilCampaign, lab: Lab, sha256: str) -> None:
        self.campaign, self.lab, self.sha256 = campaign, lab, sha256
        self.points = {point.code: point for point in campaign.points.all()}
        self.found = ResultsPlan()
        rows = SoilLayer.objects.standing().filter(point__campaign=campaign)
        self.recorded = list(rows.select_related("point"))
        self.done = {layer.point_id for layer in self.recorded}
        numbers = SoilLayer.objects.standing().for_cooperative(campaign.cooperative)
        kept = numbers.filter(laboratory=lab.name.strip()).exclude(lab_number="")
        self.numbers: dict[str, int] = dict.fromkeys(kept.values_list("lab_number", flat=True), 0)
        self.headings: Mapping[str, str] = {}

    def plan(self, table: Table) -> ResultsPlan:
        self.headings = table.headings
        self.found.errors += table.errors
        self.found.errors += _heading_faults(table, self.campaign)
        if any(error.row is None for error in self.found.errors):
            return self.found
        measured = [each for row in table.rows if (each := self._read(row)) is not None]
        self._check_cores(measured)
        self._judge_unusual(measured)
        self.found.counts.created = len(self.found.layers)
        absent = [
            code
            for code, point in self.points.items()
            if point.status == SoilPoint.Status.PLANNED
            and point.pk not in self.done | {layer.point_id for layer in self.found.layers}
        ]
        if absent:
            told = _("%(count)d points still have no results, e.g. %(codes)s.")
            words = told % {"count": len(absent), "codes": ", ".join(absent[:5])}
            self.found.notes.append(RowError(None, "", words))
        return self.found

    def _refuse(self, row: Row, column: str, reason: str) -> None:
        shown = self.headings.get(column, column)
        known = next((each for each in COLUMNS if each.key == column), None)
        text = row.cells.get(column, "")
        self.found.errors.append(
            RowError(row.number, shown, reason, known.quote(text) if known else text)
        )

    def _read(self, row: Row) -> Measured | None:
        """A layer out of a row, kept to be written; None where the row is refused."""
        before = len(self.found.errors)
        point = self._point(row)
        figures = {name: self._figure(row, name) for name in ("top_cm", "bottom_cm", MASS)}
        figures |= {name: self._figure(row, name) for name in (DENSITY, COARSE)}
        figures[CARBON] = self._carbon(row)
        sampled_on = self._day(row)
        self._check_row(row, figures)
        self._check_number(row)
        if len(self.found.errors) > before or row.refused or not point or not sampled_on:
            return None
        figures = {name: value for name, value in figures.items() if value is not None}
        self.found.layers.append(
            SoilLayer(
                cooperative=self.campaign.cooperative,
                point=point,
                laboratory=self.lab.name.strip(),
                lab_number=row.cells.get("lab_number", "")[:60],
                method=row.cells.get("method", "")[:100],
                sampled_on=sampled_on,
                file_sha256=self.sha256,
                **figures,
            )
        )
        top, bottom = figures["top_cm"], figures["bottom_cm"]
        if top is None or bottom is None:
            return None
        return Measured(row.number, point.code, point.stratum, top, bottom, _known(figures))

    def _point(self, row: Row) -> SoilPoint | None:
        code = row.cells.get("sample_code", "")
        point = self.points.get(code)
        if "sample_code" in row.refused:
            return None
        if point is None:
            self._refuse(row, "sample_code", _("This code is on no bag of this round."))
        elif point.status == SoilPoint.Status.UNREACHED:
            self._refuse(row, "sample_code", _("This point was given up as not reached."))
        elif point.pk in self.done:
            self._refuse(row, "sample_code", _("This bag has results already."))
        return point

    def _figure(self, row: Row, column: str) -> Decimal | None:
        text = row.cells.get(column, "")
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self._refuse(row, column, _("This is no number."))
            return None
        scale = 10 if column == CARBON_PERCENT else 1
        ranged = CARBON if column == CARBON_PERCENT else column
        if not is_in_range(ranged, value * scale):
            least, most = (f"{(limit / scale).normalize():f}" for limit in RANGES[ranged])
            told = _("This can only be from %(least)s to %(most)s.")
            self._refuse(row, column, told % {"least": least, "most": most})
            return None
        # A millionth is far below what any laboratory can tell.
        return (value * scale).quantize(_DECIMALS, ROUND_HALF_EVEN)

    def _carbon(self, row: Row) -> Decimal | None:
        given = [name for name in (CARBON, CARBON_PERCENT) if row.cells.get(name)]
        if len(given) == 2:
            self._refuse(row, CARBON_PERCENT, _("Carbon stands in two columns. Leave one out."))
            return None
        if not given:
            if not row.refused & {CARBON, CARBON_PERCENT}:
                column = CARBON if CARBON in self.headings else CARBON_PERCENT
                self._refuse(row, column, _("The organic carbon is missing."))
            return None
        return self._figure(row, given[0])

    def _day(self, row: Row) -> date | None:
        text = row.cells.get("sampled_on", "")
        try:
            day = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
        except ValueError:
            if "sampled_on" not in row.refused:
                self._refuse(row, "sampled_on", _("Write the day as 2026-03-31."))
            return None
        drawn_at = self.campaign.drawn_at
        if drawn_at is not None and day < timezone.localdate(drawn_at):
            self._refuse(row, "sampled_on", _("This lies before the points were drawn."))
        return day

    def _check_row(self, row: Row, figures: Mapping[str, Decimal | None]) -> None:
        for name in ("top_cm", "bottom_cm"):
            if not row.cells.get(name) and name not in row.refused:
                self._refuse(row, name, _("The depth is missing."))
        top, bottom = figures["top_cm"], figures["bottom_cm"]
        if top is not None and bottom is not None and bottom <= top:
            self._refuse(row, "bottom_cm", _("A layer ends deeper than it begins."))
        asked = {DENSITY, MASS} & set(self.headings)
        if all(not row.cells.get(name) for name in asked) and not row.refused & asked:
            self._refuse(row, min(asked), _("Either the bulk density or the fine earth is needed."))

    def _check_number(self, row: Row) -> None:
        number = row.cells.get("lab_number", "")
        if not number:
            return
        if number in self.numbers:
            where = self.numbers[number]
            told = (
                _("This number stands in row %(row)s already.") % {"row": where}
                if where
                else _("This laboratory's number is on record already.")
            )
            self._refuse(row, "lab_number", told)
        self.numbers.setdefault(number, row.number)

    def _check_cores(self, measured: list[Measured]) -> None:
        """Each bag's layers from the top down, without a gap and none twice."""
        bags: dict[str, list[Measured]] = {}
        for layer in measured:
            bags.setdefault(layer.bag, []).append(layer)
        # Where a row of the bag was refused the gap it leaves would be told a second time.
        whole = {layer.point.code for layer in self.found.layers}
        broken = {error.row for error in self.found.errors}
        for bag, layers in bags.items():
            if bag not in whole or broken & {layer.row for layer in layers}:
                continue
            for refuses, finding in check_depths(layers, deepest_cm=self.campaign.depths_cm[-1]):
                if refuses:
                    self.found.errors.append(self._tell(finding))
                else:
                    self._unusual(finding)

    def _judge_unusual(self, measured: list[Measured]) -> None:
        on_record = [
            Measured(
                0, layer.point.code, layer.point.stratum, layer.top_cm, layer.bottom_cm,
                _known({CARBON: layer.carbon_g_per_kg, DENSITY: layer.bulk_density_g_per_cm3}),
            )
            for layer in self.recorded
        ]  # fmt: skip
        for finding in find_outliers([*measured, *on_record]):
            self._unusual(finding)
        flags: dict[str, list[str]] = {}
        rows = {each.row: each for each in measured}
        for note in self.found.notes:
            if note.row in rows:
                flags.setdefault(_place(rows[note.row]), []).append(note.code)
        for layer in self.found.layers:
            layer.flagged = flags.get(f"{layer.point.code} {layer.top_cm}", [])

    def _unusual(self, finding: Finding) -> None:
        """A note where it is confirmed; else it refuses the sheet until somebody looked."""
        told = self._tell(finding)
        if self.lab.confirmed:
            self.found.notes.append(told)
            return
        ask = _("Ask the laboratory, then confirm it when you choose the file again.")
        self.found.errors.append(
            RowError(told.row, told.column, f"{told.reason} {ask}", told.text, told.code)
        )

    def _tell(self, finding: Finding) -> RowError:
        words = str(_SENTENCES[finding.code]) % {
            name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
            for name, value in finding.values.items()
        }
        return RowError(
            finding.row, self.headings.get(finding.column, finding.column), words, "", finding.code
        )


def _known(figures: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    return {name: value for name, value in figures.items() if value is not None}


def _place(layer: Measured) -> str:
    return f"{layer.bag} {layer.top_cm}"


def _heading_faults(table: Table, campaign: SoilCampaign) -> Iterator[RowError]:
    """What the headings leave open: the unit of carbon, matter for carbon, a mass without probe."""
    present: set[Any] = set(table.headings)
    if not present & {CARBON, CARBON_PERCENT}:
        matter = [
            heading
            for heading in table.ignored
            if any(word.casefold() in heading.casefold() for word in _ORGANIC_MATTER)
        ]
        told = (
            _(
                "%(heading)s is organic matter, not organic carbon. Ask the laboratory for carbon: "
                "the factor between them differs from soil to soil."
            )
            % {"heading": matter[0]}
            if matter
            else _("A column with organic carbon is missing, with its unit: g/kg or %.")
        )
        yield RowError(None, matter[0] if matter else "", told)
    if not present & {DENSITY, MASS}:
        told = _("A column with bulk density (g/cm3) or fine earth (g) is missing, with its unit.")
        yield RowError(None, "", told)
    if MASS in present and campaign.probe_diameter_mm is None:
        told = _("Fine earth in grams needs the probe's diameter, which the round does not say.")
        yield RowError(None, table.headings[MASS], told)

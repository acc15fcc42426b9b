"""From cores and layers to the stock of each sampling round, with every step as a term.

May not read a database, a clock or a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import fmean
from typing import Any

from credits.methodologies.equivalent_mass import FIXED_DEPTH, depth_at_mass
from credits.methodologies.estimates import Caution, Term
from credits.methodologies.measured_soc_cores import (
    WHOLE,
    Comparison,
    Core,
    Values,
    core_stock,
    one_of,
    read_core,
    refuse,
)
from credits.methodologies.stratified import Stratum, sample_stratum

_DAYS_OF_YEAR = 365.25
_NEW_CENTURY = date(2000, 1, 1)
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Land:
    """The strata by name with their shares; `area` is None where only totals are known."""

    area: Fraction | None
    shares: Mapping[str, Fraction]
    units: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Round:
    """A sampling round: its cores, its strata as far as they have a variance, and its mean."""

    label: str
    place: str
    year: float | None
    stocks: Mapping[str, Mapping[str, float]]
    strata: tuple[Stratum, ...]
    mean: Fraction


def read_land(values: Values) -> Land:
    """Shares of the strata, from areas, shares or units; without strata one is the whole.

    Raises:
        InputsRefused: a name twice, a size missing, shares that do not make one, areas at odds.
    """
    rows = values["strata"]
    if not rows:
        return Land(values["area_ha"], {}, {})
    repeated = find_repeated([row["name"] for row in rows])
    if repeated is not None:
        raise refuse(f"strata[{repeated}].name", "twice", name=rows[repeated]["name"])
    size = next((key for key in ("share", "area_ha", "units") if rows[0][key] is not None), "")
    for number, row in enumerate(rows):
        if not size or row[size] is None:
            raise refuse(f"strata[{number}]", "give_one_of", options="area_ha, share, units")
    total = sum((row[size] for row in rows), Fraction(0))
    if size == "share" and abs(total - 1) > _NEARLY:
        raise refuse("strata", "shares_not_one", total=f"{float(total):.12g}")
    area = values["area_ha"]
    if size == "area_ha":
        area = total if area is None else area
        if abs(area - total) > total / 1000:
            raise refuse("area_ha", "areas_differ", total=f"{float(total):.12g}")
    units = {row["name"]: float(row["units"]) for row in rows if row["units"] is not None}
    return Land(area, {row["name"]: row[size] / total for row in rows}, units)


def read_rounds(
    values: Values, key: str, land: Land, comparison: Comparison | None
) -> tuple[list[Round], list[Term], list[Caution]]:
    """The rounds under `key`, each with its stock per hectare.

    Args:
        values: as the schema has read them.
        key: ``rounds`` or ``control_rounds``.
        land: the strata.
        comparison: as `choose_comparison` found it.

    Raises:
        InputsRefused: a core, a layer or a stratum that cannot be used, by its place.
    """
    rounds, terms, cautions = [], [], []
    for number, row in enumerate(values[key] or []):
        place, label = f"{key}[{number}]", f"{key.removesuffix('s')}_{number + 1}"
        which = one_of(row, ("cores", "strata", "mean_t_per_ha", "total_t_c"), place)
        if which == "cores":
            found, core_terms, core_cautions = _round_of_cores(row, place, label, land, comparison)
            terms += core_terms
            cautions += core_cautions
        elif which == "strata":
            found = _round_of_strata(row, place, label, land)
        else:
            found = Round(label, place, _year(row), {}, (), _mean_given(row, which, land))
        rounds.append(found)
        terms += _round_terms(found)
    return rounds, terms, cautions


def find_repeated(names: Sequence[str]) -> int | None:
    """Where a name stands that stood before; None if each is its own."""
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            return number
        seen.add(name)
    return None


def median_day(days: Sequence[date]) -> date:
    """The middle sampling day; the later one of two.

    Source: Ruuts Protocol for SOC v1.0, section 10; Australian Determination F2018L00089.
    """
    return sorted(days)[len(days) // 2]


def _year(row: Values) -> float | None:
    if row["year"] is not None:
        return float(row["year"])
    days = [core["sampled_on"] for core in row["cores"] or [] if core["sampled_on"] is not None]
    day = row["sampled_on"] or (median_day(days) if days else None)
    if day is None:
        return None
    return _NEW_CENTURY.year + (day - _NEW_CENTURY).days / _DAYS_OF_YEAR


def _round_of_cores(
    row: Values, place: str, label: str, land: Land, comparison: Comparison | None
) -> tuple[Round, list[Term], list[Caution]]:
    organic = comparison.organic if comparison else None
    cores = [
        read_core(core, f"{place}.cores[{index}]", index, organic)
        for index, core in enumerate(row["cores"])
    ]
    repeated = find_repeated([core.name for core in cores])
    if repeated is not None:
        raise refuse(cores[repeated].place, "twice", name=cores[repeated].name)
    if comparison and comparison.algorithm == FIXED_DEPTH and comparison.depth is None:
        _refuse_mixed_depths(cores)
    stocks: dict[str, dict[str, float]] = {}
    terms: list[Term] = []
    for core in cores:
        stock = core_stock(core, comparison)
        stocks.setdefault(core.stratum, {})[core.name] = stock
        terms += _core_terms(core, stock, label, comparison)
    shares = _shares_of(stocks, land, place)
    strata = _sampled_strata(stocks, shares, land, place)
    mean = _mean({name: Fraction(fmean(found.values())) for name, found in stocks.items()}, shares)
    cautions = _lengthened(cores, comparison, number=label.rpartition("_")[2])
    return Round(label, place, _year(row), stocks, strata, mean), terms, cautions


def _lengthened(
    cores: Sequence[Core], comparison: Comparison | None, *, number: str
) -> list[Caution]:
    """One caution for all cores of a round with less soil than the reference; five are named."""
    reference = comparison.reference if comparison else None
    names = [
        core.name
        for core in cores
        if core.profile is not None and reference is not None and reference > core.profile.mass
    ]
    if not names:
        return []
    values = {"number": number, "count": str(len(names)), "names": ", ".join(names[:5])}
    return [Caution("cores_lengthened", values)]


def _sampled_strata(
    stocks: Mapping[str, Mapping[str, float]],
    shares: Mapping[str, Fraction],
    land: Land,
    place: str,
) -> tuple[Stratum, ...]:
    """Strata with their variances; a lone core on a land of one stratum has none.

    Raises:
        InputsRefused: a stratum of several has a single core.
    """
    if len(stocks) == 1 and sum(len(found) for found in stocks.values()) == 1:
        return ()
    single = next((name for name, found in stocks.items() if len(found) < 2), None)
    if single is not None:
        raise refuse(place, "stratum_of_one", stratum=single)
    for name, found in stocks.items():
        _refuse_more_samples_than_units(name, len(found), land, place)
    return tuple(
        sample_stratum(
            name, list(found.values()), share=float(shares[name]), units=land.units.get(name)
        )
        for name, found in stocks.items()
    )


def _round_of_strata(row: Values, place: str, label: str, land: Land) -> Round:
    means = {stratum["name"] or WHOLE: stratum for stratum in row["strata"]}
    repeated = find_repeated([stratum["name"] or WHOLE for stratum in row["strata"]])
    if repeated is not None:
        name = row["strata"][repeated]["name"] or WHOLE
        raise refuse(f"{place}.strata[{repeated}].name", "twice", name=name)
    shares = _shares_of(means, land, place)
    strata = []
    for number, (name, found) in enumerate(means.items()):
        n = int(found["n"])
        if n < 2:
            raise refuse(f"{place}.strata[{number}].n", "stratum_of_one", stratum=name)
        _refuse_more_samples_than_units(name, n, land, f"{place}.strata[{number}].n")
        where = f"{place}.strata[{number}]"
        variance = _variance_of_mean(found, land.units.get(name), where)
        strata.append(
            Stratum(name, float(shares[name]), n, float(found["mean_t_per_ha"]), variance)
        )
    mean = _mean({name: found["mean_t_per_ha"] for name, found in means.items()}, shares)
    return Round(label, place, _year(row), {}, tuple(strata), mean)


def _variance_of_mean(found: Values, units: float | None, place: str) -> float:
    """By whichever of four ways; that of samples is divided by n and corrected for few units."""
    ways = ("variance", "variance_of_mean", "standard_deviation", "standard_error")
    way = one_of(found, ways, place)
    spread = float(found[way] if way.startswith("variance") else found[way] ** 2)
    if way in ("variance_of_mean", "standard_error"):
        return spread
    n = int(found["n"])
    return spread / n * (1.0 if units is None else 1 - n / units)


def _mean(means: Mapping[str, Fraction], shares: Mapping[str, Fraction]) -> Fraction:
    return sum((shares[name] * mean for name, mean in means.items()), Fraction(0))


def _mean_given(row: Values, which: str, land: Land) -> Fraction:
    """Per hectare; a total of land without an area is the mean of one whole."""
    figure: Fraction = row[which]
    if which == "mean_t_per_ha":
        return figure
    if land.area == 0:
        raise refuse("area_ha", "too_low", minimum="0", unit="ha")
    return figure / (land.area or 1)


def _refuse_more_samples_than_units(name: str, n: int, land: Land, place: str) -> None:
    if n > land.units.get(name, n):
        raise refuse(place, "more_samples_than_units", stratum=name)


def _shares_of(found: Mapping[str, Any], land: Land, place: str) -> Mapping[str, Fraction]:
    """Shares of the strata found in a round, each of the land's and no other."""
    if not land.shares:
        if len(found) > 1:
            raise refuse("strata", "missing")
        return dict.fromkeys(found, Fraction(1))
    for name in found:
        if name not in land.shares:
            raise refuse(place, "unknown_stratum", stratum=name)
    for name in land.shares:
        if name not in found:
            raise refuse(place, "stratum_not_sampled", stratum=name)
    return land.shares


def _refuse_mixed_depths(cores: Sequence[Core]) -> None:
    depths = {
        core.profile.depths[-1] if core.profile.depths else None
        for core in cores
        if core.profile is not None
    }
    if len(depths) > 1:
        raise refuse("depth_cm", "missing")


def _core_terms(core: Core, stock: float, label: str, comparison: Comparison | None) -> list[Term]:
    stem = f"{label}.core.{core.name}"
    terms = []
    if core.profile is not None:
        terms.append(Term(f"{stem}.soil_mass_t_per_ha", core.profile.mass, "t/ha"))
        terms.append(Term(f"{stem}.whole_stock_t_per_ha", core.profile.carbon, "t C/ha"))
        if comparison and comparison.reference is not None:
            depth = depth_at_mass(core.profile, comparison.reference)
            if depth is not None:
                terms.append(Term(f"{stem}.equivalent_depth_cm", depth, "cm"))
    algorithm = comparison.algorithm if core.profile is not None and comparison else "given"
    return [*terms, Term(f"{stem}.stock_t_per_ha", stock, "t C/ha", algorithm)]


def _round_terms(found: Round) -> list[Term]:
    terms: list[Term] = []
    for stratum in found.strata:
        stem = f"{found.label}.stratum.{stratum.name}"
        terms += [
            Term(f"{stem}.share", stratum.share),
            Term(f"{stem}.n", stratum.n),
            Term(f"{stem}.mean_t_per_ha", stratum.mean, "t C/ha"),
            Term(f"{stem}.variance_of_mean", stratum.variance, "(t C/ha)2", "s² / n"),
        ]
    terms.append(Term(f"{found.label}.mean_t_per_ha", found.mean, "t C/ha", "Σ share × mean"))
    if found.strata:
        variance = sum(stratum.share**2 * stratum.variance for stratum in found.strata)
        terms.append(
            Term(
                f"{found.label}.standard_error_t_per_ha",
                variance**0.5,
                "t C/ha",
                "√(Σ share² × variance of mean)",
            )
        )
    return terms

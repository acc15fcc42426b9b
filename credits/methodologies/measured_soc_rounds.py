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

from credits.methodologies.equivalent_mass import (
    EXCESS_MASS,
    FIXED_DEPTH,
    LINEAR,
    Layer,
    Profile,
    TooShallow,
    depth_at_mass,
    mass_of_cores,
    mass_of_density,
    percentile_mass,
    stack_layers,
    stock_at_depth,
    stock_at_mass,
)
from credits.methodologies.estimates import Caution, Term
from credits.methodologies.inputs import InputProblem, InputsRefused
from credits.methodologies.measured_soc_inputs import (
    EXCEEDANCE_60,
    FINE_EARTH,
    TENTH_PERCENTILE,
)
from credits.methodologies.stratified import Stratum, sample_stratum

Values = Mapping[str, Any]
_WHOLE = "all"
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
class Core:
    """A core as read: layers or, already, a stock."""

    name: str
    stratum: str
    place: str
    profile: Profile | None
    stock: float | None


@dataclass(frozen=True, slots=True)
class Round:
    """A sampling round: its cores, its strata as far as they have a variance, and its mean."""

    label: str
    place: str
    year: float | None
    stocks: Mapping[str, Mapping[str, float]]
    strata: tuple[Stratum, ...]
    mean: Fraction


@dataclass(frozen=True, slots=True)
class Comparison:
    """How stocks of cores are made comparable."""

    algorithm: str
    reference: float | None
    depth: float | None


def refuse(place: str, code: str, **values: str) -> InputsRefused:
    """A refusal of one input."""
    return InputsRefused([InputProblem(place, code, values)])


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


def choose_comparison(values: Values) -> Comparison | None:
    """The algorithm with its reference mass, from the baseline's cores unless it is given.

    Raises:
        InputsRefused: as `read_rounds` for the baseline's cores.
    """
    cores = read_cores(values["rounds"], "rounds") if values["rounds"] else []
    profiles = [core.profile for core in cores if core.profile is not None]
    if not profiles:
        return None
    usual = EXCESS_MASS if values["rule"] == EXCEEDANCE_60 else LINEAR
    algorithm = values["algorithm"] or usual
    if algorithm == FIXED_DEPTH:
        depth = values["depth_cm"]
        return Comparison(algorithm, None, None if depth is None else float(depth))
    given = values["reference_mass_t_per_ha"]
    if given is not None:
        return Comparison(algorithm, float(given), None)
    baseline = [
        core.profile.mass
        for core in cores
        if core.profile is not None and core.place.startswith("rounds[0].")
    ]
    if not baseline:
        raise refuse("reference_mass_t_per_ha", "missing")
    tenth = (values["reference"] or "") == TENTH_PERCENTILE or (
        values["reference"] is None and algorithm == EXCESS_MASS
    )
    return Comparison(algorithm, percentile_mass(baseline) if tenth else min(baseline), None)


def read_cores(rounds: Sequence[Values], key: str) -> list[Core]:
    """Cores of all rounds, their layers stacked."""
    return [
        read_core(row, f"{key}[{number}].cores[{index}]", index)
        for number, found in enumerate(rounds)
        for index, row in enumerate(found["cores"] or [])
    ]


def read_core(row: Values, place: str, index: int) -> Core:
    """A core's layers stacked from the top down, or its stock as given."""
    name, stratum = row["name"] or str(index + 1), row["stratum"] or _WHOLE
    if one_of(row, ("layers", "stock_t_per_ha"), place) == "stock_t_per_ha":
        return Core(name, stratum, place, None, float(row["stock_t_per_ha"]))
    layers: list[Layer] = []
    bottom = Fraction(0)
    for number, layer in enumerate(row["layers"]):
        where = f"{place}.layers[{number}]"
        thickness, bottom = _thickness(layer, bottom, where)
        mass = _mass(layer, row, thickness, where)
        layers.append(Layer(mass, _carbon(layer, mass, where), thickness))
    return Core(name, stratum, place, stack_layers(layers), None)


def core_stock(core: Core, comparison: Comparison | None) -> float:
    """t C/ha of a core on the ground of the comparison.

    Raises:
        InputsRefused: the core is too shallow; its place and name are told.
    """
    profile = core.profile
    if profile is None or comparison is None:
        return float(core.stock or 0) if profile is None else profile.carbon
    try:
        if comparison.reference is not None:
            return stock_at_mass(profile, comparison.reference, method=comparison.algorithm)
        if comparison.depth is not None:
            return stock_at_depth(profile, comparison.depth)
    except TooShallow as reason:
        wanted = f"{float(reason.args[0]):.12g}"
        unit = "cm" if comparison.reference is None else "t/ha"
        raise refuse(
            core.place, "core_too_shallow", name=core.name, wanted=wanted, unit=unit
        ) from None
    return profile.carbon


def one_of(row: Values, names: tuple[str, ...], place: str) -> str:
    """The one input of several that is given; a list without rows is not.

    Raises:
        InputsRefused: none of them is, or more than one.
    """
    given = [name for name in names if row[name] not in (None, [])]
    if len(given) != 1:
        raise refuse(place, "give_one_of", options=", ".join(names))
    return given[0]


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


def _thickness(layer: Values, above: Fraction, place: str) -> tuple[float | None, Fraction]:
    """A layer's thickness, where it is known, and where it ends."""
    top = above if layer["top_cm"] is None else layer["top_cm"]
    if top != above:
        raise refuse(f"{place}.top_cm", "layer_gap", above=f"{float(above):.12g}")
    if layer["bottom_cm"] is None and layer["thickness_cm"] is None:
        return None, above
    thickness = layer["bottom_cm"] - top if layer["thickness_cm"] is None else layer["thickness_cm"]
    if thickness <= 0:
        raise refuse(f"{place}.bottom_cm", "layer_upside_down")
    if layer["bottom_cm"] not in (None, top + thickness):
        raise refuse(f"{place}.thickness_cm", "layer_gap", above=f"{float(top):.12g}")
    return float(thickness), top + thickness


def _mass(layer: Values, core: Values, thickness: float | None, place: str) -> float:
    ways = ("soil_mass_t_per_ha", "mass_g", "bulk_density_g_per_cm3")
    way = one_of(layer, ways, place)
    if way == "soil_mass_t_per_ha":
        return float(layer[way])
    if way == "mass_g":
        if core["probe_diameter_mm"] is None:
            raise refuse(f"{place.rpartition('.')[0]}.probe_diameter_mm", "missing")
        return mass_of_cores(
            float(layer[way]),
            diameter_mm=float(core["probe_diameter_mm"]),
            cores=int(core["cores_per_sample"]),
        )
    if thickness is None:
        raise refuse(f"{place}.thickness_cm", "missing")
    coarse = layer["coarse_fragments_share"] or Fraction(0)
    if coarse and layer["density_of"] == FINE_EARTH:
        raise refuse(f"{place}.coarse_fragments_share", "coarse_twice")
    return mass_of_density(thickness, density=float(layer[way]), coarse_share=float(coarse))


def _carbon(layer: Values, mass: float, place: str) -> float:
    way = one_of(layer, ("carbon_percent", "carbon_g_per_kg", "carbon_t_per_ha"), place)
    value = float(layer[way])
    if way == "carbon_t_per_ha" and value > mass:
        raise refuse(f"{place}.{way}", "more_carbon_than_soil")
    return {"carbon_percent": mass / 100, "carbon_g_per_kg": mass / 1000}.get(way, 1.0) * value


def _round_of_cores(
    row: Values, place: str, label: str, land: Land, comparison: Comparison | None
) -> tuple[Round, list[Term], list[Caution]]:
    cores = [
        read_core(core, f"{place}.cores[{index}]", index) for index, core in enumerate(row["cores"])
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
    means = {stratum["name"] or _WHOLE: stratum for stratum in row["strata"]}
    repeated = find_repeated([stratum["name"] or _WHOLE for stratum in row["strata"]])
    if repeated is not None:
        name = row["strata"][repeated]["name"] or _WHOLE
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

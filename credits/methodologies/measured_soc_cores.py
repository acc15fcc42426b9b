"""Cores: their layers stacked, and their stocks made comparable.

May not read a database, a clock or a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    mass_at_depth,
    mass_of_cores,
    mass_of_density,
    mineral_mass,
    percentile_mass,
    stack_layers,
    stock_at_depth,
    stock_at_mass,
)
from credits.methodologies.inputs import InputProblem, InputsRefused
from credits.methodologies.measured_soc_inputs import (
    EXCEEDANCE_60,
    FINE_EARTH,
    MINERAL,
    TENTH_PERCENTILE,
)

Values = Mapping[str, Any]
WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Core:
    """A core as read: layers or, already, a stock."""

    name: str
    stratum: str
    place: str
    profile: Profile | None
    stock: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How stocks of cores are made comparable; `organic` is the organic matter of a tonne of
    carbon where masses are of the mineral soil, None where they are of all fine earth."""

    algorithm: str
    reference: float | None
    depth: float | None
    organic: float | None = None


def refuse(place: str, code: str, **values: str) -> InputsRefused:
    """A refusal of one input."""
    return InputsRefused([InputProblem(place, code, values)])


def choose_comparison(values: Values) -> Comparison | None:
    """The algorithm with its reference mass, from the baseline's cores unless it is given.

    Raises:
        InputsRefused: as `read_rounds` for the baseline's cores.
    """
    mineral = values["mass_of"] == MINERAL
    organic = float(values["organic_matter_per_carbon"]) if mineral else None
    cores = read_cores(values["rounds"] or [], "rounds", organic)
    profiles = [core.profile for core in cores if core.profile is not None]
    if not profiles:
        return None
    usual = EXCESS_MASS if values["rule"] == EXCEEDANCE_60 else LINEAR
    algorithm = values["algorithm"] or usual
    if algorithm == FIXED_DEPTH:
        depth = values["depth_cm"]
        return Comparison(algorithm, None, None if depth is None else float(depth), organic)
    baseline = [
        core for core in cores if core.profile is not None and core.place.startswith("rounds[0].")
    ]
    return Comparison(algorithm, _reference(values, algorithm, baseline), None, organic)


def _reference(values: Values, algorithm: str, baseline: Sequence[Core]) -> float:
    """The equivalent mass: as given, to a depth of the baseline's cores, or of all of them."""
    given, depth = values["reference_mass_t_per_ha"], values["reference_depth_cm"]
    if given is not None:
        if depth is not None:
            options = "reference_mass_t_per_ha, reference_depth_cm"
            raise refuse("reference_depth_cm", "give_one_of", options=options)
        return float(given)
    if not baseline:
        raise refuse("reference_mass_t_per_ha", "missing")
    if depth is not None:
        return fmean(_mass_to(core, float(depth)) for core in baseline)
    masses = [core.profile.mass for core in baseline if core.profile is not None]
    tenth = (values["reference"] or "") == TENTH_PERCENTILE or (
        values["reference"] is None and algorithm == EXCESS_MASS
    )
    return percentile_mass(masses) if tenth else min(masses)


def _mass_to(core: Core, depth: float) -> float:
    if core.profile is None:
        raise refuse(core.place, "missing")
    try:
        return mass_at_depth(core.profile, depth)
    except TooShallow:
        raise _too_shallow(core, depth, "cm") from None


def _too_shallow(core: Core, wanted: float, unit: str) -> InputsRefused:
    return refuse(
        core.place, "core_too_shallow", name=core.name, wanted=f"{wanted:.12g}", unit=unit
    )


def read_cores(rounds: Sequence[Values], key: str, organic: float | None) -> list[Core]:
    """Cores of all rounds, their layers stacked."""
    return [
        read_core(row, f"{key}[{number}].cores[{index}]", index, organic)
        for number, found in enumerate(rounds)
        for index, row in enumerate(found["cores"] or [])
    ]


def read_core(row: Values, place: str, index: int, organic: float | None = None) -> Core:
    """A core's layers stacked from the top down, or its stock as given; see `Comparison`."""
    name, stratum = row["name"] or str(index + 1), row["stratum"] or WHOLE
    if one_of(row, ("layers", "stock_t_per_ha"), place) == "stock_t_per_ha":
        return Core(name, stratum, place, None, float(row["stock_t_per_ha"]))
    layers: list[Layer] = []
    bottom = Fraction(0)
    for number, layer in enumerate(row["layers"]):
        where = f"{place}.layers[{number}]"
        thickness, bottom = _thickness(layer, bottom, where)
        mass = _mass(layer, row, thickness, where)
        carbon = _carbon(layer, mass, where)
        if organic is not None:
            mass = _mineral(layer, mass, carbon, organic, where)
        layers.append(Layer(mass, carbon, thickness))
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
        unit = "cm" if comparison.reference is None else "t/ha"
        raise _too_shallow(core, float(reason.args[0]), unit) from None
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


def _mineral(layer: Values, mass: float, carbon: float, organic: float, place: str) -> float:
    """What is left of a layer's mass without its organic matter."""
    known = layer["organic_matter_percent"]
    matter = carbon * organic if known is None else mass * float(known) / 100
    if matter >= mass:
        name = "carbon_percent" if known is None else "organic_matter_percent"
        raise refuse(f"{place}.{name}", "more_carbon_than_soil")
    return mineral_mass(mass, matter)

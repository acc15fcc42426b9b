"""What nitrous oxide of soils asks for: amounts a hectare, or of the whole area as inventories do.

Imports no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.common_inputs import AREA_UNITS, area_input, kilograms_per_ha
from credits.methodologies.crop_residues import RESIDUE
from credits.methodologies.gwp import GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Flag,
    Input,
    InputProblem,
    InputsRefused,
    Kind,
    Number,
    Rows,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_n2o_tables import DRY, FERTILISERS, UNKNOWN, WET

_PER_HA = Number("kg N/ha", maximum="5000")
_IN_ALL = Number("kg N", maximum="1000000000000")
_FACTOR = Number("1", maximum="1")
CLIMATES = {
    WET: _("Wet: more rain than evaporates, in the tropics over 1,000 mm"),
    DRY: _("Dry"),
    UNKNOWN: _("Not known"),
}
_OTHER_KINDS = {
    "anhydrous_ammonia": "ammonium",
    "ammonium_sulphate": "ammonium",
    "ammonium_based": "ammonium",
    "nitrate_based": "nitrate",
    "synthetic": "other",
    "mineral": "other",
    "npk": "other",
    "compound": "other",
    "uan": "other",
}
RICE_WATER = {
    "upland": _("No flooded rice"),
    "continuous": _("Rice, flooded throughout"),
    "drained": _("Rice, drained once or more, alternate wetting and drying"),
    "flooded": _("Rice, drainage not known"),
}


def _rows(*inputs: Input) -> Rows:
    return Rows(Schema(inputs), most=50)


def _optional(name: str, label: str, kind: Kind, *, help: str = "") -> Input:
    return Input(name, label, kind, help=help, required=False)


def _nitrogen(
    stem: str, label: str, in_all: str = _("Nitrogen on the whole area"), *, main: bool = True
) -> tuple[Input, Input]:
    """An amount of nitrogen a hectare, or of the whole area as inventories and farms give it."""
    name = f"{stem}n_kg_per_ha"
    return (
        Input(name, label, _PER_HA, required=False, main=main, also=kilograms_per_ha(f"{stem}n")),
        Input(
            f"{stem}n_kg",
            in_all,
            _IN_ALL,
            help=_("Instead of that of a hectare."),
            required=False,
            also={f"{stem}n_t": ("t N", Fraction(1000))},
        ),
    )


def _product(name: str, label: str, in_all: str, *, most: str) -> tuple[Input, Input]:
    """A product spread, a hectare or in all."""
    return (
        Input(
            f"{name}_kg_per_ha",
            label,
            Number("kg/ha", maximum=most),
            required=False,
            also=kilograms_per_ha(name),
        ),
        Input(
            f"{name}_kg",
            in_all,
            Number("kg", maximum="1000000000000"),
            help=_("Instead of that of a hectare."),
            required=False,
            also={f"{name}_t": ("t", Fraction(1000))},
        ),
    )


INPUTS = (
    area_input(
        help=_("Not needed where every amount is of the whole area."),
        required=False,
    ),
    Input(
        "edition",
        _("Edition of the IPCC's factors"),
        Choice({"2019": "2019", "2006": "2006"}),
        required=False,
        default="2019",
    ),
    Input(
        "climate",
        _("Climate"),
        Choice(CLIMATES),
        help=_("Without it the factors of all climates together."),
        required=False,
        default=UNKNOWN,
        main=True,
    ),
    Input("rice_water", _("Rice"), Choice(RICE_WATER), required=False, default="upland"),
    _optional(
        "irrigated",
        _("Irrigated, other than by drip"),
        Flag(),
        help=_("Nitrogen leaches in wet climates and where the field is irrigated."),
    ),
    Input(
        "fertilisers",
        _("Mineral fertiliser"),
        _rows(
            Input("kind", _("Kind"), Choice(FERTILISERS, also=_OTHER_KINDS)),
            *_nitrogen("", _("Nitrogen")),
            Input(
                "product_kg_per_ha",
                _("Fertiliser, as bought"),
                Number("kg/ha", maximum="50000"),
                help=_("Instead of its nitrogen, with the share of nitrogen in it."),
                required=False,
                also=kilograms_per_ha("product"),
            ),
            Input(
                "n_percent",
                _("Nitrogen in the fertiliser"),
                Number("%", maximum="100"),
                required=False,
            ),
        ),
        required=False,
        default=[],
        main=True,
    ),
    *_nitrogen(
        "organic_",
        _("Nitrogen of manure, compost and other organic fertiliser"),
        _("Organic nitrogen on the whole area"),
    ),
    Input(
        "grazing",
        _("Dung and urine of grazing animals"),
        _rows(
            Input(
                "animals",
                _("Animals"),
                Choice(
                    {
                        "cattle_poultry_pigs": _("Cattle, poultry, pigs"),
                        "sheep_and_others": _("Sheep and others"),
                    },
                    also={
                        "cpp": "cattle_poultry_pigs",
                        "cattle": "cattle_poultry_pigs",
                        "so": "sheep_and_others",
                        "sheep": "sheep_and_others",
                    },
                ),
            ),
            *_nitrogen("", _("Nitrogen")),
            Input("ef3", _("Own factor of their dung"), _FACTOR, required=False),
        ),
        required=False,
        default=[],
    ),
    Input(
        "residues",
        _("Crop residues"),
        Rows(RESIDUE, most=20),
        required=False,
        default=[],
        main=True,
    ),
    *_nitrogen(
        "residue_",
        _("Nitrogen of crop residues, where it is known"),
        _("Nitrogen of residues on the whole area"),
        main=False,
    ),
    *_nitrogen(
        "soil_",
        _("Nitrogen freed with lost soil carbon, where it is known"),
        _("Nitrogen freed on the whole area"),
        main=False,
    ),
    Input(
        "organic_soils",
        _("Drained organic soils"),
        _rows(
            Input(
                "area_ha",
                _("Area"),
                Number("ha", maximum="1000000000"),
                also=AREA_UNITS,
            ),
            Input(
                "ef2_kg_per_ha",
                _("Factor of the organic soil"),
                Number("kg N2O-N/ha", maximum="100"),
                help=_("kg N2O-N a hectare and year, by climate and use; no default was read."),
            ),
        ),
        required=False,
        default=[],
    ),
    _optional("soil_carbon_loss_t_per_ha", _("Soil carbon lost"), Number("t C/ha", maximum="100")),
    _optional(
        "soil_c_to_n",
        _("Carbon to nitrogen of the soil"),
        Number("1", maximum="100", above=True),
        help=_(
            "Asked for where soil carbon is lost, since the guidelines give one for land turned "
            "into fields and another for fields."
        ),
    ),
    *_product("urea", _("Urea"), _("Urea on the whole area"), most="5000"),
    *_product("limestone", _("Limestone"), _("Limestone on the whole area"), most="50000"),
    *_product("dolomite", _("Dolomite"), _("Dolomite on the whole area"), most="50000"),
    _optional("ef1", _("Own direct factor"), _FACTOR, help=_("kg N2O-N per kg N, for all of it.")),
    _optional(
        "ef1_other",
        _("Own direct factor of organic nitrogen, residues and soil"),
        _FACTOR,
        help=_("Where it is another than that of mineral fertiliser."),
    ),
    _optional("ef4", _("Own factor of what was volatilised"), _FACTOR),
    _optional("ef5", _("Own factor of what was leached"), _FACTOR),
    _optional("frac_gasf", _("Own volatilised share of mineral fertiliser"), _FACTOR),
    _optional("frac_gasm", _("Own volatilised share of organic nitrogen"), _FACTOR),
    _optional("frac_leach", _("Own leached share"), _FACTOR),
)
SCHEMA = Schema((*INPUTS, GWP_INPUT))
_STEMS = ("organic_", "residue_", "soil_")
_PRODUCTS = ("urea", "limestone", "dolomite")


def settle_amounts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs with every amount a hectare.

    Args:
        values: as `SCHEMA` reads them.

    Returns:
        With `area_ha`, which is 1 where none is given and every amount is of the whole;
        ``<stem>n_kg_per_ha``, ``<product>_kg_per_ha`` and the rows' ``n_kg_per_ha`` filled in.

    Raises:
        InputsRefused: an amount is given twice or not at all, or by the hectare without an area.
    """
    settled = dict(values)
    area = _area(values)
    settled["area_ha"] = area
    for stem in _STEMS:
        settled[f"{stem}n_kg_per_ha"] = _amount(values, f"{stem}n", area, "") or Fraction(0)
    for name in _PRODUCTS:
        settled[f"{name}_kg_per_ha"] = _amount(values, name, area, "") or Fraction(0)
    for key in ("fertilisers", "grazing"):
        settled[key] = [
            {**row, "n_kg_per_ha": _row_amount(row, area, f"{key}[{number}]")}
            for number, row in enumerate(values[key])
        ]
    return settled


def _area(values: Mapping[str, Any]) -> Fraction:
    given: Fraction | None = values["area_ha"]
    if given is not None:
        return given
    names = [*(f"{stem}n_kg_per_ha" for stem in _STEMS), *(f"{one}_kg_per_ha" for one in _PRODUCTS)]
    rows = [*values["fertilisers"], *values["grazing"]]
    by_hectare = (
        any(values[name] is not None for name in (*names, "soil_carbon_loss_t_per_ha"))
        or any(row["n_kg_per_ha"] is not None for row in rows)
        or any(row.get("product_kg_per_ha") is not None for row in rows)
        or any(row["area_ha"] is None for row in values["residues"])
    )
    totals = [*(f"{stem}n_kg" for stem in _STEMS), *(f"{one}_kg" for one in _PRODUCTS)]
    in_all = any(values[name] is not None for name in totals) or any(
        (rows, values["organic_soils"], values["residues"])
    )
    if by_hectare or not in_all:
        raise InputsRefused([InputProblem("area_ha", "missing")])
    return Fraction(1)


def _amount(row: Mapping[str, Any], name: str, area: Fraction, place: str) -> Fraction | None:
    """What is spread on a hectare, of the two ways to say it; None where neither is given."""
    per_hectare: Fraction | None = row[f"{name}_kg_per_ha"]
    in_all: Fraction | None = row[f"{name}_kg"]
    if in_all is None:
        return per_hectare
    if per_hectare is not None:
        options = {"options": f"{name}_kg_per_ha, {name}_kg"}
        raise InputsRefused([InputProblem(f"{place}{name}_kg", "give_one_of", options)])
    return in_all / area if area else Fraction(0)


def _row_amount(row: Mapping[str, Any], area: Fraction, place: str) -> Fraction:
    nitrogen = _amount(row, "n", area, f"{place}.")
    product = row.get("product_kg_per_ha")
    if product is None:
        if nitrogen is None:
            raise InputsRefused([InputProblem(f"{place}.n_kg_per_ha", "missing")])
        return nitrogen
    if nitrogen is not None:
        options = {"options": "n_kg_per_ha, n_kg, product_kg_per_ha"}
        raise InputsRefused([InputProblem(f"{place}.product_kg_per_ha", "give_one_of", options)])
    if row["n_percent"] is None:
        raise InputsRefused([InputProblem(f"{place}.n_percent", "missing")])
    spread: Fraction = row["n_percent"] / 100 * product
    return spread

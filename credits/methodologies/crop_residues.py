"""Nitrogen that crop residues bring to the soil, from a crop's yield: pure arithmetic.

Source: IPCC 2019 Refinement, Volume 4, chapter 11, equations 11.6 and 11.7, tables 11.1A and 11.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from credits.methodologies.common_inputs import AREA_UNITS, tonnes_per_ha
from credits.methodologies.estimates import Caution, Term
from credits.methodologies.inputs import (
    Choice,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_n2o_tables import CROPS, OTHER_NAMES, Crop
from credits.methodologies.ipcc_residue_burning import combustion_factor

_IPCC = "IPCC 2019 Refinement, Vol. 4, ch. 11"
_SHARE = Number("1", maximum="1")


def _given(name: str, label: str, *, maximum: str = "10") -> Input:
    return Input(name, label, Number("1", maximum=maximum), required=False)


RESIDUE = Schema(
    (
        Input(
            "crop",
            _("Crop"),
            Choice({code: crop.label for code, crop in CROPS.items()}, also=OTHER_NAMES),
        ),
        Input(
            "yield_t_per_ha",
            _("Yield, fresh"),
            Number("t/ha", maximum="200"),
            help=_("Of dry matter: give a dry share of 1."),
            also=tonnes_per_ha("yield"),
        ),
        Input(
            "area_ha",
            _("Area of this crop"),
            Number("ha", maximum="1000000000"),
            help=_("Else the whole area."),
            required=False,
            also=AREA_UNITS,
        ),
        Input("removed_share", _("Share taken off the field"), _SHARE, required=False, default="0"),
        Input("burnt_share", _("Share burnt"), _SHARE, required=False, default="0"),
        Input(
            "renewed_share",
            _("Share of the area renewed this year"),
            _SHARE,
            help=_("1 for annual crops; 1/X where grass is ploughed every X years."),
            required=False,
            default="1",
        ),
        Input(
            "above_ground_by",
            _("Straw found by"),
            Choice(
                {
                    "ratio": _("Ratio to the yield (table 11.1A)"),
                    "regression": _("Slope and intercept (table 11.2)"),
                }
            ),
            required=False,
            default="ratio",
        ),
        Input(
            "above_ground_t_per_ha",
            _("Straw, where it is known"),
            Number("t d.m./ha", maximum="200"),
            help=_("Dry matter; instead of the ratio or the line."),
            required=False,
            also=tonnes_per_ha("above_ground"),
        ),
        _given("combustion_factor", _("Own share that burns"), maximum="1"),
        _given("dry_share", _("Own dry share of the yield"), maximum="1"),
        _given("residue_ratio", _("Own ratio of straw to yield")),
        _given("root_ratio", _("Own ratio of roots to what grows above")),
        _given("slope", _("Own slope of the line")),
        Input(
            "intercept_t_per_ha",
            _("Own intercept of the line"),
            Number("t d.m./ha", minimum="-20", maximum="20"),
            required=False,
        ),
        _given("n_above", _("Own nitrogen share above ground"), maximum="1"),
        _given("n_below", _("Own nitrogen share below ground"), maximum="1"),
    )
)


def residue_nitrogen(
    rows: Sequence[Mapping[str, Any]], *, area_ha: Fraction
) -> tuple[Fraction, list[Term], list[Caution]]:
    """Nitrogen of all crops' residues.

    Args:
        rows: crops as `RESIDUE` reads them; fresh yield in t/ha.
        area_ha: the whole land; a crop with an area of its own counts by its part of it.

    Returns:
        kg N/ha, above and below ground; the terms of each crop; a caution for a crop without a
        printed value below ground.

    Raises:
        InputsRefused: the table lacks the crop's straw; more is removed and burnt than there is.

    Source: IPCC 2019 Refinement, Vol. 4, equation 11.6, with ``AGR × N_AG × (1 − FracRemove −
    FracBurnt × Cf) + BGR × N_BG``.
    """
    total, terms, cautions = Fraction(0), [], []
    for number, row in enumerate(rows, start=1):
        place = f"residues[{number - 1}]"
        if row["removed_share"] + row["burnt_share"] > 1:
            raise InputsRefused([InputProblem(f"{place}.burnt_share", "more_than_all")])
        crop_terms, caution = _crop_terms(row, CROPS[row["crop"]], place=place, number=number)
        part = Fraction(1)
        if row["area_ha"] is not None and area_ha:
            part = row["area_ha"] / area_ha
            terms.append(Term(f"part_{number}", part, formula="area of the crop / area_ha"))
        total += part * sum(
            (
                term.exact
                for term in crop_terms
                if term.name.startswith(("F_CR_above", "F_CR_below"))
            ),
            Fraction(0),
        )
        terms += crop_terms
        cautions += caution
    return total, [*terms, Term("F_CR", total, "kg N/ha", "sum of residues")], cautions


def _crop_terms(
    row: Mapping[str, Any], crop: Crop, *, place: str, number: int
) -> tuple[list[Term], list[Caution]]:
    dry = _own(row, "dry_share", crop)
    harvest = row["yield_t_per_ha"] * dry
    straw = _straw(row, crop, harvest, place=place)
    own_cf = row["combustion_factor"]
    cf = combustion_factor(row["crop"]) if own_cf is None else own_cf
    left = 1 - row["removed_share"] - row["burnt_share"] * cf
    n_above = _own(row, "n_above", crop)
    renewed = row["renewed_share"]
    above = straw * renewed * n_above * left * 1000
    source = f"{_IPCC}, table 11.1A, {row['crop']}"
    terms = [
        Term(f"harvest_{number}", harvest, "t d.m./ha", "yield × dry share", source),
        Term(f"AG_DM_{number}", straw, "t d.m./ha", row["above_ground_by"], source),
        Term(
            f"Cf_{number}",
            cf,
            source="IPCC 2019 Refinement, Vol. 4, table 2.6" if own_cf is None else "given",
        ),
        Term(f"N_AG_{number}", n_above, "kg N/kg", source=source),
        Term(
            f"F_CR_above_{number}",
            above,
            "kg N/ha",
            "AG_DM × renewed × N_AG × (1 − removed − burnt × Cf)",
            f"{_IPCC}, eq. 11.6",
        ),
    ]
    roots, n_below = _own(row, "root_ratio", crop), _own(row, "n_below", crop)
    if roots is None or n_below is None:
        return terms, [Caution("no_default_below_ground", {"crop": row["crop"]})]
    below = (harvest + straw) * roots * renewed * n_below * 1000
    return [
        *terms,
        Term(f"RS_{number}", roots, source=source),
        Term(f"N_BG_{number}", n_below, "kg N/kg", source=source),
        Term(
            f"F_CR_below_{number}",
            below,
            "kg N/ha",
            "(harvest + AG_DM) × RS × renewed × N_BG",
            f"{_IPCC}, eq. 11.7",
        ),
    ], []


def _straw(row: Mapping[str, Any], crop: Crop, harvest: Fraction, *, place: str) -> Fraction:
    """Dry matter above ground, t/ha: no harvest leaves no straw, whatever the intercept."""
    known: Fraction | None = row["above_ground_t_per_ha"]
    if known is not None:
        return known
    if not harvest:
        return Fraction(0)
    if row["above_ground_by"] == "regression":
        slope, intercept = _own(row, "slope", crop), _own(row, "intercept_t_per_ha", crop)
        if slope is None or intercept is None:
            raise InputsRefused([InputProblem(f"{place}.above_ground_by", "no_default")])
        grown: Fraction = harvest * slope + intercept
        return max(Fraction(0), grown)
    ratio: Fraction | None = _own(row, "residue_ratio", crop)
    if ratio is None:
        raise InputsRefused([InputProblem(f"{place}.residue_ratio", "no_default")])
    return harvest * ratio


def _own(row: Mapping[str, Any], name: str, crop: Crop) -> Any:
    return getattr(crop, name) if row[name] is None else row[name]

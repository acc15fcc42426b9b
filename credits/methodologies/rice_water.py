"""Less methane from rice by its water: baseline against project, less what drainage adds in N2O.

May not read a database, a clock or a file. The tier 1 shape of VM0051 and of CMS-017 (稻田): for
every season, methane of the baseline minus methane of the project, minus nitrous oxide of drained
soil; the uncertainty is deducted from what the soil gives.

Source: Verra VM0051 v1.1 (2025), equations 5, 8, 25 and 29; IPCC 2019 Refinement, Volume 4,
chapter 5, as in `ipcc_rice_ch4`. Equations 5 and 8 are read so that GWP is applied once.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.common_inputs import area_input, kilograms_per_ha
from credits.methodologies.composition import (
    SHARED,
    estimate_part,
    scale_gases,
    sum_gases,
    terms_of,
)
from credits.methodologies.estimates import (
    Caution,
    Estimate,
    Term,
    credit_reduction,
    gwp_terms,
)
from credits.methodologies.gwp import CH4, CO2, GWP_INPUT, N2O
from credits.methodologies.inputs import Flag, Group, Input, Number, Rows, Schema
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_rice_ch4 import IpccRiceCh4

_RICE = IpccRiceCh4()
_SEASON_OF = _RICE.schema.without("harvests", *SHARED)
# kg N2O per kg N: (0.005 − 0.003) × 44/28, as VM0051 prints it.
DRAINED_N2O = Fraction("0.00314")
DRAINED = ("single_drainage", "multiple_drainage")
FLOODED = ("continuous", "irrigated")
# VM0051 v1.1: of the tier 1 route, a year.
UNCERTAINTY = "0.15"
TIER_1_LIMIT_T = 60_000

SEASON = Schema(
    (
        Input("baseline", _("Before the project"), Group(_SEASON_OF)),
        Input("project", _("In the project"), Group(_SEASON_OF)),
        Input(
            "applied_n_kg_per_ha",
            _("Nitrogen applied"),
            Number("kg N/ha", maximum="2000"),
            help=_("Drained soil gives off more nitrous oxide from it."),
            required=False,
            default="0",
            also=kilograms_per_ha("applied_n"),
        ),
    )
)


class RiceWater:
    """Water management of rice; a change of arithmetic or factors is a new version."""

    id = "rice-water"
    version = "1.0"
    title = _("Water of rice fields: methane avoided")
    sources = (
        "Verra VM0051 Improved Management in Rice Production Systems, v1.1",
        "IPCC 2019 Refinement, Volume 4, chapter 5, equations 5.1-5.3",
    )
    schema = Schema(
        (
            area_input(),
            Input("seasons", _("Seasons of the year"), Rows(SEASON, fewest=1, most=6)),
            Input(
                "baseline_proven",
                _("The baseline's water is proven"),
                Flag(),
                help=_("Without proof one drainage is taken for a field flooded throughout."),
                required=False,
                default=False,
            ),
            Input(
                "uncertainty_share",
                _("Deduction for uncertainty"),
                Number("1", maximum="1"),
                help=_("VM0051 deducts 15% where the IPCC's own factors are used."),
                required=False,
                default=UNCERTAINTY,
            ),
            Input(
                "other_emissions_co2e_kg",
                _("Other emissions of the project"),
                Number("kg CO2e"),
                help=_("Fuel, fertiliser and leakage beyond the baseline's."),
                required=False,
                default="0",
            ),
            GWP_INPUT,
        )
    )
    example: Mapping[str, Any] = {
        "area_ha": 10,
        "seasons": [
            {
                "baseline": {"region": "east_asia", "water": "continuous"},
                "project": {"region": "east_asia", "water": "multiple_drainage"},
                "applied_n_kg_per_ha": 150,
            }
        ],
        "baseline_proven": True,
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """What the whole area gives off less in one year.

        Args:
            data: as the schema says; one row for every season of the year.

        Returns:
            CH4 (negative) and N2O (positive) after the deduction, and other emissions as CO2, in
            kilograms; and what can be claimed.

        Raises:
            InputsRefused: a season lacks a factor; the place names season and part.

        Source: VM0051 v1.1, equations 5, 8, 25 and 29.
        """
        values = self.schema.read(data)
        soil: dict[str, Fraction] = {CH4: Fraction(0), N2O: Fraction(0)}
        terms, cautions = [], []
        for number, season in enumerate(values["seasons"]):
            gases, season_terms, season_cautions = _season(values, season, number)
            soil = sum_gases(soil, gases)
            terms += season_terms
            cautions += season_cautions
        kept = 1 - values["uncertainty_share"]
        gases = scale_gases(soil, kept) | {CO2: values["other_emissions_co2e_kg"]}
        if not values["area_ha"]:
            gases[CO2] = Fraction(0)
        estimate = Estimate(gases, values["gwp"], ())
        claimed = credit_reduction(estimate.co2e_kg)
        terms += [
            Term("soil_ch4_kg", soil[CH4], "kg CH4", "Σ project − baseline"),
            Term("soil_n2o_kg", soil[N2O], "kg N2O", "Σ area × N × 0.00314"),
            Term("kept_share", kept, formula="1 − uncertainty", source="VM0051 v1.1, eq. 29"),
            Term("other_emissions_kg", gases[CO2], "kg CO2e", source="given"),
            *gwp_terms(values["gwp"], (CH4, N2O)),
        ]
        if claimed > TIER_1_LIMIT_T * 1000:
            cautions.append(Caution("tier_1_limit", {"tonnes": str(TIER_1_LIMIT_T)}))
        area = Term("area_ha", values["area_ha"], "ha")
        return Estimate(gases, values["gwp"], (area, *terms), claimed, tuple(cautions))


def _season(
    values: Mapping[str, Any], season: Mapping[str, Any], number: int
) -> tuple[dict[str, Fraction], list[Term], list[Caution]]:
    """Project less baseline of one season."""
    area, gwp = values["area_ha"], values["gwp"]
    place = f"seasons[{number}]"
    before, cautions = dict(season["baseline"]), []
    flooded = before["water"] in FLOODED and before["sf_water"] is None
    if flooded and not values["baseline_proven"]:
        before["water"] = "single_drainage"
        cautions.append(Caution("baseline_not_proven", {"season": str(number + 1)}))
    baseline = estimate_part(_RICE, before, area_ha=area, gwp=gwp, place=f"{place}.baseline")
    project = estimate_part(
        _RICE, season["project"], area_ha=area, gwp=gwp, place=f"{place}.project"
    )
    drained = season["project"]["water"] in DRAINED and season["baseline"]["water"] not in DRAINED
    nitrogen = season["applied_n_kg_per_ha"]
    n2o = area * nitrogen * DRAINED_N2O if drained else Fraction(0)
    name = f"season_{number + 1}"
    terms = [
        *terms_of(baseline, f"{name}.baseline"),
        *terms_of(project, f"{name}.project"),
        Term(f"{name}.applied_n", nitrogen, "kg N/ha", source="given"),
        Term(
            f"{name}.n2o_kg",
            n2o,
            "kg N2O",
            "area_ha × N × 0.00314" if drained else "no drainage more than before",
            "VM0051 v1.1, eq. 25",
        ),
    ]
    methane = project.gases_kg[CH4] - baseline.gases_kg[CH4]
    cautions += [*baseline.cautions, *project.cautions]
    return {CH4: methane, N2O: n2o}, terms, cautions

"""Conservation tillage: soil carbon, nitrous oxide, diesel and burning, project against baseline.

May not read a database, a clock or a file. The shape of CCER's methodology of conservation tillage
(保护性耕作, CMS-083): each source is counted by its own methodology, the soil's gain bears the
deduction for uncertainty, and leakage is taken off the whole.

Source: IPCC 2019 Refinement or 2006 Guidelines, Volume 4, as in `ipcc_soc_tier1`, `ipcc_n2o` and
`ipcc_residue_burning`; diesel: Verra VM0042 v2.2, 0.002886 t CO2 a litre.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.common_inputs import area_input
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
    Estimator,
    Term,
    credit_reduction,
    gwp_terms,
)
from credits.methodologies.gwp import CH4, CO2, GWP_INPUT, N2O, co2e_of
from credits.methodologies.inputs import Group, Input, Number, Schema
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_n2o import IpccN2o
from credits.methodologies.ipcc_residue_burning import IpccResidueBurning
from credits.methodologies.ipcc_soc_tier1 import IpccSocTier1

_SOIL, _NITROGEN, _FIRE = IpccSocTier1(), IpccN2o(), IpccResidueBurning()
DIESEL_KG_PER_LITRE = Fraction("2.886")
_LITRES = Number("l/ha", maximum="2000")


def _part(name: str, label: str, estimator: Estimator, *, required: bool = False) -> Input:
    return Input(name, label, Group(estimator.schema.without(*SHARED)), required=required)


class ConservationTillage:
    """Conservation tillage in one; a change of arithmetic or of a part is a new version."""

    id = "conservation-tillage"
    version = "1.0"
    title = _("Conservation tillage: soil, fertiliser, diesel and fire")
    sources = (
        "CCER methodology of conservation tillage (CMS-083), its shape",
        *_SOIL.sources,
        "Verra VM0042 Improved Agricultural Land Management, v2.2 (diesel)",
    )
    schema = Schema(
        (
            area_input(),
            _part("soil", _("Soil carbon"), _SOIL, required=True),
            _part("nitrogen_baseline", _("Nitrogen before the project"), _NITROGEN),
            _part("nitrogen_project", _("Nitrogen in the project"), _NITROGEN),
            _part("burning_baseline", _("Burning before the project"), _FIRE),
            _part("burning_project", _("Burning in the project"), _FIRE),
            Input(
                "diesel_baseline_l_per_ha",
                _("Diesel before the project"),
                _LITRES,
                required=False,
                default="0",
            ),
            Input(
                "diesel_project_l_per_ha",
                _("Diesel in the project"),
                _LITRES,
                required=False,
                default="0",
            ),
            Input(
                "years",
                _("Years that nitrogen, fire and diesel are counted for"),
                Number("a", maximum="100"),
                help=_("Where they are given for one year, and the soil is counted for more."),
                required=False,
                default="1",
            ),
            Input(
                "uncertainty_share",
                _("Deduction for the soil's uncertainty"),
                Number("1", maximum="1"),
                help=_("Taken off a gain of soil carbon, never off a loss."),
                required=False,
            ),
            Input(
                "leakage_share",
                _("Leakage, as a share of the reduction"),
                Number("1", maximum="1"),
                required=False,
            ),
            GWP_INPUT,
        )
    )
    example: Mapping[str, Any] = {
        "area_ha": 10,
        "soil": {
            "climate": "warm_temperate_moist",
            "soil": "hac",
            "before": {"tillage": "full", "residue_input": "low"},
            "changes": [{"year": 2025, "tillage": "no_till", "residue_input": "medium"}],
        },
        "nitrogen_baseline": {
            "climate": "wet",
            "fertilisers": [{"kind": "urea", "n_kg_per_ha": 200}],
        },
        "nitrogen_project": {
            "climate": "wet",
            "fertilisers": [{"kind": "urea", "n_kg_per_ha": 180}],
        },
        "diesel_baseline_l_per_ha": 60,
        "diesel_project_l_per_ha": 35,
        "uncertainty_share": 0.1,
        "leakage_share": 0.05,
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """What the project changes on the whole area, in the years the soil is counted for.

        Args:
            data: as the schema says; the soil's years are the period, all else is for the same,
                or for one of `years` years of it.

        Returns:
            Gases in kilograms, project less baseline, after deductions; and what can be claimed.

        Raises:
            InputsRefused: a part refuses; the place names it.
        """
        values = self.schema.read(data)
        soil, soil_terms = _soil(values)
        changes, terms, cautions = [soil], soil_terms, []
        for estimator, name in ((_NITROGEN, "nitrogen"), (_FIRE, "burning")):
            gases, part_terms, part_cautions = _difference(values, estimator, name)
            changes.append(scale_gases(gases, values["years"]))
            terms += part_terms
            cautions += part_cautions
        litres = values["diesel_project_l_per_ha"] - values["diesel_baseline_l_per_ha"]
        diesel = values["area_ha"] * litres * DIESEL_KG_PER_LITRE * values["years"]
        change = sum_gases(
            {CO2: Fraction(0), CH4: Fraction(0), N2O: Fraction(0)}, *changes, {CO2: diesel}
        )
        gases = _after_leakage(change, values)
        terms += [
            Term("diesel_l_per_ha", litres, "l/ha", "project − baseline"),
            Term("diesel_kg_per_litre", DIESEL_KG_PER_LITRE, "kg CO2/l", source="VM0042 v2.2"),
            Term("years", values["years"], "a", "of nitrogen, fire and diesel", "given"),
            Term("diesel_co2_kg", diesel, "kg CO2", "area_ha × litres × kg per litre × years"),
            Term("change_co2e_kg", co2e_of(change, gwp=values["gwp"]), "kg CO2e"),
            Term("leakage_share", values["leakage_share"] or Fraction(0), source="given"),
            *gwp_terms(values["gwp"], (CH4, N2O)),
        ]
        area = Term("area_ha", values["area_ha"], "ha")
        claimed = credit_reduction(co2e_of(gases, gwp=values["gwp"]))
        cautions += [
            Caution(f"{name}_not_given")
            for name in ("uncertainty_share", "leakage_share")
            if values[name] is None
        ]
        return Estimate(gases, values["gwp"], (area, *terms), claimed, tuple(cautions))


def _soil(values: Mapping[str, Any]) -> tuple[dict[str, Fraction], list[Term]]:
    found = estimate_part(
        _SOIL, values["soil"], area_ha=values["area_ha"], gwp=values["gwp"], place="soil"
    )
    share = values["uncertainty_share"] or Fraction(0)
    carbon = found.gases_kg[CO2]
    kept = carbon * (1 - share) if carbon < 0 else carbon
    return {CO2: kept}, [
        *terms_of(found, "soil"),
        Term("soil.uncertainty_share", share, source="given"),
        Term("soil.co2_kg", kept, "kg CO2", "soil change × (1 − uncertainty) where a gain"),
    ]


def _difference(
    values: Mapping[str, Any], estimator: Estimator, name: str
) -> tuple[dict[str, Fraction], list[Term], list[Caution]]:
    """A source in the project less the same in the baseline; one not given is nothing."""
    gases: list[dict[str, Fraction]] = []
    terms: list[Term] = []
    cautions: list[Caution] = []
    for side, sign in (("baseline", Fraction(-1)), ("project", Fraction(1))):
        part = f"{name}_{side}"
        if values[part] is None:
            continue
        found = estimate_part(
            estimator, values[part], area_ha=values["area_ha"], gwp=values["gwp"], place=part
        )
        gases.append(scale_gases(found.gases_kg, sign))
        terms += terms_of(found, part)
        cautions += found.cautions
    if values[f"{name}_baseline"] is None and values[f"{name}_project"] is not None:
        cautions.append(Caution("no_baseline", {"part": name}))
    return sum_gases(*gases), terms, cautions


def _after_leakage(change: dict[str, Fraction], values: Mapping[str, Any]) -> dict[str, Fraction]:
    """Leakage takes its share off a reduction; an increase stands as it is."""
    share = values["leakage_share"] or Fraction(0)
    reduction = co2e_of(change, gwp=values["gwp"]) < 0
    return scale_gases(change, 1 - share) if reduction else change

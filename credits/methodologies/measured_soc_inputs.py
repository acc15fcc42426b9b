"""What measured soil carbon asks for, from raw layers to a change someone else worked out.

May not read a database, a clock or a file. Each level may be left out for the one above it: layers
for a core's stock, cores for a stratum's mean, rounds for a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from credits.methodologies.common_inputs import AREA_UNITS, Units, area_input
from credits.methodologies.equivalent_mass import (
    EXCESS_MASS,
    FIXED_DEPTH,
    LINEAR,
    MONOTONE_SPLINE,
    NATURAL_SPLINE,
)
from credits.methodologies.gwp import GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Day,
    Group,
    Input,
    Kind,
    Number,
    Rows,
    Schema,
    Text,
)
from credits.methodologies.inputs import gettext_noop as _

WHOLE_SOIL, FINE_EARTH, MINERAL = "whole_soil", "fine_earth", "mineral"
TENTH_PERCENTILE, MINIMUM = "tenth_percentile", "minimum"
INDEPENDENT, PAIRED = "independent", "paired"
N_MINUS_STRATA, SATTERTHWAITE = "n_minus_strata", "satterthwaite"
NO_RULE, EXCEEDANCE_60, VM0042 = "none", "exceedance_60", "vm0042"
CARBONPLUS, MAPE, VCS = "carbonplus", "mape", "vcs"

RULES: Mapping[str, str] = {
    NO_RULE: _("No deduction"),
    EXCEEDANCE_60: _("60% probability of exceedance (Australia)"),
    VM0042: _("VM0042, equation 74"),
    CARBONPLUS: _("CarbonPlus, error deduction"),
    MAPE: _("Mean absolute percentage error (Ecometric)"),
    VCS: _("VCS Methodology Requirements, 2.4"),
}
ALGORITHMS: Mapping[str, str] = {
    LINEAR: _("Equivalent mass, linear"),
    NATURAL_SPLINE: _("Equivalent mass, natural cubic spline"),
    MONOTONE_SPLINE: _("Equivalent mass, monotone cubic spline (Hyman)"),
    EXCESS_MASS: _("Equivalent mass, excess taken off"),
    FIXED_DEPTH: _("Fixed depth"),
}
_STOCK = Number("t C/ha", maximum="5000")
_SHARE = Number("1", maximum="1")
_TONNES = Number("t CO2e", maximum="1000000000")


def _optional(
    name: str,
    label: str,
    kind: Kind,
    note: str = "",
    default: str = "",
    also: Units | None = None,
) -> Input:
    return Input(
        name, label, kind, help=note, required=False, default=default or None, also=also or {}
    )


def _centimetres(stem: str) -> Units:
    return {f"{stem}_m": ("m", Fraction(100)), f"{stem}_mm": ("mm", Fraction(1, 10))}


def _per_area(stem: str) -> Units:
    """Other units of tonnes a hectare."""
    return {
        f"{stem}_kg_per_m2": ("kg/m2", Fraction(10)),
        f"{stem}_g_per_cm2": ("g/cm2", Fraction(100)),
        f"{stem}_kg_per_ha": ("kg/ha", Fraction(1, 1000)),
    }


_DENSITIES: Units = {
    "bulk_density_kg_per_m3": ("kg/m3", Fraction(1, 1000)),
    "bulk_density_t_per_m3": ("t/m3", Fraction(1)),
}


LAYER = Schema(
    (
        _optional(
            "top_cm",
            _("Top of the layer"),
            Number("cm", maximum="500"),
            also=_centimetres("top"),
        ),
        _optional(
            "bottom_cm",
            _("Bottom of the layer"),
            Number("cm", maximum="500", above=True),
            also=_centimetres("bottom"),
        ),
        _optional(
            "thickness_cm",
            _("Thickness"),
            Number("cm", minimum="0.1", maximum="500"),
            also=_centimetres("thickness"),
        ),
        _optional(
            "soil_mass_t_per_ha",
            _("Fine earth per hectare"),
            Number("t/ha", minimum="0.1", maximum="100000"),
            _("One of three ways: this, the mass from the probe, or the bulk density."),
            also=_per_area("soil_mass"),
        ),
        _optional(
            "mass_g",
            _("Fine earth from the probe"),
            Number("g", minimum="0.001", maximum="1000000"),
            _("Dry, sieved to 2 mm, all cores of the sample together."),
            also={"mass_kg": ("kg", Fraction(1000))},
        ),
        _optional(
            "bulk_density_g_per_cm3",
            _("Bulk density"),
            Number("g/cm3", minimum="0.01", maximum="3"),
            also=_DENSITIES,
        ),
        _optional(
            "density_of",
            _("The bulk density is that of"),
            Choice(
                {
                    WHOLE_SOIL: _("the soil between the coarse fragments"),
                    FINE_EARTH: _("fine earth over the whole volume"),
                }
            ),
            _("Fine earth over the whole volume already leaves coarse fragments out."),
            WHOLE_SOIL,
        ),
        _optional(
            "coarse_fragments_share",
            _("Coarse fragments, share of the volume"),
            Number("1", maximum="0.99"),
            also={"coarse_fragments_percent": ("%", Fraction(1, 100))},
        ),
        _optional(
            "carbon_percent",
            _("Organic carbon"),
            Number("%", maximum="100"),
            _("One of three ways: per cent, grams per kilogram, or tonnes per hectare."),
        ),
        _optional("carbon_g_per_kg", _("Organic carbon"), Number("g/kg", maximum="1000")),
        _optional("carbon_t_per_ha", _("Carbon of the layer"), _STOCK, also=_per_area("carbon")),
        _optional(
            "organic_matter_percent",
            _("Organic matter"),
            Number("%", maximum="100"),
            _("Where masses are of the mineral soil; else it is found from the carbon."),
            also={"organic_matter_g_per_kg": ("g/kg", Fraction(1, 10))},
        ),
    )
)
CORE = Schema(
    (
        _optional("name", _("Name"), Text(80)),
        _optional("stratum", _("Stratum"), Text(80)),
        _optional("sampled_on", _("Sampled on"), Day()),
        _optional(
            "probe_diameter_mm",
            _("Inner diameter of the probe"),
            Number("mm", minimum="1", maximum="1000"),
            also={"probe_diameter_cm": ("cm", Fraction(10))},
        ),
        _optional(
            "cores_per_sample",
            _("Cores put together"),
            Number("1", minimum="1", maximum="1000", whole=True),
            default="1",
        ),
        _optional("layers", _("Layers, from the top down"), Rows(LAYER, most=50)),
        _optional(
            "stock_t_per_ha",
            _("Carbon stock"),
            _STOCK,
            _("Instead of layers, as it was found."),
            also=_per_area("stock"),
        ),
    )
)
STRATUM_MEAN = Schema(
    (
        _optional("name", _("Stratum"), Text(80)),
        Input("mean_t_per_ha", _("Mean stock"), _STOCK),
        _optional(
            "variance",
            _("Variance of the samples"),
            Number("(t C/ha)2", maximum="1000000"),
            _("One of four ways; this and the standard deviation are divided by n here."),
        ),
        _optional(
            "variance_of_mean", _("Variance of the mean"), Number("(t C/ha)2", maximum="1000000")
        ),
        _optional(
            "standard_deviation",
            _("Standard deviation of the samples"),
            Number("t C/ha", maximum="1000"),
        ),
        _optional(
            "standard_error", _("Standard error of the mean"), Number("t C/ha", maximum="1000")
        ),
        Input("n", _("Samples"), Number("1", minimum="1", maximum="1000000", whole=True)),
    )
)
ROUND = Schema(
    (
        _optional("year", _("Year"), Number("year", maximum="3000")),
        _optional(
            "sampled_on",
            _("Sampled on"),
            Day(),
            _("Else the middle day of the cores, the later of two middle days."),
        ),
        _optional("cores", _("Cores"), Rows(CORE)),
        _optional("strata", _("Means of strata"), Rows(STRATUM_MEAN, most=1000)),
        _optional("mean_t_per_ha", _("Mean stock"), _STOCK),
        _optional("total_t_c", _("Stock of the whole area"), Number("t C", maximum="10000000000")),
    )
)
STRATUM = Schema(
    (
        Input("name", _("Name"), Text(80)),
        _optional(
            "area_ha",
            _("Area"),
            Number("ha", maximum="1000000000", above=True),
            also=AREA_UNITS,
        ),
        _optional("share", _("Share of the area"), Number("1", maximum="1", above=True)),
        _optional(
            "units",
            _("Units in the stratum"),
            Number("1", maximum="1000000000", above=True),
            _("Where they are few enough to be counted: a finite population correction."),
        ),
    )
)
CHANGE = Schema(
    (
        _optional("mean_t_per_ha", _("Change"), Number("t C/ha", minimum="-5000", maximum="5000")),
        _optional(
            "total_t_c",
            _("Change of the whole area"),
            Number("t C", minimum="-10000000000", maximum="10000000000"),
        ),
        _optional(
            "total_t_co2e",
            _("Change of the whole area"),
            Number("t CO2e", minimum="-10000000000", maximum="10000000000"),
        ),
        _optional(
            "control_total_t_co2e",
            _("Change without the project"),
            Number("t CO2e", minimum="-10000000000", maximum="10000000000"),
            _("Of the whole area; none is no change."),
        ),
        _optional(
            "variance_of_mean",
            _("Variance of the change"),
            Number("(t C/ha)2", maximum="1000000"),
            _("Of the mean change per hectare; without an area, of the total in t C."),
        ),
        _optional(
            "degrees_of_freedom",
            _("Degrees of freedom"),
            Number("1", minimum="1", maximum="1000000000"),
        ),
    )
)
SCHEMA = Schema(
    (
        area_input(help=_("Else the sum of the strata."), required=False, main=False),
        _optional(
            "strata",
            _("Strata"),
            Rows(STRATUM, most=1000),
            _("Each with its area, its share of the area, or its units; none is one stratum."),
        ),
        _optional("rounds", _("Sampling rounds, the baseline first"), Rows(ROUND, most=100)),
        _optional(
            "control_rounds",
            _("Rounds of the control sites"),
            Rows(ROUND, most=2),
            _("What would have happened without the project; none is no change."),
        ),
        _optional(
            "change",
            _("Change, where it is known already"),
            Group(CHANGE),
            _("Instead of rounds."),
        ),
        _optional(
            "algorithm",
            _("How stocks are compared"),
            Choice(ALGORITHMS),
            _("Else linear; excess taken off with the rule of exceedance, as that rule has it."),
        ),
        _optional(
            "reference_mass_t_per_ha",
            _("Equivalent mass of soil"),
            Number("t/ha", maximum="100000", above=True),
            also=_per_area("reference_mass"),
        ),
        _optional(
            "mass_of",
            _("The equivalent mass is that of"),
            Choice({FINE_EARTH: _("fine earth"), MINERAL: _("its mineral part")}),
            _(
                "The mineral part leaves organic matter out, so that what it gains does not push "
                "the reference down: mass × (1 − organic matter)."
            ),
            FINE_EARTH,
        ),
        _optional(
            "organic_matter_per_carbon",
            _("Organic matter of its carbon"),
            Number("1", minimum="1", maximum="4"),
            _(
                "Where a layer does not say how much organic matter it holds: 1.724 by van "
                "Bemmelen, 2 by later reviews."
            ),
            "1.724",
        ),
        _optional(
            "reference_depth_cm",
            _("Equivalent mass down to a depth"),
            Number("cm", maximum="500", above=True),
            _("The mean mass of the baseline's cores to this depth, instead of a mass."),
            also=_centimetres("reference_depth"),
        ),
        _optional(
            "reference",
            _("Equivalent mass from the baseline's cores"),
            Choice({TENTH_PERCENTILE: _("tenth percentile"), MINIMUM: _("the lightest core")}),
            _("Else the lightest core; the tenth percentile where the excess is taken off."),
        ),
        _optional(
            "depth_cm",
            _("Fixed depth"),
            Number("cm", maximum="500", above=True),
            _("Else the whole cores, if all are of one depth."),
            also=_centimetres("depth"),
        ),
        _optional(
            "pairing",
            _("Second sampling"),
            Choice(
                {
                    INDEPENDENT: _("at points drawn anew"),
                    PAIRED: _("at the same points, cores of the same name"),
                }
            ),
            default=INDEPENDENT,
        ),
        _optional(
            "degrees_of_freedom_by",
            _("Degrees of freedom by"),
            Choice({N_MINUS_STRATA: _("samples less strata"), SATTERTHWAITE: _("Satterthwaite")}),
            _("Else Satterthwaite with VM0042, samples less strata with every other rule."),
        ),
        _optional("rule", _("Rule of uncertainty"), Choice(RULES), default=NO_RULE),
        _optional(
            "first_round_hold_share",
            _("Held back until the second re-sampling"),
            _SHARE,
            _("Rule of exceedance: 0.5 in the Australian method of 2018, 0.25 in that of 2021."),
            "0.5",
        ),
        _optional(
            "error_percent",
            _("Error of the estimate"),
            Number("%", maximum="10000"),
            _(
                "CarbonPlus asks for it and does not print how it is found: give the error of its "
                "report. Nothing is taken off up to 20; over 50 nothing can be credited."
            ),
        ),
        _optional("mape_percent", _("Mean absolute percentage error"), Number("%", maximum="100")),
        _optional(
            "half_width_90_share",
            _("Half-width of the interval of 90 per cent"),
            Number("1", maximum="1000"),
            _("VCS 2.4, as a share of the change; else from the samples."),
        ),
        _optional(
            "uncertainty_share",
            _("Uncertainty, where it is known already"),
            Number("1", maximum="1000"),
            _("VM0042: as a share of the change; else by equation 74 from the samples."),
        ),
        _optional(
            "t_quantile",
            _("Student's t"),
            Number("1", maximum="100"),
            _("VM0042: else t at 0.667, one-sided, unrounded."),
        ),
        _optional(
            "interval_years",
            _("Years between the rounds"),
            Number("a", maximum="100", above=True),
            _("Else from the years of the rounds."),
        ),
        _optional(
            "credited_years",
            _("Years of them that are credited"),
            Number("a", maximum="100", above=True),
            _("VM0042: one for a single vintage; else the whole time between the rounds."),
        ),
        _optional(
            "co2_per_c",
            _("CO2 of a tonne of carbon"),
            Number("t CO2/t C", minimum="3.6", maximum="3.7"),
            _("Else 44/12; 3.67 with Ecometric's rule."),
        ),
        _optional(
            "other_reductions_t_co2e",
            _("Other emissions avoided"),
            _TONNES,
            _("Fuel, lime, fertiliser, fire."),
            "0",
        ),
        _optional("project_emissions_t_co2e", _("Emissions of the project"), _TONNES, "", "0"),
        _optional("leakage_t_co2e", _("Leakage"), _TONNES, "", "0"),
        _optional("buffer_share", _("Buffer, as a share"), _SHARE, "", "0"),
        _optional(
            "earlier_credits_t_co2e",
            _("Credits of earlier periods"),
            _TONNES,
            _("Rule of exceedance with two re-samplings or more."),
            "0",
        ),
        _optional(
            "earlier_project_change_t_co2e",
            _("Stock change of earlier periods"),
            Number("t CO2e", minimum="-1000000000", maximum="1000000000"),
            _("VM0042: while the project's whole change is a gain, it counts as a removal."),
            "0",
        ),
        GWP_INPUT,
    )
)

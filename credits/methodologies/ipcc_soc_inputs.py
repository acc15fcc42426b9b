"""What tier 1 soil carbon asks for: one field through its changes, or a country's land by class.

Imports no Django.
"""

from __future__ import annotations

from credits.methodologies.common_inputs import AREA_UNITS, area_input
from credits.methodologies.gwp import GWP_INPUT
from credits.methodologies.inputs import Choice, Group, Input, Number, Rows, Schema
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_soc_tables import (
    CLIMATES,
    GRASSLANDS,
    LAND_USES,
    RESIDUE_INPUTS,
    SOILS,
    TILLAGES,
)

YEAR = Number("year", minimum="1900", maximum="2200")
_CLIMATE = Choice(CLIMATES)
_SOIL = Choice(
    SOILS,
    also={
        "high_activity_clay_soils": "hac",
        "hac_soils": "hac",
        "low_activity_clay_soils": "lac",
        "lac_soils": "lac",
        "sandy_soils": "sandy",
        "spodic_soils": "spodic",
        "volcanic_soils": "volcanic",
        "wetland_soils": "wetland",
    },
)
_TILLAGE = Choice(
    TILLAGES,
    also={
        "conventional": "full",
        "full_till": "full",
        "reduced_till": "reduced",
        "zero": "no_till",
    },
)
_RETURNED = Choice(
    RESIDUE_INPUTS,
    also={
        "high_without_manure": "high",
        "high_no_manure": "high",
        "high_with_manure": "high_manure",
    },
)
_LAND_USE = Choice(
    LAND_USES,
    also={
        "forest": "native",
        "native_forest": "native",
        "long_term_cultivated": "annual",
        "cropland": "annual",
        "rice": "paddy",
        "paddy_rice": "paddy",
        "tree_crop": "perennial",
    },
)


def _own(name: str, label: str) -> Input:
    return Input(name, label, Number("1", maximum="5", above=True), required=False)


MANAGEMENT_INPUTS = (
    Input("land_use", _("Land use"), _LAND_USE, required=False, default="annual"),
    Input(
        "tillage",
        _("Tillage"),
        _TILLAGE,
        help=_("Asked for on annual crops; elsewhere full tillage, whose factor is 1."),
        required=False,
        main=True,
    ),
    Input(
        "residue_input",
        _("What returns to the soil"),
        _RETURNED,
        help=_("Asked for on annual crops; elsewhere medium, whose factor is 1."),
        required=False,
        main=True,
    ),
    Input(
        "grassland",
        _("State of the grassland"),
        Choice(GRASSLANDS, also={"nominally_managed": "nominal", "non_degraded": "nominal"}),
        help=_("Table 6.2; without it grassland as it should be, whose factors are 1."),
        required=False,
    ),
    _own("flu", _("Own factor of land use")),
    _own("fmg", _("Own factor of tillage")),
    _own("fi", _("Own factor of input")),
)
MANAGEMENT = Schema(MANAGEMENT_INPUTS)
CHANGE = Schema((Input("year", _("From the start of"), YEAR), *MANAGEMENT_INPUTS))
REFERENCE = Input(
    "soc_reference_t_per_ha",
    _("Own reference stock to 30 cm"),
    Number("t C/ha", maximum="500"),
    required=False,
)
CLASS_OF_LAND = Schema(
    (
        Input(
            "area_ha",
            _("Area"),
            Number("ha", maximum="1000000000", above=True),
            also=AREA_UNITS,
        ),
        *MANAGEMENT_INPUTS,
        Input("climate", _("Climate"), _CLIMATE, help=_("Else that of all."), required=False),
        Input("soil", _("Soil"), _SOIL, help=_("Else that of all."), required=False),
        REFERENCE,
    )
)
SCHEMA = Schema(
    (
        area_input(help=_("Not needed where the land is given by class."), required=False),
        Input(
            "edition",
            _("Edition of the IPCC's factors"),
            Choice({"2019": "2019", "2006": "2006"}),
            help=_("Stocks and factors are taken from one edition; the two never mix."),
            required=False,
            default="2019",
        ),
        Input(
            "climate",
            _("Climate"),
            _CLIMATE,
            help=_("Needed wherever a stock or a factor is taken from the tables."),
            required=False,
            main=True,
        ),
        Input(
            "soil",
            _("Soil"),
            _SOIL,
            help=_("Needed where the reference stock is taken from the tables."),
            required=False,
            main=True,
        ),
        Input(
            "before",
            _("Management before, long kept"),
            Group(MANAGEMENT),
            required=False,
            main=True,
        ),
        Input(
            "changes",
            _("Changes"),
            Rows(CHANGE, most=50),
            help=_("In order of time; or only what comes after, without its year."),
            required=False,
            main=True,
        ),
        Input(
            "after",
            _("Management after"),
            Group(MANAGEMENT),
            help=_("Instead of changes, for one change at the start of what is counted."),
            required=False,
        ),
        Input(
            "land_before",
            _("All the land at the start, by class"),
            Rows(CLASS_OF_LAND, most=100),
            help=_(
                "Instead of one management: areas of each class at the start and, below, at the "
                "end of the line, as an inventory has them (equation 2.25, formulation A)."
            ),
            required=False,
        ),
        Input(
            "land_after",
            _("All the land at the end, by class"),
            Rows(CLASS_OF_LAND, most=100),
            required=False,
        ),
        Input(
            "from_year",
            _("Counted from the start of"),
            YEAR,
            help=_("Without it: from the first change."),
            required=False,
        ),
        Input(
            "to_year",
            _("Counted to the start of"),
            YEAR,
            help=_("Without it: one year later."),
            required=False,
        ),
        Input(
            "years",
            _("Years counted"),
            Number("a", maximum="200", above=True),
            help=_("Instead of the year it ends; without both, one year."),
            required=False,
        ),
        Input(
            "years_to_equilibrium",
            _("Years until the stock stands still"),
            Number("a", minimum="1", maximum="100"),
            required=False,
            default="20",
        ),
        REFERENCE,
        GWP_INPUT,
    )
)

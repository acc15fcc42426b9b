"""The preset of Regen Network's class of credits by Ecometric, version 1.5.1.

The uncertainty is the model's own, gross × (1 − MAPE), of each round of monitoring: it is asked for
with each period. Every area is monitored and nothing extrapolated, so a correction is not either.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

REGEN = Program(
    id="regen-ecometric",
    name=_("Regen Network / Ecometric"),
    terms=make_terms(
        minimum_term_years=10,
        permanence_years=10,
        uncertainty_by_period=True,
        uncertainty_rate=None,
        reserve_rate="0.20",
        reserve_release="steps",
        reserve_release_years=[10, 20],
        reserve_rounding="ceil",
        correction_rule="void",
        conditions=["every_area_monitored"],
    ),
    source="Ecometric, GHG Benefits in Managed Crop and Grassland Systems, version 1.5.1",
)

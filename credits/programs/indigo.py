"""The preset of Indigo: three quarters of the crop year's average price, vesting over five years.

Its fractions of a credit are kilograms here, as everywhere.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

INDIGO = Program(
    id="indigo",
    name=_("Indigo"),
    terms=make_terms(
        vesting=["0.50", "0.20", "0.10", "0.10", "0.10"],
        fees={"farmer_rate": "0.75", "aggregator_rate": "0.25"},
    ),
    source="Indigo, published terms of its carbon program",
)

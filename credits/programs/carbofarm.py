"""The preset of Carbofarm: cycles of eight years, a fifth held back to their renewal.

Of the worth of all tonnes 65% is the farmer's, 15% a fee and 20% the reserve. The fee is taken
when the other 80% are sold, so of that money it is 15/80.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

CARBOFARM = Program(
    id="carbofarm",
    name=_("Carbofarm"),
    terms=make_terms(
        minimum_term_years=8,
        reserve_rate="0.20",
        reserve_release="renewal_or_yearly",
        reserve_release_years=[10],
        fees={"farmer_rate": "0.8125", "program_rate": "0.1875"},
    ),
    source="Carbofarm, published terms",
)

"""The preset of the Kenya Agricultural Carbon Project: 60% to the farmers' groups."""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

KENYA = Program(
    id="kenya-acp",
    name=_("Kenya Agricultural Carbon Project"),
    terms=make_terms(
        minimum_term_years=20,
        fees={"farmer_rate": "0.60", "advisory_rate": "0.35", "marketing_rate": "0.05"},
    ),
    source="Kenya Agricultural Carbon Project, published terms",
)

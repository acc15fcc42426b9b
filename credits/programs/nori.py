"""The preset of Nori: ten years, a quarter restricted and freed day by day."""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

NORI = Program(
    id="nori",
    name=_("Nori"),
    terms=make_terms(
        minimum_term_years=10,
        permanence_years=10,
        reserve_rate="0.25",
        reserve_release="daily",
        reserve_release_years=[10],
        longest_period_years=3,
    ),
    source="Nori, Croplands Methodology and How Nori Works",
)

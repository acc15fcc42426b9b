"""The preset of Rabobank's Acorn: credits after the fact, the farmer takes at least 80%."""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

ACORN = Program(
    id="acorn",
    name=_("Rabobank Acorn"),
    terms=make_terms(
        permanence_years=20,
        farm_below_m2="100000",
        least_price="20",
        least_price_currency="EUR",
        conditions=["paid_yearly"],
        fees={"farmer_rate": "0.80", "local_partner_rate": "0.10", "platform_rate": "0.10"},
    ),
    source="Rabobank Acorn, published terms",
)

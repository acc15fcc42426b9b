"""The preset of Alberta's conservation cropping, ended in 2021.

Two models were in use, a flat fee a tonne and an agent's part; the published example parts the
unit price. Its text as read has no figure of term, reserve and sample.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

ALBERTA = Program(
    id="alberta",
    name=_("Alberta conservation cropping"),
    terms=make_terms(
        documents=["landowner_assignment"],
        conditions=["discretionary_tillage"],
        # Of the price of a tonne, rounded to the cent before it is multiplied.
        fees={"aggregator_of_unit_price": "1/3"},
    ),
    source="Alberta Quantification Protocol for Conservation Cropping, and its published example",
)

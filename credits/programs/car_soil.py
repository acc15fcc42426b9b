"""The preset of the Climate Action Reserve's Soil Enrichment Protocol.

The buffer follows a rating of risk that was not read: a project is asked for it.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

CAR_SOIL = Program(
    id="car-soil",
    name=_("Climate Action Reserve (soil enrichment)"),
    terms=make_terms(
        minimum_term_years=10,
        permanence_years=100,
        documents=["title_attestation", "voluntary_attestation", "compliance_attestation"],
        conditions=["county_adoption", "three_points", "resampled_in_five"],
    ),
    source="Climate Action Reserve, Soil Enrichment Protocol",
)

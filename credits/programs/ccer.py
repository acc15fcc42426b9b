"""The preset of China's certified emission reductions (CCER).

A buyer may surrender them for at most 5% of its yearly allowances (Measures of 2020, Art. 29);
that binds the buyer, not the pool.
"""

from datetime import date

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

CCER = Program(
    id="ccer",
    name=_("China certified emission reductions (CCER)"),
    terms=make_terms(minimum_area_m2="400", documents=["land_proof", "agreement"]),
    source="CCER methodology for cropland: parcels from 400 m², from 667 m² if begun up to 2019",
    smallest_fields=((date(2019, 12, 31), "667"),),
)

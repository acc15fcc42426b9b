"""The preset of the Chicago Climate Exchange's soil offsets, 2003–2010.

The exchange's fee of about 0.20 USD/t and a sample of 10% of the pool are recalled, not read: a
project is asked for both. The fewest fields drawn are this house's own.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

CCX = Program(
    id="ccx",
    name=_("Chicago Climate Exchange (soil offsets)"),
    terms=make_terms(
        minimum_term_years=5,
        reserve_rate="0.20",
        reserve_release="contract_year_end",
        minimum_lot_t=12_500,
        sample_minimum=5,
        # "On failure of the practice all tonnes of that acreage are void."
        correction_rule="void",
        reversal_rule="void",
        low_residue_crops=["pulses", "mung_bean", "adzuki_bean"],
        low_residue_years=3,
        soybean_rate="0.50",
        no_till_crops=["alfalfa"],
        documents=["agreement"],
        conditions=["two_thirds_undisturbed", "grass_since_1999"],
        fees={"aggregator_rate": "0.10", "exchange_usd_per_tonne": None},
    ),
    source="CCX Offset Project Protocol, Agricultural Best Management Practices, 2009-09-30",
    sources={
        "fees.aggregator_rate": "Iowa Farm Bureau and National Farmers Union, aggregation contracts"
    },
)

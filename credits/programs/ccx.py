"""The preset of the Chicago Climate Exchange's soil offsets, 2003–2010.

Source: CCX Offset Project Protocol of 2009-09-30 (five-year contracts, 20% of accrued tonnes in
reserve to the contract's last day, lots of 12,500 t); Iowa Farm Bureau and National Farmers Union
contracts (aggregator's 10% of proceeds). The exchange's fee of about 0.20 USD/t and the sample of
10% of the pool are recalled, not read: a project checks them against its own contract.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program

CCX = Program(
    id="ccx",
    name=_("Chicago Climate Exchange (soil offsets)"),
    terms={
        "reserve_rate": "0.20",
        "minimum_lot_t": 12_500,
        "minimum_term_years": 5,
        "sample_rate": "0.10",
        "sample_minimum": 5,
        "minimum_area_m2": "0",
        "excluded_land_classes": [],
        "excluded_crops": [],
        "grain_guard": "",
        "retroactive_agreements": False,
        "fees": {"aggregator_rate": "0.10", "exchange_usd_per_tonne": "0.20"},
    },
)

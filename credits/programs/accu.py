"""The presets of Australia's soil carbon credits: the methods of 2018 and 2021, 25 or 100 years.

The permanence deduction and the risk-of-reversal buffer add up, and none of either is given back.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

_CER = "Clean Energy Regulator, permanence obligations (2023-06)"
_METHODS = {
    "2018": "Carbon Credits (Measurement of Soil Carbon Sequestration in Agricultural Systems) "
    "Methodology Determination 2018",
    "2021": "Carbon Credits (Estimation of Soil Organic Carbon Sequestration using Measurement and "
    "Models) Methodology Determination 2021",
}


def _accu(method: str, years: int, name: Promise, *, first_hold_rate: str) -> Program:
    return Program(
        id=f"accu-{method}-{years}",
        name=name,
        terms=make_terms(
            permanence_years=years,
            permanence_rate="0.20" if years == 25 else "0",
            first_hold_rate=first_hold_rate,
            reserve_rate="0.05",
            reserve_release="never",
            documents=["interest_holder_consent"],
            conditions=["registered_points", "resampled_in_five"],
        ),
        source=_METHODS[method],
        sources={"permanence_rate": _CER, "permanence_years": _CER, "reserve_rate": _CER},
    )


ACCU_2018_25 = _accu("2018", 25, _("ACCU soil carbon 2018, 25 years"), first_hold_rate="0.50")
ACCU_2018_100 = _accu("2018", 100, _("ACCU soil carbon 2018, 100 years"), first_hold_rate="0.50")
ACCU_2021_25 = _accu("2021", 25, _("ACCU soil carbon 2021, 25 years"), first_hold_rate="0.25")
ACCU_2021_100 = _accu("2021", 100, _("ACCU soil carbon 2021, 100 years"), first_hold_rate="0.25")

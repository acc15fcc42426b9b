"""The presets of the Plan Vivo Standard, versions 4 and 5.

At least 60% of the certificates' money goes to the participants; who takes the rest is the
project's own. Version 4 lets a project of low risk that credits ex post hold back 5%.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

_SHARED = {
    "documents": ["agreement", "prior_consent"],
    "conditions": ["staged_payments", "only_verified_retired"],
    "fees": {"farmer_rate": "0.60", "aggregator_rate": None},
}

PLAN_VIVO_4 = Program(
    id="plan-vivo-4",
    name=_("Plan Vivo, version 4"),
    terms=make_terms(reserve_rate="0.10", **_SHARED),
    source="Plan Vivo Standard, version 4",
    sources={
        "reserve_rate": "Plan Vivo Standard, version 4: at least 10%; 5% if low-risk and ex post"
    },
)

PLAN_VIVO_5 = Program(
    id="plan-vivo-5",
    name=_("Plan Vivo, version 5"),
    terms=make_terms(reserve_rate="0.20", **_SHARED),
    source="Plan Vivo Standard, version 5",
)

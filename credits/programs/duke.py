"""The preset of the Duke standard: permanence and leakage as deductions of their own.

That they are deducted is recalled, their figures are not: a project is asked for each.
"""

from django.utils.translation import gettext_lazy as _

from credits.programs.base import Program, make_terms

DUKE = Program(
    id="duke",
    name=_("Duke standard"),
    terms=make_terms(leakage_rate=None, permanence_rate=None, conditions=["additionality"]),
    source="Harnessing Farms and Forests in the Low-Carbon Economy (Duke University, 2007)",
)

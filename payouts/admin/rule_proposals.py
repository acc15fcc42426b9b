"""The button on a project that sets up the deductions which its program's terms name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR
from aggregator.object_actions import ActionForm, MoneyField, ObjectAction, register_action
from credits.models import Project
from payouts.agreement_terms import say_rule
from payouts.rule_proposals import (
    EXCHANGE_FEE,
    has_rules,
    parts_unit_price,
    propose_rules,
    set_up_rules,
)


class RulesForm(ActionForm):
    unit_price_minor = MoneyField(
        label=_("Price of a tonne"),
        help_text=_("The program parts it between farmer and aggregator, to the cent."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not parts_unit_price(self.subject):
            del self.fields["unit_price_minor"]


def explain_rules(project: Project) -> Iterator[str | Promise]:
    """The rules one by one, as they will be kept."""
    yield _("Before the households share, these are taken off; change them afterwards as agreed.")
    if not parts_unit_price(project):
        yield from (say_rule(rule) for rule in propose_rules(project))
    if project.terms.get("fees", {}).get(EXCHANGE_FEE) and project.cooperative.currency != "USD":
        yield _("The exchange's fee is in USD: add it by hand, in your own currency.")


register_action(
    Project,
    ObjectAction(
        name="set_up_rules",
        label=_("Set up the program's deductions"),
        roles=OPERATOR,
        rule=set_up_rules,
        form=RulesForm,
        allowed=lambda project, _user: not has_rules(project),
        explain=explain_rules,
        done=lambda _rules: _("The deductions are set up."),
    ),
)

"""A new project's waterfall rules out of what its program takes: proposed once, then the clerk's.

Proposed are the fees of the project's own snapshot; what a program does not say was asked for when
the project was set up.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.money import round_half_up
from aggregator.roles import require_role
from credits.methodologies.base import decimal_text
from credits.models import Project
from credits.terms.program_terms import FARMER_RATE
from payouts.models import WaterfallRule

UNIT_PRICE_SHARE = "aggregator_of_unit_price"
EXCHANGE_FEE = "exchange_usd_per_tonne"
_CENTS = 100
_KIND = WaterfallRule.Kind


class RulesExist(DomainError):
    code = "rules_exist"
    message = _("The project has waterfall rules already. Change those.")


class NothingToPropose(DomainError):
    code = "nothing_to_propose"
    message = _("The project's terms name no fee that could be taken as it stands.")


class FarmersGetLess(DomainError):
    code = "farmers_get_less"
    message = _(
        "The program leaves at least %(least)s%% to the farmers; this settlement leaves %(left)s%%."
    )


class UnitPriceMissing(BadInput):
    code = "unit_price_missing"
    message = _("This program shares the price of a tonne: give the price.")


# By fee of the terms, in the order in which they are taken: code, name and who gets it.
_RATES: dict[str, tuple[str, Promise, Promise]] = {
    "program_rate": ("program", _("Program's fee"), _("the program")),
    "platform_rate": ("platform", _("Platform's part"), _("the platform")),
    "local_partner_rate": ("partner", _("Local partner's part"), _("the local partner")),
    "advisory_rate": ("advisory", _("Advisory service"), _("the advisory service")),
    "marketing_rate": ("marketing", _("Marketing"), _("marketing")),
    "aggregator_rate": ("service", _("Aggregator's part"), _("the cooperative")),
}


def propose_rules(project: Project, *, unit_price_minor: int | None = None) -> list[WaterfallRule]:
    """The rules of the project's own fees, not saved.

    Args:
        project: with its snapshot of terms.
        unit_price_minor: the price of a tonne, where the program parts that.

    Raises:
        UnitPriceMissing: it does, and there is no price.
    """
    fees = project.terms.get("fees", {})
    found = [*_exchange_fee(project, fees), *_unit_price_share(fees, unit_price_minor)]
    found += [
        {**_named(*_RATES[name]), "kind": _KIND.RATE_OF_GROSS, "rate": Decimal(fees[name])}
        for name in _RATES
        if Decimal(fees.get(name) or 0) > 0
    ]
    return [
        WaterfallRule(
            cooperative_id=project.cooperative_id, project=project, position=position, **rule
        )
        for position, rule in enumerate(found, start=1)
    ]


def set_up_rules(
    project: Project, *, by: User, unit_price_minor: int | None = None
) -> list[WaterfallRule]:
    """Keep the proposed rules of a project that has none.

    Raises:
        RulesExist: it has some, perhaps of someone else just now.
        NothingToPropose, UnitPriceMissing: its terms give no rule.
    """
    require_role(by, "operator", of=project)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if has_rules(project):
            raise RulesExist
        rules = propose_rules(project, unit_price_minor=unit_price_minor)
        if not rules:
            raise NothingToPropose
        WaterfallRule.objects.bulk_create(rules)
        audit.record_event(
            project, action="set_up_rules", by=by, rules=[rule.code for rule in rules]
        )
    return rules


def require_farmers_part(project: Project, *, gross_minor: int, net_minor: int, lines: int) -> None:
    """Raise where a settlement leaves the farmers less than their program does.

    Each line was rounded half up to the minor unit: so many units less are no less.

    Raises:
        FarmersGetLess: naming both parts in per cent.
    """
    least = Fraction(project.terms.get("fees", {}).get(FARMER_RATE) or 0)
    if net_minor + lines >= least * gross_minor:
        return
    raise FarmersGetLess(
        least=decimal_text(least * 100, 2),
        left=decimal_text(Fraction(net_minor * 100, gross_minor), 2),
    )


def has_rules(project: Project) -> bool:
    return WaterfallRule.objects.filter(project=project).exists()


def parts_unit_price(project: Project) -> bool:
    return UNIT_PRICE_SHARE in project.terms.get("fees", {})


def split_unit_price(price_minor: int, taken: Fraction) -> tuple[int, int]:
    """What is left of a tonne's price and what is taken; the first is rounded half up.

    Source: Alberta's published example: two thirds of 23.00 CAD are 15.33, by 113 t 1,732.
    """
    left = round_half_up(price_minor * (1 - taken))
    return left, price_minor - left


def _unit_price_share(fees: dict[str, Any], price_minor: int | None) -> list[dict[str, Any]]:
    if UNIT_PRICE_SHARE not in fees:
        return []
    if not price_minor:
        raise UnitPriceMissing
    _left, taken = split_unit_price(price_minor, Fraction(fees[UNIT_PRICE_SHARE]))
    names = _named(*_RATES["aggregator_rate"])
    return [{**names, "kind": _KIND.PER_TONNE, "amount_minor": taken}]


def _exchange_fee(project: Project, fees: dict[str, Any]) -> list[dict[str, Any]]:
    """Only where books are kept in its currency; no rate of exchange is assumed."""
    if project.cooperative.currency != "USD" or not Decimal(fees.get(EXCHANGE_FEE) or 0):
        return []
    names = _named("exchange", _("Exchange's fee"), _("the exchange"))
    cents = round_half_up(Fraction(fees[EXCHANGE_FEE]) * _CENTS)
    return [{**names, "kind": _KIND.PER_TONNE, "amount_minor": cents}]


def _named(code: str, name: Promise, payee: Promise) -> dict[str, str]:
    """In both languages, as statements need them."""
    with translation.override("zh-hans"):
        chinese = {"name": str(name), "payee": str(payee)}
    with translation.override("en"):
        return {"code": code, "name_en": str(name), "payee_en": str(payee), **chinese}

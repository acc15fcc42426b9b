"""What a project's waterfall rules take off, as its agreements say it; and which say otherwise.

Reads only: an agreement is never changed, and no settlement is held up.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.formats import format_percent
from aggregator.models import Agreement
from aggregator.money import format_money
from aggregator.names import local_name
from credits.models import Project
from credits.programs.wording import Deductions
from payouts.models import WaterfallRule

_KIND = WaterfallRule.Kind


def read_deductions(project: Project) -> Deductions | None:
    """The rules of a project in their order; None while it has none."""
    rules = list(
        WaterfallRule.objects.filter(project=project)
        .select_related("cooperative")
        .order_by("position")
    )
    if not rules:
        return None
    rates = sum((rule.rate or Decimal(0) for rule in rules), Decimal(0))
    return Deductions(
        terms=[[rule.kind, _number(rule)] for rule in rules],
        words=str(_("; ")).join(say_rule(rule) for rule in rules),
        rate=_plain(rates),
    )


def count_promised_otherwise(project: Project) -> int:
    """Agreements in force today whose text states other deductions than the project's rules."""
    today = read_deductions(project)
    if today is None:
        return 0
    signed = Agreement.objects.for_cooperative(project.cooperative).filter(
        program=project.program, text__has_key="terms"
    )
    alike = signed.filter(text__terms__deductions=today.terms)
    return signed.valid_on(timezone.localdate()).exclude(pk__in=alike.values("pk")).count()


def say_promised_otherwise(project: Project) -> list[str]:
    """A sentence for whoever changes the rules or approves by them; nothing where all is kept."""
    count = count_promised_otherwise(project)
    if not count:
        return []
    told = ngettext(
        "%(count)d agreement in force states other deductions than this project's rules. Correct "
        "the rules, or have the members' meeting agree and renew the agreement.",
        "%(count)d agreements in force state other deductions than this project's rules. Correct "
        "the rules, or have the members' meeting agree and renew the agreements.",
        count,
    )
    return [told % {"count": count}]


def say_rule(rule: WaterfallRule) -> str:
    """One rule in words: its name, who gets it and how much."""
    values = {"name": local_name(rule), "payee": local_name(rule, "payee")}
    if rule.rate is None:
        values["amount"] = format_money(rule.amount_minor or 0, rule.cooperative.currency)
    else:
        values["amount"] = format_percent(_plain(rule.rate))
    words = {
        _KIND.PER_TONNE: _("%(name)s, to %(payee)s: %(amount)s a tonne"),
        _KIND.FIXED: _("%(name)s, to %(payee)s: %(amount)s a period"),
        _KIND.RATE_OF_GROSS: _("%(name)s, to %(payee)s: %(amount)s of the whole income"),
        _KIND.RATE_OF_REMAINING: _("%(name)s, to %(payee)s: %(amount)s of what then remains"),
    }
    return words[_KIND(rule.kind)] % values


def _number(rule: WaterfallRule) -> str:
    return str(rule.amount_minor) if rule.rate is None else _plain(rule.rate)


def _plain(rate: Decimal) -> str:
    """Without the zeros that one database adds and another does not."""
    return format(rate.normalize(), "f")

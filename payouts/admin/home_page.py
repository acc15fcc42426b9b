"""The home page out of its facts: cells with words, colours and links to the rows counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.admin_columns import TONE_SIGNS
from aggregator.models import Cooperative, User
from aggregator.money import format_money
from aggregator.names import local_name
from credits.models import Verification
from payouts.admin.first_steps import list_first_steps
from payouts.home import HomeFacts, LineFacts, MoneyFacts, gather_home
from payouts.models import Settlement
from payouts.next_step import NextStep, batch_step, next_step, people_steps


@dataclass(frozen=True)
class Cell:
    """One station of the line: a count, a state in a word, and where the counted rows are."""

    name: str
    count: str
    tone: str
    word: str
    url: str = ""

    @property
    def sign(self) -> str:
        return TONE_SIGNS[self.tone]


def home_context(user: User, cooperative: Cooperative | None) -> dict[str, Any]:
    """The template's context; without a cooperative there is nothing to show yet."""
    if cooperative is None:
        return {"home": None}
    facts = gather_home(cooperative)
    today = timezone.localdate()
    steps = [next_step(line, today=today, batches=facts.batches) for line in facts.lines]
    pools = [_pool(line, step, facts) for line, step in zip(facts.lines, steps, strict=True)]
    waiting = [
        *steps,
        *(batch_step(batch) for batch in facts.batches),
        *people_steps(facts, user),
    ]
    return {
        "home": {
            # The newest first: that is the one people work on.
            "pools": pools[::-1],
            "first_steps": [] if pools else list_first_steps(cooperative),
            "waiting": _waiting(waiting, user),
            "problems": _problems(facts),
            "money": money_bar(facts.money, cooperative.currency),
            "imports": facts.imports,
        }
    }


def list_url(model: str, **filters: Any) -> str:
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:{model}_changelist") + query


def step_url(step: NextStep) -> str:
    target = step.target
    if target is None:
        return ""
    name = f"admin:{target._meta.app_label}_{target._meta.model_name}"
    if not isinstance(target, Model):
        return reverse(f"{name}_changelist")
    return reverse(f"{name}_change", args=[target.pk])


def _pool(line: LineFacts, step: NextStep, facts: HomeFacts) -> dict[str, Any]:
    counted = line.credits
    return {
        "name": local_name(counted.project),
        "period": counted.period.code if counted.period else _("no period yet"),
        "url": step_url(NextStep("", target=counted.period or counted.project)),
        "cells": _cells(line),
        "text": step.text,
        "who": _who(step, facts),
        "step_url": step_url(step),
    }


def _who(step: NextStep, facts: HomeFacts) -> str:
    if not step.role:
        return ""
    names = facts.staff.get(step.role, [])
    role = User.Role(step.role).label
    return f"{role} {', '.join(names)}" if names else _("%(role)s (nobody yet)") % {"role": role}


def _cells(line: LineFacts) -> list[Cell]:
    counted = line.credits
    key = counted.period.pk if counted.period else None
    own = {"period": key} if key else {}
    project = {"project__id__exact": counted.project.pk, "status__exact": "enrolled"}
    refused = counted.fields_refused
    fields_word = _("%(count)d refused") % {"count": refused} if refused else _("enrolled")
    return [
        Cell(
            _("Members"),
            f"{line.members:,}",
            "good" if line.members else "none",
            _("in the pool") if line.members else _("none yet"),
            list_url("aggregator_household", **own) if own else "",
        ),
        Cell(
            _("Fields"),
            f"{counted.fields_enrolled:,}",
            "bad" if refused else _tone(counted.fields_enrolled),
            fields_word,
            list_url("farms_field", **own, stands="yes")
            if own
            else list_url("credits_enrolment", **project),
        ),
        _evidence_cell(line, own),
        _verified_cell(line),
        _issued_cell(line),
        _sold_cell(line),
        _settled_cell(line),
        _paid_cell(line),
    ]


def _tone(count: int) -> str:
    return "good" if count else "none"


def _evidence_cell(line: LineFacts, own: dict[str, Any]) -> Cell:
    total, recorded = line.credits.fields_enrolled, line.fields_recorded
    complete = bool(total) and recorded >= total
    words = [_("complete") if complete else _("%(count)d missing") % {"count": total - recorded}]
    if line.fields_shown:
        words.append(_("%(count)d with files") % {"count": line.fields_shown})
    return Cell(
        _("Evidence"),
        f"{recorded:,}/{total:,}",
        "good" if complete else ("wait" if own else "none"),
        " · ".join(words) if own else _("none yet"),
        list_url("farms_field", **own, recorded="yes") if own else "",
    )


def _verified_cell(line: LineFacts) -> Cell:
    check, counted = line.credits.verification, line.credits
    if check is None:
        return Cell(_("Verified"), "—", "none", _("not yet"))
    tones: dict[str, str] = {
        Verification.Status.POSITIVE: "good",
        Verification.Status.NEGATIVE: "bad",
    }
    return Cell(
        _("Verified"),
        f"{counted.sample_done:,}/{counted.sample_total:,}",
        tones.get(check.status, "wait"),
        check.get_status_display(),
        list_url("credits_sampledfield", verification__id__exact=check.pk),
    )


def _issued_cell(line: LineFacts) -> Cell:
    issuance = line.credits.issuance
    if issuance is None:
        counted = line.credits.credited_kg
        word = _("%(tonnes)s t counted") % {"tonnes": f"{counted // 1000:,}"}
        return Cell(_("Issued"), "—", "none", word if counted else _("not yet"))
    word = _("+ %(tonnes)s t reserve") % {"tonnes": f"{issuance.reserve_t:,}"}
    url = list_url("credits_creditblock", issuance__id__exact=issuance.pk)
    return Cell(_("Issued"), _tonnes(issuance.sellable_t), "good", word, url)


def _sold_cell(line: LineFacts) -> Cell:
    counted = line.credits
    if not counted.sold_t or counted.period is None:
        return Cell(_("Sold"), "—", "wait" if counted.issuance else "none", _("not yet"))
    due = line.sold_minor - line.received_minor
    paid_up = due <= 0
    word = _("money received") if paid_up else _("%(amount)s due") % {"amount": _money(line, due)}
    url = list_url("credits_lot", block__issuance__period__id__exact=counted.period.pk)
    return Cell(
        _("Sold"),
        _tonnes(counted.sold_t),
        "good" if paid_up else "wait",
        word,
        url,
    )


def _settled_cell(line: LineFacts) -> Cell:
    settlement = line.settlement
    if settlement is None:
        waits = bool(line.unsettled_minor)
        return Cell(_("Settled"), "—", "wait" if waits else "none", _("not yet"))
    approved = settlement.status == Settlement.Status.APPROVED
    amount = line.settled_minor if approved else settlement.net_minor
    return Cell(
        _("Settled"),
        _money(line, amount),
        "good" if approved else "wait",
        settlement.get_status_display(),
        list_url("payouts_settlement", period__id__exact=settlement.period_id),
    )


def _paid_cell(line: LineFacts) -> Cell:
    nothing = line.shares_of_nothing
    if line.credits.period is None or not line.shares + nothing:
        return Cell(_("Paid"), "—", "none", _("not yet"))
    complete = line.shares_paid == line.shares
    words = [_("all households") if complete else _("households so far")]
    if nothing:
        words.append(_("%(count)d with nothing to pay") % {"count": nothing})
    return Cell(
        _("Paid"),
        f"{line.shares_paid:,}/{line.shares:,}",
        "good" if complete else "wait",
        " · ".join(words if line.shares else words[1:]),
        list_url("payouts_share", period=line.credits.period.pk, paid="yes"),
    )


def _tonnes(tonnes: int) -> str:
    return _("%(tonnes)s t") % {"tonnes": f"{tonnes:,}"}


def _money(line: LineFacts, amount: int) -> str:
    return format_money(amount, line.credits.project.cooperative.currency)


def _waiting(steps: list[NextStep], user: User) -> list[dict[str, str]]:
    mine = dict.fromkeys(step for step in steps if step.waits_for(user))
    return [{"text": step.text, "url": step_url(step)} for step in mine]


def _problems(facts: HomeFacts) -> list[dict[str, Any]]:
    kinds = {
        "credits": (_("Credits that do not add up"), reverse("credits-proof")),
        "held": (
            _("Payments held"),
            list_url("payouts_payment", status__exact="held", stuck="yes"),
        ),
        "failed": (
            _("Payments failed"),
            list_url("payouts_payment", status__exact="failed", stuck="yes"),
        ),
        "refused": (
            _("Fields refused at enrolment"),
            list_url("credits_enrolment", status__exact="refused"),
        ),
        "imports": (
            _("Files refused"),
            list_url("aggregator_importrun", status__exact="refused"),
        ),
        "no_agreement": (
            _("Households without an agreement"),
            list_url("aggregator_household", agreement="missing"),
        ),
        "running_out": (
            _("Agreements running out"),
            list_url("aggregator_agreement", state="running_out"),
        ),
        "reports": (_("Farmers' reports waiting"), reverse("practice-reports")),
        "no_evidence": (
            _("Practice records without evidence"),
            list_url("farms_practicerecord", evidence="lacks", status__exact="confirmed"),
        ),
        "land": (_("Fields flagged by the grain guard"), list_url("farms_field", guard="any")),
        "not_drafted": (
            _("Settlements not drafted"),
            list_url("payouts_settlement", status__exact="requested"),
        ),
        "not_issued": (
            _("Settlements without statements"),
            list_url("payouts_settlement", statements_job__exact="pending"),
        ),
        "statements_failing": (
            _("Statements without a PDF"),
            list_url("payouts_statement", pdf__status__exact="pending"),
        ),
        "documents_failing": (
            _("Village documents that cannot be made"),
            list_url("payouts_villagedocument", status__exact="pending"),
        ),
    }
    return [
        {"name": name, "url": url, "count": facts.problems[kind]}
        for kind, (name, url) in kinds.items()
        if facts.problems[kind]
    ]


def money_bar(money: MoneyFacts, currency: str) -> dict[str, Any] | None:
    """Segments of a bar of 1000 units; None before the first money."""
    if not money.received:
        return None
    names = {
        "paid": _("Paid to households"),
        "on_its_way": _("At the bank, on its way"),
        "owed": _("Owed to households"),
        "fees": _("Fees and funds"),
        "not_shared": _("Not yet shared"),
    }
    segments: list[dict[str, Any]] = []
    start = 0
    for kind, amount in money.parts():
        if amount > 0:
            width = amount * 1000 // money.received
            segments.append(
                {
                    "kind": kind,
                    "name": names[kind],
                    "amount": format_money(amount, currency),
                    "x": start,
                    "width": width,
                }
            )
            start += width
    # What the rounding of widths leaves goes to the last piece, so that the bar is full.
    segments[-1]["width"] += 1000 - start
    return {"received": format_money(money.received, currency), "segments": segments}


def chosen_cooperative(request: HttpRequest) -> dict[str, Any]:
    """The reader's cooperative; a superuser chooses among all by ``?cooperative=``."""
    if not request.user.is_superuser or request.user.cooperative_id:
        return {"cooperative": request.user.cooperative, "cooperatives": []}
    cooperatives = list(Cooperative.objects.all())
    wanted = request.GET.get("cooperative", "")
    chosen = next((each for each in cooperatives if each.code == wanted), None)
    return {
        "cooperative": chosen or next(iter(cooperatives), None),
        "cooperatives": cooperatives if len(cooperatives) > 1 else [],
    }

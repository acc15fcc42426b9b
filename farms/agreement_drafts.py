"""Drafting agreements: for one household or for all that lack one, anew, as a renewal; discarding.

A draft binds nobody and earns nothing; it waits to be signed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.agreement_templates import current_template, kept_template
from aggregator.agreement_wording import agreement_programs
from aggregator.agreements import AlreadySigned, NotSigned, members_on
from aggregator.canonical import sha256_of
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import Agreement, AgreementTemplate, Cooperative, Household, User, Village
from aggregator.periods import Period
from aggregator.roles import NotYours, require_role
from farms.agreement_facts import Holdings, Paper, freeze_text
from farms.models import AgreementField, Field, FieldDescent, Tenure

CHUNK = 200


class TermBackwards(BadInput):
    code = "agreement_term_backwards"
    message = _("The last day must not lie before the first.")


class NoPlots(DomainError):
    code = "agreement_without_plots"
    message = _("Household %(household)s holds no plot in these days. Record its plots first.")


class PlotNotHeld(DomainError):
    code = "agreement_plot_not_held"
    message = _("Household %(household)s does not hold plot %(field)s in these days.")


class SecondRecord(DomainError):
    code = "household_merged_away"
    message = _("Household %(household)s is a second record that was merged into another one.")


class DraftWaits(DomainError):
    code = "agreement_draft_waits"
    message = _("Draft %(code)s already waits for this household's signature.")


class AlreadyRenewed(DomainError):
    code = "agreement_already_renewed"
    message = _("This agreement is renewed by %(code)s already.")


class RevokedNotRenewed(DomainError):
    code = "agreement_revoked_not_renewed"
    message = _("A revoked agreement is not renewed. Draft a new one.")


@transaction.atomic
def draft_agreement(
    household: Household,
    *,
    template: AgreementTemplate,
    starts_on: date,
    ends_on: date,
    by: User,
    fields: Collection[Field] | None = None,
) -> Agreement:
    """Draft an agreement over the whole holding, or over the `fields` named.

    Raises:
        TermBackwards, SecondRecord, NoPlots, PlotNotHeld, DraftWaits: why none can be drafted.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    if template.cooperative_id != household.cooperative_id:
        raise NotYours
    if household.merged_into_id:
        raise SecondRecord(household=household.code)
    waiting = household.agreements.drafts().filter(program=template.program).first()
    if waiting:
        raise DraftWaits(code=waiting.code)
    paper = _paper(template, starts_on, ends_on, fields=fields)
    cooperative = _lock(household.cooperative)
    holdings = Holdings(cooperative, [household], term=paper.term)
    if fields is not None:
        _check_named(household, fields, holdings)
    paper = replace(paper, code=next(_numbers(cooperative)))
    draft = _make(household, paper, holdings)
    return _keep(draft, paper, by=by, action="draft_agreement")


@transaction.atomic
def renew_agreement(agreement: Agreement, *, ends_on: date, by: User) -> Agreement:
    """Draft what follows a signed agreement, from the day after it, over the same plots.

    Plots that were split or merged since are named by what became of them.

    Raises:
        NotSigned, RevokedNotRenewed, AlreadyRenewed, TermBackwards, NoPlots: why not.
    """
    require_role(by, User.Role.OPERATOR, of=agreement)
    if agreement.signed_on is None:
        raise NotSigned
    if agreement.revoked_on is not None:
        raise RevokedNotRenewed
    if follower := agreement.renewals.first():
        raise AlreadyRenewed(code=follower.code)
    household = agreement.household
    cooperative = _lock(agreement.cooperative)
    template = kept_template(cooperative, program=agreement.program or _only_program(cooperative))
    fields = None if agreement.whole_holding else _named_today(agreement)
    starts_on = agreement.ends_on + timedelta(days=1)
    paper = _paper(template, starts_on, ends_on, fields=fields)
    paper = replace(paper, code=next(_numbers(cooperative)), renews=agreement.code)
    draft = _make(household, paper, Holdings(cooperative, [household], term=paper.term))
    draft.renews = agreement
    return _keep(draft, paper, by=by, action="renew_agreement")


@transaction.atomic
def redraft_agreement(agreement: Agreement, *, by: User) -> Agreement:
    """Write a draft anew, by today's facts and the newest wording; number and days stay.

    Raises:
        AlreadySigned: what is signed stays.
        NoPlots: the household holds none of them any more.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    require_role(by, User.Role.OPERATOR, of=agreement)
    if agreement.signed_on is not None:
        raise AlreadySigned
    template = kept_template(agreement.cooperative, program=agreement.program)
    paper = replace(paper_of(agreement), template=template, drafted_on=timezone.localdate())
    agreement.template = template
    _freeze(
        agreement, paper, Holdings(agreement.cooperative, [agreement.household], term=paper.term)
    )
    agreement.save(update_fields=["template", "text", "text_sha256"])
    audit.record_event(
        agreement, action="redraft_agreement", by=by, text_sha256=agreement.text_sha256
    )
    return agreement


@transaction.atomic
def discard_draft(agreement: Agreement, *, by: User) -> None:
    """Throw away a draft that nobody has signed.

    Raises:
        AlreadySigned: what is signed stays.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    require_role(by, User.Role.OPERATOR, of=agreement)
    if agreement.signed_on is not None:
        raise AlreadySigned
    audit.record_event(agreement, action="discard_agreement", by=by, code=agreement.code)
    agreement.delete()


def draft_missing(
    cooperative: Cooperative,
    *,
    program: str,
    starts_on: date,
    ends_on: date,
    by: User,
    village: Village | None = None,
) -> int:
    """Draft for every member that holds plots and has neither agreement nor draft; how many.

    Goes by chunks, each a transaction of its own: broken off, it goes on where it stopped.

    Raises:
        TermBackwards, UnknownWording: what was asked for cannot be.
    """
    template = kept_template(cooperative, program=program)
    require_role(by, User.Role.OPERATOR, of=template)
    paper = _paper(template, starts_on, ends_on)
    covered = Agreement.objects.for_cooperative(cooperative).filter(
        program__in=["", program], revoked_on__isnull=True, ends_on__gte=starts_on
    )
    rows = Household.objects.for_cooperative(cooperative).exclude(
        pk__in=covered.values("household")
    )
    if village is not None:
        rows = rows.filter(village=village)
    keys = list(
        members_on(rows, on=max(starts_on, timezone.localdate())).values_list("pk", flat=True)
    )
    chunks = [keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK)]
    return sum(_draft_chunk(cooperative, chunk, paper, by) for chunk in chunks)


def fresh_text(agreement: Agreement) -> dict[str, Any]:
    """What a draft would say if it were written today, by the same version of the wording."""
    paper = paper_of(agreement)
    return freeze_text(agreement.household, paper=paper, holdings=_holdings(agreement, paper))


def sample_text(cooperative: Cooperative, *, template: AgreementTemplate) -> dict[str, Any] | None:
    """What some household of the cooperative would sign by a wording; None where none has land."""
    today = timezone.localdate()
    term = Period(today, date(today.year + 4, 12, 31))
    holding = Tenure.objects.for_cooperative(cooperative).touching(term.starts_on, term.ends_on)
    household = (
        Household.objects.filter(pk__in=holding.values("household")[:1])
        .select_related("cooperative", "village")
        .first()
    )
    if household is None:
        return None
    paper = Paper(template, _number(0), term, today)
    holdings = Holdings(cooperative, [household], term=term)
    return freeze_text(household, paper=paper, holdings=holdings)


def paper_of(agreement: Agreement) -> Paper:
    """What a kept draft was written from."""
    template = agreement.template or current_template(
        agreement.cooperative, program=agreement.program
    )
    return Paper(
        template,
        agreement.code,
        Period(agreement.starts_on, agreement.ends_on),
        date.fromisoformat(agreement.text["drafted_on"])
        if agreement.text
        else timezone.localdate(),
        agreement.whole_holding,
        frozenset(agreement.named_fields.values_list("field_id", flat=True)),
        agreement.renews.code if agreement.renews else "",
    )


def _holdings(agreement: Agreement, paper: Paper) -> Holdings:
    return Holdings(agreement.cooperative, [agreement.household], term=paper.term)


@transaction.atomic
def _draft_chunk(cooperative: Cooperative, keys: list[int], paper: Paper, by: User) -> int:
    _lock(cooperative)
    households = list(
        Household.objects.filter(pk__in=keys)
        .exclude(agreements__in=Agreement.objects.drafts().filter(program=paper.template.program))
        .select_related("cooperative", "village")
        .order_by("code")
    )
    holdings = Holdings(cooperative, households, term=paper.term)
    numbers = _numbers(cooperative)
    drafts = [
        _make(household, replace(paper, code=next(numbers)), holdings)
        for household in households
        if holdings.fields_of(household)
    ]
    Agreement.objects.bulk_create(drafts)
    if drafts:
        audit.record_event(
            cooperative,
            action="draft_agreements",
            by=by,
            count=len(drafts),
            first=drafts[0].code,
            last=drafts[-1].code,
        )
    return len(drafts)


def _paper(
    template: AgreementTemplate,
    starts_on: date,
    ends_on: date,
    *,
    fields: Collection[Field] | None = None,
) -> Paper:
    if ends_on < starts_on:
        raise TermBackwards
    named = frozenset(field.pk for field in fields or ())
    today = timezone.localdate()
    return Paper(template, "", Period(starts_on, ends_on), today, fields is None, named)


def _make(household: Household, paper: Paper, holdings: Holdings) -> Agreement:
    draft = Agreement(
        cooperative_id=household.cooperative_id,
        household=household,
        code=paper.code,
        program=paper.template.program,
        template=paper.template,
        whole_holding=paper.whole_holding,
        starts_on=paper.term.starts_on,
        ends_on=paper.term.ends_on,
    )
    _freeze(draft, paper, holdings)
    return draft


def _freeze(draft: Agreement, paper: Paper, holdings: Holdings) -> None:
    draft.text = freeze_text(draft.household, paper=paper, holdings=holdings)
    if not draft.text["fields"]:
        raise NoPlots(household=draft.household.code)
    draft.text_sha256 = sha256_of(draft.text)


def _keep(draft: Agreement, paper: Paper, *, by: User, action: str) -> Agreement:
    draft.save()
    AgreementField.objects.bulk_create(
        AgreementField(cooperative_id=draft.cooperative_id, agreement=draft, field_id=key)
        for key in sorted(paper.field_ids)
    )
    audit.record_event(draft, action=action, by=by, code=draft.code, text_sha256=draft.text_sha256)
    return draft


def _check_named(household: Household, fields: Collection[Field], holdings: Holdings) -> None:
    if not fields:
        raise NoPlots(household=household.code)
    held = {field.pk for field in holdings.fields_of(household)}
    for field in fields:
        if field.cooperative_id != household.cooperative_id:
            raise NotYours
        if field.pk not in held:
            raise PlotNotHeld(household=household.code, field=field.code)


def _named_today(agreement: Agreement) -> Sequence[Field]:
    """The fields an agreement names, or what they have become by splits and mergers."""
    keys = set(agreement.named_fields.values_list("field_id", flat=True))
    while born := list(FieldDescent.objects.filter(parent__in=keys).values_list("parent", "child")):
        keys = (keys - {parent for parent, _child in born}) | {child for _parent, child in born}
    return list(Field.objects.filter(pk__in=keys))


def _only_program(cooperative: Cooperative) -> str:
    """The program of the newest wording, for an agreement on record without one."""
    newest = AgreementTemplate.objects.for_cooperative(cooperative).order_by("-pk").first()
    return newest.program if newest else agreement_programs()[0].id


def _lock(cooperative: Cooperative) -> Cooperative:
    """Numbers are given one drafter at a time."""
    return lock_cooperative(cooperative.pk)


def _number(serial: int) -> str:
    return f"T{timezone.localdate():%Y}-{serial:05d}"


def _numbers(cooperative: Cooperative) -> Iterator[str]:
    """The next free numbers of the year; numbers from elsewhere are stepped over."""
    prefix = _number(0)[:-5]
    codes = Agreement.objects.for_cooperative(cooperative).filter(code__startswith=prefix)
    taken = [
        int(found[1])
        for code in codes.values_list("code", flat=True)
        if (found := re.fullmatch(rf"{re.escape(prefix)}(\d{{1,9}})", code))
    ]
    serial = max(taken, default=0)
    while True:
        serial += 1
        yield _number(serial)

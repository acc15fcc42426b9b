"""The member's agreements: read in plain words, signed with a code of their own, downloaded."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from aggregator.agreements import signatories
from aggregator.errors import DomainError
from aggregator.formats import format_span
from aggregator.models import Agreement, Person
from aggregator.portal.door import HouseholdRequest, household_required, read_address
from aggregator.scans import send_scan
from aggregator.sign_in import CODE_MINUTES
from farms.agreement_document import agreement_context, render_agreement, signature_of
from farms.agreement_signing import is_overtaken, request_signing_code, sign_on_phone

# What is asked for in this browser: the code, the agreement and who signs it.
ASKED = "signing"


@require_safe
@household_required
def list_agreements(request: HouseholdRequest) -> HttpResponse:
    today = timezone.localdate()
    rows = request.household.agreements.defer("text").order_by("-starts_on", "-pk")
    cards = [
        {
            "pk": row.pk,
            "code": row.code,
            "term": format_span(row.starts_on.isoformat(), row.ends_on.isoformat()),
            "state": row.state_on(today).label,
            "waits": row.signed_on is None,
        }
        for row in rows
    ]
    return render(request, "portal/agreements.html", {"cards": cards})


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def show_agreement(request: HouseholdRequest, pk: int) -> HttpResponse:
    """The agreement in short and in full; a draft can be signed here."""
    agreement = _own(request, pk)
    context = _page(request, agreement)
    if request.method != "POST":
        return render(request, "portal/agreement.html", context)
    try:
        person = _chosen(agreement, request.POST.get("person", ""))
        code = request_signing_code(
            agreement,
            household=request.household,
            person=person,
            agreed="agreed" in request.POST,
            address=read_address(request),
        )
    except DomainError as refusal:
        context["refusal"] = refusal
        return render(request, "portal/agreement.html", context, status=refusal.status)
    request.session[ASKED] = {"code": code.pk, "agreement": agreement.pk, "person": person.pk}
    return redirect("agreements:code", agreement.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@household_required
def type_code(request: HouseholdRequest, pk: int) -> HttpResponse:
    """The six digits that sign; the browser that asked for them is the one that uses them."""
    agreement = _own(request, pk)
    asked = request.session.get(ASKED) or {}
    if asked.get("agreement") != agreement.pk or agreement.signed_on is not None:
        return redirect("agreements:page", agreement.pk)
    context: dict[str, Any] = {
        "code": agreement.code,
        "pk": agreement.pk,
        "masked_phone": request.household.masked_phone,
        "minutes": CODE_MINUTES,
    }
    if request.method != "POST":
        return render(request, "portal/agreement_code.html", context)
    try:
        sign_on_phone(
            agreement,
            household=request.household,
            person=_chosen(agreement, str(asked["person"])),
            code_id=asked["code"],
            digits=_read_digits(request.POST.get("code", "")),
        )
    except DomainError as refusal:
        context["refusal"] = refusal
        return render(request, "portal/agreement_code.html", context, status=refusal.status)
    del request.session[ASKED]
    return redirect("agreements:page", agreement.pk)


@require_safe
@household_required
def download_pdf(request: HouseholdRequest, pk: int) -> HttpResponse:
    agreement = _own(request, pk)
    if not agreement.text:
        raise Http404
    content = render_agreement(agreement, language=_language(request))
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{agreement.code}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_safe
@household_required
def download_scan(request: HouseholdRequest, pk: int) -> Any:
    return send_scan(_own(request, pk))


def _own(request: HouseholdRequest, pk: int) -> Agreement:
    household = request.household
    rows = Agreement.objects.for_cooperative(household.cooperative)
    agreement: Agreement = get_object_or_404(rows.filter(household=household), pk=pk)
    return agreement


def _page(request: HouseholdRequest, agreement: Agreement) -> dict[str, Any]:
    today = timezone.localdate()
    state = agreement.state_on(today)
    waits = agreement.signed_on is None
    context: dict[str, Any] = {
        "pk": agreement.pk,
        "code": agreement.code,
        "state": state.label,
        "waits": waits,
        "has_scan": bool(agreement.scan),
        "term": format_span(agreement.starts_on.isoformat(), agreement.ends_on.isoformat()),
        "signature": signature_of(agreement, language=_language(request)),
        "agreement": None,
    }
    if agreement.text:
        context["agreement"] = agreement_context(
            agreement.text, language=_language(request), sha256=agreement.text_sha256
        )
    if waits:
        context["overtaken"] = is_overtaken(agreement)
        context["persons"] = [
            {"pk": person.pk, "name": person.name, "is_head": person.is_head}
            for person in signatories(request.household, on=today)
        ]
    return context


def _chosen(agreement: Agreement, typed: str) -> Person:
    """The person of this household with that key, or 404."""
    # No key is longer, and Python refuses to read thousands of digits.
    key = int(typed[:18]) if typed[:18].isdecimal() else 0
    person: Person = get_object_or_404(agreement.household.persons, pk=key)
    return person


def _language(request: HttpRequest) -> str:
    return get_language() or request.household.language  # type: ignore[attr-defined]


def _read_digits(text: str) -> str:
    """The digits as typed on any keyboard: full-width ones and spaces are fine."""
    return "".join(unicodedata.normalize("NFKC", text[:40]).split())

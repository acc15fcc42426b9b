"""The pages before the door: phone number, code, which household, and the way out."""

from __future__ import annotations

import unicodedata

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from aggregator import sign_in
from aggregator.encryption import mask_number
from aggregator.errors import DomainError
from aggregator.keys import read_key
from aggregator.portal import door


@never_cache
@require_http_methods(["GET", "POST"])
def ask_phone(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "portal/phone.html")
    typed = request.POST.get("phone", "")[:40]
    try:
        return _send_code(request, typed)
    except DomainError as refusal:
        context = {"refusal": refusal, "typed": typed}
        return render(request, "portal/phone.html", context, status=refusal.status)


@never_cache
@require_http_methods(["GET", "POST"])
def ask_code(request: HttpRequest) -> HttpResponse:
    asked = door.read_code(request.session)
    if asked is None:
        return redirect("door:sign-in")
    code_id, phone = asked
    context = {"masked_phone": mask_number(phone), "minutes": sign_in.CODE_MINUTES}
    if request.method == "GET":
        return render(request, "portal/code.html", context)
    try:
        if "again" in request.POST:
            return _send_code(request, phone)
        phone_hash = sign_in.check_code(code_id, digits=_read_digits(request.POST.get("code", "")))
    except DomainError as refusal:
        return render(
            request, "portal/code.html", {**context, "refusal": refusal}, status=refusal.status
        )
    door.prove_phone(request.session, phone_hash)
    return _choose_or_open(request, phone_hash)


@never_cache
@require_http_methods(["GET", "POST"])
def choose_household(request: HttpRequest) -> HttpResponse:
    phone_hash = request.session.get(door.PHONE, "")
    if not phone_hash:
        return redirect("door:sign-in")
    if request.method == "GET":
        households = sign_in.households_of(phone_hash)
        return render(request, "portal/households.html", {"households": households})
    key = read_key(request.POST.get("household", ""))
    household = key and sign_in.enter_household(phone_hash, household_id=key)
    if not household:
        raise Http404
    return door.open_household(request, household, several=True)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    door.close_session(request.session)
    return redirect("door:sign-in")


def _send_code(request: HttpRequest, phone: str) -> HttpResponse:
    code = sign_in.request_code(phone, address=door.read_address(request))
    door.remember_code(request, code, phone=sign_in.read_phone(phone))
    return redirect("door:code")


def _choose_or_open(request: HttpRequest, phone_hash: str) -> HttpResponse:
    households = list(sign_in.households_of(phone_hash)[:2])
    if len(households) != 1:
        return redirect("door:households")
    household = sign_in.enter_household(phone_hash, household_id=households[0].pk)
    if not household:
        raise Http404
    return door.open_household(request, household, several=False)


def _read_digits(text: str) -> str:
    """The digits as typed on any keyboard: full-width ones and spaces are fine."""
    return "".join(unicodedata.normalize("NFKC", text[:40]).split())

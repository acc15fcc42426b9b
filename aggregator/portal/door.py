"""The portal's door: who is signed in, and a page for what a rule refuses.

The only place that reads or writes the portal's keys in the session. No number stands there in
plain: the phone is a keyed hash or, until its code is typed, ciphertext.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

from aggregator import sign_in
from aggregator.actors import acting
from aggregator.encryption import decrypt_text, encrypt_text
from aggregator.errors import DomainError
from aggregator.models import Household, OneTimeCode

HOUSEHOLD, PHONE, SEVERAL = "household_id", "phone_hash", "several_households"
CODE, TYPED_PHONE, NEXT = "sign_in_code", "sign_in_phone", "sign_in_next"

P = ParamSpec("P")


class HouseholdRequest(HttpRequest):
    """A request past the door: rows are those of `household` and of its cooperative."""

    household: Household


def household_required(
    view: Callable[Concatenate[HouseholdRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a signed-in household through to a page that no cache keeps; send others to sign in."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        household = read_household(request.session)
        if household is None:
            return redirect(f"{resolve_url('door:sign-in')}?{urlencode({'next': request.path})}")
        request.household = household  # type: ignore[attr-defined]
        try:
            with acting(household=household, via="portal"):
                return view(request, *args, **kwargs)  # type: ignore[arg-type]
        except DomainError as refusal:
            return answer_refusal(request, refusal)

    return guarded


def answer_refusal(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """The page that says what a rule refused and why."""
    return render(request, "portal/refused.html", {"refusal": refusal}, status=refusal.status)


def read_household(session: SessionBase) -> Household | None:
    """The household whose session this is.

    Asked for with the phone that opened it: once the clerk changes the number of a lost phone,
    every session of that phone is over.
    """
    if HOUSEHOLD not in session:
        return None
    return sign_in.households_of(session.get(PHONE, "")).filter(pk=session[HOUSEHOLD]).first()


def remember_code(request: HttpRequest, code: OneTimeCode, *, phone: str) -> None:
    """Bind the code to this browser: nobody else can use it up or try it."""
    request.session[CODE] = code.pk
    request.session[TYPED_PHONE] = encrypt_text(phone)
    following = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(following, None):
        request.session[NEXT] = following


def read_code(session: SessionBase) -> tuple[int, str] | None:
    """The code asked for in this browser and the phone as it was typed."""
    if CODE not in session:
        return None
    return session[CODE], decrypt_text(session[TYPED_PHONE])


def prove_phone(session: SessionBase, phone_hash: str) -> None:
    """Keep that this browser holds the phone, under a new key: a planted one is void."""
    session.pop(CODE, None)
    session.pop(TYPED_PHONE, None)
    session.pop(HOUSEHOLD, None)
    session[PHONE] = phone_hash
    session.cycle_key()


def open_household(request: HttpRequest, household: Household, *, several: bool) -> HttpResponse:
    """Go to the page that was asked for, in the household's language unless another was chosen."""
    request.session[HOUSEHOLD] = household.pk
    request.session[SEVERAL] = several
    response = redirect(request.session.pop(NEXT, "portal:home"))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            household.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def close_session(session: SessionBase) -> None:
    """Sign the household out; a member of staff signed in beside it stays."""
    for key in (HOUSEHOLD, PHONE, SEVERAL, CODE, TYPED_PHONE, NEXT):
        session.pop(key, None)
    session.cycle_key()


def read_address(request: HttpRequest) -> str:
    """The caller's network address, past our own proxies and no further."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(hops):
        return str(hops[-settings.TRUSTED_PROXIES]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))

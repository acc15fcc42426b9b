"""Searches that may be somebody's number: in an address they stand encrypted.

Addresses are kept by browsers and written into the logs of servers.
"""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from aggregator.encryption import decrypt_text, encrypt_text, mask_number

SEARCH = "q"
_SEALED = "sealed:"
# A telephone has eleven digits; eight may be part of one.
_MANY_DIGITS = 8


def may_be_number(text: str) -> bool:
    """Whether a search may be a whole phone, identity or account number."""
    return sum(mark.isdigit() for mark in text) >= _MANY_DIGITS


def seal_search(text: str) -> str:
    """The text as an address may hold it."""
    return _SEALED + encrypt_text(text) if may_be_number(text) else text


def open_search(text: str) -> str:
    """What was typed; a seal that does not open is left, and finds nothing."""
    if not text.startswith(_SEALED):
        return text
    try:
        return decrypt_text(text.removeprefix(_SEALED))
    except InvalidToken:
        return text


def show_search(text: str) -> str:
    """What the search box shows again: of a number, its last digits."""
    typed = open_search(text)
    return mask_number(typed) if typed != text else text


def redirect_search(request: HttpRequest) -> HttpResponse:
    """From a posted search to the list's address with the same filters."""
    asked = request.POST.copy()
    asked.pop("csrfmiddlewaretoken", None)
    asked[SEARCH] = seal_search(str(asked.get(SEARCH, "")).strip())
    return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")

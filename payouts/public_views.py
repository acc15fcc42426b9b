"""The page anyone may open from a statement's QR code: whether the statement is genuine.

Shows no household, plot or name; sets no cookie and is kept by no cache.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from aggregator.formats import html_lang
from payouts.models import Statement
from payouts.statement_proof import genuine_context

_LANGUAGES = {"zh-hans": "中文", "en": "English"}
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # The address is the secret: no other site may learn it from a link.
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
}


@require_safe
def check_statement(request: HttpRequest, token: str) -> HttpResponse:
    """Prove the statement with this token, or say plainly that there is none (404)."""
    # Tokens are letters and digits; PostgreSQL refuses to compare with a NUL byte.
    found = Statement.objects.select_related("replaced_by").filter(token=token)
    statement = found.first() if token.isalnum() else None
    language = _language(request)
    with translation.override(language):
        context: dict[str, Any] = {
            "html_lang": html_lang(language),
            "language": language,
            "languages": _LANGUAGES.items(),
        }
        if statement is None:
            response = render(request, "statements/not_known.html", context, status=404)
        else:
            newer = getattr(statement, "replaced_by", None)
            context |= genuine_context(
                statement.data,
                number=statement.number,
                sha256=statement.sha256,
                replaced_on=timezone.localdate(newer.issued_at) if newer else None,
            )
            response = render(request, "statements/genuine.html", context)
    response["Content-Language"] = language
    for name, value in _HEADERS.items():
        response[name] = value
    return response


def _language(request: HttpRequest) -> str:
    """The language asked for in the address, else the browser's: no cookie is needed for it."""
    asked = request.GET.get("lang", "")
    if asked in _LANGUAGES:
        return asked
    current = get_language() or ""
    return current if current in _LANGUAGES else "zh-hans"

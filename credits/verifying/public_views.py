"""The page anyone may open on a drawn sample: its list, rule and seed, and how to draw it again.

Shows no field's code, household or name; sets no cookie and is kept by no cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from aggregator.formats import html_lang
from credits.models import Verification
from credits.verifying.population import unpack_list
from credits.verifying.sample_words import explain_rule, fate_name, rule_name

LANGUAGES = {"zh-hans": "中文", "en": "English"}
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
# A page of more lines is no use on a phone; the whole order is in the file.
MOST_STEPS = 500


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @require_safe
    def answer(request: HttpRequest, code: str) -> HttpResponse:
        language = _language(request)
        with translation.override(language):
            response = view(request, code, language)
        response["Content-Language"] = language
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    return answer


@open_to_all
def show_sample(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """The list's hash, the rule, the seed and the order drawn, with the steps in words."""
    verification = _find(code)
    context: dict[str, Any] = {
        "html_lang": html_lang(language),
        "language": language,
        "languages": LANGUAGES.items(),
    }
    if verification is None:
        return render(request, "samples/not_known.html", context, status=404)
    steps = verification.steps
    context |= {
        "sample": verification,
        "vintage": verification.period.ends_on.year,
        "rule": rule_name(verification.rule),
        "explained": explain_rule(verification.rule),
        "steps": [
            {"number": number, "place": place, "fate": fate_name(fate)}
            for number, (place, fate) in enumerate(steps[:MOST_STEPS], start=1)
        ],
        "more": max(len(steps) - MOST_STEPS, 0),
    }
    return render(request, "samples/page.html", context)


@open_to_all
def download_list(_request: HttpRequest, code: str, _language: str) -> HttpResponse:
    """The published list, byte for byte."""
    return _file(_require(code), unpack_list, "text/csv", "population.csv")


@open_to_all
def download_order(_request: HttpRequest, code: str, _language: str) -> HttpResponse:
    """The order drawn as a list: step, place and fate."""
    return _file(_require(code), _write_order, "text/csv", "draw.csv")


def _file(
    verification: Verification, write: Callable[[Verification], bytes], kind: str, name: str
) -> HttpResponse:
    response = HttpResponse(write(verification), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _write_order(verification: Verification) -> bytes:
    lines = [
        f"{number},{place},{fate}"
        for number, (place, fate) in enumerate(verification.steps, start=1)
    ]
    return "\n".join(["step,place,fate", *lines, ""]).encode()


def _require(code: str) -> Verification:
    verification = _find(code)
    if verification is None:
        raise Http404
    return verification


def _find(code: str) -> Verification | None:
    # Codes are letters and digits; PostgreSQL refuses to compare with a NUL byte.
    if not code.isalnum():
        return None
    rows = Verification.objects.select_related("period", "population_list")
    return rows.filter(public_code=code).first()


def _language(request: HttpRequest) -> str:
    """The language asked for in the address, else the browser's: no cookie is needed for it."""
    asked = request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    current = get_language() or ""
    return current if current in LANGUAGES else "zh-hans"

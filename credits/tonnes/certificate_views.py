"""The page anyone may open from a certificate's QR code: whether it is genuine.

Shows what the paper shows; sets no cookie and is kept by no cache.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aggregator.formats import html_lang
from credits.models import Removal
from credits.tonnes.certificates import certificate_context
from credits.verifying.public_views import LANGUAGES, open_to_all


@open_to_all
def show_certificate(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """Prove the certificate with this token, or say plainly that there is none (404)."""
    # Tokens are letters and digits; PostgreSQL refuses to compare with a NUL byte.
    approved = Removal.objects.filter(token=code, status=Removal.Status.APPROVED)
    removal = approved.first() if code.isalnum() else None
    context: dict[str, Any] = {
        "html_lang": html_lang(language),
        "language": language,
        "languages": LANGUAGES.items(),
    }
    if removal is None:
        return render(request, "certificates/not_known.html", context, status=404)
    return render(request, "certificates/genuine.html", context | certificate_context(removal))

"""The certificate of a retirement or cancellation: its PDF, and the public page that proves it.

Both are rendered from the frozen data and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.canonical import sha256_of
from aggregator.errors import DomainError
from aggregator.formats import format_day, html_lang, named
from aggregator.models import User
from aggregator.pdf import render_book
from aggregator.qr_codes import group_hash, qr_path
from aggregator.roles import require_role
from credits.models import Removal
from credits.registry import PROGRAMS

LANGUAGES = ("zh-hans", "en")


class NoCertificateYet(DomainError):
    code = "no_certificate_yet"
    message = _("There is a certificate once a second person has approved.")


def render_certificate(removal: Removal, *, by: User) -> bytes:
    """The certificate as PDF, a page in each language, the reader's first.

    Raises:
        NoCertificateYet: it is not approved.
    """
    require_role(by, *User.Role.values, of=removal)
    if removal.status != Removal.Status.APPROVED:
        raise NoCertificateYet
    own = translation.get_language() or LANGUAGES[0]
    pages = []
    for language in sorted(LANGUAGES, key=lambda each: each != own):
        with translation.override(language):
            context = certificate_context(removal) | {"html_lang": html_lang(language)}
            pages.append(render_to_string("certificates/print.html", context))
    return render_book(pages)


def certificate_context(removal: Removal) -> dict[str, Any]:
    """What the certificate shows, in the active language; nothing that was changed is shown."""
    data = removal.data
    url = check_url(removal.token)
    if sha256_of(data) != removal.sha256:
        return {
            "state": "unknown",
            "verdict": _("Not to be trusted"),
            "sentence": _("What we keep of this certificate was changed. Ask the cooperative."),
            "sha256": group_hash(removal.sha256),
            "url": url,
        }
    retired = data["kind"] == Removal.Kind.RETIRE
    program = PROGRAMS.get(data["program"])
    return {
        "state": "",
        "verdict": _("This certificate is genuine"),
        "sentence": _("These credits are out of circulation for good. No one can sell them again."),
        "title": _("Certificate of retirement") if retired else _("Certificate of cancellation"),
        "number": data["number"],
        "amount": ngettext("%(tonnes)s tonne of CO2e", "%(tonnes)s tonnes of CO2e", data["tonnes"])
        % {"tonnes": f"{data['tonnes']:,}"},
        "facts": [
            (label, value)
            for label, value in (
                (_("Retired for"), data["beneficiary"]),
                (_("Purpose"), data["purpose"]),
                (_("Reason"), data["reason"]),
                (_("Serial numbers"), data["serials"]),
                (_("Project"), named(data["project"], "name")),
                (_("Program"), str(program.name) if program else data["program"]),
                (_("Vintage"), data["vintage"]),
                (_("Day"), format_day(data["removed_on"])),
                (_("Issued by"), named(data["cooperative"], "name")),
            )
            if value
        ],
        "sha256": group_hash(removal.sha256),
        "url": url,
        "qr": qr_path(url),
    }


def check_url(token: str) -> str:
    """The public address that proves the certificate with this token genuine."""
    return f"{settings.PUBLIC_URL}/certificates/{token}/"

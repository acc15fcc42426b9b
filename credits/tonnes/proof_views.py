"""The desk's page on the proof of the credits: what was found, since when, and what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aggregator.errors import DomainError
from aggregator.models import User
from credits.models import CreditBlock, CreditsProof, Issuance, Lot
from credits.tonnes.block_proof import check_now, read_fault

_MODELS: dict[str, Any] = {"block": CreditBlock, "issuance": Issuance, "lot": Lot}


@require_http_methods(["GET", "HEAD", "POST"])
def show_proof(request: HttpRequest) -> HttpResponse:
    """GET shows the last check, POST makes one."""
    user: Any = request.user
    # The platform's own people belong to none, and a verifier sees his projects alone.
    if user.cooperative is None or user.role == User.Role.VERIFIER:
        raise Http404
    if request.method == "POST":
        try:
            check_now(user.cooperative, by=user)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("credits-proof")
    proof = CreditsProof.objects.for_user(user).first()
    context = {
        "title": _("Proof of the credits"),
        "proof": proof,
        "findings": [_finding(row) for row in proof.findings] if proof else [],
        "may_check": user.role in (User.Role.OPERATOR, User.Role.APPROVER),
        **admin.site.each_context(request),
    }
    return render(request, "admin/credits/proof.html", context)


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    fault = read_fault(row)
    return {
        "project": row["project"],
        "name": _name(fault.of, fault.key),
        "url": _address(fault.of, fault.key),
        "words": fault.words,
        "since": datetime.fromisoformat(row["since"]),
        "advice": fault.advice,
    }


def _name(of: str, key: int) -> str:
    names = {
        "database": _("the database"),
        "block": _("block %(key)s"),
        "issuance": _("issuance %(key)s"),
        "lot": _("lot %(key)s"),
    }
    return names[of] % {"key": key} if key else names[of]


def _address(of: str, key: int) -> str:
    if of not in _MODELS:
        return ""
    return reverse(f"admin:credits_{_MODELS[of]._meta.model_name}_change", args=[key])

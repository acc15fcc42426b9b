"""The member's money pages. Rows are those of the household past the door, and no others."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator.portal.door import HouseholdRequest, household_required
from payouts.models import Statement, StatementPdf
from payouts.models.statement import RenderStatus
from payouts.payment_targets import of_household
from payouts.portal.ahead import describe_ahead
from payouts.portal.summary import MemberMoney
from payouts.statement_view import statement_context

CARDS_ON_HOME = 2


@require_safe
@household_required
def home(request: HouseholdRequest) -> HttpResponse:
    pages = MemberMoney(request.household)
    cards = pages.cards()
    context = {
        "money": pages.money(),
        "cards": cards[:CARDS_ON_HOME],
        "more": len(cards) > CARDS_ON_HOME,
        "ahead": describe_ahead(request.household),
        "to_sign": request.household.agreements.drafts().exists(),
    }
    return render(request, "portal/home.html", context)


@require_safe
@household_required
def list_statements(request: HouseholdRequest) -> HttpResponse:
    cards = MemberMoney(request.household).cards()
    return render(request, "portal/statements.html", {"cards": cards})


@require_safe
@household_required
def show_statement(request: HouseholdRequest, number: str) -> HttpResponse:
    statement = _own_statement(request, number)
    context = {
        "statement": statement_context(
            statement.data,
            language=get_language() or request.household.language,
            token=statement.token,
            sha256=statement.sha256,
        ),
        "payments": MemberMoney(request.household).payment_lines(statement),
    }
    return render(request, "statements/page.html", context)


@require_safe
@household_required
def download_pdf(request: HouseholdRequest, number: str) -> HttpResponse:
    statement = _own_statement(request, number)
    pdf = StatementPdf.objects.filter(statement=statement, status=RenderStatus.READY).first()
    if pdf is None:
        context = {"number": statement.number}
        return render(request, "portal/pdf_pending.html", context, status=202)
    response = HttpResponse(bytes(pdf.content or b""), content_type="application/pdf")
    name = _("Tianhui") + f"-{statement.number}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _own_statement(request: HouseholdRequest, number: str) -> Statement:
    """The newest revision under `number`; a number of another household does not exist here."""
    household = request.household
    if not number.isprintable():  # PostgreSQL refuses to compare with a NUL byte
        raise Http404
    rows = Statement.objects.for_cooperative(household.cooperative)
    statement: Statement = get_object_or_404(
        rows.filter(of_household(household), replaced_by__isnull=True), number=number
    )
    return statement

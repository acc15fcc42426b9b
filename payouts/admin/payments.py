"""Admin of payment batches and payments, and the decisions that move money to households."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aggregator.admin_base import (
    APPROVER,
    OPERATOR,
    ReadOnlyAdmin,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import money_column, state_column
from aggregator.models import Cooperative, Household
from aggregator.money import format_money
from aggregator.object_actions import ActionForm, DayField, ObjectAction, register_action
from payouts.admin.filters import StuckFilter
from payouts.bank_export import ExportedFile
from payouts.bank_files.registry import FORMATS
from payouts.models import Payment, PaymentBatch
from payouts.payment_targets import LEFT, say_reason
from payouts.payments import (
    approve_batch,
    cannot_be_sent,
    confirm_batch,
    export_batch,
    fail_payment,
    propose_batch,
    withdraw_batch,
)

Status = PaymentBatch.Status
BATCH_TONES = {"draft": "wait", "approved": "wait", "exported": "good", "withdrawn": "none"}
PAYMENT_TONES = {
    "proposed": "wait",
    "held": "bad",
    "sent": "wait",
    "paid": "good",
    "failed": "bad",
}


@admin.register(PaymentBatch)
class PaymentBatchAdmin(ReadOnlyAdmin):
    list_display = ["number", "state", "payment_count", "total", "created_by", "approved_by"]
    list_select_related = ["created_by", "approved_by"]
    list_filter = ["status"]
    search_fields = ["number", "created_by__username", "created_by__last_name"]
    fields = [
        "number",
        "state",
        "payment_count",
        "total",
        "format_name",
        "created_by",
        "created_at",
        "approved_by",
        "approved_at",
        "exported_at",
        "file_sha256",
    ]
    state = state_column("status", _("status"), BATCH_TONES)
    total = money_column("total_minor", _("total"))

    @admin.display(description=_("file format"))
    def format_name(self, row: PaymentBatch) -> str:
        known = FORMATS.get(row.file_format)
        return known.extension.upper() if known else row.file_format


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        "position",
        "household",
        "head",
        "amount",
        "state",
        "why",
        "batch",
        "paid_on",
    ]
    list_select_related = ["household", "batch"]
    list_filter = ["status", StuckFilter, ("batch", TenantRelatedFilter)]
    search_fields = ["^household__code", "^household__persons__name"]
    fields = [
        "batch",
        "position",
        "household",
        "payee_account",
        "amount",
        "state",
        "why",
        "paid_on",
    ]
    state = state_column("status", _("status"), PAYMENT_TONES)
    amount = money_column("amount_minor", _("amount"), currency="batch.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("household__persons")

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, row: Payment) -> str:
        return say_reason(row.reason) or "—"

    @admin.display(description=_("head of household"))
    def head(self, row: Payment) -> str:
        return next((each.name for each in row.household.persons.all() if each.is_head), "—")


class FormatForm(ActionForm):
    file_format = forms.ChoiceField(label=_("File format"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file_format"].choices = [
            (key, form.extension.upper()) for key, form in FORMATS.items()
        ]


def _explain_proposal(cooperative: Cooperative) -> Iterator[str]:
    yield str(_("Every balance that reaches the smallest payment goes into one batch."))
    if cooperative.payment_threshold_minor:
        yield str(
            _("The smallest payment is %(amount)s; smaller balances stay owed.")
            % {"amount": format_money(cooperative.payment_threshold_minor, cooperative.currency)}
        )
        yield str(_("Households that have left are paid all that is owed to them, however little."))
    yield str(_("Households without an account are held and listed. A second person approves."))
    yield str(_("An account changed a few days ago is not paid to yet: its household is held too."))


def _explain_batch(batch: PaymentBatch) -> Iterator[str]:
    yield ngettext(
        "%(count)d household is paid %(total)s in all.",
        "%(count)d households are paid %(total)s in all.",
        batch.payment_count,
    ) % {
        "count": batch.payment_count,
        "total": format_money(batch.total_minor, batch.currency),
    }
    left = batch.payments.filter(reason=LEFT).count()
    if left:
        yield ngettext(
            "%(count)d of them has left and is paid less than the smallest payment.",
            "%(count)d of them have left and are paid less than the smallest payment.",
            left,
        ) % {"count": left}
    held = batch.payments.filter(status=Payment.Status.HELD).count()
    if held:
        yield ngettext(
            "%(count)d payment is held and not among them.",
            "%(count)d payments are held and not among them.",
            held,
        ) % {"count": held}


def _explain_confirmation(batch: PaymentBatch) -> Iterator[str]:
    sent = batch.payments.filter(status=Payment.Status.SENT)
    total = sent.aggregate(total=Sum("amount_minor", default=0))["total"]
    count = sent.count()
    yield ngettext(
        "%(count)d payment of %(total)s in all is marked as paid.",
        "%(count)d payments of %(total)s in all are marked as paid.",
        count,
    ) % {"count": count, "total": format_money(total, batch.currency)}
    yield str(_("Mark those that the bank refused as failed first, each on its own page."))


def _send_file(_request: HttpRequest, exported: ExportedFile) -> HttpResponse:
    response = HttpResponse(exported.content, content_type=exported.content_type)
    response["Content-Disposition"] = content_disposition_header(True, exported.name) or ""
    response["Cache-Control"] = "no-store"
    return response


register_action(
    PaymentBatch,
    ObjectAction(
        name="propose",
        label=_("Propose a payment batch"),
        roles=OPERATOR,
        rule=propose_batch,
        form=FormatForm,
        explain=_explain_proposal,
        done=lambda batch: (
            _("Batch %(number)s waits for approval: %(total)s.")
            % {"number": batch.number, "total": format_money(batch.total_minor, batch.currency)}
        ),
        on_list=True,
    ),
)
register_action(
    PaymentBatch,
    ObjectAction(
        name="approve",
        label=_("Approve the batch"),
        roles=APPROVER,
        rule=approve_batch,
        allowed=lambda batch, user: batch.status == Status.DRAFT and batch.created_by_id != user.pk,
        explain=_explain_batch,
        done=lambda _result: _("The batch is approved; the bank file can be made."),
    ),
)
register_action(
    PaymentBatch,
    ObjectAction(
        name="export",
        label=_("Bank file"),
        roles=OPERATOR,
        rule=export_batch,
        allowed=lambda batch, _user: batch.status == Status.APPROVED,
        explain=lambda batch: [
            *_explain_batch(batch),
            _("The payments count as sent. Give the file to the bank once."),
        ],
        respond=_send_file,
    ),
)
register_action(
    PaymentBatch,
    ObjectAction(
        name="confirm",
        label=_("Confirm as paid"),
        roles=OPERATOR,
        rule=confirm_batch,
        form=type(
            "PaidForm",
            (ActionForm,),
            {
                "paid_on": DayField(
                    label=_("Paid on"), help_text=_("The day on the bank statement.")
                )
            },
        ),
        allowed=lambda batch, _user: batch.payments.filter(status=Payment.Status.SENT).exists(),
        explain=_explain_confirmation,
        done=lambda count: (
            ngettext("%(count)d payment is confirmed.", "%(count)d payments are confirmed.", count)
            % {"count": count}
        ),
    ),
)
register_action(
    PaymentBatch,
    ObjectAction(
        name="copy",
        label=_("Copy of the bank file"),
        roles=OPERATOR,
        rule=export_batch,
        allowed=lambda batch, _user: batch.status == Status.EXPORTED,
        explain=lambda _batch: [
            _("The same file again, to the byte. Do not send it to the bank a second time."),
        ],
        respond=_send_file,
        primary=False,
    ),
)
register_action(
    PaymentBatch,
    ObjectAction(
        name="withdraw",
        label=_("Withdraw"),
        roles=OPERATOR | APPROVER,
        rule=withdraw_batch,
        allowed=lambda batch, _user: batch.status == Status.DRAFT or cannot_be_sent(batch),
        explain=lambda _batch: [_("The batch is given up; its balances stay owed.")],
        done=lambda _result: _("The batch is withdrawn."),
        primary=False,
    ),
)
register_action(
    Payment,
    ObjectAction(
        name="fail",
        label=_("Mark as failed"),
        roles=OPERATOR,
        rule=fail_payment,
        form=type(
            "FailureForm",
            (ActionForm,),
            {
                "reason": forms.CharField(
                    label=_("The bank's reason"),
                    max_length=200,
                    help_text=_("As in the bank's answer; the household reads it."),
                )
            },
        ),
        allowed=lambda payment, _user: payment.status in (Payment.Status.SENT, Payment.Status.PAID),
        explain=lambda payment: [
            _("%(amount)s are owed to household %(household)s again, for the next batch.")
            % {
                "amount": format_money(payment.amount_minor, payment.batch.currency),
                "household": payment.household,
            },
        ],
        done=lambda _result: _("The payment has failed; the amount is owed again."),
    ),
)
register_link(PaymentBatch, _("Payments"), "payouts_payment", "batch__id__exact")
register_link(Household, _("Payments"), "payouts_payment", "household__id__exact")

"""The API of the money: what came in, how it was shared, what was told and paid; and decisions.

A decision is a POST that calls the rule of its button; a refusal answers with the rule's code.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aggregator.api import MoneyField, TenantViewSet, TonnesField
from credits.models import MonitoringPeriod
from payouts import decisions, payments, settlement
from payouts.models import (
    Payment,
    PaymentBatch,
    Receipt,
    Settlement,
    SettlementLine,
    Share,
    Statement,
)


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    amount = MoneyField(source="amount_minor")

    class Meta:
        model = Receipt
        fields = ["id", "lot", "received_on", "amount", "currency", "reference", "settlement"]


class ReceiptViewSet(TenantViewSet):
    queryset = Receipt.objects.all()
    serializer_class = ReceiptSerializer


class LineSerializer(serializers.ModelSerializer[SettlementLine]):
    amount = MoneyField(source="amount_minor", currency="settlement.currency")
    base = MoneyField(source="base_minor", currency="settlement.currency")

    class Meta:
        model = SettlementLine
        fields = ["position", "code", "name", "name_en", "payee", "kind", "rate", "base", "amount"]


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    gross = MoneyField(source="gross_minor")
    net = MoneyField(source="net_minor")
    credited_t = TonnesField(source="credited_kg")
    lines = LineSerializer(many=True)

    class Meta:
        model = Settlement
        fields = [
            "id",
            "project",
            "period",
            "number",
            "status",
            "currency",
            "gross",
            "net",
            "credited_t",
            "lines",
            "drafted_at",
            "approved_at",
            "statements_job",
        ]


class SettlementRequestSerializer(serializers.Serializer[Any]):
    """What a new settlement is asked for: one of the reader's own periods."""

    period = serializers.PrimaryKeyRelatedField(queryset=MonitoringPeriod.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = MonitoringPeriod.objects.for_user(self.context["request"].user)
        self.fields["period"].queryset = own


class SettlementViewSet(TenantViewSet):
    queryset = Settlement.objects.prefetch_related("lines__settlement")
    serializer_class = SettlementSerializer

    def create(self, request: Request) -> Response:
        """POST asks for a settlement of what has come in for a period."""
        asked = SettlementRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        made = decisions.request_settlement(asked.validated_data["period"], by=request.user)
        return Response(self.get_serializer(made).data, status=201)

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any = None) -> Response:
        return self.decide(decisions.approve_settlement)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any = None) -> Response:
        return self.decide(settlement.withdraw_settlement)


class ShareSerializer(serializers.ModelSerializer[Share]):
    currency = serializers.CharField(source="settlement.currency")
    credited_t = TonnesField(source="credited_kg")
    gross = MoneyField(source="gross_minor", currency="settlement.currency")
    net = MoneyField(source="net_minor", currency="settlement.currency")

    class Meta:
        model = Share
        fields = [
            "id",
            "settlement",
            "household",
            "ordinal",
            "credited_t",
            "currency",
            "gross",
            "net",
        ]


class ShareViewSet(TenantViewSet):
    queryset = Share.objects.select_related("settlement")
    serializer_class = ShareSerializer


class StatementSerializer(serializers.ModelSerializer[Statement]):
    """A statement as it was frozen; its address in the QR code is the household's alone."""

    class Meta:
        model = Statement
        fields = [
            "id",
            "settlement",
            "household",
            "number",
            "revision",
            "replaces",
            "sha256",
            "issued_at",
            "data",
        ]


class StatementViewSet(TenantViewSet):
    queryset = Statement.objects.all()
    serializer_class = StatementSerializer


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    amount = MoneyField(source="amount_minor", currency="batch.currency")

    class Meta:
        model = Payment
        fields = ["id", "batch", "position", "household", "amount", "status", "reason", "paid_on"]


class PaymentViewSet(TenantViewSet):
    queryset = Payment.objects.select_related("batch")
    serializer_class = PaymentSerializer


class BatchSerializer(serializers.ModelSerializer[PaymentBatch]):
    total = MoneyField(source="total_minor")

    class Meta:
        model = PaymentBatch
        fields = [
            "id",
            "number",
            "status",
            "currency",
            "total",
            "payment_count",
            "created_at",
            "approved_at",
            "exported_at",
            "file_sha256",
        ]


class PaidOnSerializer(serializers.Serializer[Any]):
    paid_on = serializers.DateField()


class BatchViewSet(TenantViewSet):
    queryset = PaymentBatch.objects.all()
    serializer_class = BatchSerializer

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any = None) -> Response:
        return self.decide(payments.approve_batch)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any = None) -> Response:
        return self.decide(payments.withdraw_batch)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: Any = None) -> Response:
        self.get_object()
        sent = PaidOnSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return self.decide(payments.confirm_batch, **sent.validated_data)


router = SimpleRouter()
router.register("receipts", ReceiptViewSet)
router.register("settlements", SettlementViewSet)
router.register("shares", ShareViewSet)
router.register("statements", StatementViewSet)
router.register("payment-batches", BatchViewSet)
router.register("payments", PaymentViewSet)
urlpatterns = router.urls

"""The API of the tonnes: projects, periods, issuances and lots."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aggregator.api import MoneyField, TenantViewSet
from credits.estimating import api_views as api_estimate_views
from credits.models import Issuance, Lot, MonitoringPeriod, Project


class ProjectSerializer(serializers.ModelSerializer[Project]):
    class Meta:
        model = Project
        fields = [
            "id",
            "code",
            "name",
            "name_en",
            "program",
            "methodology",
            "terms",
            "starts_on",
            "ends_on",
        ]


class ProjectViewSet(TenantViewSet):
    queryset = Project.objects.all()
    serializer_class = ProjectSerializer


class PeriodSerializer(serializers.ModelSerializer[MonitoringPeriod]):
    class Meta:
        model = MonitoringPeriod
        fields = ["id", "project", "code", "starts_on", "ends_on", "status"]


class PeriodViewSet(TenantViewSet):
    queryset = MonitoringPeriod.objects.all()
    serializer_class = PeriodSerializer


class IssuanceSerializer(serializers.ModelSerializer[Issuance]):
    class Meta:
        model = Issuance
        fields = [
            "id",
            "period",
            "issued_on",
            "sellable_t",
            "reserve_t",
            "carried_in_kg",
            "carried_out_kg",
            "reserve_carried_in_kg",
            "reserve_carried_out_kg",
        ]


class IssuanceViewSet(TenantViewSet):
    queryset = Issuance.objects.all()
    serializer_class = IssuanceSerializer


class LotSerializer(serializers.ModelSerializer[Lot]):
    buyer = serializers.CharField(source="buyer.name")
    unit_price = MoneyField(source="unit_price_minor")
    amount = MoneyField(source="amount_minor")

    class Meta:
        model = Lot
        fields = [
            "id",
            "block",
            "buyer",
            "serial_start",
            "serial_end",
            "tonnes",
            "unit_price",
            "amount",
            "currency",
            "sold_on",
        ]


class LotViewSet(TenantViewSet):
    queryset = Lot.objects.select_related("buyer")
    serializer_class = LotSerializer


router = SimpleRouter()
router.register("projects", ProjectViewSet)
router.register("periods", PeriodViewSet)
router.register("issuances", IssuanceViewSet)
router.register("lots", LotViewSet)
urlpatterns = [*router.urls, *api_estimate_views.urlpatterns]

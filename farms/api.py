"""The API of the land: fields, with their outline for who asks for it, and agreements over them."""

from __future__ import annotations

from typing import Any

import shapely
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aggregator.api import TenantViewSet
from aggregator.models import Agreement
from farms.models import Boundary, Field


class AgreementSerializer(serializers.ModelSerializer[Agreement]):
    """Who agreed to what for which days; neither the text nor the scan, which name persons."""

    state = serializers.SerializerMethodField()
    fields_named = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = [
            "id",
            "code",
            "household",
            "program",
            "state",
            "whole_holding",
            "fields_named",
            "starts_on",
            "ends_on",
            "signed_on",
            "signed_how",
            "revoked_on",
            "renews",
            "text_sha256",
            "scan_sha256",
        ]

    def get_state(self, row: Agreement) -> str:
        return row.state_on(timezone.localdate()).value

    def get_fields_named(self, row: Agreement) -> list[int]:
        """The keys of the fields, where it is not every field the household holds."""
        return [named.field_id for named in row.named_fields.all()]


class AgreementViewSet(TenantViewSet):
    queryset = Agreement.objects.defer("text").prefetch_related("named_fields")
    serializer_class = AgreementSerializer


class FieldSerializer(serializers.ModelSerializer[Field]):
    area_m2 = serializers.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        model = Field
        fields = ["id", "code", "name", "village", "area_m2", "contract_area_m2", "land_class"]

    def to_representation(self, instance: Field) -> dict[str, Any]:
        """``?geometry=1`` adds the latest boundary, in longitude and latitude."""
        answer: dict[str, Any] = super().to_representation(instance)
        if self.context["with_geometry"]:
            latest = next(iter(instance.boundaries.all()), None)
            answer["geometry"] = None if latest is None else _outline(latest)
        return answer


class FieldViewSet(TenantViewSet):
    queryset = Field.objects.with_area()
    serializer_class = FieldSerializer

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if not self._with_geometry():
            return rows
        newest = Boundary.objects.order_by("field", "-version")
        return rows.prefetch_related(Prefetch("boundaries", queryset=newest))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "with_geometry": self._with_geometry()}

    def _with_geometry(self) -> bool:
        return self.request.query_params.get("geometry") == "1"


def _outline(boundary: Boundary) -> dict[str, Any]:
    shape = shapely.from_wkb(bytes(boundary.geometry_wkb))
    outline: dict[str, Any] = shapely.geometry.mapping(shape)
    return outline


router = SimpleRouter()
router.register("fields", FieldViewSet)
router.register("agreements", AgreementViewSet)
urlpatterns = router.urls

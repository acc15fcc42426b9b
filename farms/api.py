"""The API of the land: fields, with their outline as GeoJSON for who asks for it."""

from __future__ import annotations

from typing import Any

import shapely
from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aggregator.api import TenantViewSet
from farms.models import Boundary, Field


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
urlpatterns = router.urls

"""The base of every API view: rows of the reader's cooperative only, and one error handler.

No answer holds a personal number; money and tonnes go out as decimal strings.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView, exception_handler
from rest_framework.viewsets import ReadOnlyModelViewSet

from aggregator.errors import DomainError
from aggregator.models import Household, Village
from aggregator.money import Money
from aggregator.units import format_tonnes


class WorksSomewhere(BasePermission):
    """Staff of a cooperative, or the platform's superusers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return user.is_superuser or getattr(user, "cooperative_id", None) is not None


class TenantViewSet(ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """List and detail of a tenant-owned model; a stranger's key is not found."""

    permission_classes = [IsAuthenticated, WorksSomewhere]

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().for_user(self.request.user)  # type: ignore[attr-defined, no-any-return]

    def decide(self, rule: Callable[..., Any], **values: Any) -> Response:
        """Call `rule` on the row of the address, and answer with the row as it then is."""
        row = self.get_object()
        rule(row, by=self.request.user, **values)
        return Response(self.get_serializer(self.get_object()).data)


class MoneyField(serializers.ReadOnlyField):
    """Minor units as a decimal string such as ``"312.45"``, in the currency found at a path."""

    def __init__(self, *, currency: str = "currency", **kwargs: Any) -> None:
        self.find_currency = attrgetter(currency)
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        return None if amount is None else Money(amount, self.find_currency(instance))

    def to_representation(self, value: Money) -> str:
        return str(value)


class TonnesField(serializers.ReadOnlyField):
    """Kilograms as tonnes with three decimals, without grouping."""

    def to_representation(self, value: int) -> str:
        return format_tonnes(value).replace(",", "")


class VillageSerializer(serializers.ModelSerializer[Village]):
    class Meta:
        model = Village
        fields = ["id", "code", "name", "name_en"]


class VillageViewSet(TenantViewSet):
    queryset = Village.objects.all()
    serializer_class = VillageSerializer


class HouseholdSerializer(serializers.ModelSerializer[Household]):
    """A household without its numbers: the telephone's last four digits, as staff see them."""

    head_name = serializers.CharField()
    phone = serializers.CharField(source="masked_phone")

    class Meta:
        model = Household
        fields = ["id", "code", "village", "head_name", "phone", "language"]


class HouseholdViewSet(TenantViewSet):
    queryset = Household.objects.with_head()
    serializer_class = HouseholdSerializer


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refused rule with its code and sentence; leave the rest to the framework."""
    if isinstance(error, DomainError):
        return Response({"code": error.code, "detail": str(error)}, status=error.status)
    return exception_handler(error, context)


router = SimpleRouter()
router.register("villages", VillageViewSet)
router.register("households", HouseholdViewSet)
urlpatterns = router.urls

"""The base of every API view: rows of the reader's cooperative only, and one error handler."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response
from rest_framework.views import exception_handler
from rest_framework.viewsets import ReadOnlyModelViewSet

from aggregator.errors import DomainError


class TenantViewSet(ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """List and detail of a tenant-owned model; a stranger's key is not found."""

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().for_user(self.request.user)  # type: ignore[attr-defined, no-any-return]


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refused rule with its code and sentence; leave the rest to the framework."""
    if isinstance(error, DomainError):
        return Response({"code": error.code, "detail": str(error)}, status=error.status)
    return exception_handler(error, context)

"""The API of the methodologies: what each asks for, and its answer to inputs of one's own.

Open to anyone, signed in or not: the arithmetic is published and no row is read or written. What
it costs is bounded by the size of the inputs and by so many questions a minute, counted in each
process of the web server.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path, reverse
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from aggregator.portal.door import read_address
from credits.estimating import estimation
from credits.methodologies.inputs import InputsRefused


class StrangersThrottle(SimpleRateThrottle):
    """Questions from one address without a sign-in."""

    scope, rate = "estimate-strangers", "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        # The framework's own reading believes any X-Forwarded-For.
        return None if request.user.is_authenticated else self._key(read_address(request))

    def _key(self, ident: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": ident}


class StaffThrottle(StrangersThrottle):
    """Questions of one member of staff."""

    scope, rate = "estimate-staff", "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return self._key(request.user.pk) if request.user.is_authenticated else None


class ExactParser(BaseParser):
    """JSON as `read_inputs` reads it: no larger, no deeper, and every digit kept."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return estimation.read_inputs(stream.read(estimation.MAX_BYTES + 1))


class OpenView(APIView):
    permission_classes = [AllowAny]
    parser_classes = [ExactParser]
    throttle_classes = [StrangersThrottle, StaffThrottle]


class MethodologyList(OpenView):
    def get(self, request: Request) -> Response:
        return Response(
            [
                {**each, "url": _url("methodology", each["id"])}
                for each in estimation.list_methodologies()
            ]
        )


class MethodologyDetail(OpenView):
    def get(self, request: Request, id: str) -> Response:
        estimator = estimation.find_estimator(id)
        schema_url = _url("methodology-schema", id)
        return Response(estimation.describe_methodology(estimator, schema_url=schema_url))


class MethodologySchema(OpenView):
    """The JSON Schema alone, at the address that is its `$id`."""

    def get(self, request: Request, id: str) -> Response:
        estimator = estimation.find_estimator(id)
        schema = estimation.describe_schema(estimator, url=_url("methodology-schema", id))
        return Response(schema, content_type="application/schema+json")


class MethodologyEstimate(OpenView):
    def post(self, request: Request, id: str) -> Response:
        estimator = estimation.find_estimator(id)
        try:
            return Response(estimation.answer_estimate(estimator, request.data))
        except InputsRefused as refusal:
            problems = estimation.describe_problems(estimator, refusal.problems)
            error = estimation.RefusedInputs()
            return Response(
                {"code": error.code, "detail": str(error), "problems": problems},
                status=error.status,
            )


def _url(name: str, id: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[id])}"


urlpatterns = [
    path("methodologies/", MethodologyList.as_view(), name="methodologies"),
    path("methodologies/<str:id>/", MethodologyDetail.as_view(), name="methodology"),
    path("methodologies/<str:id>/schema/", MethodologySchema.as_view(), name="methodology-schema"),
    path(
        "methodologies/<str:id>/estimate/",
        MethodologyEstimate.as_view(),
        name="methodology-estimate",
    ),
]

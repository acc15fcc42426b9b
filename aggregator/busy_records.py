"""The answer where a database gave up waiting: a large file is being written, come again.

SQLite lets one write at a time, of whatever kind, so it may be met on any page.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from aggregator.locks import RecordsBusy, is_busy

RETRY_SECONDS = 60


class BusyRecordsMiddleware:
    """Answers 503 with a sentence instead of an error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not (isinstance(error, RecordsBusy) or is_busy(error)):
            return None
        busy = RecordsBusy()
        answer: HttpResponse
        if request.path.startswith("/api/"):
            answer = JsonResponse({"code": busy.code, "detail": str(busy)}, status=busy.status)
        else:
            answer = render(request, "503.html", {"reason": str(busy)}, status=busy.status)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer

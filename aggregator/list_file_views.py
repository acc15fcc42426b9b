"""The page that waits for a long list's file, and the file; both only for the one who asked."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from aggregator.admin_export import send_file
from aggregator.list_orders import KEPT
from aggregator.models import ListFile

_SECONDS = 3
_HERE = "waited"


@require_GET
def show_list_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks anew every few seconds; the file starts by itself for whoever waited here."""
    order = _own(request, pk)
    model: Any = apps.get_model(order.list_name)
    opts = model._meta
    address = f"admin:{opts.app_label}_{opts.model_name}_changelist"
    content = reverse("list-file-content", args=[pk])
    answer = TemplateResponse(
        request,
        "admin/list_file.html",
        {
            **admin.site.each_context(request),
            "title": capfirst(opts.verbose_name_plural),
            "order": order,
            "content": content,
            "until": order.asked_at + KEPT,
            "back": f"{reverse(address)}?{order.query}",
        },
    )
    if order.status in (ListFile.Status.WAITING, ListFile.Status.WRITING):
        answer["Refresh"] = f"{_SECONDS}; url={request.path}?{_HERE}=1"
    elif order.status == ListFile.Status.READY and _HERE in request.GET:
        answer["Refresh"] = f"0; url={content}"
    return answer


@require_GET
def download_list_file(request: HttpRequest, pk: int) -> FileResponse:
    order = _own(request, pk)
    model = apps.get_model(order.list_name)
    if order.status != ListFile.Status.READY:
        raise Http404
    if not admin.site.get_model_admin(model).has_view_permission(request):
        raise Http404
    try:
        content = order.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return send_file(content, model, order.file_format)


def _own(request: HttpRequest, pk: int) -> ListFile:
    user: Any = request.user
    return get_object_or_404(ListFile, pk=pk, by=user)

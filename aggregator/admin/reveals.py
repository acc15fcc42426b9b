"""The page that shows personal numbers once, for a stated reason."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from aggregator.object_actions import ActionForm


class RevealForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Why you need to see it, for example: the bank asks for the whole number."),
    )


def show_once(request: HttpRequest, numbers: list[tuple[str, str]]) -> HttpResponse:
    """A page that no cache keeps."""
    context = {**admin.site.each_context(request), "title": _("Numbers"), "numbers": numbers}
    page = TemplateResponse(request, "admin/revealed_numbers.html", context)
    page["Cache-Control"] = "no-store"
    return page

"""Admin of the wordings: every version on record, and the page on which the next is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import APPROVER, OPERATOR, NamedValuesFilter, ReadOnlyAdmin
from aggregator.agreement_templates import current_template, wording_of, write_template
from aggregator.agreement_wording import (
    Wording,
    agreement_programs,
    check_wording,
    find_program,
    known_places,
    programs_for,
)
from aggregator.errors import DomainError
from aggregator.models import AgreementTemplate, Cooperative
from farms.admin.agreements import program_name
from farms.agreement_document import agreement_context
from farms.agreement_drafts import sample_text

WRITERS = OPERATOR | APPROVER


class WordingForm(forms.Form):
    """The four texts; what stands in braces is checked by the rule."""

    title = forms.CharField(label=_("Title (Chinese)"), max_length=100)
    body = forms.CharField(label=_("Text (Chinese)"), widget=forms.Textarea({"rows": 24}))
    title_en = forms.CharField(label=_("Title (English)"), max_length=100)
    body_en = forms.CharField(label=_("Text (English)"), widget=forms.Textarea({"rows": 24}))

    def wording(self) -> Wording:
        # Browsers send \r\n; kept, every text would differ from the one it was shown as.
        typed = {name: text.replace("\r\n", "\n") for name, text in self.cleaned_data.items()}
        return Wording(**typed)


class ProgramFilter(NamedValuesFilter):
    names = staticmethod(program_name)


@admin.register(AgreementTemplate)
class AgreementTemplateAdmin(ReadOnlyAdmin):
    list_display = ["program_shown", "version", "title", "recorded_at", "recorded_by"]
    list_display_links = ["program_shown", "version"]
    list_select_related = ["recorded_by"]
    list_filter = [("program", ProgramFilter)]
    fields = ["program_shown", "version", "title", "title_en", "recorded_at", "recorded_by"]
    change_form_template = "admin/agreement.html"
    change_list_template = "admin/agreement_templates.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.write)
        name = "aggregator_agreementtemplate_write"
        return [path("write/<slug:program>/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        able = self._may(request, WRITERS) and request.user.cooperative_id
        links = [
            {
                "label": _("Write the wording: %(program)s") % {"program": program.name},
                "url": reverse("admin:aggregator_agreementtemplate_write", args=[program.id]),
            }
            for program in (programs_for(request.user.cooperative) if able else [])
        ]
        return super().changelist_view(request, {"page_links": links, **(extra_context or {})})

    def page_context(self, request: HttpRequest, row: AgreementTemplate) -> dict[str, Any]:
        return {"agreement": _preview(row.cooperative, row.program, wording_of(row))}

    def write(self, request: HttpRequest, program: str) -> HttpResponse:
        """The newest wording to be changed; previewed as often as wished, kept as the next."""
        cooperative = request.user.cooperative
        if cooperative is None or program not in {each.id for each in agreement_programs()}:
            raise Http404
        if not self._may(request, WRITERS):
            raise PermissionDenied
        newest = current_template(cooperative, program=program)
        form = WordingForm(request.POST or None, initial=_initial(wording_of(newest)))
        preview, status = None, 200
        if request.method == "POST" and form.is_valid():
            try:
                if "preview" not in request.POST:
                    return self._keep(request, cooperative, program, form.wording())
                check_wording(form.wording(), program=program)
                preview = _preview(cooperative, program, form.wording())
            except DomainError as refusal:
                messages.error(request, str(refusal))
                status = refusal.status
        context = {
            **self.admin_site.each_context(request),
            "title": _("Write the wording: %(program)s") % {"program": find_program(program).name},
            "opts": self.opts,
            "form": form,
            "places": known_places(program).items(),
            "agreement": preview,
            "next_version": newest.version + 1,
        }
        page = "admin/agreement_wording.html"
        return TemplateResponse(request, page, context, status=status)

    def _keep(
        self, request: HttpRequest, cooperative: Cooperative, program: str, wording: Wording
    ) -> HttpResponse:
        kept = write_template(cooperative, program=program, wording=wording, by=request.user)
        messages.success(
            request,
            _("Version %(version)s is kept. Drafts written from now on follow it.")
            % {"version": kept.version},
        )
        return redirect("admin:aggregator_agreementtemplate_change", kept.pk)

    @admin.display(description=_("program"), ordering="program")
    def program_shown(self, row: AgreementTemplate) -> str:
        return program_name(row.program)


def _initial(wording: Wording) -> dict[str, str]:
    return {
        "title": wording.title,
        "body": wording.body,
        "title_en": wording.title_en,
        "body_en": wording.body_en,
    }


def _preview(cooperative: Cooperative, program: str, wording: Wording) -> dict[str, Any] | None:
    """The wording filled for a household of the cooperative; None while nobody holds a field."""
    template = AgreementTemplate(
        cooperative=cooperative, program=program, version=0, **_initial(wording)
    )
    text = sample_text(cooperative, template=template)
    if text is None:
        return None
    return agreement_context(text, language=get_language() or "zh-hans", sha256="")

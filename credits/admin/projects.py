"""Admin of pools and the fields in them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    OPERATOR,
    ReadOnlyAdmin,
    TenantAdmin,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import state_column
from aggregator.formats import format_day
from aggregator.object_actions import ObjectAction, register_action
from credits.admin.land_map import enrol_chosen
from credits.admin.phone_lists import PhoneList
from credits.admin.project_form import ProjectForm
from credits.admin.situation_table import parameters_column
from credits.admin.whereabouts import draw_whereabouts
from credits.models import Enrolment, EnrolmentSpan, Project
from credits.pooling.projects import create_project
from credits.pooling.reasons import reason_text
from credits.registry import METHODOLOGY_NAMES, PROGRAMS
from credits.terms.differences import list_differences, list_terms
from farms.models import Field


@admin.register(Project)
class ProjectAdmin(PhoneList, TenantAdmin):
    """Made by its action, which copies the program's terms; only its names change here."""

    never_added = True
    list_display = ["code", "name", "program_name", "methodology_name", "starts_on", "ends_on"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name", "name_en"]
    fields = [
        "code",
        "name",
        "name_en",
        "program_name",
        "methodology_name",
        "starts_on",
        "ends_on",
        "whereabouts",
        "differences",
        "terms_table",
        "parameters_table",
    ]
    readonly_fields = [
        "program_name",
        "methodology_name",
        "whereabouts",
        "differences",
        "terms_table",
        "parameters_table",
    ]
    fixed = ("code", "starts_on", "ends_on")
    parameters_table = parameters_column()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(enrol_chosen)
        return [
            path("enrol-chosen/", view, name="credits_project_enrol_chosen"),
            *super().get_urls(),
        ]

    @admin.display(description=_("program"))
    def program_name(self, row: Project) -> str:
        program = PROGRAMS.get(row.program)
        return str(program.name) if program else row.program

    @admin.display(description=_("methodology"))
    def methodology_name(self, row: Project) -> str:
        return str(METHODOLOGY_NAMES.get(row.methodology, row.methodology))

    @admin.display(description=_("tonnes of the project"))
    def whereabouts(self, row: Project) -> Any:
        return draw_whereabouts(row)

    @admin.display(description=_("what differs from the program"))
    def differences(self, row: Project) -> Any:
        found = list_differences(row)
        if not found:
            return _("Nothing: these are the program's own terms.")
        heads = (_("Term"), _("Standard"), _("Ours"), _("Source of the standard"))
        lines = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((each.term, each.standard, each.ours, each.source) for each in found),
        )
        head = format_html_join("", "<th scope='col'>{}</th>", ((each,) for each in heads))
        return format_html(
            '<table class="terms differences"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
            head,
            lines,
        )

    @admin.display(description=_("the project's terms"))
    def terms_table(self, row: Project) -> Any:
        lines = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td></tr>", list_terms(row))
        return format_html('<table class="terms">{}</table>', lines)


ENROLMENT_TONES = {"enrolled": "good", "refused": "bad"}


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ["field", "project", "state", "why", "checked_at"]
    list_select_related = ["field", "project"]
    list_filter = ["status", ("project", TenantRelatedFilter)]
    ordering = ["field", "project"]
    # What has an index; the rest is filtered by.
    sortable_by = ["field"]
    search_fields = ["^field__code", "^field__name"]
    fields = ["field", "project", "state", "why", "kept_days", "checked_at"]
    state = state_column("status", _("status"), ENROLMENT_TONES)

    @admin.display(description=_("days that still count"))
    def kept_days(self, row: Enrolment) -> Any:
        """Of enrolments that ended; of one field in one pool there may be several."""
        spans = EnrolmentSpan.objects.filter(project=row.project_id, field=row.field_id)
        days = ((format_day(each.starts_on), format_day(each.ends_on)) for each in spans)
        return format_html_join("", "<div>{} – {}</div>", days) or "—"

    @admin.display(description=_("reasons"))
    def why(self, row: Enrolment) -> Any:
        return (
            format_html_join(" ", "{}", ((reason_text(reason),) for reason in row.reasons)) or "—"
        )


register_link(Project, _("Enrolments"), "credits_enrolment", "project__id__exact")
register_link(Field, _("Enrolments"), "credits_enrolment", "field__id__exact")


register_action(
    Project,
    ObjectAction(
        name="create",
        label=_("Set up a project"),
        roles=OPERATOR,
        rule=create_project,
        form=ProjectForm,
        explain=lambda _cooperative: [
            _("The program's terms are copied into the project and stay with it for good."),
        ],
        done=lambda project: _("Project %(name)s is set up.") % {"name": project.name},
        on_list=True,
    ),
)

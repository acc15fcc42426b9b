"""What projects add to the map of the land: a way to colour by each, and enrolment of a choice."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.admin_base import OPERATOR
from aggregator.models import User
from credits.models import Enrolment, Project
from credits.pooling.enrolment import enrol_fields
from farms.field_actions import FieldAction, chosen_fields, register_field_action
from farms.land_touches import watch_land
from farms.map.drawing_views import answer_form, operators_only
from farms.map.forms import LandForm
from farms.map.shades import NONE, Colouring, Shade, first_of, register_colourings
from farms.models import Season

_SHADES = [
    Shade("enrolled", Enrolment.Status.ENROLLED.label, "paddy", "✓"),
    Shade("refused", Enrolment.Status.REFUSED.label, "brick", "✕", "hatch"),
    Shade(NONE, gettext_lazy("not asked in"), "muted", "–"),
]


def _status_in(project: Project, _season: Season | None) -> Any:
    rows = Enrolment.objects.filter(project=project, field=OuterRef("field_id"))
    return first_of(rows.order_by(), "status")


def colour_by_projects(user: User) -> list[Colouring]:
    """One way to colour for each project of the reader's cooperative."""
    return [
        Colouring(
            name=f"project-{project.pk}",
            label=format_lazy(gettext_lazy("project {project}"), project=str(project)),
            shades=_SHADES,
            expression=partial(_status_in, project),
        )
        for project in Project.objects.for_user(user)
    ]


class EnrolForm(LandForm):
    project = forms.ModelChoiceField(Project.objects.all(), label=gettext_lazy("project"))


def enrol_chosen(request: HttpRequest) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        counts = enrol_fields(form.cleaned_data["project"], by=request.user, fields=fields)
        said = _("%(enrolled)d fields are enrolled, %(refused)d refused.")
        messages.success(request, said % {"enrolled": counts.enrolled, "refused": counts.refused})
        return redirect("chosen-fields")

    operators_only(request)
    fields = list(chosen_fields(request))
    return answer_form(
        request,
        EnrolForm(request.POST or None, user=request.user),
        rule,
        title=_("Enrol the chosen plots"),
        lines=[
            ", ".join(field.code for field in fields[:20]) or _("No plot is chosen."),
            _("Fields that pass are enrolled; the others are listed with their reasons."),
        ],
        back=reverse("chosen-fields"),
    )


register_colourings(colour_by_projects)
watch_land(Enrolment)
register_field_action(
    FieldAction(
        name="enrol",
        label=gettext_lazy("Enrol in a project"),
        explain=gettext_lazy("Each is checked against the program's conditions."),
        url_name="admin:credits_project_enrol_chosen",
        roles=OPERATOR,
    )
)

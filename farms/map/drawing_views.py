"""Pages that change land: draw, redraw, split, merge, transfer; and the boundaries over time.

Each asks once in words, calls one rule in the name of who signed in, and says what came of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import shapely
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from aggregator.errors import DomainError
from farms.boundaries import origin_name
from farms.field_actions import choose_fields, chosen_fields
from farms.map.forms import DrawForm, LandForm, MergeForm, RedrawForm, SplitForm, TransferForm
from farms.map.panel import area_text
from farms.map.plots import extent_of
from farms.map.views import may_operate, page, staff_only
from farms.models import Boundary, Field, Tenure
from farms.redrawing import NewField, draw_field, merge_fields, redraw_field, split_field
from farms.successors import notices_of
from farms.transfers import transfer_fields


def draw(request: HttpRequest) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        facts = dict(form.cleaned_data)
        polygon = facts.pop("shape")
        field = draw_field(NewField(**facts), polygon=polygon, by=request.user)
        return _to_field(request, field, _("Field %(code)s is drawn.") % {"code": field.code})

    operators_only(request)
    extent = extent_of(request.user)
    return answer_form(
        request,
        DrawForm(request.POST or None, user=request.user, initial={"starts_on": ""}),
        rule,
        title=_("Draw a new field"),
        kind="Polygon",
        extent=extent and ",".join(str(edge) for edge in extent),
        lines=[_("The field is added with this outline and its holder.")],
        back=reverse("land-map"),
    )


def redraw(request: HttpRequest, pk: int) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        boundary = redraw_field(field, polygon=form.cleaned_data["shape"], by=request.user)
        said = _("Boundary version %(version)s is in force.") % {"version": boundary.version}
        return _to_field(request, field, said)

    # Whose the field is comes first: a stranger learns not even that it exists.
    field = own_field(request, pk)
    operators_only(request)
    return answer_form(
        request,
        RedrawForm(request.POST or None, user=request.user, initial={"shape": _geojson(field)}),
        rule,
        title=_("Redraw %(field)s") % {"field": field},
        kind="Polygon",
        field=field,
        lines=[
            _("The outline becomes a new version; the one before stays on record."),
            *notices_of(field),
        ],
        back=_address(field),
    )


def split(request: HttpRequest, pk: int) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        facts = form.cleaned_data
        children = split_field(
            field, cut=facts["shape"], codes=facts["codes"], on=facts["on"], by=request.user
        )
        codes = ", ".join(child.code for child in children)
        return _to_field(request, field, _("The field is split into %(codes)s.") % {"codes": codes})

    # Whose the field is comes first: a stranger learns not even that it exists.
    field = own_field(request, pk)
    operators_only(request)
    codes = f"{field.code}-1\n{field.code}-2"
    return answer_form(
        request,
        SplitForm(request.POST or None, user=request.user, initial={"codes": codes}),
        rule,
        title=_("Split %(field)s") % {"field": field},
        kind="LineString",
        field=field,
        outline=_geojson(field),
        parts=reverse("split-preview", args=[field.pk]),
        lines=[
            _("Draw a line across the whole field; begin and end it outside."),
            _("The field ends on the day before; the new ones begin with the same holders."),
            *notices_of(field),
        ],
        back=_address(field),
    )


def merge(request: HttpRequest) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        child = merge_fields(
            fields, code=form.cleaned_data["code"], on=form.cleaned_data["on"], by=request.user
        )
        choose_fields(request, [])
        return _to_field(request, child, _("The fields are one: %(code)s.") % {"code": child.code})

    operators_only(request)
    fields = list(chosen_fields(request))
    return answer_form(
        request,
        MergeForm(request.POST or None, user=request.user),
        rule,
        title=_("Merge the chosen plots into one"),
        lines=[
            " · ".join(str(field) for field in fields) or _("No plot is chosen."),
            _("They must share edges, and have the same holders and practices."),
            *(line for field in fields for line in notices_of(field)),
        ],
        back=reverse("chosen-fields"),
    )


def transfer(request: HttpRequest) -> HttpResponse:
    def rule(form: LandForm) -> HttpResponse:
        done = transfer_fields(fields, by=request.user, **form.cleaned_data)
        said = ngettext("%(n)s plot is transferred.", "%(n)s plots are transferred.", len(done))
        messages.success(request, said % {"n": len(done)})
        return redirect("chosen-fields")

    operators_only(request)
    fields = list(chosen_fields(request))
    shown = ", ".join(field.code for field in fields[:20])
    return answer_form(
        request,
        TransferForm(request.POST or None, user=request.user),
        rule,
        title=_("Transfer the chosen plots"),
        lines=[
            shown + (" …" if len(fields) > 20 else "") or _("No plot is chosen."),
            _("From the first day the household works the land; its days earn for it."),
        ],
        back=reverse("chosen-fields"),
    )


@require_GET
def show_boundaries(request: HttpRequest, pk: int) -> HttpResponse:
    staff_only(request)
    field = own_field(request, pk)
    versions = field.boundaries.select_related("recorded_by").order_by("-version")
    rows = [
        {
            "version": row.version,
            "on": row.recorded_at,
            "by": row.recorded_by,
            "origin": origin_name(row.origin),
            "area": area_text(row.area_m2, field.cooperative),
            "shape": _shape(row),
        }
        for row in versions
    ]
    kin = [
        {"words": _("came out of"), "fields": [row.parent for row in field.parents.all()]},
        {"words": _("became"), "fields": [row.child for row in field.children.all()]},
    ]
    return page(
        request,
        "boundaries",
        title=_("Boundaries of %(field)s over time") % {"field": field},
        field=field,
        rows=rows,
        kin=[each for each in kin if each["fields"]],
        tenures=Tenure.objects.filter(field=field).select_related("household"),
        may_operate=may_operate(request.user) and field.ends_on is None,
    )


def answer_form(
    request: HttpRequest,
    form: LandForm,
    rule: Callable[[LandForm], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """GET asks; POST calls the rule, or says what is wrong beside what was typed."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return rule(form)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
    return page(request, "drawing", status=status, form=form, **context)


def operators_only(request: HttpRequest) -> None:
    staff_only(request)
    if not may_operate(request.user):
        raise PermissionDenied


def own_field(request: HttpRequest, pk: int) -> Field:
    rows = Field.objects.for_user(request.user).select_related("cooperative", "village")
    return get_object_or_404(rows, pk=pk)


def _shape(boundary: Boundary) -> str:
    return str(shapely.to_geojson(shapely.from_wkb(bytes(boundary.geometry_wkb))))


def _geojson(field: Field) -> str:
    boundary = field.boundaries.order_by("-version").first()
    return _shape(boundary) if boundary else json.dumps(None)


def _address(field: Field) -> str:
    return reverse("admin:farms_field_change", args=[field.pk])


def _to_field(request: HttpRequest, field: Field, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(_address(field))

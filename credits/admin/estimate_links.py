"""Ways from a project and a field to the estimator, with what is known already filled in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import register_page_link
from aggregator.units import m2_to
from credits.models import Enrolment, Project
from credits.registry import ESTIMATORS
from farms.models import Field

# Methodologies that look a rate up, and are asked as such.
_LOOK_UP = {"ccx-soil": "practice-rate"}


def estimate_address(project: Project | None, *, area_m2: Decimal | None = None) -> str:
    """The estimator of a project's methodology, its parameters and an area filled in.

    The list of methodologies where there is no project, or none answers for its methodology.
    """
    asked = _LOOK_UP.get(project.methodology, project.methodology) if project else ""
    estimator = ESTIMATORS.get(asked)
    if project is None or estimator is None:
        return reverse("estimates")
    names = {each.name for each in estimator.schema.inputs}
    known = {
        name: str(value)
        for name, value in project.parameters.items()
        if name in names and isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    if area_m2 and "area_ha" in names:
        known["area_ha"] = str(m2_to(area_m2, "ha", places=4))
    elif area_m2 and "area_unit" in names:
        known |= {"area": str(m2_to(area_m2, "ha", places=4)), "area_unit": "ha"}
    query = f"?{urlencode(known)}" if known else ""
    return reverse("estimate", args=[asked]) + query


def _of_project(project: Project) -> list[dict[str, Any]]:
    return [{"label": _("Estimate"), "url": estimate_address(project)}]


def _of_field(field: Field) -> list[dict[str, Any]]:
    """By the newest project that the field is in; none once the field has ended."""
    if field.ends_on:
        return []
    enrolled = Enrolment.objects.filter(field=field, status=Enrolment.Status.ENROLLED)
    newest = enrolled.select_related("project").order_by("-project__starts_on", "-pk").first()
    area = Field.objects.filter(pk=field.pk).with_area().values_list("area_m2", flat=True).first()
    address = estimate_address(newest.project if newest else None, area_m2=area)
    return [{"label": _("What would it earn?"), "url": address}]


register_page_link(Project, _of_project)
register_page_link(Field, _of_field)

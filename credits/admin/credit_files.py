"""Files of a project's credits: records for CAD Trust, and the plain list of its blocks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import APPROVER, OPERATOR
from aggregator.models import User
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from credits.models import Issuance, Project
from credits.tonnes.block_list import export_blocks
from credits.tonnes.cadtrust.export import CHINA, RecordsFile, export_cadtrust, list_countries

VIEWER = frozenset({User.Role.VIEWER.value})


class RecordsForm(ActionForm):
    version = forms.TypedChoiceField(
        label=_("Version of the records"), choices=[(2, "2"), (1, "1")], coerce=int
    )
    country = forms.ChoiceField(
        label=_("Country of the credits' owner"),
        choices=[(name, name) for name in list_countries()],
        initial=CHINA,
        help_text=_("Asked by version 1 alone."),
    )


def _send(_request: HttpRequest, file: RecordsFile) -> HttpResponse:
    kind = "application/zip" if file.name.endswith(".zip") else "text/csv; charset=utf-8"
    named = {"Content-Disposition": content_disposition_header(True, file.name) or ""}
    return HttpResponse(file.content, kind, headers=named | {"Cache-Control": "no-store"})


def _of_issuance(rule: Any) -> Any:
    return lambda issuance, **told: rule(issuance.period.project, **told)


for model, wrap, allowed in (
    (Project, lambda rule: rule, lambda project, _user: project.blocks.exists()),
    (Issuance, _of_issuance, lambda _issuance, _user: True),
):
    register_action(
        model,
        ObjectAction(
            name="cadtrust",
            label=_("Records for CAD Trust"),
            roles=OPERATOR | APPROVER,
            rule=wrap(export_cadtrust),
            form=RecordsForm,
            allowed=allowed,
            explain=lambda _row: [
                _("A ZIP with project, verifications, issuances and units, as JSON and CSV."),
                _("Every record is checked by the published rules first; one fault stops it."),
                _("Nothing is said of households."),
            ],
            respond=_send,
            primary=False,
        ),
    )
    register_action(
        model,
        ObjectAction(
            name="blocks",
            label=_("List of blocks (CSV)"),
            roles=OPERATOR | APPROVER | VIEWER,
            rule=wrap(export_blocks),
            allowed=allowed,
            explain=lambda _row: [
                _("All live blocks of the project with serials, status and last move."),
            ],
            respond=_send,
            primary=False,
        ),
    )

"""The buttons of seasons, practice records and fields: each asks once and calls one rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aggregator.admin_base import EVERYONE, OPERATOR
from aggregator.models import Village
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from farms.evidence_checks import add_evidence
from farms.grain_guard import check_land, guards_grain
from farms.models import Field, PracticeRecord, Season
from farms.reports import (
    Status,
    confirm_reports,
    refuse_reports,
    restore_record,
    withdraw_record,
)
from farms.season_sheets import SheetFile, export_season_sheets


class SheetForm(ActionForm):
    """Which village; without one, all of them come in a zip."""

    village = forms.ModelChoiceField(
        Village.objects.none(),
        label=gettext_lazy("Village"),
        required=False,
        empty_label=gettext_lazy("all villages, as a zip"),
    )

    def __init__(self, *args: Any, subject: Any, **kwargs: Any) -> None:
        super().__init__(*args, subject=subject, **kwargs)
        villages = Village.objects.for_cooperative(subject.cooperative)
        self.fields["village"].queryset = villages  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        village = self.cleaned_data["village"]
        return {"villages": [village] if village else None}


class ReasonForm(ActionForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, (list, tuple)) else [data]
        return [forms.FileField.clean(self, file, initial) for file in files]


class EvidenceForm(ActionForm):
    files = FilesField(
        label=gettext_lazy("Files"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "Photos as the phone took them keep their place and time; those sent through a "
            "messenger have lost both. Invoices as PDF, tracks of machines as GPX."
        ),
    )


def _respond(_request: HttpRequest, sheet: SheetFile) -> HttpResponse:
    # Django's own way of writing names beyond ASCII so that browsers understand them.
    attached = content_disposition_header(as_attachment=True, filename=sheet.name) or "attachment"
    headers = {"Content-Disposition": attached}
    return HttpResponse(sheet.content, content_type=sheet.mime, headers=headers)


def _explain_sheet(season: Season) -> Iterator[Any]:
    yield _("A workbook of the village's plots for season %(season)s, to print or fill in.") % {
        "season": season
    }
    yield _("Filled in, it is brought in under Practices; it finds its plots by itself.")
    yield _("What is on record is ticked already; a tick taken away withdraws nothing.")


def _explain_withdraw(_record: PracticeRecord) -> Iterator[Any]:
    yield _("The record no longer counts for any period that is still to be counted.")
    yield _("It stays here with your reason and its evidence, and can be restored.")


def _explain_evidence(_record: PracticeRecord) -> Iterator[Any]:
    yield _("The originals are kept as they are; place and time are compared with the plot.")


def _explain_confirm(record: PracticeRecord) -> Iterator[Any]:
    yield _("%(household)s reported it; from now on it counts.") % {"household": record.reported_by}


def _explain_refuse(record: PracticeRecord) -> Iterator[Any]:
    yield _("It will not count, and %(household)s is told your reason by message.") % {
        "household": record.reported_by
    }


def _explain_check(_cooperative: Any) -> Iterator[Any]:
    yield _("Every field is judged anew by its land class, crops and observations.")


def _confirm(record: PracticeRecord, *, by: Any) -> int:
    return confirm_reports(record.cooperative, by=by, keys=[record.pk])


def _refuse(record: PracticeRecord, *, by: Any, reason: str) -> int:
    return refuse_reports(record.cooperative, by=by, keys=[record.pk], reason=reason)


def _count_flagged(number: int) -> str:
    text = ngettext("%(count)d field is flagged.", "%(count)d fields are flagged.", number)
    return text % {"count": number}


def _count_files(rows: list[Any]) -> str:
    text = ngettext("%(count)d file added.", "%(count)d files added.", len(rows))
    return text % {"count": len(rows)}


register_action(
    Season,
    ObjectAction(
        name="sheets",
        label=gettext_lazy("Season sheets"),
        roles=EVERYONE,
        rule=export_season_sheets,
        explain=_explain_sheet,
        form=SheetForm,
        respond=_respond,
    ),
)
register_action(
    PracticeRecord,
    ObjectAction(
        name="confirm",
        label=gettext_lazy("Confirm"),
        roles=OPERATOR,
        rule=_confirm,
        explain=_explain_confirm,
        allowed=lambda record, _user: record.status == Status.REPORTED,
    ),
)
register_action(
    PracticeRecord,
    ObjectAction(
        name="refuse",
        label=gettext_lazy("Refuse"),
        roles=OPERATOR,
        rule=_refuse,
        explain=_explain_refuse,
        allowed=lambda record, _user: record.status == Status.REPORTED,
        form=ReasonForm,
        primary=False,
    ),
)
register_action(
    PracticeRecord,
    ObjectAction(
        name="evidence",
        label=gettext_lazy("Add evidence"),
        roles=OPERATOR,
        rule=add_evidence,
        explain=_explain_evidence,
        form=EvidenceForm,
        done=_count_files,
    ),
)
register_action(
    PracticeRecord,
    ObjectAction(
        name="withdraw",
        label=gettext_lazy("Withdraw"),
        roles=OPERATOR,
        rule=withdraw_record,
        explain=_explain_withdraw,
        allowed=lambda record, _user: record.status == Status.CONFIRMED,
        form=ReasonForm,
        primary=False,
    ),
)
register_action(
    PracticeRecord,
    ObjectAction(
        name="restore",
        label=gettext_lazy("Let it count again"),
        roles=OPERATOR,
        rule=restore_record,
        explain=lambda record: [record.decision_note],
        allowed=lambda record, _user: record.status in (Status.WITHDRAWN, Status.REFUSED),
        primary=False,
    ),
)
register_action(
    Field,
    ObjectAction(
        name="check-land",
        label=gettext_lazy("Check by the grain guard"),
        roles=OPERATOR,
        rule=check_land,
        explain=_explain_check,
        allowed=lambda cooperative, _user: guards_grain(cooperative),
        done=_count_flagged,
        on_list=True,
        primary=False,
    ),
)

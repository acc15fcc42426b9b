"""Admin of the seasons and of what was done on the fields in them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import TenantAdmin, TenantForm, TenantRelatedFilter, register_link
from aggregator.admin_columns import state_column
from aggregator.models import Household
from farms.admin.evidence import EvidenceInline
from farms.admin.practice_filters import EvidenceFilter, PracticeFilter, WorkedByFilter
from farms.crops import normalise_crops
from farms.field_life import exists_on, outside_life, say_outside_life
from farms.grain_guard import refresh_flags
from farms.models import Field, Practice, PracticeRecord, Season
from farms.observations import DayToCome

TONES = {"confirmed": "good", "reported": "wait", "refused": "bad"}


@admin.register(Season)
class SeasonAdmin(TenantAdmin):
    list_display = ["code", "name", "starts_on", "ends_on"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "starts_on", "ends_on"]
    help_texts = {
        "code": _("The year, or the year and the crop season: 2026, 2026-early."),
        "name": _("As it is printed on the season sheets, for example: early rice 2026."),
        "starts_on": _("From preparing the ground; practices before it do not count."),
        "ends_on": _("Up to and including this day: harvest and straw return."),
    }
    fixed = ("code",)


class PracticeRecordForm(TenantForm):
    practice = forms.ChoiceField(label=_("practice"), choices=Practice.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # On record it is only shown; asked for out of sight, it would refuse every change.
            del self.fields["practice"]

    def clean_crop(self) -> str:
        return normalise_crops(self.cleaned_data["crop"])[0]

    def clean_done_on(self) -> date | None:
        day: date | None = self.cleaned_data["done_on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError(str(DayToCome(day=day)), code=DayToCome.code)
        return day

    def _post_clean(self) -> None:
        # Not in `clean`: only here does the row hold what was typed, and what was fixed before.
        super()._post_clean()
        record = self.instance
        if self.errors or record.field_id is None or record.season_id is None:
            return
        if record.pk is None and (reason := say_outside_life(record.field, record.season)):
            self.add_error("field", ValidationError(reason, code="not_in_season"))
        elif "done_on" in self.changed_data and not exists_on(record.field, record.done_on):
            refusal = outside_life(record.field)
            self.add_error("done_on", ValidationError(str(refusal), code=refusal.code))


@admin.register(PracticeRecord)
class PracticeRecordAdmin(TenantAdmin):
    """Records are withdrawn with a reason, never deleted; a file or the page of many adds them."""

    form = PracticeRecordForm
    change_list_template = "admin/practice_list.html"
    list_display = [
        *("field", "season", "practice_name", "crop", "irrigated", "done_on", "state"),
    ]
    list_select_related = ["field", "season"]
    ordering = ["field", "pk"]
    # What has an index; the rest is filtered by.
    sortable_by = ["field", "done_on"]
    list_filter = [
        *(EvidenceFilter, "status", ("season", TenantRelatedFilter), PracticeFilter),
        *(("field__village", TenantRelatedFilter), WorkedByFilter, "irrigated"),
    ]
    search_fields = [
        *("^field__code", "^field__name", "^crop"),
        *("^field__tenures__household__code", "^field__tenures__household__persons__name"),
    ]
    search_help_text = _("Field code or name, crop, household's code or name")
    fields = [
        *("field", "season", "practice", "crop", "irrigated", "done_on", "note", "state"),
        *("reported", "decided_by", "decided_at", "decision_note"),
    ]
    readonly_fields = [
        "practice_name",
        "state",
        "reported",
        "decided_by",
        "decided_at",
        "decision_note",
    ]
    autocomplete_fields = ["field"]
    fixed = ("field", "season")
    inlines = [EvidenceInline]
    state = state_column("status", _("status"), TONES)

    class Media:
        css = {"all": ["tianhui/practices.css"]}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = super().get_fields(request, obj)
        if obj is not None:
            names = ["practice_name" if name == "practice" else name for name in names]
        if obj is None:
            return [name for name in names if name not in self.readonly_fields]
        # Only what somebody decided is shown as decided.
        empty = {
            "reported": obj.reported_by_id,
            "decided_by": obj.decided_by_id,
            "decided_at": obj.decided_at,
            "decision_note": obj.decision_note,
        }
        return [name for name in names if name not in empty or empty[name]]

    @admin.display(description=_("practice"), ordering="practice")
    def practice_name(self, row: PracticeRecord) -> str:
        return row.practice_label

    @admin.display(description=_("reported by"))
    def reported(self, row: PracticeRecord) -> str:
        if row.reported_at is None:
            return "—"
        return f"{row.reported_by} · {timezone.localdate(row.reported_at)}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refresh_flags(obj.cooperative, [obj.field_id])


register_link(Field, _("Practice records"), "farms_practicerecord", "field__id__exact")
register_link(Household, _("Practice records"), "farms_practicerecord", "household")

"""Admin of the audit log: who decided what, and when."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin.changes import PersonFilter
from aggregator.admin.staff import OFFICE
from aggregator.admin_base import NamedValuesFilter, ReadOnlyAdmin
from aggregator.admin_columns import table_column
from aggregator.detail_names import DETAIL_NAMES
from aggregator.event_names import event_name, kind_name
from aggregator.models import AuditEvent


class ActionFilter(NamedValuesFilter):
    names = staticmethod(event_name)


class KindFilter(NamedValuesFilter):
    names = staticmethod(kind_name)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["at", "by", "what", "kind", "object_id"]
    list_select_related = ["by"]
    list_filter = [
        *(("at", admin.DateFieldListFilter), ("action", ActionFilter)),
        *(("object_type", KindFilter), PersonFilter),
    ]
    # What has an index; the rest is filtered by.
    sortable_by = ["at"]
    search_fields = ["^object_id", "^action"]
    fields = ["at", "by", "what", "kind", "object_id", "told"]
    told = table_column("details", _("details"), words=DETAIL_NAMES)

    @admin.display(description=_("kind"), ordering="object_type")
    def kind(self, row: AuditEvent) -> str:
        return kind_name(row.object_type)

    @admin.display(description=_("action"), ordering="action")
    def what(self, row: AuditEvent) -> str:
        return event_name(row.action)

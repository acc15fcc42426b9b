"""Admin of the audit log: who decided what, and when."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

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
    list_filter = [("action", ActionFilter), ("object_type", KindFilter)]
    search_fields = ["object_id", "action"]
    date_hierarchy = "at"
    fields = ["at", "by", "what", "kind", "object_id", "told"]
    told = table_column("details", _("details"), words=DETAIL_NAMES)

    @admin.display(description=_("kind"), ordering="object_type")
    def kind(self, row: AuditEvent) -> str:
        return kind_name(row.object_type)

    @admin.display(description=_("action"), ordering="action")
    def what(self, row: AuditEvent) -> str:
        return event_name(row.action)

"""Admin of who holds a field and when."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import TenantAdmin, TenantInline, register_link
from aggregator.models import Household
from farms.models import Tenure


class TenureInline(TenantInline):
    model = Tenure
    fields = ["household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["household"]


@admin.register(Tenure)
class TenureAdmin(TenantAdmin):
    list_display = ["field", "household", "kind", "starts_on", "ends_on"]
    list_select_related = ["field", "household"]
    list_filter = ["kind"]
    search_fields = ["field__code", "household__code", "household__persons__name"]
    fields = ["field", "household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["field", "household"]
    fixed = ("field",)


register_link(Household, _("Tenures"), "farms_tenure", "household__id__exact")

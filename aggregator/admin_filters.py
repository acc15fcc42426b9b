"""Filters of lists that name the reader's own rows, and never more than fit a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from aggregator.list_search import BEGINS, search_rows

# Beyond these a filter is typed, not clicked.
MOST_CHOICES = 30


class TenantRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row. Where there are very many, some words of its name choose them."""

    template = "admin/related_filter.html"

    def __init__(
        self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.named_key = f"{field_path}__named"
        self.user = request.user
        self.related_admin = model_admin.admin_site.get_model_admin(field.related_model)
        super().__init__(field, request, params, model, model_admin, field_path)
        named: Any = self.used_parameters.pop(self.named_key, None) or [""]
        self.named = str(named[-1]).strip()
        self.hidden: list[tuple[str, str]] = []

    def expected_parameters(self) -> list[str | None]:
        return [*super().expected_parameters(), self.named_key]

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        ordering = self.field_admin_ordering(field, request, model_admin)
        rows = field.related_model.objects.for_user(request.user).order_by(*ordering)
        related = self.related_admin.list_select_related
        rows = rows.select_related(*related) if related else rows
        found = list(rows[: MOST_CHOICES + 1])
        self.has_many = len(found) > MOST_CHOICES
        if self.has_many:
            found = list(rows.filter(pk__in=self.lookup_val)) if self._is_chosen() else []
        return [(row.pk, str(row)) for row in found]

    def has_output(self) -> bool:
        return self.has_many or super().has_output()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = super().queryset(request, queryset)
        if not self.named or not self.related_admin.search_fields:
            return rows
        model: Any = self.field.related_model
        related = model.objects.for_user(self.user).order_by()
        # Short lists: a word is found inside names, too.
        columns = [column.removeprefix(BEGINS) for column in self.related_admin.search_fields]
        named = search_rows(related, columns, self.named, user=self.user)
        return rows.filter(Q(**{f"{self.field_path}__in": named.values("pk")}))

    def choices(self, changelist: Any) -> Iterator[Any]:
        own = {self.named_key, self.lookup_kwarg, self.lookup_kwarg_isnull}
        self.hidden = [
            (key, value)
            for key, values in changelist.filter_params.items()
            for value in values
            if key not in own
        ]
        for number, choice in enumerate(super().choices(changelist)):
            if number == 0:
                choice["query_string"] = changelist.get_query_string(remove=sorted(own))
                choice["selected"] = choice["selected"] and not self.named
            yield choice

    def _is_chosen(self) -> bool:
        keys: Any = self.lookup_val
        return bool(keys) and all(str(key).isdigit() for key in keys)


def own_values(field: Any, *, owner: int | None) -> list[str]:
    """The values a column has in a cooperative's rows, each found by one step in an index.

    A DISTINCT reads every row of a log to name the dozen kinds that are in it.
    """
    quote = connection.ops.quote_name
    table, column = quote(field.model._meta.db_table), quote(field.column)
    owned = f"FROM {table} WHERE cooperative_id = %s"
    sql = f"""
        WITH RECURSIVE found(value) AS (
            SELECT MIN({column}) {owned}
            UNION ALL
            SELECT (SELECT MIN({column}) {owned} AND {column} > found.value)
            FROM found WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [owner, owner])
        return [value for (value,) in cursor.fetchall()]

"""Lists of the admin that take as long for 200,000 rows as for 2,000.

Counts stop at a cap; a page's keys are found on an index alone, and only the rows of the page are
read whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from aggregator.admin_search import open_search, seal_search, show_search
from aggregator.list_search import BEGINS, searched_anywhere

# Nobody pages through more: the list says "10,000+" then and asks for a filter or a search.
COUNTED_ROWS = 10_000
# Of a search fewer: its rows lie far apart, and one more letter brings them together.
FOUND_ROWS = 1_000
_OWNER = "cooperative"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a list that is counted, and paged through, no further than `most` rows."""

    most: int | None = None
    # Whose rows they are, where they are one cooperative's.
    owner: int | None = None

    @cached_property
    def walked(self) -> Any:
        """The same rows as they are paged through; counted they are without their parents."""
        rows: Any = self.object_list
        return _name_owner(rows, self.owner) if self.owner else rows

    @cached_property
    def first_keys(self) -> list[Any]:
        """Keys of the first page and one more, which tell a short list's length by themselves."""
        return list(self.walked.values_list("pk", flat=True)[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        if len(self.first_keys) <= self.per_page:
            return len(self.first_keys)
        rows: Any = self.object_list
        counted: int = rows.order_by().values("pk")[: self.cap + 1].count()
        return counted

    @property
    def cap(self) -> int:
        return self.most or COUNTED_ROWS

    @property
    def is_capped(self) -> bool:
        return self.count > self.cap

    @property
    def num_pages(self) -> int:
        return -(-min(self.count, self.cap) // self.per_page) or 1

    def page(self, number: Any) -> Any:
        asked = self.validate_number(number)
        start = (asked - 1) * self.per_page
        rows = self.walked[start : start + self.per_page]
        return self._get_page(rows, asked, self)  # type: ignore[attr-defined]


class TenantChangeList(ChangeList):
    """A list that finds its page by keys and orders by columns an index has."""

    # Of a search: the same words looked for inside codes and names.
    inside_address = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(column.startswith(BEGINS) for column in self.search_fields):
            how = _("A word is looked for at the beginning; *123 finds 123 anywhere.")
            if what := self.search_help_text:
                how = _("%(what)s. %(how)s") % {"what": what, "how": how}
            self.search_help_text = how

    @property
    def shown_query(self) -> str:
        """The search as its box shows it again."""
        return show_search(self.query)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        # Without the list's own order, which would follow every other and sort its ties.
        every = super().get_ordering(request, queryset.order_by())
        terms = [term for each in every for term in self._plain_terms(each, self.model)]
        if len(terms) > 1 and terms[-1] == "-pk" and str(terms[0])[:1] != "-":
            # Ties in the direction of the column: so one index is walked both ways.
            terms[-1] = "pk"
        return terms

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.page_num == 1 and not self.show_all:
            keys = self.paginator.first_keys[: self.list_per_page]
        else:
            keys = list(self.result_list.values_list("pk", flat=True))
        rows = {row.pk: row for row in self.whole_rows().filter(pk__in=keys)}
        self.result_list = [rows[key] for key in keys if key in rows]
        self.is_capped = self.paginator.is_capped
        self.result_count = min(self.result_count, self.paginator.cap)
        if inside := searched_anywhere(open_search(self.query), list(self.search_fields)):
            found = {SEARCH_VAR: seal_search(inside)}
            self.inside_address = self.get_query_string(found, [PAGE_VAR])

    def whole_rows(self) -> QuerySet[Any]:
        """Rows with all that the columns show, in no order."""
        rows = self.root_queryset.order_by()
        return rows if rows.query.select_related else self.apply_select_related(rows)

    def _plain_terms(self, term: Any, model: type[models.Model], prefix: str = "") -> Iterator[Any]:
        """A term of the order as columns: a parent's own order for its name, owners left out."""
        if not isinstance(term, str):
            yield term
            return
        sign, path = ("-", term[1:]) if term.startswith("-") else ("", term)
        parent = _parent_at(model, path)
        if parent is None:
            yield f"{sign}{prefix}{path}"
        elif path.rpartition("__")[2] == _OWNER:
            # One's own cooperative is the only one in the list; of all of them, by their keys.
            yield f"{sign}{prefix}{path}_id"
        else:
            for inner in parent._meta.ordering or ["pk"]:
                turned = _turn(inner) if sign else inner
                yield from (
                    each
                    for each in self._plain_terms(turned, parent, f"{prefix}{path}__")
                    if not _names_owner(each)
                )


def _name_owner(rows: QuerySet[Any], owner: int) -> QuerySet[Any]:
    """Says of the order's parents what is true of them anyway: so their index can be walked."""
    paths = {
        term.lstrip("-").rpartition("__")[0]
        for term in rows.query.order_by
        if isinstance(term, str) and "__" in term
    }
    there = sorted(path for path in paths if _is_always_there(rows.model, path))
    return rows.filter(**{f"{path}__{_OWNER}": owner for path in there}) if there else rows


def _parent_at(model: type[models.Model], path: str) -> type[models.Model] | None:
    """The model that a path of forward keys ends at, or None where it ends at a column."""
    parent: Any = model
    for name in path.split("__"):
        try:
            column = parent._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if not column.is_relation or not column.concrete or name == column.attname:
            return None
        parent = column.related_model
    return parent  # type: ignore[no-any-return]


def _is_always_there(model: type[models.Model], path: str) -> bool:
    parent: Any = model
    for name in path.split("__"):
        try:
            column = parent._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if not getattr(column, "concrete", False) or not column.is_relation or column.null:
            return False
        parent = column.related_model
    return any(field.name == _OWNER for field in parent._meta.fields)


def _names_owner(term: Any) -> bool:
    return isinstance(term, str) and term.endswith(f"__{_OWNER}_id")


def _turn(term: Any) -> Any:
    if not isinstance(term, str):
        return term.copy().reverse_ordering() if hasattr(term, "copy") else term
    return term[1:] if term.startswith("-") else f"-{term}"

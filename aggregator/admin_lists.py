"""Lists of the admin that take as long for 200,000 rows as for 2,000.

Counts stop at a cap; a page's keys are found on an index alone, and only the rows of the page are
read whole; what is searched in related rows is looked up there and never joined to the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import smart_split, unescape_string_literal

# Nobody pages through more; the list says "10,000+" then, and further pages still open.
COUNTED_ROWS = 10_000
_OWNER = "cooperative"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a list that is counted no further than `COUNTED_ROWS`; later pages open too."""

    last_asked = 1

    @cached_property
    def first_keys(self) -> list[Any]:
        """Keys of the first page and one more, which tell a short list's length by themselves."""
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        if len(self.first_keys) <= self.per_page:
            # A rare word is looked for in every row: once is enough.
            return len(self.first_keys)
        rows: Any = self.object_list
        counted: int = rows.order_by().values("pk")[: COUNTED_ROWS + 1].count()
        return counted

    @cached_property
    def is_capped(self) -> bool:
        return self.count > COUNTED_ROWS

    @property
    def num_pages(self) -> int:
        counted = -(-min(self.count, COUNTED_ROWS) // self.per_page) or 1
        return max(counted, self.last_asked + 1) if self.is_capped else counted

    def validate_number(self, number: Any) -> int:
        if self.is_capped:
            # There may be any number of pages; one without rows is refused when it is read.
            self.last_asked = max(1, int(number))
        return super().validate_number(number)

    def page(self, number: Any) -> Any:
        asked = self.validate_number(number)
        start = (asked - 1) * self.per_page
        rows = self.object_list[start : start + self.per_page]
        return self._get_page(rows, asked, self)  # type: ignore[attr-defined]


class TenantChangeList(ChangeList):
    """A list that finds its page by keys and orders by columns an index has."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        every = super().get_ordering(request, queryset)
        terms = [term for each in every for term in self._plain_terms(each, self.model)]
        if len(terms) > 1 and terms[-1] == "-pk" and str(terms[0])[:1] != "-":
            # Ties in the direction of the column: so one index is walked both ways.
            terms[-1] = "pk"
        return terms

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        user: Any = request.user
        if user.is_superuser:
            return rows
        # Says of the parents what is true of them anyway: so their index of codes can be walked.
        same = {f"{path}__{_OWNER}": user.cooperative_id for path in self._parents(rows)}
        return rows.filter(**same) if same else rows

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.page_num == 1 and not self.show_all:
            keys = self.paginator.first_keys[: self.list_per_page]
        else:
            keys = list(self.result_list.values_list("pk", flat=True))
        if not keys and self.page_num > 1:
            raise IncorrectLookupParameters
        rows = {row.pk: row for row in self.whole_rows().filter(pk__in=keys)}
        self.result_list = [rows[key] for key in keys if key in rows]
        self.is_capped = self.paginator.is_capped
        self.result_count = min(self.result_count, COUNTED_ROWS)

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

    def _parents(self, rows: QuerySet[Any]) -> list[str]:
        """Parents in the order's terms that every row has."""
        paths = {
            term.lstrip("-").rpartition("__")[0]
            for term in rows.query.order_by
            if isinstance(term, str) and "__" in term
        }
        return sorted(path for path in paths if _is_always_there(self.model, path))


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


def search_rows(rows: QuerySet[Any], columns: list[str], typed: str, *, user: Any) -> QuerySet[Any]:
    """Rows in which each typed word is found in one of `columns`, relations among them."""
    for word in map(_unquote, smart_split(typed)):
        # Where capitals cannot differ, plain comparison is several times faster on PostgreSQL.
        lookup = "contains" if word.upper() == word.lower() else "icontains"
        found = Q()
        for column in columns:
            found |= match_related(rows.model, column, {lookup: word}, user=user)
        rows = rows.filter(found)
    return rows


def _unquote(word: str) -> str:
    quoted = word[0] in "\"'" and word[0] == word[-1]
    return unescape_string_literal(word) if quoted else word


def match_related(model: Any, path: str, wanted: dict[str, Any], *, user: Any) -> Q:
    """What holds of rows of `model` where the column at `path` is as `wanted` (lookup → value).

    Related rows are looked up by their own condition: a join would multiply the list's rows, and
    a DISTINCT would sort them all.
    """
    name, _sep, rest = path.partition("__")
    column: Any = model._meta.get_field(name)
    if not rest:
        return Q(**{f"{name}__{lookup}": value for lookup, value in wanted.items()})
    related = column.related_model
    condition = match_related(related, rest, wanted, user=user)
    inner = related._default_manager.filter(condition).order_by()
    if hasattr(inner, "for_user"):
        inner = inner.for_user(user)
    if column.concrete:
        return Q(**{f"{name}__in": inner.values("pk")})
    return Q(pk__in=inner.values(column.field.attname))

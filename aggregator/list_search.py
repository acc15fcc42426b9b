"""What the search box of a list means, found by indexes alone however long the list is.

A word stands at the beginning of a code or a name; ``*word`` stands anywhere, and reads every row.
Rows of relations are looked up step by step and never joined to the list. A list says with ``^``
which of its columns are searched by their beginning; those of short lists are searched through.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Exists, Lookup, OuterRef, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

BEGINS, ANYWHERE = "^", "*"
# Of a word that more rows begin with, every few rows of the list have it: then they are asked one
# by one, and a page is full after a few.
MOST_KEYS = 1_000
_LAST_CHARACTER = "\U0010ffff"


@models.CharField.register_lookup
class Begins(Lookup):  # type: ignore[type-arg]
    """``startswith`` that an index answers on SQLite, too, where LIKE with ESCAPE reads it all."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, taken = self.process_lhs(compiler, connection)
        sql = f"({column} >= %s AND {column} < %s)"
        return sql, (*taken, self.rhs, *taken, f"{self.rhs}{_LAST_CHARACTER}")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        # By its collation a range may be in another order; the indexes are made for LIKE.
        column, taken = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*taken, f"{connection.ops.prep_for_like_query(self.rhs)}%"]


def search_rows(rows: QuerySet[Any], columns: list[str], typed: str, *, user: Any) -> QuerySet[Any]:
    """Rows in which each typed word is found in one of `columns`, relations among them."""
    for word in map(_unquote, smart_split(typed)):
        if not word.strip(ANYWHERE):
            continue
        found = [_match(rows.model, column, word, user=user) for column in columns]
        # Keys are one list: a database walks several of them one after another.
        keys = {key for each in found if isinstance(each, set) for key in each}
        others = [each for each in found if isinstance(each, Q)]
        rows = rows.filter(reduce(or_, others, Q(pk__in=sorted(keys))))
    return rows


def searched_anywhere(typed: str, columns: list[str]) -> str:
    """The same words, to be looked for inside codes and names; empty where they already were."""
    words = list(map(_unquote, smart_split(typed)))
    if not any(column.startswith(BEGINS) for column in columns):
        return ""
    inside = [word if word.startswith(ANYWHERE) else f"{ANYWHERE}{word}" for word in words]
    return " ".join(inside) if inside != words else ""


def match_related(model: Any, path: str, wanted: dict[str, Any], *, user: Any) -> Q:
    """What holds of rows of `model` where the column at `path` is as `wanted` (lookup → value).

    Related rows are looked up by their own condition: a join would multiply the list's rows, and
    a DISTINCT would sort them all.
    """
    name, _sep, rest = path.partition("__")
    column: Any = model._meta.get_field(name)
    if not rest:
        return _holds(name, wanted=wanted)
    condition = match_related(column.related_model, rest, wanted, user=user)
    inner = _own(column.related_model, user).filter(condition)
    if column.concrete:
        return Q(**{f"{name}__in": inner.values("pk")})
    return Q(pk__in=inner.values(column.field.attname))


def _match(model: Any, column: str, word: str, *, user: Any) -> set[Any] | Q:
    """Keys of the rows with the word, or what holds of them where they are too many."""
    path = column.removeprefix(BEGINS)
    if column == path:
        return match_related(model, path, _contains(word.strip(ANYWHERE)), user=user)
    if not word.startswith(ANYWHERE):
        keys = _find_keys(model, path, partial(begins, word=word), user=user)
        return _begins_through(model, path, word, user=user) if keys is None else keys
    wanted = _contains(word.strip(ANYWHERE))
    # Each column is read through once: as a condition of the list it would be for its page, and
    # again for its count.
    keys = _find_keys(model, path, partial(_holds, wanted=wanted), user=user)
    return match_related(model, path, wanted, user=user) if keys is None else keys


def _holds(name: str, *, wanted: dict[str, Any]) -> Q:
    return Q(**{f"{name}__{lookup}": value for lookup, value in wanted.items()})


def _contains(word: str) -> dict[str, Any]:
    # Where capitals cannot differ, plain comparison is several times faster on PostgreSQL.
    return {"contains" if word.upper() == word.lower() else "icontains": word}


def _find_keys(
    model: Any, path: str, told: Callable[[str], Q], *, user: Any, give: str = "pk"
) -> set[Any] | None:
    """The `give` column of rows of `model` whose column is as `told`; None for over `MOST_KEYS`."""
    name, _sep, rest = path.partition("__")
    column: Any = model._meta.get_field(name)
    if not rest:
        condition = told(name)
    else:
        inner_give = "pk" if column.concrete else column.field.attname
        inner = _find_keys(column.related_model, rest, told, user=user, give=inner_give)
        if not inner:
            return inner
        condition = Q(**{f"{name if column.concrete else 'pk'}__in": sorted(inner)})
        if not column.concrete and give == "pk":
            return inner
    found = _own(model, user).filter(condition).values_list(give, flat=True)
    keys = list(found[: MOST_KEYS + 1])
    return None if len(keys) > MOST_KEYS else set(keys)


def _begins_through(model: Any, path: str, word: str, *, user: Any) -> Q:
    # No index answers this comparison: one that did would have the whole list sorted afterwards.
    name, _sep, rest = path.partition("__")
    column: Any = model._meta.get_field(name)
    if not rest:
        return Q(**{f"{name}__istartswith": word})
    inner = _own(column.related_model, user).filter(**{f"{rest}__istartswith": word})
    if column.concrete:
        return Q(Exists(inner.filter(pk=OuterRef(column.attname))))
    return Q(Exists(inner.filter(**{column.field.attname: OuterRef("pk")})))


def begins(path: str, word: str) -> Q:
    """The word as it was typed, and in the ways that codes and names are written."""
    written = sorted({word, word.upper(), word.lower(), word.capitalize()})
    return reduce(or_, (Q(**{f"{path}__begins": each}) for each in written))


def _own(model: Any, user: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.order_by()
    return rows.for_user(user) if hasattr(rows, "for_user") else rows  # type: ignore[no-any-return]


def _unquote(word: str) -> str:
    quoted = word[0] in "\"'" and word[0] == word[-1]
    return unescape_string_literal(word) if quoted else word

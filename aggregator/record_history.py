"""What happened to one record: decisions and changes of it and of its parts, by time.

Reads only, within one cooperative. Knows nothing of pages; who may see what is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Model, Q, QuerySet

from aggregator.models import AuditEvent, Cooperative, RecordChange
from aggregator.tenancy import TenantModel

PAGE = 50
# A record with more parts than this has pages of its own for them.
MOST_PARTS = 500
# Of one instant, the decision stands above the changes that it made.
_RANKS = {RecordChange: 0, AuditEvent: 1}


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows whose history is one page: the record itself and its parts, by kind."""

    cooperative: Cooperative
    keys: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Moment:
    """What one transaction did, or one decision; `lines` are changes, of a decision none."""

    at: datetime
    event: AuditEvent | None = None
    lines: list[RecordChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of moments, newest first, and where the next page goes on (empty: nowhere)."""

    moments: list[Moment]
    following: str


def find_subject(
    cooperative: Cooperative, *, kind: str, pk: int, parts: Iterable[tuple[type[Model], str]]
) -> Subject:
    """The record and its parts, those that are gone too; `parts` are (model, its key's column)."""
    keys = {kind: frozenset({pk})}
    for model, column in parts:
        name = str(model._meta.model_name)
        standing = _rows(model, cooperative).filter(**{column: pk})
        gone = RecordChange.objects.for_cooperative(cooperative).filter(
            object_type=name, action=RecordChange.Action.REMOVED, **{f"before__{column}": pk}
        )
        found = [
            *standing.values_list("pk", flat=True)[:MOST_PARTS],
            *gone.values_list("object_id", flat=True)[:MOST_PARTS],
        ]
        if found:
            keys[name] = keys.get(name, frozenset()) | frozenset(found)
    return Subject(cooperative, keys)


def read_history(subject: Subject, *, after: str = "") -> Page:
    """A page of what happened, going on `after` where the page before it ended."""
    entries = sorted(
        [*_take(_changes(subject), after), *_take(_events(subject), after)],
        key=_place,
        reverse=True,
    )
    shown = entries[:PAGE]
    following = _write_place(shown[-1]) if len(entries) > PAGE else ""
    return Page(list(_gather(shown)), following)


def is_on_record(subject: Subject) -> bool:
    return _changes(subject).exists() or _events(subject).exists()


def _rows(model: type[Model], cooperative: Cooperative) -> QuerySet[Any]:
    rows = model._default_manager.all()
    return rows.filter(cooperative=cooperative) if issubclass(model, TenantModel) else rows


def _changes(subject: Subject) -> QuerySet[Any]:
    wanted = Q()
    for kind, keys in subject.keys.items():
        wanted |= Q(object_type=kind, object_id__in=keys)
    rows = RecordChange.objects.for_cooperative(subject.cooperative).filter(wanted)
    return rows.select_related("by", "household", "cooperative")


def _events(subject: Subject) -> QuerySet[Any]:
    wanted = Q()
    for kind, keys in subject.keys.items():
        wanted |= Q(object_type=kind, object_id__in=[str(key) for key in keys])
    rows = AuditEvent.objects.for_cooperative(subject.cooperative).filter(wanted)
    return rows.select_related("by")


def _take(rows: QuerySet[Any], after: str) -> list[Any]:
    rank = _RANKS[rows.model]
    if place := _read_place(after):
        at, last_rank, pk = place
        same = Q(at=at) if rank < last_rank else Q(at=at, pk__lt=pk) if rank == last_rank else None
        rows = rows.filter(Q(at__lt=at) | same if same else Q(at__lt=at))
    return list(rows.order_by("-at", "-pk")[: PAGE + 1])


def _place(entry: Any) -> tuple[datetime, int, int]:
    return entry.at, _RANKS[type(entry)], entry.pk


def _write_place(entry: Any) -> str:
    at, rank, pk = _place(entry)
    return f"{at.isoformat()}_{rank}_{pk}"


def _read_place(text: str) -> tuple[datetime, int, int] | None:
    """The place as `_write_place` wrote it; what a stranger typed means the beginning."""
    try:
        at, rank, pk = text.split("_")
        place = datetime.fromisoformat(at), int(rank[:18]), int(pk[:20])
    except ValueError:
        return None
    return place if place[0].tzinfo and place[2] < 2**63 else None


def _gather(entries: Iterable[Any]) -> Iterator[Moment]:
    """Changes of one transaction together, in the order in which they were written."""

    def together(entry: Any) -> Any:
        if isinstance(entry, AuditEvent):
            return "event", entry.pk
        return "changes", entry.change_set, entry.by_id, entry.household_id

    for _key, group in groupby(entries, together):
        found = list(group)
        if isinstance(found[0], AuditEvent):
            yield Moment(found[0].at, event=found[0])
        else:
            yield Moment(found[0].at, lines=found[::-1])

"""Which fields came out of which, and what was done on their common land in a season.

A season's records stand for the land through the whole season, on both sides of the day of a split
or merger: a field without a record of its own takes its parents', and its children's for a season
that ended after it. Parents are given none for seasons after their end, so that what they have of
such was entered before anybody wrote the split down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from aggregator.models import Cooperative
from farms.models import Field, FieldDescent, PracticeRecord

# practice -> irrigated, of one field in one season
Deeds = dict[str, bool]
Seasons = dict[int, tuple[date, date]]


class Kin:
    """The descent of all fields of a cooperative, held in memory: splits and mergers are few."""

    def __init__(self, cooperative: Cooperative) -> None:
        self.parents: dict[int, list[int]] = defaultdict(list)
        self.children: dict[int, list[int]] = defaultdict(list)
        self.born_on: dict[int, date] = {}
        self.ended_by: dict[int, date] = {}
        rows = FieldDescent.objects.for_cooperative(cooperative).order_by("pk")
        for parent, child, day in rows.values_list("parent_id", "child_id", "happened_on"):
            self.parents[child].append(parent)
            self.children[parent].append(child)
            self.born_on[child] = self.ended_by[parent] = day

    def __contains__(self, field_id: int) -> bool:
        return field_id in self.born_on or field_id in self.ended_by

    @property
    def field_ids(self) -> set[int]:
        return self.born_on.keys() | self.ended_by.keys()

    def ancestors(self, field_ids: Iterable[int]) -> dict[int, set[int]]:
        """All fields that each of these came out of, at any remove; those that have none lack."""
        found = {field: self._forebears(field) for field in field_ids if field in self.parents}
        return {field: forebears for field, forebears in found.items() if forebears}

    def _forebears(self, field_id: int) -> set[int]:
        parents = self.parents.get(field_id, [])
        return {*parents}.union(*map(self._forebears, parents))

    def descendants(self, field_ids: Iterable[int]) -> set[int]:
        """All fields that came out of any of these, at any remove."""
        found: set[int] = set()
        waiting = [child for field in field_ids for child in self.children.get(field, ())]
        while waiting:
            field = waiting.pop()
            if field not in found:
                found.add(field)
                waiting += self.children.get(field, ())
        return found

    def deeds_of(
        self, field_id: int, recorded: dict[int, dict[int, Deeds]], seasons: Seasons
    ) -> list[Deeds]:
        """What was done on a field's land in each season, from its own records or its kin's.

        Args:
            field_id: The field asked about.
            recorded: field -> season -> practices; empty where the records say that none counts.
            seasons: first and last day of each season asked about.

        Returns:
            For every season with any, its practices.
        """
        found = (self._deeds(field_id, season, recorded, seasons) for season in seasons)
        return [deeds for deeds in found if deeds]

    def _deeds(
        self,
        field_id: int,
        season: int,
        recorded: dict[int, dict[int, Deeds]],
        seasons: Seasons,
    ) -> Deeds:
        _starts_on, ends_on = seasons[season]
        if season in recorded.get(field_id, {}):
            return recorded[field_id][season]
        inherited = self._kins_deeds(self.parents, field_id, season, recorded)
        if inherited:
            return inherited
        if field_id in self.ended_by and ends_on >= self.ended_by[field_id]:
            return self._kins_deeds(self.children, field_id, season, recorded)
        return {}

    def _kins_deeds(
        self,
        kin: dict[int, list[int]],
        field_id: int,
        season: int,
        recorded: dict[int, dict[int, Deeds]],
    ) -> Deeds:
        """Up or down the descent, never back; only what all did was done on the whole land."""
        return _shared(
            [
                recorded[other][season]
                if season in recorded.get(other, {})
                else self._kins_deeds(kin, other, season, recorded)
                for other in kin.get(field_id, [])
            ]
        )


def _shared(all_deeds: list[Deeds]) -> Deeds:
    if not all_deeds:
        return {}
    common = set.intersection(*(set(deeds) for deeds in all_deeds))
    return {practice: all(deeds[practice] for deeds in all_deeds) for practice in common}


def recorded_deeds(fields: QuerySet[Field], seasons: Iterable[int]) -> dict[int, dict[int, Deeds]]:
    """Confirmed practices by field and season, each with whether the field was irrigated.

    A season whose records all wait or were refused is there without any: asked, and none counts.
    """
    records = PracticeRecord.objects.filter(
        field__in=fields.order_by().values("pk"), season__in=[*seasons]
    )
    recorded: dict[int, dict[int, Deeds]] = defaultdict(lambda: defaultdict(dict))
    for field, season, practice, irrigated, status in records.values_list(
        "field_id", "season_id", "practice", "irrigated", "status"
    ):
        deeds = recorded[field][season]
        if status == PracticeRecord.Status.CONFIRMED:
            deeds[practice] = irrigated
    return recorded

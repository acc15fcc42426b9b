"""What a project's program says of the crops on its fields: years beyond a limit, kinds of no-till.

Reads, never writes. A field that was split or merged answers for what grew on its land before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from credits.models import Project
from credits.programs.crop_limits import contract_year, limited_crops, years_beyond
from farms.crops import crop_keys
from farms.descent import Kin
from farms.models import PracticeRecord

_NO_TILL = "no_till"


class CropYears:
    """In which contract years fields of a pool grew what the program limits, up to a day."""

    def __init__(self, project: Project, fields: QuerySet[Any], *, until: date) -> None:
        self._terms = project.terms
        self._starts_on = project.starts_on
        self._years = contract_year(project.ends_on, starts_on=project.starts_on)
        self._grown: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._forebears: dict[int, set[int]] = {}
        limited = limited_crops(project.terms)
        if limited:
            self._read(project, fields, limited, until)

    def __bool__(self) -> bool:
        """Whether anything limited was grown at all."""
        return bool(self._grown)

    def beyond(self, field_id: int) -> dict[int, str]:
        """The field's contract years beyond a limit, with the code of the limit."""
        grown: dict[int, set[str]] = defaultdict(set)
        for each in (field_id, *self._forebears.get(field_id, ())):
            for year, crops in self._grown.get(each, {}).items():
                grown[year] |= crops
        return years_beyond(self._terms, grown, contract_years=self._years) if grown else {}

    def year_of(self, day: date) -> int:
        return contract_year(day, starts_on=self._starts_on)

    def _read(
        self, project: Project, fields: QuerySet[Any], limited: set[str], until: date
    ) -> None:
        kin = Kin(project.cooperative)
        if kin.field_ids:
            keys = fields.order_by().values_list("pk", flat=True)
            self._forebears = kin.ancestors(keys)
        records = _records(project, fields, set().union(*self._forebears.values())).filter(
            season__ends_on__gte=project.starts_on, season__ends_on__lte=until
        )
        for field, crop, day in _grown(records, limited, "season__ends_on"):
            self._grown[field][self.year_of(day)] |= crop_keys(crop) & limited


def crops_as_no_till(
    project: Project, fields: QuerySet[Any], *, kin: Iterable[int], seasons: Iterable[int]
) -> list[tuple[int, int, str, bool]]:
    """Fields and seasons whose crop counts as no-till, with that practice and the watering."""
    crops = set(project.terms.get("no_till_crops", []))
    if not crops:
        return []
    records = _records(project, fields, kin).filter(season__in=[*seasons])
    rows = _grown(records, crops, "season_id", "irrigated")
    return [(field, season, _NO_TILL, wet) for field, _crop, season, wet in rows]


def _records(
    project: Project, fields: QuerySet[Any], others: Iterable[int]
) -> QuerySet[PracticeRecord]:
    mine = Q(field__in=fields.order_by().values("pk")) | Q(field__in=[*others])
    records = PracticeRecord.objects.for_cooperative(project.cooperative)
    return records.confirmed().filter(mine).order_by()


def _grown(records: QuerySet[PracticeRecord], crops: set[str], *columns: str) -> Iterable[Any]:
    """Field, crop and some columns of the records of some crops, by whatever name they were typed.

    Few spellings are in use in a cooperative: they are read first, then only their records.
    """
    spelt = records.exclude(crop="").values_list("crop", flat=True).distinct()
    names = [crop for crop in spelt if crop_keys(crop) & crops]
    if not names:
        return []
    return records.filter(crop__in=names).values_list("field_id", "crop", *columns).distinct()

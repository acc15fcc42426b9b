"""What a cooperative has on record of its land and of who may hold it, in a few queries."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import Polygon

from aggregator.models import Cooperative, Household, Village
from farms.boundaries import latest_boundaries
from farms.geometry import Shapes
from farms.models import Field, FieldDescent, Tenure


class FieldRecord:
    """Everything an import is compared with, read once."""

    def __init__(self, cooperative: Cooperative) -> None:
        self.villages = dict(Village.objects.for_cooperative(cooperative).values_list("code", "pk"))
        households = Household.objects.for_cooperative(cooperative).only(
            "code", "village_id", "merged_into_id"
        )
        self.households = {household.code: household for household in households}
        self.household_codes = {h.pk: h.code for h in self.households.values()}
        by_pk = {household.pk: household for household in self.households.values()}
        # The household that each merged one is by now; merging leaves no chains.
        self._kept = {
            household.code: by_pk[household.merged_into_id].code
            for household in by_pk.values()
            if household.merged_into_id is not None
        }
        fields = Field.objects.for_cooperative(cooperative)
        self.fields: dict[str, Field] = {field.code: field for field in fields}
        self.boundaries: dict[int, tuple[int, bytes]] = {
            field: (version, bytes(wkb))
            for field, version, wkb in latest_boundaries(cooperative)
            .order_by()
            .values_list("field_id", "version", "geometry_wkb")
        }
        self.tenures: dict[int, list[Tenure]] = {}
        for tenure in Tenure.objects.for_cooperative(cooperative).order_by("starts_on"):
            self.tenures.setdefault(tenure.field_id, []).append(tenure)
        self._cooperative = cooperative

    def find_household(self, code: str) -> Household | None:
        """The household of a code; of one that was merged into another, that one."""
        return self.households.get(self.kept_code(code))

    def kept_code(self, code: str) -> str:
        """The code under which a household is kept; one that nobody knows stays as it is."""
        return self._kept.get(code, code)

    @cached_property
    def successors(self) -> dict[int, list[str]]:
        """The codes of the fields that came out of each field that ended."""
        found: dict[int, list[str]] = {}
        descents = FieldDescent.objects.for_cooperative(self._cooperative)
        for parent, code in descents.order_by("child__code").values_list("parent", "child__code"):
            found.setdefault(parent, []).append(code)
        return found

    @cached_property
    def outlines(self) -> dict[str, Polygon]:
        """The latest outline of each field that still exists, by field code."""
        living = [field for field in self.fields.values() if field.ends_on is None]
        drawn = [field for field in living if field.pk in self.boundaries]
        shapes: Shapes = shapely.from_wkb(
            np.array([self.boundaries[field.pk][1] for field in drawn], dtype=object)
        )
        return dict(zip((field.code for field in drawn), shapes, strict=True))

"""The kinds of files that may be brought in step by step: one line each makes it known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.household_upload import HouseholdUpload
from aggregator.tabular import Column
from aggregator.upload_kinds import UploadKind
from farms.field_upload import FieldUpload
from farms.practice_rows import SHEET_KEY
from farms.practice_upload import PracticeUpload

KINDS: Mapping[str, UploadKind] = {
    "households": HouseholdUpload(),
    "fields": FieldUpload(),
    "practices": PracticeUpload(),
}


@dataclass(frozen=True, slots=True)
class KindWords:
    """What the upload page says of a kind."""

    title: str | Promise
    hint: str | Promise
    accept: str

    @property
    def is_table(self) -> bool:
        return ".xlsx" in self.accept


WORDS: Mapping[str, KindWords] = {
    "households": KindWords(
        _("Households"),
        _("An Excel workbook (.xlsx) or a CSV file, one household a row."),
        ".xlsx,.csv,.txt",
    ),
    "fields": KindWords(
        _("Fields"),
        _(
            "A map layer, one field a feature: GeoPackage, GeoJSON, GeoParquet, KML, KMZ, "
            "or a zip with one shapefile."
        ),
        ".gpkg,.geojson,.json,.zip,.parquet,.kml,.kmz",
    ),
    "practices": KindWords(
        _("Practices"),
        _("An Excel workbook (.xlsx) or a CSV file, one field and practice a row."),
        ".xlsx,.csv,.txt",
    ),
}


def known_columns(kind: str) -> Sequence[Column]:
    """The columns that a person may fill in: all but the hidden one of a season sheet."""
    return [column for column in KINDS[kind].columns if column != SHEET_KEY]

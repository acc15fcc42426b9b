"""Where and what: fields, boundaries, tenure, seasons, practice records and evidence."""

from farms.models.field import (
    AgreementField,
    Boundary,
    Field,
    FieldDescent,
    GrainFlag,
    Observation,
    Tenure,
)
from farms.models.land_count import LandCount, LandTouch
from farms.models.overlap import Overlap, OverlapScan
from farms.models.practice import Evidence, Practice, PracticeRecord, Season

__all__ = [
    "AgreementField",
    "Boundary",
    "Evidence",
    "Field",
    "FieldDescent",
    "GrainFlag",
    "LandCount",
    "LandTouch",
    "Observation",
    "Overlap",
    "OverlapScan",
    "Practice",
    "PracticeRecord",
    "Season",
    "Tenure",
]

"""Where and what: fields, boundaries, tenure, seasons, practice records and evidence."""

from farms.models.field import Boundary, Field, Tenure
from farms.models.practice import Evidence, Practice, PracticeRecord, Season

__all__ = ["Boundary", "Evidence", "Field", "Practice", "PracticeRecord", "Season", "Tenure"]

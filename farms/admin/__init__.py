"""Admin of the land, one module a noun: fields, tenures, seasons and practices, evidence."""

from farms import admin_layers
from farms.admin import (
    agreement_actions,
    agreement_templates,
    practice_actions,
    successions,
    transfers,
)
from farms.admin.agreements import AgreementAdmin
from farms.admin.evidence import EvidenceAdmin, EvidenceInline
from farms.admin.fields import BoundaryInline, FieldAdmin
from farms.admin.observations import GrainFlagInline, ObservationAdmin
from farms.admin.practices import PracticeRecordAdmin, PracticeRecordForm, SeasonAdmin
from farms.admin.tenures import TenureAdmin, TenureInline

__all__ = [
    "AgreementAdmin",
    "BoundaryInline",
    "EvidenceAdmin",
    "EvidenceInline",
    "FieldAdmin",
    "GrainFlagInline",
    "ObservationAdmin",
    "PracticeRecordAdmin",
    "PracticeRecordForm",
    "SeasonAdmin",
    "TenureAdmin",
    "TenureInline",
    "admin_layers",
    "agreement_actions",
    "agreement_templates",
    "practice_actions",
    "successions",
    "transfers",
]

"""Tonnes: projects and enrolments, monitoring, verification, issuance, lots sold."""

from credits.models.block_life import (
    BlockEvent,
    BlockLink,
    ClawbackProposal,
    Removal,
    Reversal,
)
from credits.models.findings import FindingEntry, FindingPhoto
from credits.models.issuance import Buyer, CreditBlock, Issuance, Lot
from credits.models.monitoring import FieldResult, MonitoringPeriod, QuantificationRun
from credits.models.program import PeriodUncertainty, RequirementCheck
from credits.models.project import Enrolment, EnrolmentSpan, Project
from credits.models.proof import CreditsProof
from credits.models.quantification import QuantificationChunk, QuantificationJob
from credits.models.soil import SoilCampaign, SoilLayer, SoilPoint, SoilPopulation, SoilReport
from credits.models.verification import PopulationList, SampledField, Verification
from credits.models.verifier import (
    CorrectiveAction,
    CorrectiveFile,
    CorrectiveMessage,
    VerifierAssignment,
)

__all__ = [
    "BlockEvent",
    "BlockLink",
    "Buyer",
    "ClawbackProposal",
    "CorrectiveAction",
    "CorrectiveFile",
    "CorrectiveMessage",
    "CreditBlock",
    "CreditsProof",
    "Enrolment",
    "EnrolmentSpan",
    "FieldResult",
    "FindingEntry",
    "FindingPhoto",
    "Issuance",
    "Lot",
    "MonitoringPeriod",
    "PeriodUncertainty",
    "PopulationList",
    "Project",
    "QuantificationChunk",
    "QuantificationJob",
    "QuantificationRun",
    "Removal",
    "RequirementCheck",
    "Reversal",
    "SampledField",
    "SoilCampaign",
    "SoilLayer",
    "SoilPoint",
    "SoilPopulation",
    "SoilReport",
    "Verification",
    "VerifierAssignment",
]

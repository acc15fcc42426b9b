"""A project as CAD Trust records: project, methodology, verifications, issuances, units.

Keys of rows that CAD Trust makes itself are derived from our own, so that references within an
export hold and an export made twice is the same. Says nothing of households.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db.models import Prefetch

from credits.models import BlockEvent, CreditBlock, Issuance, Project, Removal, Verification
from credits.registry import METHODOLOGY_NAMES
from credits.tonnes.sale import block_serials

Records = dict[str, list[dict[str, Any]]]
B = CreditBlock.Status
UNIT_STATUS = {
    1: {
        **dict.fromkeys((B.HELD, B.RESERVED, B.TRANSFERRED), "Held"),
        B.RETIRED: "Retired",
        B.CANCELLED: "Cancelled",
        B.BUFFER: "Buffer",
    },
    2: {
        **dict.fromkeys((B.HELD, B.RESERVED, B.BUFFER), "Active"),
        B.TRANSFERRED: "Transferred",
        B.RETIRED: "Retired",
        B.CANCELLED: "Cancelled",
    },
}


def make_records(project: Project, *, version: int, country: str = "China") -> Records:
    """The records of a project by table, in the order in which they refer to one another.

    `country` is the owner's jurisdiction, which version 1 asks of every unit.
    """
    if version == 1:
        return _make_v1(project, country)
    return {
        "project": [_project_v2(project)],
        "methodology": [_methodology_v2(project)],
        "verification": [_verification_v2(row) for row in _verifications(project)],
        "issuance": [_issuance_v2(row) for row in _issuances(project)],
        "unit": [_unit_v2(block) for block in _blocks(project)],
    }


def key_of(kind: str, pk: int | None) -> str:
    """The UUID under which a row of ours is referred to."""
    return str(uuid5(NAMESPACE_URL, f"{settings.PUBLIC_URL}/{kind}/{pk}"))


def _name(project: Project) -> str:
    return project.name_en or project.name


def _link(project: Project) -> str:
    return f"{settings.PUBLIC_URL}/projects/{project.code}/"


def _project_v2(project: Project) -> dict[str, Any]:
    return {
        "projectRegistryName": "Tianhui",
        "projectId": project.code,
        "projectCreditingProgram": project.program.upper(),
        "projectName": _name(project),
        "projectLink": _link(project),
        "projectSector": ["Agriculture; forestry and fishing"],
        "projectType": ["Soil Carbon"],
        "projectStatus": "Registered",
        "projectStatusDate": str(project.starts_on),
        "projectUnitMetric": "tCO2e",
    }


def _methodology_v2(project: Project) -> dict[str, Any]:
    name = METHODOLOGY_NAMES.get(project.methodology, project.methodology)
    return {
        "methodologyCode": project.methodology,
        "methodologyName": str(name),
        "methodologyType": "Other",
    }


def _verification_v2(row: Verification) -> dict[str, Any]:
    return {
        "verificationId": f"{row.period.project.code}-{row.period.code}-{row.pk}",
        "verificationStartDate": str(row.period.starts_on),
        "verificationEndDate": str(row.period.ends_on),
        "verificationBody": row.body,
        "cadTrustProjectId": key_of("project", row.period.project_id),
    }


def _issuance_v2(row: Issuance) -> dict[str, Any]:
    check = row.period.verifications.get(status=Verification.Status.POSITIVE)
    return {
        "issuanceId": f"{row.period.project.code}-{row.period.code}",
        "issuanceDate": str(row.issued_on),
        "cadTrustVerificationId": key_of("verification", check.pk),
        "cadTrustProjectMethodologyId": key_of("methodology", row.period.project_id),
    }


def _unit_v2(block: CreditBlock) -> dict[str, Any]:
    record = {
        "unitSerialId": str(block_serials(block)),
        "unitStartBlock": str(block.serial_start),
        "unitEndBlock": str(block.serial_end),
        "unitCount": block.tonnes,
        "unitVintageYear": block.issuance.period.ends_on.year,
        "unitStatus": UNIT_STATUS[2][B(block.status)],
        "unitMetric": "tCO2e",
        "cadTrustIssuanceId": key_of("issuance", block.issuance_id),
    }
    if last := _last_move(block):
        record["unitStatusDate"] = str(last.at.date())
        if last.reason and block.status in (B.RETIRED, B.CANCELLED):
            record["unitStatusReason"] = last.reason
    if removal := _retirement(block):
        record["unitRetirementBeneficiary"] = removal.beneficiary
        record["unitRetirementDetail"] = removal.purpose
    return record


def _make_v1(project: Project, country: str) -> Records:
    return {
        "project": [
            {
                "projectId": project.code,
                "originProjectId": project.code,
                "registryOfOrigin": "Tianhui",
                "program": project.program.upper(),
                "projectName": _name(project),
                "projectLink": _link(project),
                "projectDeveloper": project.cooperative.name_en or project.cooperative.name,
                "sector": "Agriculture; forestry and fishing",
                "projectType": "Soil Enrichment",
                "coveredByNDC": "Unknown",
                "projectStatus": "Registered",
                "projectStatusDate": str(project.starts_on),
                "unitMetric": "tCO2e",
                "methodology": project.methodology,
            }
        ],
        "issuance": [
            {
                "startDate": str(row.period.starts_on),
                "endDate": str(row.period.ends_on),
                "verificationApproach": "Sample drawn by RFC 3797",
                "verificationReportDate": str(check.closed_at or row.issued_on)[:10],
                "verificationBody": check.body,
            }
            for row in _issuances(project)
            for check in row.period.verifications.filter(status=Verification.Status.POSITIVE)
        ],
        "unit": [_unit_v1(block, country) for block in _blocks(project)],
    }


def _unit_v1(block: CreditBlock, country: str) -> dict[str, Any]:
    last = _last_move(block)
    gone = block.status in (B.RETIRED, B.CANCELLED)
    return {
        "countryJurisdictionOfOwner": country,
        "unitBlockStart": str(block.serial_start),
        "unitBlockEnd": str(block.serial_end),
        "unitCount": block.tonnes,
        "vintageYear": block.issuance.period.ends_on.year,
        "unitType": "Removal - nature",
        "unitStatus": UNIT_STATUS[1][B(block.status)],
        # The published rule asks for a reason in lower-case statuses only, which no list has.
        **({"unitStatusReason": last.reason or last.action} if gone and last else {}),
        "unitRegistryLink": _link(block.project),
        "correspondingAdjustmentDeclaration": "Unknown",
        "correspondingAdjustmentStatus": "Not Started",
    }


def _verifications(project: Project) -> list[Verification]:
    positive = Verification.objects.filter(
        period__project=project, status=Verification.Status.POSITIVE
    )
    return list(positive.select_related("period__project").order_by("pk"))


def _issuances(project: Project) -> list[Issuance]:
    rows = Issuance.objects.filter(period__project=project).select_related("period__project")
    return list(rows.order_by("pk"))


def _blocks(project: Project) -> list[CreditBlock]:
    moves = Prefetch("events", BlockEvent.objects.order_by("pk"), to_attr="moves")
    taken = Prefetch(
        "removals", Removal.objects.filter(status=Removal.Status.APPROVED), to_attr="taken"
    )
    rows = project.blocks.live().select_related("issuance__period", "project")
    return list(rows.prefetch_related(moves, taken).order_by("serial_start"))


def _last_move(block: CreditBlock) -> BlockEvent | None:
    moves: list[BlockEvent] = block.moves  # type: ignore[attr-defined]
    return moves[-1] if moves else None


def _retirement(block: CreditBlock) -> Removal | None:
    taken: list[Removal] = block.taken  # type: ignore[attr-defined]
    return next((row for row in taken if row.kind == Removal.Kind.RETIRE), None)

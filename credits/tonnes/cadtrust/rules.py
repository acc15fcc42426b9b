"""The published field rules of CAD Trust records, and what a record breaks. Imports no Django.

Source: github.com/Chia-Network/cadt, src/validations (v1) and src/validations/v2. Pick lists are
data files beside this one, one a version, each with the file and commit it was read from; the list
of verification bodies is the registry's own, asked of it when a record is handed in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

LISTS = Path(__file__).parent / "lists"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field may hold; `kind` is text, uri, uuid, day, whole, number or texts."""

    kind: str = "text"
    required: bool = False
    most: int | None = None
    least: int | None = None
    pick: str = ""
    # Joi refuses an empty text wherever it is not allowed by name; what is not known is left out.
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a record breaks, at a field."""

    record: str
    field: str
    code: str


def _needed(kind: str = "text", most: int | None = None, pick: str = "") -> Rule:
    return Rule(kind, required=True, most=most, pick=pick)


_V2 = {
    "project": {
        "projectRegistryName": _needed(most=255),
        "projectId": _needed(most=255),
        "projectCreditingProgram": Rule(most=255),
        "projectName": _needed(most=500),
        "projectLink": _needed("uri", 500),
        "projectDescription": Rule(most=2000),
        "projectSector": _needed("texts", 255, "projectSector"),
        "projectType": _needed("texts", 255, "projectType"),
        "projectStatus": _needed(most=255, pick="projectStatus"),
        "projectStatusDate": _needed("day"),
        "projectUnitMetric": _needed(most=255, pick="unitMetric"),
    },
    "methodology": {
        "methodologyCode": _needed(),
        "methodologyName": _needed(),
        "methodologyVersion": Rule(),
        "methodologyType": Rule(pick="methodologyType"),
    },
    "verification": {
        "verificationId": _needed(),
        "verificationStartDate": Rule("day"),
        "verificationEndDate": Rule("day"),
        "verificationBody": _needed(),
        "cadTrustProjectId": _needed("uuid"),
    },
    "issuance": {
        "issuanceId": _needed(),
        "issuanceDate": Rule("day"),
        "cadTrustVerificationId": _needed("uuid"),
        "cadTrustProjectMethodologyId": _needed("uuid"),
    },
    "unit": {
        "unitSerialId": _needed(),
        "unitStartBlock": _needed(),
        "unitEndBlock": _needed(),
        "unitCount": Rule("number", least=0),
        "unitVintageYear": Rule("whole", required=True, least=1900, most=2100),
        "unitStatus": Rule(pick="unitStatus"),
        "unitStatusReason": Rule(),
        "unitStatusDate": Rule("day"),
        "unitRetirementDetail": Rule(),
        "unitRetirementBeneficiary": Rule(),
        "unitRetirementBeneficiaryId": Rule(),
        "unitLink": Rule("uri", most=500, may_be_empty=True),
        "unitMetric": Rule(pick="unitMetric"),
        "unitCurrentOwner": Rule(),
        "cadTrustIssuanceId": _needed("uuid"),
    },
}
_V1 = {
    "project": {
        "projectId": _needed(),
        "originProjectId": _needed(),
        "registryOfOrigin": _needed(),
        "program": Rule(),
        "projectName": _needed(),
        "projectLink": _needed(),
        "projectDeveloper": _needed(),
        "sector": _needed(),
        "projectType": _needed(),
        "coveredByNDC": _needed(pick="coveredByNDC"),
        "projectStatus": _needed(pick="projectStatus"),
        "projectStatusDate": _needed("day"),
        "unitMetric": _needed(pick="unitMetric"),
        "methodology": _needed(),
    },
    "issuance": {
        "startDate": _needed("day"),
        "endDate": _needed("day"),
        "verificationApproach": _needed(),
        "verificationReportDate": _needed("day"),
        "verificationBody": _needed(),
    },
    "unit": {
        "unitOwner": Rule(),
        "countryJurisdictionOfOwner": _needed(pick="countries"),
        "unitBlockStart": _needed(),
        "unitBlockEnd": _needed(),
        "unitCount": _needed("whole"),
        "vintageYear": Rule("whole", required=True, least=1900, most=3000),
        "unitType": _needed(pick="unitType"),
        "unitStatus": _needed(pick="unitStatus"),
        "unitStatusReason": Rule(),
        "unitRegistryLink": _needed(),
        "marketplace": Rule(),
        "correspondingAdjustmentDeclaration": _needed(pick="correspondingAdjustmentDeclaration"),
        "correspondingAdjustmentStatus": _needed(pick="correspondingAdjustmentStatus"),
    },
}
RULES: dict[int, dict[str, dict[str, Rule]]] = {1: _V1, 2: _V2}


def find_faults(version: int, table: str, record: Mapping[str, Any]) -> Iterator[Fault]:
    """Every rule that a record breaks.

    Args:
        version: 1 or 2.
        table: project, methodology, verification, issuance or unit.
        record: its fields as they stand in the JSON; an unknown field is a fault, as there.

    Raises:
        KeyError: no such version or table.
    """
    rules = RULES[version][table]
    yield from (Fault(table, name, "unknown") for name in record if name not in rules)
    for name, rule in rules.items():
        value = record.get(name)
        if value is None:
            if rule.required:
                yield Fault(table, name, "required")
        elif value == "":
            if not rule.may_be_empty:
                yield Fault(table, name, "required" if rule.required else "empty")
        elif code := _break(version, rule, value):
            yield Fault(table, name, code)
    for first, last in (("startDate", "endDate"), ("verificationStartDate", "verificationEndDate")):
        if record.get(first) and record.get(last) and record[first] > record[last]:
            yield Fault(table, last, "before_start")


def _break(version: int, rule: Rule, value: Any) -> str:
    """The code of what is wrong with a value, or nothing."""
    if not _READS[rule.kind](value):
        return rule.kind
    if rule.kind in ("whole", "number"):
        low = rule.least is not None and value < rule.least
        return "bounds" if low or (rule.most is not None and value > rule.most) else ""
    texts = value if rule.kind == "texts" else [value]
    if rule.most is not None and any(len(text) > rule.most for text in texts):
        return "too_long"
    if rule.pick and not set(texts) <= set(pick_list(version, rule.pick)):
        return "not_listed"
    return ""


@cache
def pick_list(version: int, name: str) -> tuple[str, ...]:
    """The values a listed field may take.

    Raises:
        KeyError: the version has no such list.
    """
    return tuple(json.loads((LISTS / f"v{version}.json").read_text())[name])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_uri(value: Any) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return parts is not None and bool(parts.scheme and (parts.netloc or parts.path))


def _is_uuid(value: Any) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except (ValueError, AttributeError, TypeError):
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


_READS = {
    "text": _is_text,
    "uri": _is_uri,
    "uuid": _is_uuid,
    "day": _is_day,
    "whole": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
    "texts": _is_texts,
}

"""CAD Trust records: every one valid by the published rules, and planted faults found."""

# ruff: noqa: F811
from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.models import CreditBlock, Project
from credits.tonnes.block_list import export_blocks
from credits.tonnes.cadtrust.export import export_cadtrust
from credits.tonnes.cadtrust.records import key_of, make_records
from credits.tonnes.cadtrust.rules import LISTS, find_faults, pick_list
from credits.tonnes.removals import approve_removal, propose_cancellation, propose_retirement
from tests.cast import Cast
from tests.credits.test_blocks import block, project, sell  # noqa: F401

V1_TABLES = ("-project.csv", "-issuance.csv", "-unit.csv")


@pytest.fixture
def moved(sunrise: Cast, project: Project, block: CreditBlock) -> Project:
    """A project with tonnes in every status but reserved."""
    lot = sell(block, 50, sunrise)
    said = {"beneficiary": "Harbour Shipping", "purpose": "its fleet in 2025"}
    proposals = [propose_retirement(lot.block, tonnes=20, by=sunrise.operator, **said)]
    held = project.blocks.live().get(status="held")
    proposals += [propose_cancellation(held, tonnes=5, reason="twice", by=sunrise.operator)]
    for proposal in proposals:
        approve_removal(proposal, by=sunrise.approver)
    return project


@pytest.mark.parametrize("version", [1, 2])
def test_every_record_is_valid_and_the_units_are_what_was_issued(
    moved: Project, version: int
) -> None:
    records = make_records(moved, version=version)
    for table, rows in records.items():
        assert rows
        assert [fault for row in rows for fault in find_faults(version, table, row)] == []
    assert sum(unit["unitCount"] for unit in records["unit"]) == 150


def test_statuses_are_those_of_each_version(moved: Project) -> None:
    by_version = [
        [(unit["unitCount"], unit["unitStatus"]) for unit in make_records(moved, version=n)["unit"]]
        for n in (1, 2)
    ]
    assert by_version == [
        [(20, "Retired"), (30, "Held"), (5, "Cancelled"), (65, "Held"), (30, "Buffer")],
        [(20, "Retired"), (30, "Transferred"), (5, "Cancelled"), (65, "Active"), (30, "Active")],
    ]


def test_records_refer_to_one_another(moved: Project) -> None:
    records = make_records(moved, version=2)
    issuance = moved.periods.get().issuance
    assert {unit["cadTrustIssuanceId"] for unit in records["unit"]} == {
        key_of("issuance", issuance.pk)
    }
    retired = next(unit for unit in records["unit"] if unit["unitStatus"] == "Retired")
    assert retired["unitRetirementBeneficiary"] == "Harbour Shipping"
    assert "户主" not in json.dumps(records, ensure_ascii=False)


UNIT: dict[str, Any] = {
    "unitSerialId": "TH-CCX-hills-2025-1-20",
    "unitStartBlock": "1",
    "unitEndBlock": "20",
    "unitCount": 20,
    "unitVintageYear": 2025,
    "unitStatus": "Active",
    "cadTrustIssuanceId": "6ba7b810-9dad-51d1-80b4-00c04fd430c8",
}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("unitSerialId", None, "required"),
        ("unitStartBlock", "", "required"),
        ("unitStatusReason", "", "empty"),
        ("unitStartBlock", 1, "text"),
        ("unitCount", -1, "bounds"),
        ("unitVintageYear", 1899, "bounds"),
        ("unitVintageYear", 2101, "bounds"),
        ("unitVintageYear", 2025.5, "whole"),
        ("unitStatus", "Held", "not_listed"),
        ("unitStatusDate", "31 May", "day"),
        ("unitLink", "nowhere", "uri"),
        ("unitLink", "https://example.org/" + "x" * 500, "too_long"),
        ("cadTrustIssuanceId", "12", "uuid"),
        ("orgUid", "x", "unknown"),
    ],
)
def test_a_planted_fault_is_found_at_its_field(field: str, value: object, code: str) -> None:
    assert list(find_faults(2, "unit", UNIT)) == []
    [fault] = find_faults(2, "unit", UNIT | {field: value})
    assert (fault.field, fault.code) == (field, code)


def test_an_issuance_that_ends_before_it_starts_is_found() -> None:
    record = {
        "startDate": "2025-12-31",
        "endDate": "2025-01-01",
        "verificationApproach": "sample",
        "verificationReportDate": "2026-02-01",
        "verificationBody": "Lin & Partners",
    }
    assert [fault.code for fault in find_faults(1, "issuance", record)] == ["before_start"]


def test_lists_differ_between_versions() -> None:
    assert "Buffer" in pick_list(1, "unitStatus")
    assert "Buffer" not in pick_list(2, "unitStatus")


def test_the_command_writes_json_and_csv(moved: Project, tmp_path: Path) -> None:
    call_command("export_cadtrust", moved.code, rules=2, to=str(tmp_path))
    whole = json.loads((tmp_path / "hills-cadt-v2.json").read_text())
    with (tmp_path / "hills-cadt-v2-unit.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(whole["unit"]) == 5
    assert rows[0]["unitSerialId"] == "TH-CCX-hills-2025-1-20"


def test_a_country_is_one_of_the_published_list() -> None:
    held: dict[str, Any] = {
        "countryJurisdictionOfOwner": "China",
        "unitBlockStart": "1",
        "unitBlockEnd": "20",
        "unitCount": 20,
        "vintageYear": 2025,
        "unitType": "Removal - nature",
        "unitStatus": "Held",
        "unitRegistryLink": "https://example.org/projects/hills/",
        "correspondingAdjustmentDeclaration": "Unknown",
        "correspondingAdjustmentStatus": "Not Started",
    }
    assert list(find_faults(1, "unit", held)) == []
    [fault] = find_faults(1, "unit", held | {"countryJurisdictionOfOwner": "中国"})
    assert fault.code == "not_listed"


@pytest.mark.parametrize("version", [1, 2])
def test_lists_name_the_file_and_commit_they_were_read_from(version: int) -> None:
    named = json.loads((LISTS / f"v{version}.json").read_text())["source"]
    assert re.fullmatch(r"github.com/Chia-Network/cadt \S+\.js @[0-9a-f]{7}", named)


def test_the_button_gives_the_same_files_and_is_on_record(moved: Project, sunrise: Cast) -> None:
    page = Client()
    page.force_login(sunrise.operator)
    address = f"/admin/credits/project/{moved.pk}/do/cadtrust/"
    answer = page.post(address, {"version": "1", "country": "China"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        names = package.namelist()
        records = json.loads(package.read("hills-cadt-v1.json"))
    assert names == [f"hills-cadt-v1{end}" for end in (".json", *V1_TABLES)]
    assert sum(unit["unitCount"] for unit in records["unit"]) == 150
    event = AuditEvent.objects.get(action="export_cadtrust")
    assert (event.by, event.details["version"]) == (sunrise.operator, 1)


def test_only_the_cooperative_s_own_staff_take_files_along(
    moved: Project, sunrise: Cast, riverbend: Cast
) -> None:
    for refused in (sunrise.verifier, sunrise.viewer):
        with pytest.raises(NotAllowed):
            export_cadtrust(moved, by=refused)
    for export in (export_cadtrust, export_blocks):
        with pytest.raises(NotYours):
            export(moved, by=riverbend.operator)
    with pytest.raises(NotAllowed):
        export_blocks(moved, by=sunrise.verifier)
    assert not AuditEvent.objects.filter(action__startswith="export_").exists()


def test_the_list_of_blocks_adds_up_and_no_cell_is_computed(moved: Project, sunrise: Cast) -> None:
    held = moved.blocks.live().filter(status="held").get()
    proposal = propose_cancellation(held, tonnes=2, reason="=1+1", by=sunrise.operator)
    approve_removal(proposal, by=sunrise.approver)
    content = export_blocks(moved, by=sunrise.viewer).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert sum(int(row["tonnes"]) for row in rows) == 150
    assert (rows[0]["serials"], rows[0]["status"]) == ("TH-CCX-hills-2025-1-20", "retired")
    assert [row["reason"] for row in rows if row["reason"].endswith("1+1")] == ["'=1+1"]

"""Practices as a kind of uploaded file, with the evidence that came along in a zip."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from aggregator.files import FileRefused, check_size, unpack_zip
from aggregator.importing import Plan, RowError
from aggregator.rows import word_key
from aggregator.tabular import Column
from aggregator.upload_kinds import Draft, Findings, OpenedFile
from aggregator.upload_tables import make_table, open_table
from farms.evidence import EvidenceShelf
from farms.practice_import import PracticePlan
from farms.practice_rows import COLUMNS, PRACTICES, YES_NO


class PracticeUpload:
    """A spreadsheet with a field, a season and its practices in each row."""

    columns: tuple[Column, ...] = COLUMNS

    def open(self, path: Path) -> OpenedFile:
        return open_table(path, COLUMNS)

    def looks(self, key: str, text: str) -> bool:
        if key == "field_code":
            return bool(re.fullmatch(r"\d{19}", text))
        if key == "season":
            return bool(re.fullmatch(r"20\d\d年?", text))
        if key == "practice":
            return all(word_key(word) in PRACTICES for word in re.split(r"[+、;；,，/]", text))
        return key == "irrigated" and text in YES_NO

    def plan(self, draft: Draft) -> Plan:
        refusal = None
        try:
            _unpack_evidence(draft)
        except FileRefused as error:
            refusal = RowError(None, "", str(error), code="evidence_refused")
        plan = PracticePlan(
            make_table(draft, COLUMNS), draft.cooperative, EvidenceShelf(draft.folder)
        )
        if refusal is not None:
            plan.errors.append(refusal)
        return plan

    def look_over(self, _draft: Draft, _plan: Plan) -> Findings:
        return Findings()


def _unpack_evidence(draft: Draft) -> None:
    if draft.evidence is not None:
        check_size(draft.evidence, limit=settings.EVIDENCE_MAX_BYTES)
        unpack_zip(draft.evidence, draft.folder)

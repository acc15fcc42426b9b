"""Practices as a kind of uploaded file, with the evidence that came along in a zip."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from aggregator.files import FileRefused, check_size, unpack_zip
from aggregator.importing import Plan, RowError
from aggregator.rows import word_key
from aggregator.tabular import Column, Table
from aggregator.upload_kinds import Draft, Findings, OpenedFile
from aggregator.upload_tables import make_table, open_table
from farms.evidence import EvidenceShelf
from farms.practice_import import PracticePlan
from farms.practice_rows import COLUMNS, PRACTICES, YES_NO, check_layout


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
        table = make_table(draft, COLUMNS)
        refusals = []
        for check, code in (
            (lambda: _unpack_evidence(draft), "evidence_refused"),
            (lambda: check_layout(_with_all_keys(table, draft)), "layout_refused"),
        ):
            try:
                check()
            except FileRefused as error:
                refusals.append(RowError(None, "", str(error), code=code))
        plan = PracticePlan(table, draft.cooperative, EvidenceShelf(draft.folder), by=draft.by)
        plan.errors += refusals
        return plan

    def look_over(self, _draft: Draft, _plan: Plan) -> Findings:
        return Findings()


def _with_all_keys(table: Table, draft: Draft) -> Table:
    """The table as if what is the same for all rows, or was typed into one, had a column too."""
    typed = {key: key for row in draft.rows for key, text in row.texts.items() if text}
    return replace(table, headings=typed | table.headings)


def _unpack_evidence(draft: Draft) -> None:
    if draft.evidence is not None:
        check_size(draft.evidence, limit=settings.EVIDENCE_MAX_BYTES)
        unpack_zip(draft.evidence, draft.folder)

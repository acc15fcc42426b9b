"""Bringing in practice records with their evidence from one spreadsheet.

An empty cell says nothing: it never clears what is on record, and evidence is only ever added. A
tick missing on a season sheet withdraws nothing either; it is noted. What a clerk brings in counts:
it confirms what a farmer reported, and what was refused or withdrawn before.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.changes import Changes, assign
from aggregator.importing import Counts, ImportJob, ImportReport, RowError, run_import
from aggregator.models import Cooperative, User
from aggregator.periods import year_period
from aggregator.rows import note_unread
from aggregator.tabular import Table, read_table
from farms.evidence import EvidenceFile, EvidenceRefused, EvidenceShelf, guess_kind, keep_file
from farms.field_life import say_outside_life
from farms.grain_guard import refresh_flags
from farms.models import Evidence, Field, Practice, PracticeRecord, Season
from farms.practice_rows import (
    COLUMNS,
    SHEET_KEY,
    PracticeRow,
    check_layout,
    name_lost_headings,
    read_practice_rows,
    unread_headings,
)


def import_practices(
    path: Path | str,
    *,
    cooperative: Cooperative,
    by: User | None,
    dry_run: bool = False,
    evidence_dir: Path | str | None = None,
) -> ImportReport:
    """Bring in a file of practices, upserted by field, season and practice.

    Evidence named in the rows is looked for in `evidence_dir` and the folders below it.
    """
    shelf = EvidenceShelf(Path(evidence_dir) if evidence_dir else None)
    return run_import(
        Path(path),
        ImportJob("practices", cooperative, by, dry_run),
        read=lambda file: check_layout(read_table(file, COLUMNS)),
        plan=lambda table: PracticePlan(table, cooperative, shelf, by=by),
    )


class PracticePlan:
    """What the file changes, worked out record by record against what is on record."""

    def __init__(
        self,
        table: Table,
        cooperative: Cooperative,
        shelf: EvidenceShelf,
        *,
        by: User | None = None,
    ) -> None:
        self.cooperative = cooperative
        self.shelf = shelf
        self.by = by
        self.now = timezone.now()
        self.touched: set[int] = set()
        self.unknown_crops: set[str] = set()
        self.counts = Counts()
        lost = name_lost_headings(table)
        self.notes = note_unread([] if lost else unread_headings(table))
        self.changes = Changes([Season, PracticeRecord, Evidence])
        self.pending: list[tuple[Evidence, EvidenceFile]] = []
        self.known = _OnRecord(cooperative)
        rows, self.errors = read_practice_rows(table)
        self.errors += lost
        for row in rows:
            self._plan_row(row)

    def apply(self) -> None:
        for evidence, found in self.pending:
            evidence.file.name = keep_file(found, self.cooperative)
        self.changes.apply()
        refresh_flags(self.cooperative, self.touched)

    def _plan_row(self, row: PracticeRow) -> None:
        if row.key is not None and row.key.cooperative != self.cooperative.code:
            # Whose it is stays unsaid: a clerk may have been handed a stranger's file.
            row.reader.refuse(SHEET_KEY.key, _("This season sheet is of another cooperative."), "")
            return
        field = self.known.fields.get(row.field_code)
        if field is None and row.field_code:
            row.reader.refuse(
                "field_code", _("There is no such field here. Bring the fields in first.")
            )
        season = self._find_season(row)
        if field is None or season is None:
            return
        if not self._check_life(row, field, season):
            return
        self._note_day(row, season)
        self._note_crops(row)
        self._note_missing_ticks(row, field, season)
        files = self._find_evidence(row)
        for practice in row.practices:
            record, changed = self._plan_record(row, field, season, practice)
            if changed:
                self.touched.add(field.pk)
            changed = self._plan_evidence(row, record, files) or changed
            self._count(record, changed=changed)

    def _find_season(self, row: PracticeRow) -> Season | None:
        season = self.known.seasons.get(row.season)
        if season is not None or not row.season:
            return season
        # A bare year needs no setting up; any other season has days only people know.
        if row.key is not None:
            row.reader.refuse(
                "season", _("There is no season %(code)s here any more.") % {"code": row.season}, ""
            )
            return None
        if not re.fullmatch(r"(19|20)[0-9]{2}", row.season):
            row.reader.refuse("season", _("There is no such season here. Write a year, or add it."))
            return None
        year = year_period(int(row.season))
        season = Season(
            cooperative=self.cooperative,
            code=row.season,
            starts_on=year.starts_on,
            ends_on=year.ends_on,
        )
        self.known.seasons[row.season] = season
        self.changes.make(season)
        return season

    def _check_life(self, row: PracticeRow, field: Field, season: Season) -> bool:
        """Refuse what is new of a field in a season in which it did not exist."""
        known = (self.known.records.get((field.pk, season.pk, p.value)) for p in row.practices)
        if all(known):
            return True
        reason = say_outside_life(field, season)
        if not reason:
            return True
        row.reader.refuse("field_code", reason, code="not_in_season")
        return False

    def _note_day(self, row: PracticeRow, season: Season) -> None:
        # Straw is returned in autumn for next year's crop: worth a look, no reason to refuse.
        if row.done_on and not season.starts_on <= row.done_on <= season.ends_on:
            reason = _("This day lies outside the season %(code)s.") % {"code": season.code}
            self._note(row, "done_on", reason, row.done_on.isoformat())

    def _note_crops(self, row: PracticeRow) -> None:
        for word in row.unknown_crops:
            # Once a word: a crop of the place would else be noted for every plot.
            if word not in self.unknown_crops:
                self.unknown_crops.add(word)
                reason = _("This crop is not known here; it is kept as written.")
                self._note(row, "crop", reason, word)

    def _note_missing_ticks(self, row: PracticeRow, field: Field, season: Season) -> None:
        for practice in row.left_empty:
            record = self.known.records.get((field.pk, season.pk, practice.value))
            if record is not None and record.status == PracticeRecord.Status.CONFIRMED:
                reason = _(
                    "On record but no longer ticked; it stays. To withdraw it, open the record and "
                    "press “Withdraw”."
                )
                self._note(row, practice.value, reason, field.code)

    def _note(self, row: PracticeRow, key: str, reason: str, text: str) -> None:
        self.notes.append(RowError(row.reader.row.number, row.reader.heading(key), reason, text))

    def _plan_record(
        self, row: PracticeRow, field: Field, season: Season, practice: Practice
    ) -> tuple[PracticeRecord, bool]:
        """The record of a row, made or changed, and whether it was."""
        record = self.known.records.get((field.pk, season.pk, practice.value))
        said = {"crop": row.crop, "done_on": row.done_on, "note": row.note}
        if record is not None:
            changed = assign(record, irrigated=row.irrigated, **said)
            changed += self._confirm(row, record)
            return record, self.changes.change(record, *changed)
        record = PracticeRecord(
            cooperative=self.cooperative,
            field=field,
            season=season,
            practice=practice.value,
            irrigated=bool(row.irrigated),
            **said,
        )
        self.changes.make(record)
        return record, True

    def _confirm(self, row: PracticeRow, record: PracticeRecord) -> list[str]:
        if record.status == PracticeRecord.Status.CONFIRMED:
            return []
        if record.status != PracticeRecord.Status.REPORTED:
            reason = _("This record was %(status)s before; with this file it counts again.")
            status = record.get_status_display()
            self._note(row, "practice", reason % {"status": status}, record.practice_label)
        return assign(
            record,
            status=PracticeRecord.Status.CONFIRMED,
            decided_by=self.by,
            decided_at=self.now,
        )

    def _count(self, record: PracticeRecord, *, changed: bool) -> None:
        if record.pk is None:
            self.counts.created += 1
        elif changed:
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1

    def _find_evidence(self, row: PracticeRow) -> list[tuple[str, EvidenceFile | None]]:
        """The files a row names, None for one that did not come along."""
        found: list[tuple[str, EvidenceFile | None]] = []
        for name in row.evidence:
            try:
                found.append((name, self.shelf.find(name)))
            except EvidenceRefused as refusal:
                row.reader.refuse("evidence", str(refusal), name)
        return found

    def _plan_evidence(
        self,
        row: PracticeRow,
        record: PracticeRecord,
        files: list[tuple[str, EvidenceFile | None]],
    ) -> bool:
        held = self.known.evidence.get(record.pk, {})
        fresh = {}
        for name, found in files:
            if found is not None and found.sha256 not in held.values():
                fresh[found.sha256] = found
            # Sent before under this name: the list may come again without the files.
            if found is None and name.casefold() not in held:
                row.reader.refuse("evidence", _("No file of this name came along."), name)
        for found in fresh.values():
            self._add_evidence(record, found)
        return bool(fresh)

    def _add_evidence(self, record: PracticeRecord, found: EvidenceFile) -> None:
        evidence = Evidence(
            cooperative=self.cooperative,
            record=record,
            file_name=found.name,
            sha256=found.sha256,
            kind=guess_kind(found.name),
        )
        self.pending.append((evidence, found))
        self.changes.make(evidence)


class _OnRecord:
    """What the cooperative has on record of its practices, in a few queries."""

    def __init__(self, cooperative: Cooperative) -> None:
        fields = Field.objects.for_cooperative(cooperative)
        self.fields: dict[str, Field] = {field.code: field for field in fields}
        seasons = Season.objects.for_cooperative(cooperative)
        self.seasons: dict[str, Season] = {season.code: season for season in seasons}
        records = PracticeRecord.objects.for_cooperative(cooperative)
        self.records = {
            (record.field_id, record.season_id, record.practice): record for record in records
        }
        self.evidence: dict[int, dict[str, str]] = {}
        for record, name, sha256 in Evidence.objects.for_cooperative(cooperative).values_list(
            "record_id", "file_name", "sha256"
        ):
            self.evidence.setdefault(record, {})[name.casefold()] = sha256

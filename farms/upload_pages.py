"""What the pages of a staged import show: steps, columns with samples, rows with their problems.

Computes texts and places for the templates; changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language, get_language_info, ngettext
from django.utils.translation import gettext as _

from aggregator.column_guess import guess_columns
from aggregator.keys import read_key
from aggregator.models import Upload, UploadRow
from aggregator.tabular import Column
from aggregator.upload_cells import clean_heading, lay_out, read_mended, read_texts
from aggregator.upload_mending import with_problem
from farms.offsets import SYSTEMS
from farms.outline_pictures import Picture, draw_repair
from farms.upload_kinds import KINDS, known_columns
from farms.upload_parts import suggest_codes

ROWS_A_PAGE = 50
_SAMPLED_ROWS = 50
_SAMPLES = 3
_SHOWN_COLUMNS = 5
_LONG_WORDS = 60


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as it may be shown; a `private` one is masked and typed anew or not at all."""

    key: str
    label: str
    text: str
    private: bool
    wrong: bool = False

    @property
    def name(self) -> str:
        return f"cell-{self.key}"


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of the preview."""

    row: UploadRow
    cells: list[ShownCell]
    inputs: list[ShownCell]
    mended: bool
    picture: Picture | None = None
    # A suggested code for each part of an outline that may be made into plots.
    parts: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.row.left_out:
            return "left_out"
        if self.row.error_count:
            return "error"
        return "warning" if self.row.warning_count else "good"


@dataclass(frozen=True, slots=True)
class ShownPage:
    """Some rows, and from which row the neighbouring pages begin."""

    rows: list[ShownRow]
    headings: list[str]
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A link to some of the rows: how it is called, how many they are, whether it is chosen."""

    query: str
    label: str
    count: int
    level: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FileColumn:
    """One column of the file on the page where the clerk says what it is."""

    name: str
    heading: str
    samples: list[str]
    chosen: str


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """One of our columns, and the text that all rows have in it; a `private` one is each row's."""

    key: str
    label: str
    required: bool
    private: bool
    constant: str = field(default="")


def list_steps(upload: Upload) -> list[dict[str, Any]]:
    """The steps of every import, and where this one stands."""
    status = Upload.Status
    at = {status.READING: 0, status.MATCHING: 1, status.CHECKING: 2, status.CHECKED: 3}
    at |= {status.WRITING: 4, status.DONE: 4}
    words = [_("File"), _("Columns"), _("Check the rows"), _("Look and mend"), _("Write")]
    here = at.get(status(upload.status), -1)
    return [{"word": word, "here": n == here, "past": n < here} for n, word in enumerate(words)]


def offer_language(upload: Upload) -> str:
    """The reader's language by its own name, where the problems were told in another."""
    reads = get_language() or settings.LANGUAGE_CODE
    if upload.options.get("language", reads) == reads or not upload.counts.get("kinds"):
        return ""
    return str(get_language_info(reads)["name_local"])


def describe_work(upload: Upload) -> str:
    """What a worker does with the file now."""
    status = Upload.Status
    if upload.status in Upload.AT_WORK and upload.alive_at is None:
        return _("Waiting for its turn.")
    if upload.status == status.WRITING and upload.progress_total:
        return _("Every row is checked once more against what is on record by now.")
    words = {
        status.READING: _("The rows are being read."),
        status.CHECKING: _("Every row is being checked."),
        status.WRITING: _("All rows are being written at once. Until that is done, none is."),
    }
    return words.get(status(upload.status), upload.get_status_display())


def describe_time(upload: Upload) -> str:
    """How long the step that cannot tell its rows has taken so far; empty for all others."""
    if upload.status != Upload.Status.WRITING or upload.progress_total or not upload.alive_at:
        return ""
    seconds = max((now() - upload.alive_at).seconds, 0)
    return ngettext("%(count)d second so far", "%(count)d seconds so far", seconds) % {
        "count": seconds
    }


def list_columns(upload: Upload) -> tuple[list[FileColumn], list[OwnColumn]]:
    """The file's columns with samples and what they are taken for, and our own columns."""
    kind = KINDS[upload.kind]
    texts = [read_texts(row) for row in upload.rows.order_by("number")[:_SAMPLED_ROWS]]
    samples = {name: [row.get(name, "") for row in texts] for name in upload.headings}
    columns = upload.columns or guess_columns(samples, kind.columns, looks=kind.looks)
    known = {column.key: column for column in kind.columns}
    keys = {heading: key for key, heading in columns.items()}
    shown = []
    for at, (name, said) in enumerate(samples.items()):
        column = known.get(keys.get(name, ""), Column(""))
        quoted = [column.quote(text) for text in dict.fromkeys(said) if text]
        shown.append(FileColumn(f"column-{at}", name, quoted[:_SAMPLES], column.key))
    own = [
        OwnColumn(c.key, c.title, c.required, c.private, upload.constants.get(c.key, ""))
        for c in kind.columns
        if c.key in columns or c in known_columns(upload.kind)
    ]
    return shown, own


def list_filters(upload: Upload, query: Mapping[str, str]) -> list[Filter]:
    """Which rows may be looked at by themselves, with their numbers at the last check."""
    counts = upload.counts
    chosen = (query.get("show", ""), query.get("kind", ""))
    found = [
        Filter("show=all", _("All rows"), counts.get("rows", 0) + counts.get("left_out", 0)),
        Filter("show=error", _("With errors"), counts.get("errors", 0), "error"),
        Filter("show=warning", _("With warnings"), counts.get("warnings", 0), "warning"),
        Filter("show=left_out", _("Left out"), counts.get("left_out", 0), "left_out"),
    ]
    found += [
        Filter(f"kind={kind['kind']}", _words_of(kind), kind["rows"], kind["level"])
        for kind in counts.get("kinds", [])
    ]
    taken = f"kind={chosen[1]}" if chosen[1] else f"show={chosen[0]}"
    return [
        Filter(each.query, each.label, each.count, each.level, each.query == taken)
        for each in found
        if each.count or each.query in ("show=all", taken)
    ]


def default_filter(upload: Upload) -> dict[str, str]:
    """Errors first, then warnings, then all."""
    if upload.rows.filter(error_count__gt=0, left_out=False).exists():
        return {"show": "error"}
    return {"show": "warning"} if upload.counts.get("warnings") else {"show": "all"}


def filter_rows(upload: Upload, query: Mapping[str, str]) -> QuerySet[UploadRow]:
    """The rows that a filter chooses."""
    if kind := query.get("kind", ""):
        return with_problem(upload, kind)
    rows = upload.rows.all()
    if query.get("show") == "error":
        return rows.filter(error_count__gt=0, left_out=False)
    if query.get("show") == "warning":
        return rows.filter(error_count=0, warning_count__gt=0, left_out=False)
    if query.get("show") == "left_out":
        return rows.filter(left_out=True)
    return rows


def page_rows(upload: Upload, query: Mapping[str, str]) -> ShownPage:
    """A page of the chosen rows from a row number on: by key, however many rows lie before."""
    rows = filter_rows(upload, query).order_by("number")
    start = read_key(query.get("from", "")) or 0
    page = list(rows.filter(number__gte=start)[: ROWS_A_PAGE + 1])
    after = page.pop().number if len(page) > ROWS_A_PAGE else None
    back = [row.number for row in rows.filter(number__lt=start).order_by("-number")[:ROWS_A_PAGE]]
    shown = [show_row(upload, row) for row in page]
    headings = [cell.label for cell in shown[0].cells] if shown else []
    return ShownPage(shown, headings, back[-1] if back else None, after)


def show_row(upload: Upload, row: UploadRow, *, whole: bool = False) -> ShownRow:
    """A row with the cells that need a look, or with all of them to be mended."""
    draft = lay_out(row, headings=upload.columns, constants=upload.constants)
    columns = KINDS[upload.kind].columns
    wrong = {problem["key"] for problem in row.problems if problem["level"] == "error"}
    cells = [
        _show_cell(column, upload, draft.texts.get(column.key, ""), wrong=column.key in wrong)
        for column in columns
    ]
    summary = [cell for cell in cells if cell.key in upload.columns][:_SHOWN_COLUMNS]
    inputs = [cell for cell in cells if whole or cell.key in wrong]
    kinds = {problem["kind"] for problem in row.problems}
    may_split = "many_parts" in kinds and not row.left_out and not row.repair_accepted
    parts = suggest_codes(row) if may_split else []
    return ShownRow(row, summary, inputs, bool(read_mended(row)), draw_repair(row), parts)


def row_url(upload: Upload, number: int) -> str:
    return reverse("upload-row", args=[upload.pk, number])


def keep_posted(
    columns: Sequence[FileColumn],
    own: Sequence[OwnColumn],
    chosen: Mapping[str, str],
    constants: Mapping[str, str],
) -> tuple[list[FileColumn], list[OwnColumn]]:
    """What the clerk had chosen, for the page that says why it cannot be so."""
    return (
        [replace(column, chosen=chosen.get(column.heading, "")) for column in columns],
        [replace(column, constant=constants.get(column.key, "")) for column in own],
    )


def describe_suspicion(upload: Upload) -> dict[str, Any] | None:
    """The shifted map the outlines seem to come from, or were taken back from already."""
    if system := upload.options.get("offset"):
        return {"system": SYSTEMS[system], "converted": True}
    kinds = {problem["kind"] for problem in upload.problems}
    found = [(code, name) for code, name in SYSTEMS.items() if f"offset_{code}" in kinds]
    return {"code": found[0][0], "system": found[0][1], "converted": False} if found else None


def _show_cell(column: Column, upload: Upload, text: str, *, wrong: bool) -> ShownCell:
    quoted = column.quote(text)
    label = upload.columns.get(column.key) or column.title
    # A long number in a column of words is masked too: it may be a personal one that slipped in.
    private = column.private or (quoted != text and not quoted.endswith("…"))
    return ShownCell(column.key, label, quoted if private else text, private, wrong)


def _words_of(kind: Mapping[str, Any]) -> str:
    reason = str(kind["reason"])
    short = reason if len(reason) <= _LONG_WORDS else f"{reason[:_LONG_WORDS]}…"
    if not kind["column"]:
        return short
    return _("%(column)s: %(reason)s") % {"column": kind["column"], "reason": short}


def changed_texts(row: ShownRow, posted: Mapping[str, str]) -> dict[str, str]:
    """What a clerk typed into the cells of a row; a masked cell left blank stays as it is."""
    changed = {}
    for cell in row.inputs:
        if cell.name not in posted:
            continue
        text = posted[cell.name].strip()
        if cell.private and not text and f"{cell.name}-clear" not in posted:
            continue
        if cell.private or text != cell.text:
            changed[cell.key] = text
    return changed


def posted_columns(
    columns: Sequence[FileColumn], own: Sequence[OwnColumn], posted: Mapping[str, str]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The pairs of our key and the file's heading, and the texts for all rows, as posted."""
    pairs = [(posted.get(c.name, ""), c.heading) for c in columns]
    constants = {c.key: clean_heading(posted.get(f"constant-{c.key}", "")).strip() for c in own}
    return (
        [(key, heading) for key, heading in pairs if key],
        {key: text for key, text in constants.items() if text},
    )

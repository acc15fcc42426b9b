"""Looking into evidence: does its place and time fit the record, and was it used before.

A doubt refuses nothing: it sends a person to look. The original is never changed; what is shown
on a page is a reduced copy that we made ourselves.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput
from aggregator.models import Cooperative, User
from aggregator.roles import require_role
from farms.evidence import PICTURES, EvidenceFile, EvidenceRefused, guess_kind, keep_file, read_file
from farms.models import Boundary, Evidence, PracticeRecord, Season
from farms.offsets import MOVES_BACK
from farms.pictures import Picture, PictureBroken, read_picture
from farms.tracks import Track, TrackBroken, distances_m, read_gpx, share_within

# A phone in the open is good to 10 m and people photograph a plot from its edge; beyond this the
# picture is of somewhere else.
FAR_M = 200
# From this far off a field's edge it is still the field that is photographed.
_EDGE_M = 50
# A fix worse than this is no fix: it may not excuse any distance.
_WORST_FIX_M = 1000
_MOST_TRACK_OUTSIDE = 0.5
_MOST_FILES = 20

DOUBTS = {
    "far_from_field": _("taken far from the field"),
    "shifted_place": _("far from the field, but on it if the phone gives shifted map coordinates"),
    "outside_season": _("taken outside the season"),
    "used_before": _("used before, for another field or season"),
    "track_elsewhere": _("most of the track lies outside the field"),
    "unreadable": _("cannot be opened"),
    "no_place": _("says no place"),
    "no_time": _("says no time"),
}
# Messengers strip place and time from every picture: that alone is no reason to suspect anybody.
MILD = frozenset({"no_place", "no_time"})
Suspicion = Evidence.Suspicion


class FileNotTaken(BadInput):
    code = "file_not_taken"
    message = _("%(name)s: %(problem)s")


class TooManyFiles(BadInput):
    code = "too_many_files"
    message = _("At most %(limit)s files at a time.")


def doubt_text(code: str) -> str:
    return str(DOUBTS.get(code, code))


def with_doubts(evidence: QuerySet[Evidence], codes: Collection[str]) -> QuerySet[Evidence]:
    """Evidence with any of these doubts. SQLite cannot search in a JSON list, so its text is."""
    weights = [Suspicion.GRAVE, *([Suspicion.MILD] if MILD.intersection(codes) else [])]
    wanted = Q()
    for code in codes:
        wanted |= Q(doubt_text__contains=f'"{code}"')
    worded = evidence.annotate(doubt_text=Cast("doubts", TextField()))
    return worded.filter(wanted, suspicion__in=weights)


def suspicious(evidence: QuerySet[Evidence]) -> QuerySet[Evidence]:
    """Evidence with a doubt that is more than a silent camera."""
    return evidence.filter(suspicion=Suspicion.GRAVE)


def _weigh(doubts: Iterable[str]) -> Suspicion:
    if not set(doubts):
        return Suspicion.NONE
    return Suspicion.GRAVE if set(doubts) - MILD else Suspicion.MILD


def unshown_records(cooperative: Cooperative) -> QuerySet[PracticeRecord]:
    """Records that count and have not one file to show for it."""
    shown = Evidence.objects.filter(record=OuterRef("pk"))
    counted = PracticeRecord.objects.for_cooperative(cooperative).confirmed()
    unshown: QuerySet[PracticeRecord] = counted.filter(~Exists(shown))
    return unshown


def add_evidence(record: PracticeRecord, *, by: User, files: Iterable[Any]) -> list[Evidence]:
    """Take uploaded files as evidence of a record and look into them at once.

    A file that the record already has is left out of what is returned.

    Raises:
        FileNotTaken, TooManyFiles: one of them is not fit; nothing is kept then.
    """
    require_role(by, User.Role.OPERATOR, of=record)
    uploads = list(files)
    if len(uploads) > _MOST_FILES:
        raise TooManyFiles(limit=_MOST_FILES)
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        found = [_take_upload(each, Path(folder) / str(at)) for at, each in enumerate(uploads)]
        with transaction.atomic():
            rows = [row for file in found if (row := _attach(record, file)) is not None]
            if rows:
                names = [row.sha256[:12] for row in rows]
                audit.record_event(record, action="add_evidence", by=by, files=names)
    for row in rows:
        examine_evidence(row)
    return rows


def examine_pending(*, limit: int = 500) -> int:
    """Look into evidence that nobody has looked into yet, oldest first; how many there were."""
    pending = Evidence.objects.filter(examined=False).order_by("pk")
    keys = list(pending.values_list("pk", flat=True)[:limit])
    for key in keys:
        row = Evidence.objects.select_related("record__season", "cooperative").get(pk=key)
        examine_evidence(row)
    return len(keys)


def examine_evidence(evidence: Evidence) -> None:
    """Read place, time and doubts out of the file and make the reduced copy; safe to repeat."""
    evidence.doubts, evidence.view = [], ""
    evidence.taken_at = evidence.longitude = evidence.latitude = None
    if not evidence.examined and evidence.kind == Evidence.Kind.OTHER:
        evidence.kind = guess_kind(evidence.file_name)
    try:
        with evidence.file.open("rb") as file:
            data = file.read()
    except (FileNotFoundError, ValueError):
        evidence.doubts = ["unreadable"]
    else:
        suffix = Path(evidence.file.name or "").suffix.lower()
        if suffix in PICTURES:
            _examine_picture(evidence, data)
        elif suffix == ".gpx":
            _examine_track(evidence, data)
    if _used_before(evidence):
        evidence.doubts.append("used_before")
    evidence.suspicion = _weigh(evidence.doubts)
    evidence.examined = True
    evidence.save(
        update_fields=[
            *("kind", "view", "taken_at", "longitude", "latitude", "doubts", "suspicion"),
            "examined",
        ]
    )


def _examine_picture(evidence: Evidence, data: bytes) -> None:
    try:
        picture = read_picture(data, zone=timezone.get_default_timezone())
    except PictureBroken:
        evidence.doubts.append("unreadable")
        return
    evidence.view = _keep_view(evidence, picture.view)
    evidence.taken_at = picture.taken_at
    evidence.longitude, evidence.latitude = picture.longitude, picture.latitude
    # A picture of an invoice is taken at a desk, on any day.
    if evidence.kind == Evidence.Kind.PHOTO:
        evidence.doubts += _doubts_of_place(evidence.record, picture)
        evidence.doubts += _doubts_of_time(evidence.record.season, picture.taken_at)


def _examine_track(evidence: Evidence, data: bytes) -> None:
    try:
        track = read_gpx(data)
    except TrackBroken:
        evidence.doubts.append("unreadable")
        return
    evidence.taken_at = track.began_at
    evidence.longitude, evidence.latitude = track.points[0]
    if _is_elsewhere(evidence.record, track):
        evidence.doubts.append("track_elsewhere")
    evidence.doubts += _doubts_of_time(evidence.record.season, track.began_at)


def _doubts_of_place(record: PracticeRecord, picture: Picture) -> list[str]:
    if picture.longitude is None or picture.latitude is None:
        return ["no_place"]
    outline = _outline(record)
    if outline is None:
        return []
    away_m = float(distances_m(outline, shapely.Point(picture.longitude, picture.latitude)))
    excused_m = max(FAR_M, min(picture.accuracy_m or 0, _WORST_FIX_M))
    if away_m <= excused_m:
        return []
    return ["shifted_place" if _is_shifted(outline, picture) else "far_from_field"]


def _is_shifted(outline: Any, picture: Picture) -> bool:
    """Whether the place is the field's in the coordinates of a Chinese map service."""
    place = np.array([[picture.longitude, picture.latitude]])
    moved = shapely.points(np.vstack([back(place) for back in MOVES_BACK.values()]))
    return bool((distances_m(outline, moved) <= _EDGE_M).any())


def _doubts_of_time(season: Season, taken_at: datetime | None) -> list[str]:
    if taken_at is None:
        return ["no_time"]
    day = timezone.localdate(taken_at)
    return [] if season.starts_on <= day <= season.ends_on else ["outside_season"]


def _is_elsewhere(record: PracticeRecord, track: Track) -> bool:
    outline = _outline(record)
    return outline is not None and share_within(track, outline) < 1 - _MOST_TRACK_OUTSIDE


def _outline(record: PracticeRecord) -> Any:
    newest = Boundary.objects.filter(field=record.field_id).order_by("-version")
    wkb = newest.values_list("geometry_wkb", flat=True).first()
    return None if wkb is None else shapely.from_wkb(bytes(wkb))


def _used_before(evidence: Evidence) -> bool:
    """Whether an older record of another field or season has the same file.

    One photo for two practices of one field in one season is as it should be.
    """
    record = evidence.record
    others = Evidence.objects.filter(
        cooperative=evidence.cooperative_id, sha256=evidence.sha256, pk__lt=evidence.pk
    )
    return others.exclude(record__field=record.field_id, record__season=record.season_id).exists()


def _keep_view(evidence: Evidence, view: bytes) -> str:
    digest = evidence.sha256
    name = f"evidence/{evidence.cooperative.code}/{digest[:2]}/{digest}.view.jpg"
    if default_storage.exists(name):
        return name
    return default_storage.save(name, ContentFile(view))


def _take_upload(upload: Any, folder: Path) -> EvidenceFile:
    folder.mkdir()
    # The suffix stands at the end, and names of 255 bytes are the most a file system takes.
    path = folder / get_valid_filename(f"f{upload.name}")[-60:]
    with path.open("wb") as file:
        shutil.copyfileobj(upload, file)
    try:
        found = read_file(path)
    except EvidenceRefused as refusal:
        raise FileNotTaken(name=upload.name, problem=str(refusal)) from refusal
    return EvidenceFile(upload.name[-200:], found.path, found.sha256)


def _attach(record: PracticeRecord, file: EvidenceFile) -> Evidence | None:
    if Evidence.objects.filter(record=record, sha256=file.sha256).exists():
        return None
    row: Evidence = Evidence.objects.create(
        cooperative=record.cooperative,
        record=record,
        file_name=file.name,
        sha256=file.sha256,
        kind=guess_kind(file.name),
        file=keep_file(file, record.cooperative),
    )
    return row

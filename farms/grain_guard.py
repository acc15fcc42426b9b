"""The grain guard on record: judges fields by `grain_rules`, keeps their flags, says them in words.

Flags are derived rows: written afresh when records or observations change and once a night, so that
a list of all fields can be filtered by them. Enrolment never reads them; it judges anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.models import Cooperative, User
from aggregator.roles import require_role
from farms.crops import find_crop, split_crops
from farms.descent import Kin
from farms.grain_rules import Case, Flag, SeasonUse, Sight, judge_field
from farms.models import Field, GrainFlag, Observation, PracticeRecord, Season

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Wording:
    """A rule in words: its name, what is wrong on this field, and what to do about it."""

    name: Any
    sentence: Any
    advice: Any


WORDINGS = {
    "converted": Wording(
        _("no longer cropland"),
        _("Seen on %(since)s: %(seen)s."),
        _(
            "Have the land restored to cropland, or leave the field out of the project. When it is "
            "restored, enter an observation “cultivated”."
        ),
    ),
    "abandoned": Wording(
        _("abandoned"),
        _("Seen abandoned on %(since)s, and not worked in any season since."),
        _(
            "Speak with the household; the village can arrange for somebody else to farm it. When "
            "it is farmed again, enter the season's record or an observation “cultivated”."
        ),
    ),
    "idle": Wording(
        _("nothing recorded for two seasons"),
        _("Neither a crop nor fallow is on record for the seasons %(seasons)s."),
        _(
            "Ask what was grown and enter it, ordinary tillage too. If the field lies idle, enter "
            "an observation “abandoned”; if it rests on purpose, enter fallow rotation."
        ),
    ),
    "no_crop_land": Wording(
        _("trees, orchard or pond on cropland"),
        _("Season %(season)s: %(crop)s."),
        _(
            "Permanent basic and high-standard farmland may not grow trees, fruit, tea or fish: "
            "leave the field out until it is cropland again. Elsewhere ask the township whether "
            "this use is allowed."
        ),
    ),
    "no_grain": Wording(
        _("no grain on protected farmland"),
        _("In the year to season %(season)s only %(crop)s, and no grain."),
        _(
            "Grow at least one season of grain a year here. If grain was grown and not recorded, "
            "enter it."
        ),
    ),
}


def guards_grain(cooperative: Cooperative) -> bool:
    """Whether China's rules of cropland apply: to land that is counted in mu, and to no other."""
    return cooperative.area_unit == "mu"


def judge_fields(
    cooperative: Cooperative, field_ids: Collection[int] | None = None
) -> Iterator[tuple[int, list[Flag]]]:
    """Judge fields (all of the cooperative, if none are named) as things stand today.

    Yields:
        Each field's key with its flags, with a fixed number of queries for every two thousand.
    """
    today = timezone.localdate()
    seasons = _entered_seasons(cooperative, today)
    kin = Kin(cooperative)
    for keys in _batches(cooperative, field_ids):
        for field, case in _gather_cases(keys, seasons, kin.ancestors(keys)):
            yield field, judge_field(case)


def refresh_flags(cooperative: Cooperative, field_ids: Collection[int] | None = None) -> int:
    """Bring the kept flags up to date; how many fields have one among those looked at.

    Land keeps its past: what is new of a field is judged again on those that came out of it.
    """
    if not guards_grain(cooperative):
        GrainFlag.objects.for_cooperative(cooperative).delete()
        return 0
    if field_ids is not None:
        field_ids = {*field_ids} | Kin(cooperative).descendants(field_ids)
    flagged = 0
    batch: dict[int, list[Flag]] = {}
    for field, flags in judge_fields(cooperative, field_ids):
        batch[field] = flags
        flagged += bool(flags)
        if len(batch) == _BATCH:
            _keep_flags(cooperative, batch)
            batch = {}
    _keep_flags(cooperative, batch)
    return flagged


def check_land(cooperative: Cooperative, *, by: User) -> int:
    """Judge every field of the cooperative now, because somebody asks for it."""
    require_role(by, User.Role.OPERATOR, of=Season(cooperative=cooperative))
    with transaction.atomic():
        flagged = refresh_flags(cooperative)
        audit.record_event(cooperative, action="check_land", by=by, flagged=flagged)
    return flagged


def count_flagged(cooperative: Cooperative) -> int:
    """How many fields have a flag."""
    flags = GrainFlag.objects.for_cooperative(cooperative)
    return flags.order_by().values("field").distinct().count()


def rule_name(rule: str) -> str:
    return str(WORDINGS[rule].name) if rule in WORDINGS else rule


def flag_text(rule: str, facts: Mapping[str, str], since: date | str | None) -> str:
    """What is wrong, as a sentence in the reader's language; an unknown rule shows its code."""
    if rule not in WORDINGS:
        return rule
    values = {**facts, "since": str(since or "")}
    if "seen" in values:
        values["seen"] = str(Observation.Seen(values["seen"]).label)
    return str(WORDINGS[rule].sentence) % values


def advice_text(rule: str) -> str:
    return str(WORDINGS[rule].advice) if rule in WORDINGS else ""


def unknown_crops(text: str) -> list[str]:
    """The words of a crop cell on which the guard can say nothing."""
    return [word for word in split_crops(text) if find_crop(word) is None]


def _batches(cooperative: Cooperative, field_ids: Collection[int] | None) -> Iterator[list[int]]:
    if field_ids is None:
        rows = Field.objects.for_cooperative(cooperative).order_by("pk")
        field_ids = list(rows.values_list("pk", flat=True))
    keys = sorted(field_ids)
    for at in range(0, len(keys), _BATCH):
        yield keys[at : at + _BATCH]


def _entered_seasons(cooperative: Cooperative, today: date) -> list[Season]:
    """Seasons that are over and in which anything was recorded: an empty one proves nothing."""
    records = PracticeRecord.objects.confirmed().filter(season=OuterRef("pk"))
    ended = Season.objects.for_cooperative(cooperative).filter(Exists(records), ends_on__lt=today)
    return list(ended.order_by("starts_on", "ends_on"))


def _gather_cases(
    keys: list[int], seasons: list[Season], ancestors: Mapping[int, set[int]]
) -> Iterator[tuple[int, Case]]:
    """Land keeps its past: what was seen and grown before a split or merger is its successors'."""
    lines = {key: {key} | ancestors.get(key, set()) for key in keys}
    everybody = set().union(*lines.values())
    grown: dict[tuple[int, int], list[str]] = defaultdict(list)
    records = PracticeRecord.objects.confirmed().filter(field__in=everybody, season__in=seasons)
    for field, season, crop in records.values_list("field_id", "season_id", "crop"):
        grown[field, season].append(crop)
    sights: dict[int, list[tuple[date, int, str]]] = defaultdict(list)
    seen = Observation.objects.filter(field__in=everybody)
    for field, seen_on, pk, kind in seen.values_list("field_id", "seen_on", "pk", "seen"):
        sights[field].append((seen_on, pk, kind))
    lives = _lives(everybody)
    for key, line in lines.items():
        land_class, _known_from, ends_on = lives[key]
        known_from = min(lives[each][1] for each in line)
        uses = [
            _season_use(season, _grown_on(key, line, season.pk, grown))
            for season in seasons
            if season.ends_on >= known_from and (ends_on is None or season.starts_on <= ends_on)
        ]
        in_order = sorted(sight for each in line for sight in sights.get(each, ()))
        yield key, Case(land_class, uses, [Sight(what, day) for day, _key, what in in_order])


def _lives(keys: Collection[int]) -> dict[int, tuple[str, date, date | None]]:
    """Land class of each field, the first day that anything is known of it, and its last."""
    fields = Field.objects.filter(pk__in=keys).annotate(held_from=Min("tenures__starts_on"))
    columns = ("pk", "land_class", "starts_on", "held_from", "ends_on")
    return {
        key: (land_class, starts_on or held_from or date.min, ends_on)
        for key, land_class, starts_on, held_from, ends_on in fields.values_list(*columns)
    }


def _grown_on(
    key: int, line: set[int], season: int, grown: Mapping[tuple[int, int], list[str]]
) -> list[str] | None:
    """The crops on a field's land: by its own records, else by those of what it came out of."""
    if (key, season) in grown:
        return grown[key, season]
    known = [each for each in sorted(line) if (each, season) in grown]
    return [crop for each in known for crop in grown[each, season]] if known else None


def _season_use(season: Season, crops: list[str] | None) -> SeasonUse:
    named = tuple(dict.fromkeys(filter(None, crops or ())))
    return SeasonUse(
        season.code, season.starts_on, season.ends_on, crops=named, worked=crops is not None
    )


@transaction.atomic
def _keep_flags(cooperative: Cooperative, judged: Mapping[int, Iterable[Flag]]) -> None:
    """Write what differs: most flags are tomorrow what they are today."""
    kept = {
        (flag.field_id, flag.rule): flag
        for flag in GrainFlag.objects.for_cooperative(cooperative).filter(field__in=list(judged))
    }
    found = {(field, flag.rule): flag for field, flags in judged.items() for flag in flags}
    gone = [flag.pk for key, flag in kept.items() if key not in found]
    if gone:
        GrainFlag.objects.filter(pk__in=gone).delete()
    fresh = [
        GrainFlag(
            cooperative=cooperative,
            field_id=field,
            rule=rule,
            severity=flag.severity,
            since=flag.since,
            facts=flag.facts,
        )
        for (field, rule), flag in found.items()
        if not _same(kept.get((field, rule)), flag)
    ]
    GrainFlag.objects.bulk_create(
        fresh,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["field", "rule"],
        update_fields=["severity", "since", "facts"],
    )


def _same(kept: GrainFlag | None, flag: Flag) -> bool:
    if kept is None:
        return False
    return (kept.severity, kept.since, kept.facts) == (flag.severity, flag.since, flag.facts)

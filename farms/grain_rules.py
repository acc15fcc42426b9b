"""The grain guard's rules: what land may grow by its class, and when it counts as abandoned.

Pure: imports no Django. Judges what it is told of one field; reads and writes nothing.

Sources:
    《土地管理法》 (2019) article 37: no building on cropland without leave; no forestry, orchards
    or fish ponds on permanent basic farmland; article 38: cropland is not left idle.
    《农村土地承包法》 (2018) article 42: a transfer may be ended when land lies abandoned for
    two years running.
    国办发明电〔2020〕24号 (against 非农化): no trees, lakes or buildings on cropland against the
    rules.
    国办发〔2020〕44号 (against 非粮化), section 2: permanent basic farmland is mainly for grain;
    general cropland for grain and for cotton, oil, sugar, vegetables and fodder; no saplings and
    turf on permanent basic farmland.
    《中共中央 国务院关于做好2022年全面推进乡村振兴重点工作的意见》, section 2: high-standard
    farmland is in principle all for grain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from farms.crops import Use, crop_uses, split_crops

# Raised whenever a rule judges differently, so that an old judgement can be understood.
VERSION = "2026-11"
# Two years running are the law's measure; a season that was never entered is no proof.
IDLE_SEASONS = 2

REFUSE = "refuse"
LOOK = "look"
PERMANENT_BASIC = "permanent_basic"
HIGH_STANDARD = "high_standard"
PROTECTED = frozenset({PERMANENT_BASIC, HIGH_STANDARD})
CONVERTED = ("trees", "pond", "built")


@dataclass(frozen=True, slots=True)
class SeasonUse:
    """One ended season of a field: what it grew, and whether it was worked or lay fallow."""

    code: str
    starts_on: date
    ends_on: date
    crops: tuple[str, ...] = ()
    worked: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen on a day: cultivated, abandoned, trees, pond or built."""

    seen: str
    seen_on: date


@dataclass(frozen=True, slots=True)
class Case:
    """One field. `seasons` are those entered for the cooperative, ended, in order of their days."""

    land_class: str
    seasons: Sequence[SeasonUse] = ()
    sights: Sequence[Sight] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A broken rule: its name, how much it weighs, since when, and what it is about."""

    rule: str
    severity: str
    since: date | None = None
    facts: dict[str, str] = field(default_factory=dict)


def judge_field(case: Case) -> list[Flag]:
    """Every rule that the field breaks.

    Args:
        case: What is on record of it.

    Returns:
        At most one flag a rule, in the order of `RULES`.
    """
    return [flag for rule in RULES if (flag := rule(case)) is not None]


def check_converted(case: Case) -> Flag | None:
    """The last sight of it shows trees, a pond or a building: it is no longer cropland.

    Source: 国办发明电〔2020〕24号, items 1, 3 and 5; 《土地管理法》 article 37.
    """
    last = _last_sight(case)
    if last is None or last.seen not in CONVERTED:
        return None
    return Flag("converted", REFUSE, last.seen_on, {"seen": last.seen})


def check_abandoned(case: Case) -> Flag | None:
    """The last sight of it shows it abandoned, and no later season was worked.

    Source: 《土地管理法》 article 38; 《农村土地承包法》 article 42.
    """
    last = _last_sight(case)
    if last is None or last.seen != "abandoned":
        return None
    if any(season.worked and season.starts_on > last.seen_on for season in case.seasons):
        return None
    return Flag("abandoned", REFUSE, last.seen_on)


def check_idle(case: Case) -> Flag | None:
    """Neither crop nor fallow on record in the last two seasons: perhaps abandoned, perhaps unsaid.

    Source: 《农村土地承包法》 article 42, two years running.
    """
    last = case.seasons[-IDLE_SEASONS:]
    if len(last) < IDLE_SEASONS or any(season.worked for season in last):
        return None
    seen = _last_sight(case)
    if seen is not None and seen.seen == "cultivated" and seen.seen_on >= last[0].starts_on:
        return None
    return Flag("idle", LOOK, last[0].starts_on, {"seasons": ", ".join(s.code for s in last)})


def check_orchard(case: Case) -> Flag | None:
    """Trees, orchards, tea or ponds as the crop, in the last season that had one.

    Source: 《土地管理法》 article 37 for permanent basic farmland (and high-standard farmland,
    which lies within it); 国办发〔2020〕44号 section 2(1) for the order of use of other cropland.
    """
    season = _last_cropped(case)
    if season is None:
        return None
    wrong = [
        crop
        for crop in season.crops
        if crop_uses(crop) & {Use.ORCHARD, Use.TREES, Use.POND} and not _is_food(crop)
    ]
    if not wrong:
        return None
    severity = REFUSE if case.land_class in PROTECTED else LOOK
    return Flag("no_crop_land", severity, season.starts_on, _grown(season, wrong))


def check_grain(case: Case) -> Flag | None:
    """Protected farmland that grew food or fodder in its last year, and no grain at all.

    One grain crop within the twelve months up to the last cropped season's end is enough, so that
    rape after rice passes. High-standard farmland is for grain in principle, permanent basic
    farmland mainly: both are worth a look, neither is a ban.

    Source: 国办发〔2020〕44号 section 2(1); 2022年中央一号文件 section 2.
    """
    season = _last_cropped(case)
    if season is None or case.land_class not in PROTECTED:
        return None
    year = [s for s in case.seasons if (season.ends_on - s.ends_on).days < 365 and s.crops]
    words = [word for s in year for crop in s.crops for word in split_crops(crop)]
    uses = [crop_uses(word) for word in words]
    if not all(uses) or any(Use.GRAIN in use for use in uses):
        # A crop that nobody knows may be grain: silence is fairer than a false accusation.
        return None
    if any(use & {Use.ORCHARD, Use.TREES, Use.POND} for use in uses):
        # Said already, and more strongly, by the rule on orchards and ponds.
        return None
    return Flag("no_grain", LOOK, season.starts_on, _grown(season, list(dict.fromkeys(words))))


RULES = (check_converted, check_abandoned, check_idle, check_orchard, check_grain)


def _last_sight(case: Case) -> Sight | None:
    # A stable sort: of two on one day the one noted later, which the caller gives later, stands.
    ordered = sorted(case.sights, key=lambda sight: sight.seen_on)
    return ordered[-1] if ordered else None


def _last_cropped(case: Case) -> SeasonUse | None:
    return next((season for season in reversed(case.seasons) if season.crops), None)


def _is_food(crop: str) -> bool:
    """Whether grain or food stands beside the trees: intercropping is no conversion."""
    return bool(crop_uses(crop) & {Use.GRAIN, Use.FOOD})


def _grown(season: SeasonUse, crops: list[str]) -> dict[str, str]:
    return {"season": season.code, "crop": "、".join(crops)}

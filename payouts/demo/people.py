"""Invents the members: names, numbers that pass their checksums but belong to nobody, plots held.

Imports no Django. Any likeness to a person is chance: identity numbers carry a whole province as
birthplace, which no card does; bank cards a test prefix; phones the unused 138 0000 range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum import luhn
from stdnum.cn import ric

from payouts.demo.land import SITES, Plot, make_plots

HOUSEHOLDS_A_VILLAGE = 80
_PROVINCE = "350000"
_CARD_PREFIX = "62000000"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋"
    "杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷"
)
_FIRST = "秀桂玉春国建志永金水木福寿长德荣文明家美丽素月银凤根土树茂世维仁义礼"
_SECOND = "英兰珍梅花芳莲香云霞生发财旺才贵林山海江河田禾苗兴平安康宁军民华强芬琴娥妹"
# Characters outside the Basic Multilingual Plane: they must survive file, database and print.
_RARE_NAMES = {4: "王𬭚", 97: "陈𬱖", 181: "李𠅤"}


@dataclass(frozen=True)
class HomeVillage:
    """A village: `code` is a 14-digit issuing party code of no real place."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Member:
    """A household as the cooperative's register knows it; an empty text is a blank cell."""

    code: str
    village: HomeVillage
    head_name: str
    identity_number: str
    phone: str
    language: str
    member_since: date
    shares: int
    agreement_code: str
    account_number: str


@dataclass(frozen=True)
class Holding:
    """A plot with its 19-digit code and contractor, and who works it from when, if another."""

    code: str
    name: str
    plot: Plot
    member: Member
    contract_area_mu: str
    operator: Member | None = None
    operated_from: date | None = None


@dataclass(frozen=True)
class Community:
    """All that the demonstration invents: members and what they hold."""

    members: list[Member]
    holdings: list[Holding]


VILLAGES = (
    HomeVillage("35000010020101", "栖禾村", "Qihe"),
    HomeVillage("35000010020202", "云坎村", "Yunkan"),
    HomeVillage("35000010020303", "霁溪村", "Jixi"),
)
_PLACE_NAMES = {
    "stream": ("溪边田", "水口田", "桥头田", "溪湾丘", "水车田", "柳树下"),
    "hamlet": ("屋后田", "门前田", "井边田", "晒谷坪"),
    "floor": ("坝底田", "大坝田"),
    "ridge": ("岭上田", "山顶田", "松树岭", "望云丘"),
    "large": ("大丘", "三亩丘"),
    "long": ("长丘", "弯丘", "带子丘", "月牙丘"),
    "slope": ("坎上田", "半坡田", "石坎田", "斜丘", "桐子坡", "茶亭脚"),
}
_MU_M2 = 10_000 / 15
# Members by number who stand for what happens in life; the line of the demonstration tells of them.
WITHOUT_AGREEMENT = (33, 150)
WITHOUT_ACCOUNT = 12
READS_ENGLISH = (6, 90, 170)
GROWS_TEA = 51


def make_community(*, seed: int) -> Community:
    """Invent members and holdings of the three villages; the same seed, the same people."""
    random = Random(seed)  # noqa: S311 - invented people, not a secret
    members = make_members(random)
    holdings: list[Holding] = []
    for site, village in zip(SITES, VILLAGES, strict=True):
        locals_ = [member for member in members if member.village == village]
        plots = make_plots(site, seed=seed)
        owners = share_out_plots(plots, len(locals_), random)
        for number, (plot, owner) in enumerate(zip(plots, owners, strict=True), start=1):
            holdings.append(_make_holding(village, number, plot, locals_[owner], random))
    return Community(members, _lend_some(holdings, random))


def make_members(random: Random) -> list[Member]:
    """Invent the households of every village, numbered through; no two heads share a name."""
    names = _make_names(len(VILLAGES) * HOUSEHOLDS_A_VILLAGE, random)
    return [
        _make_member(number, VILLAGES[(number - 1) // HOUSEHOLDS_A_VILLAGE], name, random)
        for number, name in enumerate(names, start=1)
    ]


def share_out_plots(plots: Sequence[Plot], households: int, random: Random) -> list[int]:
    """Give every plot a holder: two to six plots each, most of them near one another.

    Returns:
        For each plot the index of its household.
    """
    centres = [plot.shape.centroid.coords[0] for plot in plots]
    owner = [-1] * len(plots)
    free = set(range(len(plots)))
    for household, wanted in enumerate(_choose_counts(len(plots), households, random)):
        home = centres[random.choice(sorted(free))]
        for _ in range(wanted):
            wander = random.random() < 0.15
            nearest = (
                random.choice(sorted(free))
                if wander
                else min(free, key=lambda plot: (math.dist(home, centres[plot]), plot))
            )
            owner[nearest] = household
            free.remove(nearest)
    return owner


def _choose_counts(plots: int, households: int, random: Random) -> list[int]:
    counts = random.choices((2, 3, 4, 5, 6), weights=(2, 4, 5, 3, 2), k=households)
    while sum(counts) != plots:
        step = 1 if sum(counts) < plots else -1
        chosen = random.randrange(households)
        if 2 <= counts[chosen] + step <= 6:
            counts[chosen] += step
    return counts


def _make_names(count: int, random: Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        given = random.choice(_FIRST) + (random.choice(_SECOND) if random.random() < 0.85 else "")
        names.setdefault(random.choice(_SURNAMES[:40] * 2 + _SURNAMES) + given)
    listed = list(names)
    for number, name in _RARE_NAMES.items():
        listed[number - 1] = name
    return listed


def _make_member(number: int, village: HomeVillage, name: str, random: Random) -> Member:
    born = date(1944, 1, 1) + timedelta(days=random.randrange(45 * 365))
    stem = f"{_PROVINCE}{born:%Y%m%d}{number:03d}"
    card = f"{_CARD_PREFIX}{random.randrange(10**10):010d}"
    return Member(
        code=f"QY-{number:03d}",
        village=village,
        head_name=name,
        identity_number=stem + ric.calc_check_digit(stem + "0"),
        phone=f"1380000{number:04d}",
        language="en" if number in READS_ENGLISH else "zh-hans",
        member_since=date(random.randint(2016, 2022), random.randint(1, 12), 1),
        shares=random.choice((1, 1, 1, 2, 3)),
        agreement_code="" if number in WITHOUT_AGREEMENT else f"THXY-2023-{number:03d}",
        account_number="" if number == WITHOUT_ACCOUNT else card + luhn.calc_check_digit(card),
    )


def _make_holding(
    village: HomeVillage, number: int, plot: Plot, member: Member, random: Random
) -> Holding:
    # Contracts were measured by tape: most are close, one in forty is off by more than a twentieth.
    error = random.uniform(0.07, 0.12) if random.random() < 0.025 else random.gauss(0, 0.012)
    return Holding(
        code=f"{village.code}{number:05d}",
        name=random.choice(_PLACE_NAMES[plot.place]),
        plot=plot,
        member=member,
        contract_area_mu=f"{plot.area_m2 / _MU_M2 * (1 + error):.2f}",
    )


def _lend_some(holdings: list[Holding], random: Random) -> list[Holding]:
    """Let one plot in fifty be worked by another household of the village, some from mid-2025."""
    lent = []
    for holding in holdings:
        if random.random() >= 0.02:
            lent.append(holding)
            continue
        same = [
            other.member for other in holdings if other.member.village == holding.member.village
        ]
        operator = random.choice([member for member in same if member != holding.member])
        since = random.choice((date(2024, 1, 1), date(2025, 7, 1)))
        lent.append(Holding(**{**vars(holding), "operator": operator, "operated_from": since}))
    return lent

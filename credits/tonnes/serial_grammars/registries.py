"""The grammars of the registries, and our own. Imports no Django.

Sources: METHODS.md, H. Serials; the examples are serials that the registries themselves printed.
"""

from __future__ import annotations

from credits.tonnes.serial_grammars.grammar import COUNTRY, DAY, NUMBER, YEAR, Grammar

_RANGE = {"start": NUMBER, "end": NUMBER}

VERRA = Grammar(
    registry="verra",
    shape="{issuance}-{start}-{end}-VCS-VCU-{program}-VER-{country}-{sector}-{project}"
    "-{from_day}-{to_day}-{additional}",
    parts={
        **_RANGE,
        "issuance": NUMBER,
        "program": NUMBER,
        "country": COUNTRY,
        "sector": NUMBER,
        "project": NUMBER,
        "from_day": DAY,
        "to_day": DAY,
        "additional": "[01]",
    },
    example="13557-513004457-513073958-VCS-VCU-1289-VER-TZ-1-2366-16042021-15102021-0",
    source="Verra Registry; sectoral scope 14 is AFOLU, the last part additional certification",
)
GOLD_STANDARD = Grammar(
    registry="gold-standard",
    shape="GS1-1-{country}-GS{project}-{type}-{vintage}-{batch}-{start}-{end}",
    parts={
        **_RANGE,
        "country": COUNTRY,
        "project": NUMBER,
        "type": NUMBER,
        "vintage": YEAR,
        "batch": NUMBER,
    },
    example="GS1-1-KE-GS7495-16-2025-30645-608-30350",
    source="Gold Standard Impact Registry, public list of credits (29,743 in the example)",
)
CAR = Grammar(
    registry="car",
    shape="CAR-1-{country}-{project}-{type}-{holder}-{state}-{vintage}-{batch}-{start} to {end}",
    parts={
        **_RANGE,
        "country": COUNTRY,
        "project": NUMBER,
        "type": NUMBER,
        "holder": NUMBER,
        "state": "[A-Z]{2,3}",
        "vintage": YEAR,
        "batch": NUMBER,
    },
    example="CAR-1-US-1480-46-1156-FL-2026-10272-852724 to 860723",
    source="Climate Action Reserve, public list of retired credits (8,000 in the example)",
)
ACR = Grammar(
    registry="acr",
    shape="ACR-{country}-{project}-{vintage}-{batch}-{start}-{end}",
    parts={
        **_RANGE,
        "country": COUNTRY,
        "project": NUMBER,
        "vintage": YEAR,
        "batch": NUMBER,
    },
    example="ACR-US-192-2010-203-1-5000",
    source="American Carbon Registry",
)
UNDP = Grammar(
    registry="undp",
    shape="{country}-ITMO-{sector}-{programme}-{year}-0-{start}-{end}",
    parts={
        **_RANGE,
        "country": COUNTRY,
        "sector": "[1-9]|1[0-5]",
        "programme": NUMBER,
        "year": YEAR,
    },
    example="KE-ITMO-15-12-2025-0-1-1280",
    source="undp/carbon-registry, libs/serial-number-gen; sector 15 is agriculture",
)
# A project's code may hold hyphens: the last three parts are always vintage, start and end.
TIANHUI = Grammar(
    registry="tianhui",
    shape="TH-{program}-{project}-{vintage}-{start}-{end}",
    parts={
        "program": "[A-Z0-9_]+",
        "project": "[A-Za-z0-9_-]+",
        "vintage": YEAR,
        "start": "[1-9][0-9]{0,18}",
        "end": "[1-9][0-9]{0,18}",
    },
    example="TH-CCX-qingshan-2025-1-1280",
    source="credits/tonnes/serials.py",
)

GRAMMARS: dict[str, Grammar] = {
    grammar.registry: grammar for grammar in (VERRA, GOLD_STANDARD, CAR, ACR, UNDP, TIANHUI)
}

"""One statement's PDF, as we make it, against plain WeasyPrint of the same HTML and style.

``python -m benchmarks statement_pdf``. The ways take turns within one run, so that the machine's
mood falls on all alike; counted is the process's own CPU. No database: the frozen data are
invented here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import django

NAMES = ["屋后田", "河边田", "坡上田"]
HEADS = ["王桂英", "李秀兰", "张建国", "刘春梅", "陈志强", "黄丽华", "吴永福", "周玉珍"]
POOL_KG, GROSS = 1_204_321, 34_120_000
RULES = [
    ("核查费", "fixed", 1_706_000, 34_120_000, None, 1_706_000),
    ("登记费", "per_tonne", 1_000_000, 32_414_000, None, 1_000),
    ("合作社服务费", "rate_of_gross", 2_729_600, 34_120_000, "0.08", None),
    ("村集体生态基金", "rate_of_remaining", 1_434_220, 28_684_400, "0.05", None),
]


def make_data(number: int) -> dict[str, Any]:
    """A statement of three terraced plots and four deductions."""
    plots = [_plot(place, number) for place in (1, 2, 3)]
    kg = sum(plot["credited_kg"] for plot in plots)
    lines = [_line(rule, kg) for rule in RULES]
    net = (GROSS - sum(rule[2] for rule in RULES)) * kg // POOL_KG
    taken = sum(line["household_minor"] for line in lines)
    return {
        "format": 1,
        "number": f"2025-{number:06d}",
        "revision": 1,
        "issued_on": "2026-06-30",
        "language": "zh-hans",
        "tranche": 1,
        "currency": "CNY",
        "area_unit": "mu",
        "cooperative": {
            "code": "qingshan",
            "name": "青山村合作社",
            "name_en": "",
            "phone": "0596-1234567",
        },
        "project": {
            "name": "青山土壤碳汇项目",
            "name_en": "",
            "methodology": "ccx-soil",
            "methodology_version": "1.0",
        },
        "period": {
            "code": "2025",
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
            "days": 365,
        },
        "household": {
            "code": f"H{number:05d}",
            "head_name": HEADS[number % len(HEADS)],
            "village_code": "V1",
            "village": "青山村三组",
            "village_en": "",
        },
        "payee": {"bank": "农商银行", "number": f"•••• {number % 10_000:04d}"},
        "plots": plots,
        "drawing": [_outline(place, number) for place in (1, 2, 3)],
        "pool": {
            "kg": POOL_KG,
            "paid_kg": 1_000_000,
            "gross_minor": GROSS,
            "net_minor": GROSS - sum(rule[2] for rule in RULES),
        },
        "lines": lines,
        "totals": {
            "kg": kg,
            "gross_minor": net + taken,
            "deductions_minor": taken,
            "net_minor": net,
        },
        "paid": [{"on": "2026-03-02", "amount_minor": 28_710}],
        "objection": {"days": 15, "until_on": "2026-07-15"},
    }


def _plot(place: int, number: int) -> dict[str, Any]:
    gross = 400 + 37 * ((number + place) % 11)
    reserve = -(-gross // 5)
    return {
        "number": place,
        "code": f"350627100204{number:07d}",
        "name": NAMES[place - 1],
        "area_m2": f"{1000 + gross}.00",
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
        "days": 365,
        "whole_period": True,
        "practice": "no_till",
        "practices": ["no_till", "straw_return"],
        "gross_kg": gross,
        "reserve_kg": reserve,
        "credited_kg": gross - reserve,
        "terms": {
            "practice": "no_till",
            "rate": "3.1",
            "area": "0.146700",
            "area_unit": "ha",
            "years": "1",
            "reserve_rate": "0.2",
        },
    }


def _outline(place: int, number: int) -> dict[str, Any]:
    """A bent strip, as terraces lie along a slope."""
    east, north, wide = 700 * place, 150 * place, 520 + 13 * (number % 9)
    upper = [[east + wide * step // 8, north + 60 + 9 * step * (8 - step)] for step in range(9)]
    lower = [[x, y - 160] for x, y in reversed(upper)]
    return {"number": place, "rings": [upper + lower], "label": [east + wide // 2, north + 120]}


def _line(rule: tuple[Any, ...], kg: int) -> dict[str, Any]:
    name, kind, pool_minor, base_minor, rate, unit = rule
    return {
        "code": kind,
        "name": name,
        "name_en": "",
        "payee": "青山村集体",
        "payee_en": "",
        "kind": kind,
        "rate": rate,
        "unit_amount_minor": unit,
        "base_minor": base_minor,
        "pool_minor": pool_minor,
        "household_minor": pool_minor * kg // POOL_KG,
    }


def run(count: int = 40) -> None:
    """Print the table for `count` statements."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    django.setup()
    from django.template.loader import render_to_string
    from weasyprint import HTML

    from aggregator.pdf import render_pdf
    from aggregator.print_face import prepare_face
    from payouts.statement_view import print_html

    prepare_face()
    items = [(make_data(number), f"{number:026d}", "0" * 64) for number in range(1, count + 1)]
    style = render_to_string("print.css")

    def ours(item: Any) -> bytes:
        return render_pdf(print_html([item], title="t", language="zh-hans"))

    def plain(item: Any) -> bytes:
        html = print_html([item], title="t", language="zh-hans")
        html = html.replace("</head>", f"<style>{style}</style></head>")
        return HTML(string=html).write_pdf(pdf_tags=True) or b""

    ours(items[0]), plain(items[0])
    spent, sizes = _take_turns({"plain WeasyPrint": plain, "ours, one by one": ours}, items)
    started = time.process_time()
    book = render_pdf(print_html(items, title="t", language="zh-hans"))
    spent["ours, a village's book"] = time.process_time() - started
    sizes["ours, a village's book"] = len(book)
    _print_table(count, spent, sizes)


def _take_turns(
    ways: dict[str, Callable[[Any], bytes]], items: list[Any]
) -> tuple[dict[str, float], dict[str, int]]:
    spent, sizes = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0)
    for item in items:
        for name, way in ways.items():
            started = time.process_time()
            sizes[name] += len(way(item))
            spent[name] += time.process_time() - started
    return spent, sizes


def _print_table(count: int, spent: dict[str, float], sizes: dict[str, int]) -> None:
    print(f"{count} statements of 3 plots and 4 deductions, one process\n")
    print("| | CPU ms a statement | a second | times plain | KB a statement |")
    print("|---|---:|---:|---:|---:|")
    base = next(iter(spent.values()))
    for name, seconds in spent.items():
        print(
            f"| {name} | {1000 * seconds / count:.0f} | {count / seconds:.1f}"
            f" | {base / seconds:.2f} | {sizes[name] / count / 1000:.1f} |"
        )

"""Apps import only downwards, and inside the house every module only what stands below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.tree import FLOORS, PURE, ROOT, Import, plant, read_imports, read_modules

# What models themselves stand on.
GROUND = ("aggregator.errors", "aggregator.tenancy", "aggregator.encryption", "aggregator.names")
STOREYS = ("pure", "ground", "models", "noun modules", "tasks", "admin, api, portal", "urls")
# `decisions` holds what every page does after a rule: it wakes the worker.
SURFACES = {"admin", "api", "portal", "site", "views", "decisions", "management", "demo"}
ENTRIES = {"urls", "api_urls", "apps", "celery", "wsgi", "settings"}


def storey(name: str) -> int:
    """Where a module stands in `STOREYS`; what no rule names is a noun module."""
    parts = name.split(".")
    if any(name == pure or name.startswith(f"{pure}.") for pure in PURE):
        return 0
    if name in GROUND:
        return 1
    if parts[1:2] == ["models"]:
        return 2
    if parts[-1] in ENTRIES:
        return 6
    if SURFACES & set(parts[1:]) or any(
        p.startswith("admin_") or p.endswith("_views") for p in parts
    ):
        return 5
    return 4 if parts[-1] == "tasks" else 3


def find_upward_imports(root: Path) -> list[str]:
    """Imports of an app above one's own, or of the tests or benchmarks."""
    found = []
    for module in read_modules(root):
        above = FLOORS[FLOORS.index(module.app) + 1 :]
        for item in read_imports(module):
            if item.top in (*above, "tests", "benchmarks"):
                found.append(f"{module.place}:{item.line} imports {item.module}")
    return found


def find_inverted_imports(root: Path) -> list[str]:
    """Imports of a higher storey: a model of a rule, a rule of a task, a task of a page."""
    modules = read_modules(root)
    names = {module.name for module in modules}
    found = []
    for module in modules:
        here = storey(module.name)
        for item in read_imports(module):
            target = resolve(item, names)
            if target and not item.for_types_only and storey(target) > here:
                found.append(
                    f"{module.place}:{item.line} ({STOREYS[here]}) imports {target} "
                    f"({STOREYS[storey(target)]})"
                )
    return found


def find_circles(root: Path) -> list[str]:
    """Modules that import one another in a ring, imports inside functions included."""
    modules = [module for module in read_modules(root) if module.path.stem != "__init__"]
    names = {module.name for module in modules}
    edges = {
        module.name: {
            target
            for item in read_imports(module)
            if not item.for_types_only and (target := resolve(item, names))
        }
        for module in modules
    }
    # Peel off whoever imports nothing that is left, or is imported by nobody left.
    while loose := [name for name in edges if not _is_inside(name, edges)]:
        for name in loose:
            del edges[name]
    return sorted(edges)


def _is_inside(name: str, edges: dict[str, set[str]]) -> bool:
    imports = edges[name] & edges.keys() - {name}
    return bool(imports) and any(name in edges[other] for other in edges if other != name)


def resolve(item: Import, names: set[str]) -> str | None:
    """The module of ours that an import reads, or None for a library's."""
    if f"{item.module}.{item.name}" in names:
        return f"{item.module}.{item.name}"
    return item.module if item.module in names else None


def test_apps_import_only_downwards() -> None:
    assert find_upward_imports(ROOT) == []


def test_modules_import_only_what_stands_below_them() -> None:
    assert find_inverted_imports(ROOT) == []


def test_no_modules_import_one_another_in_a_ring() -> None:
    assert find_circles(ROOT) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("farms/tenure.py", "from credits.models import Project"),
        ("aggregator/roles.py", "def f():\n    import payouts.ledger"),
        (
            "credits/sale.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import payouts",
        ),
        ("payouts/ledger.py", "from tests.cast import Cast"),
    ],
)
def test_an_import_upwards_is_found(tmp_path: Path, place: str, text: str) -> None:
    assert len(find_upward_imports(plant(tmp_path, {place: text}))) == 1


@pytest.mark.parametrize(
    ("place", "text", "target"),
    [
        ("payouts/settlement.py", "from payouts import tasks", "payouts/tasks.py"),
        ("payouts/settlement.py", "from .tasks import draft", "payouts/tasks.py"),
        ("farms/models/field.py", "from farms import tenure", "farms/tenure.py"),
        ("payouts/tasks.py", "from payouts.admin import lots", "payouts/admin/lots.py"),
        ("credits/sale.py", "from credits.urls import routes", "credits/urls.py"),
        ("farms/geometry.py", "from aggregator.errors import BadInput", "aggregator/errors.py"),
    ],
)
def test_an_import_of_a_higher_storey_is_found(
    tmp_path: Path, place: str, text: str, target: str
) -> None:
    planted = plant(tmp_path, {place: text, target: ""})
    assert len(find_inverted_imports(planted)) == 1


def test_a_ring_of_imports_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "credits/pool.py": "def f():\n    from credits import sale",
            "credits/sale.py": "from credits.serials import g",
            "credits/serials.py": "from credits.pool import f",
            "credits/before.py": "from credits.outside import f",
            "credits/outside.py": "from credits.pool import f",
        },
    )
    assert find_circles(planted) == ["credits.pool", "credits.sale", "credits.serials"]

"""The pure modules bring in no framework: read in their source, and proven by importing them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PURE, ROOT, plant, read_imports, read_modules

ALLOWED = {"numpy"}
# Land and its pictures need their libraries, keys their cipher; nothing else does.
ALSO = {
    "credits.methodologies.equivalent_mass": {"scipy"},
    "credits.methodologies.sampling_design": {"scipy"},
    "credits.methodologies.uncertainty_rules": {"scipy"},
    "farms.geometry": {"shapely", "pyproj"},
    "farms.cutting": {"shapely"},
    "farms.overlap_tiles": {"shapely"},
    "farms.pair_comparison": {"shapely"},
    "farms.repairs": {"shapely"},
    "farms.offset_suspicion": {"shapely"},
    "farms.outline_doubts": {"shapely"},
    "farms.pictures": {"PIL", "pillow_heif"},
    "farms.tracks": {"shapely", "defusedxml"},
    "aggregator.secrets": {"cryptography"},
}
FORBIDDEN_WHEN_LOADED = ("django", "celery", "pandas", "rest_framework")


def find_impure_imports(root: Path) -> list[str]:
    """Imports of a pure module that are neither standard library, numpy nor pure themselves."""
    found = []
    modules = read_modules(root)
    pure = {module.name for module in modules if module.is_pure}
    for module in modules:
        if not module.is_pure:
            continue
        allowed = sys.stdlib_module_names | ALLOWED | ALSO.get(module.name, set())
        for item in read_imports(module):
            is_pure = item.module in pure or f"{item.module}.{item.name}" in pure
            if item.top not in allowed and not is_pure:
                found.append(f"{module.place}:{item.line} imports {item.module}")
    return found


def load_pure_modules(root: Path) -> list[str]:
    """Import every pure module in a fresh interpreter; the frameworks that came along."""
    names = [module.name for module in read_modules(root) if module.is_pure]
    code = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
        f"print(*[name for name in {FORBIDDEN_WHEN_LOADED!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def find_full_inits(root: Path) -> list[str]:
    """The four apps' ``__init__.py`` that hold anything at all."""
    places = [root / app / "__init__.py" for app in ("aggregator", "farms", "credits", "payouts")]
    return [str(path.relative_to(root)) for path in places if path.exists() and path.read_bytes()]


def test_pure_modules_import_only_the_standard_library_numpy_and_one_another() -> None:
    assert find_impure_imports(ROOT) == []


def test_importing_the_pure_modules_loads_no_framework() -> None:
    assert load_pure_modules(ROOT) == []


def test_every_pure_module_is_there() -> None:
    names = {module.name for module in read_modules(ROOT)}
    assert set(PURE) - names == set()


def test_the_four_inits_are_empty() -> None:
    assert find_full_inits(ROOT) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("aggregator/money.py", "from django.utils.translation import gettext_lazy"),
        ("credits/methodologies/soil.py", "def f():\n    import pandas"),
        ("payouts/allocation.py", "from payouts.models import Share"),
        ("aggregator/units.py", "import shapely"),
    ],
)
def test_an_impure_import_is_found(tmp_path: Path, place: str, text: str) -> None:
    assert len(find_impure_imports(plant(tmp_path, {place: text}))) == 1


def test_a_framework_behind_a_harmless_import_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "aggregator/__init__.py": "import celery",
            "aggregator/money.py": "",
        },
    )
    assert find_impure_imports(planted) == []
    assert load_pure_modules(planted) == ["celery"]
    assert find_full_inits(planted) == ["aggregator/__init__.py"]

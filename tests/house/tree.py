"""How the guards read source: a root folder, its modules, and small planted trees.

A guard is a function from a root to the violations found there, so that a test can hand it a
planted tree and see it fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Ground floor first: each app imports only itself and those before it.
FLOORS = ("aggregator", "farms", "credits", "payouts")
PURE = (
    "aggregator.money",
    "aggregator.units",
    "aggregator.periods",
    "aggregator.canonical",
    "aggregator.secrets",
    "aggregator.allocation",
    "farms.geometry",
    "farms.overlap_tiles",
    "farms.pair_comparison",
    "farms.offset_suspicion",
    "farms.offsets",
    "farms.outline_doubts",
    "farms.repairs",
    "farms.crops",
    "farms.cutting",
    "farms.nested_shapes",
    "farms.grain_rules",
    "farms.pictures",
    "farms.tracks",
    "credits.methodologies",
    "credits.tonnes.block_kilograms",
    "credits.soil.point_draw",
    "credits.soil.findings",
    "credits.tonnes.serials",
    "credits.tonnes.serial_grammars",
    "credits.programs.crop_limits",
    "credits.programs.deductions",
    "credits.programs.releases",
    "payouts.allocation",
    "payouts.waterfall",
)


@dataclass(frozen=True)
class Module:
    """One Python file of the four apps."""

    root: Path
    path: Path

    @property
    def place(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @property
    def name(self) -> str:
        parts = self.path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_pure(self) -> bool:
        return any(self.name == pure or self.name.startswith(f"{pure}.") for pure in PURE)

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text)


def read_modules(root: Path, *, migrations: bool = False) -> list[Module]:
    """The apps' modules in order of path; migrations only when asked for, and then only they."""
    found = []
    for app in FLOORS:
        for path in sorted((root / app).rglob("*.py")):
            if ("migrations" in path.parts) == migrations:
                found.append(Module(root, path))
    return found


@dataclass(frozen=True)
class Import:
    """One imported name: ``farms.models`` and ``Field`` of ``from farms.models import Field``."""

    module: str
    name: str
    line: int
    for_types_only: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def read_imports(module: Module) -> Iterator[Import]:
    """Every import of a module, inside functions too; relative ones made absolute."""
    typing_only = {
        id(inner)
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(module.syntax):
        quiet = id(node) in typing_only
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno, quiet)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            for alias in node.names:
                yield Import(source, alias.name, node.lineno, quiet)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.path.relative_to(module.root).parent.parts
    above = package[: len(package) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a small source tree under `root` and return it."""
    for place, text in files.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root

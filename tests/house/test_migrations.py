"""Migrations are named, reversible and in one line."""

from __future__ import annotations

import ast
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.house.tree import ROOT, plant, read_modules

NAMED = re.compile(r"^\d{4}_[a-z][a-z0-9_]+$")
# What Django calls a migration that nobody named.
UNNAMED = re.compile(r"_auto_|_and_more$|^\d{4}_\d")
REVERSES = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}


def find_unnamed_migrations(root: Path) -> list[str]:
    modules = [m for m in read_modules(root, migrations=True) if m.path.stem != "__init__"]
    found = [
        module.place
        for module in modules
        if not NAMED.match(module.path.stem) or UNNAMED.search(module.path.stem)
    ]
    numbers = Counter((module.app, module.path.stem[:4]) for module in modules)
    return found + [f"{app} has {n} twice" for (app, n), count in numbers.items() if count > 1]


def find_one_way_migrations(root: Path) -> list[str]:
    """Steps in SQL or Python that do not say how to go back."""
    found = []
    for module in read_modules(root, migrations=True):
        for node in ast.walk(module.syntax):
            if not isinstance(node, ast.Call):
                continue
            reverse = REVERSES.get(ast.unparse(node.func).rpartition(".")[2])
            named = {keyword.arg for keyword in node.keywords}
            if reverse and len(node.args) < 2 and reverse not in named:
                found.append(f"{module.place}:{node.lineno}")
    return found


def test_migrations_are_named_and_numbered_once() -> None:
    assert find_unnamed_migrations(ROOT) == []


def test_migrations_can_be_reversed() -> None:
    assert find_one_way_migrations(ROOT) == []


@pytest.mark.django_db
def test_the_models_need_no_migration_more() -> None:
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said)
    assert "No changes" in said.getvalue()


@pytest.mark.parametrize(
    "stem", ["0002_auto_20260101_1200", "0002_alter_field_name_and_more", "add_index", "0002_2nd"]
)
def test_an_unnamed_migration_is_found(tmp_path: Path, stem: str) -> None:
    place = f"farms/migrations/{stem}.py"
    assert find_unnamed_migrations(plant(tmp_path, {place: ""})) == [place]


def test_two_migrations_of_one_number_are_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {"farms/migrations/0002_add_well.py": "", "farms/migrations/0002_add_ditch.py": ""},
    )
    assert find_unnamed_migrations(planted) == ["farms has 0002 twice"]


def test_a_migration_without_a_way_back_is_found(tmp_path: Path) -> None:
    text = "a = migrations.RunSQL('x')\nb = RunPython(f, g)\nc = RunSQL('x', reverse_sql='y')\n"
    planted = plant(tmp_path, {"farms/migrations/0002_add_well.py": text})
    assert find_one_way_migrations(planted) == ["farms/migrations/0002_add_well.py:1"]

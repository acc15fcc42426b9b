"""Every model is owned by a cooperative, says what a row is, and lists in a fixed order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from aggregator.tenancy import TenantModel, TenantQuerySet
from tests.house.tree import FLOORS, ROOT, Module, plant, read_modules

# The tenant itself; staff, of whom superusers belong to none; a sign-in code belongs to a phone, a
# list as a file to the one who asked, superusers among them.
NOT_OWNED = {"Cooperative", "User", "OneTimeCode", "ListFile"}
# Degrees of a boundary's box: geometry, never land area, carbon or money.
WITH_FLOATS = {"Boundary", "Evidence", "UploadRow"}
MODEL_BASES = {"Model", "TenantModel", "AbstractUser"}


def find_unowned(candidates: list[type[models.Model]]) -> list[str]:
    """Models without a direct, never empty key to the cooperative, asked for by it."""
    found = []
    for model in candidates:
        if model.__name__ in NOT_OWNED:
            continue
        keys = {field.name: field for field in model._meta.concrete_fields}
        key = keys.get("cooperative")
        if not issubclass(model, TenantModel) or key is None or key.null:
            found.append(f"{model.__name__} is not owned")
        elif not isinstance(model._default_manager.all(), TenantQuerySet):
            found.append(f"{model.__name__} has no for_cooperative")
    return found


def read_models(root: Path) -> Iterator[tuple[Module, ast.ClassDef]]:
    """The concrete model classes in the source of the apps' ``models``."""
    for module in read_modules(root):
        if module.name.split(".")[1:2] != ["models"]:
            continue
        for node in module.syntax.body:
            if isinstance(node, ast.ClassDef) and MODEL_BASES & _bases(node):
                yield module, node


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def find_undescribed(root: Path) -> list[str]:
    """Models without a docstring or without an ordering."""
    found = []
    for module, node in read_models(root):
        if not ast.get_docstring(node):
            found.append(f"{module.place} {node.name}: no docstring")
        if not _has_ordering(node):
            found.append(f"{module.place} {node.name}: no ordering")
    return found


def _has_ordering(node: ast.ClassDef) -> bool:
    metas = [item for item in node.body if isinstance(item, ast.ClassDef) and item.name == "Meta"]
    assigned = [line for meta in metas for line in meta.body if isinstance(line, ast.Assign)]
    names = {ast.unparse(target) for line in assigned for target in line.targets}
    return bool(names & {"ordering", "abstract"})


def find_float_columns(root: Path) -> list[str]:
    return [
        f"{module.place} {node.name}:{inner.lineno}"
        for module, node in read_models(root)
        if node.name not in WITH_FLOATS
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute | ast.Name)
        and ast.unparse(inner).rpartition(".")[2] == "FloatField"
    ]


def test_every_model_is_owned_by_a_cooperative() -> None:
    ours = [model for app in FLOORS for model in apps.get_app_config(app).get_models()]
    assert len(ours) > 30
    assert find_unowned(ours) == []


def test_every_model_says_what_a_row_is_and_has_an_order() -> None:
    assert find_undescribed(ROOT) == []


def test_no_amount_is_kept_in_a_float() -> None:
    assert find_float_columns(ROOT) == []


@isolate_apps("farms")
def test_a_model_without_owner_is_found() -> None:
    class Loose(models.Model):
        class Meta:
            app_label = "farms"

    class Borrowed(models.Model):
        cooperative = models.ForeignKey(
            "aggregator.Cooperative", models.PROTECT, null=True, related_name="+"
        )

        class Meta:
            app_label = "farms"

    class Unasked(TenantModel):
        objects = models.Manager()

        class Meta:
            app_label = "farms"

    assert find_unowned([Loose, Borrowed, Unasked]) == [
        "Loose is not owned",
        "Borrowed is not owned",
        "Unasked has no for_cooperative",
    ]


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ('class Meta:\n        ordering = ["pk"]', "no docstring"),
        ('"""A row."""', "no ordering"),
    ],
)
def test_a_model_without_sentence_or_order_is_found(
    tmp_path: Path, body: str, missing: str
) -> None:
    text = f"class Well(TenantModel):\n    {body}\n"
    planted = plant(tmp_path, {"farms/models/well.py": text})
    assert find_undescribed(planted) == [f"farms/models/well.py Well: {missing}"]


def test_a_float_column_is_found(tmp_path: Path) -> None:
    text = "class Lot(TenantModel):\n    price = models.FloatField()\n"
    planted = plant(tmp_path, {"credits/models/lot.py": text})
    assert find_float_columns(planted) == ["credits/models/lot.py Lot:2"]

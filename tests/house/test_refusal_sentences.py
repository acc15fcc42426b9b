"""Every code a methodology refuses or warns with has a sentence, and no sentence is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from credits.estimating.input_problems import CAUTIONS, PROBLEMS
from tests.house.tree import ROOT, plant

# A code made of a word and an ending is written here as a pattern: ``.+_not_given``.
Codes = dict[str, set[str]]


def read_codes(root: Path, maker: str) -> Codes:
    """Codes handed to `maker` below ``credits/methodologies``, with the values each call names."""
    found: Codes = {}
    paths = sorted((root / "credits/methodologies").glob("*.py"))
    trees = [ast.parse(path.read_text()) for path in paths]
    everywhere = ast.Module([node for tree in trees for node in tree.body], [])
    for tree in trees:
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                # What is public may be called from another file with the code.
                callers = tree if function.name.startswith("_") else everywhere
                for call in _calls(function, maker):
                    position = 1 if maker == "InputProblem" else 0
                    for code in _texts(call.args[position], function, callers):
                        found[code] = found.get(code, set()) | _values(call, position + 1)
    return found


def find_unsaid(root: Path, maker: str, sentences: Mapping[str, Any]) -> list[str]:
    codes = read_codes(root, maker)
    unsaid = [code for code in codes if not any(re.fullmatch(code, known) for known in sentences)]
    left = [known for known in sentences if not any(re.fullmatch(code, known) for code in codes)]
    return [*(f"{code}: no sentence" for code in unsaid), *(f"{one}: no code" for one in left)]


def find_unfilled(root: Path, maker: str, sentences: Mapping[str, Any]) -> list[str]:
    """Places of a sentence that no call with its code fills."""
    return [
        f"{code}: {place}"
        for code, values in read_codes(root, maker).items()
        for place in sorted(set(re.findall(r"%\((\w+)\)", str(sentences.get(code, "")))) - values)
        if "*" not in values
    ]


def _calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            called = inner.func
            word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if word == name:
                yield inner


def _texts(node: ast.AST, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    """The texts an expression can be: through a choice, a variable, or whoever calls us."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield re.escape(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, function, tree)
        yield from _texts(node.orelse, function, tree)
    elif isinstance(node, ast.JoinedStr):
        parts = (getattr(part, "value", None) for part in node.values)
        yield "".join(re.escape(part) if isinstance(part, str) else ".+" for part in parts)
    elif isinstance(node, ast.Name):
        yield from _named(node.id, function, tree)
    elif isinstance(node, ast.Call):
        word = getattr(node.func, "attr", getattr(node.func, "id", ""))
        for other in ast.walk(tree):
            if isinstance(other, ast.FunctionDef) and other.name == word:
                for line in ast.walk(other):
                    if isinstance(line, ast.Return) and line.value:
                        yield from _texts(line.value, other, tree)


def _named(name: str, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    given = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    if name in given:
        for call in _calls(tree, function.name):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            place = given.index(name)
            if name in named or place < len(call.args):
                yield from _texts(named.get(name) or call.args[place], function, tree)
        return
    for line in ast.walk(function):
        if isinstance(line, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in line.targets
        ):
            yield from _texts(line.value, function, tree)


def _values(call: ast.Call, position: int) -> set[str]:
    if len(call.args) <= position:
        return set()
    given = call.args[position]
    if not isinstance(given, ast.Dict):
        return {"*"}
    return {key.value for key in given.keys if isinstance(key, ast.Constant)}


def test_every_refusal_of_a_methodology_has_its_sentence() -> None:
    assert find_unsaid(ROOT, "InputProblem", PROBLEMS) == []


def test_every_caution_of_a_methodology_has_its_sentence() -> None:
    assert find_unsaid(ROOT, "Caution", CAUTIONS) == []


def test_every_place_of_a_sentence_is_filled() -> None:
    assert find_unfilled(ROOT, "InputProblem", PROBLEMS) == []
    assert find_unfilled(ROOT, "Caution", CAUTIONS) == []


def test_codes_are_found_however_they_are_written(tmp_path: Path) -> None:
    text = """
def plain(): raise InputsRefused([InputProblem("a", "one")])
def either(x): return InputProblem("a", "two" if x else "three")
def helped(place, code): return InputProblem(place, code, {"crop": "rice"})
def calls(): return helped("a", "four"), helped("a", code="five")
def kept():
    code = worked_out()
    return InputProblem("a", code)
def worked_out(): return "six"
def made(name): return InputProblem("a", f"{name}_lost")
"""
    planted = plant(tmp_path, {"credits/methodologies/x.py": text})
    assert set(read_codes(planted, "InputProblem")) == {
        *("one", "two", "three", "four", "five", "six", ".+_lost")
    }
    said = {"one": "", "two": "", "three": "%(crop)s", "four": "%(crop)s", "five": "%(ear)s"}
    assert find_unsaid(planted, "InputProblem", {**said, "leaf_lost": "", "old": ""}) == [
        "six: no sentence",
        "old: no code",
    ]
    assert find_unfilled(planted, "InputProblem", said) == ["three: crop", "five: ear"]

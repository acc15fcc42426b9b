"""Functions, files, parameters, tasks and templates stay small."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import FLOORS, ROOT, Module, plant, read_modules

FUNCTION_CAP, FUNCTION_MEDIAN = 60, 10
FILE_CAP, FILE_MEDIAN = 500, 150
PARAMETER_CAP = 6
TEMPLATE_CAP = 80
TASK_STATEMENTS = 5
README_CAP = 150
# "place name": why it may be larger. Starts empty; each entry needs a reason a reader accepts.
EXCEPTIONS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef
QUERY = re.compile(r"\.(all|filter|exclude|exists|order_by|select_related)\b|_set\b")


def read_functions(root: Path) -> Iterator[tuple[Module, Function]]:
    for module in read_modules(root):
        for node in ast.walk(module.syntax):
            if isinstance(node, Function):
                yield module, node


def count_lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def count_parameters(function: Function) -> int:
    """Named parameters; the instance, the class and catch-alls do not count."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def find_large_functions(root: Path) -> list[str]:
    found = []
    for module, function in read_functions(root):
        where = f"{module.place} {function.name}"
        if where in EXCEPTIONS:
            continue
        if count_lines(function) > FUNCTION_CAP:
            found.append(f"{where}: {count_lines(function)} lines")
        if count_parameters(function) > PARAMETER_CAP:
            found.append(f"{where}: {count_parameters(function)} parameters")
    return found


def find_large_files(root: Path) -> list[str]:
    sizes = {module.place: len(module.text.splitlines()) for module in read_modules(root)}
    return [
        f"{place}: {lines} lines"
        for place, lines in sizes.items()
        if lines > FILE_CAP and place not in EXCEPTIONS
    ]


def find_large_medians(root: Path) -> list[str]:
    functions = [count_lines(function) for _, function in read_functions(root)]
    files = [len(module.text.splitlines()) for module in read_modules(root) if module.text]
    found = []
    if functions and statistics.median(functions) > FUNCTION_MEDIAN:
        found.append(f"the median function has {statistics.median(functions)} lines")
    if files and statistics.median(files) > FILE_MEDIAN:
        found.append(f"the median file has {statistics.median(files)} lines")
    return found


def find_long_tasks(root: Path) -> list[str]:
    """Tasks that do more than wake one rule; the only `if` asks whether to call again."""
    found = []
    for module, function in read_functions(root):
        if module.path.name != "tasks.py":
            continue
        inner = [node for node in ast.walk(function) if isinstance(node, ast.stmt)][1:]
        if ast.get_docstring(function):
            inner = inner[1:]
        if len(inner) > TASK_STATEMENTS:
            found.append(f"{module.place} {function.name}: {len(inner)} statements")
        if any(isinstance(node, ast.If) and not _only_calls_again(node) for node in inner):
            found.append(f"{module.place} {function.name}: decides something")
    return found


def _only_calls_again(node: ast.If) -> bool:
    return not node.orelse and all(".delay" in ast.unparse(line) for line in node.body)


def read_templates(root: Path) -> list[Path]:
    folders = [root / "templates", *(root / app for app in FLOORS)]
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".html", ".txt", ".svg"} and "templates" in path.parts
    )


def find_busy_templates(root: Path) -> list[str]:
    """Templates of eighty lines or more, and those that ask the database."""
    found = []
    for path in read_templates(root):
        text, place = path.read_text(), path.relative_to(root).as_posix()
        if len(text.splitlines()) >= TEMPLATE_CAP and place not in EXCEPTIONS:
            found.append(f"{place}: {len(text.splitlines())} lines")
        tags = re.findall(r"\{[{%].*?[%}]\}", text)
        found += [f"{place}: {tag}" for tag in tags if QUERY.search(tag)]
    return found


def test_functions_are_short_and_take_few_parameters() -> None:
    assert find_large_functions(ROOT) == []


def test_files_are_short() -> None:
    assert find_large_files(ROOT) == []


def test_the_median_function_and_file_are_small() -> None:
    assert find_large_medians(ROOT) == []


def test_tasks_only_wake_a_rule() -> None:
    assert find_long_tasks(ROOT) == []


def test_templates_are_short_and_ask_no_query() -> None:
    assert find_busy_templates(ROOT) == []


def test_the_readme_is_short() -> None:
    readme = ROOT / "README.md"
    assert len(readme.read_text().splitlines()) <= README_CAP


def test_every_exception_is_still_needed() -> None:
    known = {f"{module.place} {function.name}" for module, function in read_functions(ROOT)}
    known |= {module.place for module in read_modules(ROOT)}
    assert [entry for entry in EXCEPTIONS if entry not in known] == []


def test_a_long_function_is_found(tmp_path: Path) -> None:
    text = "def f():\n" + "    x = 1\n" * 60
    assert find_large_functions(plant(tmp_path, {"farms/a.py": text})) == ["farms/a.py f: 61 lines"]


def test_a_function_of_sixty_lines_passes(tmp_path: Path) -> None:
    text = "def f():\n" + "    x = 1\n" * 59
    assert find_large_functions(plant(tmp_path, {"farms/a.py": text})) == []


def test_a_seventh_parameter_is_found_and_self_is_none(tmp_path: Path) -> None:
    text = (
        "class A:\n    def six(self, a, b, c, *, d, e, f, **more): ...\n"
        "    def seven(self, a, b, c, *, d, e, f, g): ...\n"
    )
    assert find_large_functions(plant(tmp_path, {"credits/a.py": text})) == [
        "credits/a.py seven: 7 parameters"
    ]


def test_a_long_file_is_found(tmp_path: Path) -> None:
    planted = plant(tmp_path, {"payouts/a.py": "x = 1\n" * 501, "payouts/b.py": "x = 1\n" * 500})
    assert find_large_files(planted) == ["payouts/a.py: 501 lines"]


def test_large_medians_are_found(tmp_path: Path) -> None:
    text = ("def f():\n" + "    x = 1\n" * 10) * 14
    planted = plant(tmp_path, {"aggregator/a.py": text})
    assert find_large_medians(planted) == [
        "the median function has 11.0 lines",
        "the median file has 154 lines",
    ]


@pytest.mark.parametrize(
    "body",
    ["a = 1\n    b = 2\n    c = 3\n    d = 4\n    e = 5\n    f()", "if x:\n        approve(x)"],
)
def test_a_task_with_business_in_it_is_found(tmp_path: Path, body: str) -> None:
    planted = plant(tmp_path, {"payouts/tasks.py": f"def settle(x):\n    {body}\n"})
    assert len(find_long_tasks(planted)) == 1


def test_a_task_that_calls_itself_again_passes(tmp_path: Path) -> None:
    text = 'def render(pk):\n    """Go on."""\n    if rule(pk):\n        render.delay(pk)\n'
    assert find_long_tasks(plant(tmp_path, {"payouts/tasks.py": text})) == []


def test_a_long_template_and_a_query_in_one_are_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "templates/long.html": "<p>\n" * 80,
            "farms/templates/query.html": "{% for x in field.tenure_set.all %}{{ x }}{% endfor %}",
            "templates/fine.html": "{% if forloop.last %}{{ household.code }}{% endif %}",
        },
    )
    assert find_busy_templates(planted) == [
        "farms/templates/query.html: {% for x in field.tenure_set.all %}",
        "templates/long.html: 80 lines",
    ]

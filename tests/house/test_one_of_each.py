"""One renderer of PDFs, one writer of postings, no signals, no catch-all modules or handlers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, plant, read_imports, read_modules

CATCH_ALLS = {"services", "core", "common", "utils", "util", "helpers", "manager", "managers"}
# Of a connection, not of a model: nothing else is called when a database is first spoken to.
CONNECTION_OPENED = "django.db.backends.signals.connection_created"
BOOKS = {"Posting", "JournalEntry"}
BOOK_TABLES = ("payouts_posting", "payouts_journalentry")
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete",
    "acreate", "abulk_create",
}  # fmt: skip
BULK_WRITERS = {"write_rows"}
# Where only exact integers may pass. Allocation estimates in doubles and corrects to the integer,
# which its own tests prove; drawings of plots and cells of spreadsheets are no money.
MONEY = {"waterfall", "ledger", "settlement", "drafting", "receipts", "payments"}


def find_other_importers(root: Path, *, library: str, only: str) -> list[str]:
    return [
        f"{module.place}:{item.line}"
        for module in read_modules(root)
        for item in read_imports(module)
        if item.top == library and module.place != only
    ]


def find_other_book_writers(root: Path) -> list[str]:
    """Writes to the journal outside ``payouts/ledger.py``: by the ORM, in bulk or in SQL."""
    found = []
    for module in read_modules(root):
        if module.place == "payouts/ledger.py":
            continue
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Call) and _writes_books(node):
                found.append(f"{module.place}:{node.lineno} {ast.unparse(node.func)}")
            if isinstance(node, ast.Constant) and _is_book_sql(node.value):
                found.append(f"{module.place}:{node.lineno} SQL")
    return found


def _writes_books(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        first = call.args[0] if call.args else None
        in_bulk = call.func.id in BULK_WRITERS and isinstance(first, ast.Name)
        return call.func.id in BOOKS or (in_bulk and first.id in BOOKS)  # type: ignore[union-attr]
    if not isinstance(call.func, ast.Attribute):
        return False
    chain = ast.unparse(call.func)
    names = set(re.findall(r"\w+", chain))
    if call.func.attr in BULK_WRITERS:
        return bool(call.args) and ast.unparse(call.args[0]).rpartition(".")[2] in BOOKS
    return call.func.attr in WRITES and bool(names & BOOKS or ".postings." in chain)


def _is_book_sql(value: object) -> bool:
    if not isinstance(value, str) or not any(table in value for table in BOOK_TABLES):
        return False
    return any(word in value.upper() for word in ("INSERT ", "UPDATE ", "DELETE ", "COPY "))


def find_catch_all_modules(root: Path) -> list[str]:
    return [module.place for module in read_modules(root) if CATCH_ALLS & {*module.name.split(".")}]


def find_signals(root: Path) -> list[str]:
    """Imports of Django's, Celery's or anybody's signals, and modules named for them."""
    found = [m.place for m in read_modules(root) if m.path.stem in {"signals", "receivers"}]
    for module in read_modules(root):
        for item in read_imports(module):
            full = f"{item.module}.{item.name}"
            if full == CONNECTION_OPENED and module.place == "aggregator/apps.py":
                continue
            if ".signals" in full or full.startswith("django.dispatch"):
                found.append(f"{module.place}:{item.line} imports {full}")
    return found


def find_broad_handlers(root: Path) -> list[str]:
    """``except Exception``, ``except BaseException`` and bare ``except`` outside a task's edge."""
    found = []
    for module in read_modules(root):
        if module.path.name == "tasks.py":
            continue
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
                found.append(f"{module.place}:{node.lineno}")
    return found


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def find_floats_near_money(root: Path) -> list[str]:
    """Float literals and calls of ``float`` in the modules through which money passes."""
    found = []
    for module in read_modules(root):
        if module.app != "payouts" or module.path.stem not in MONEY:
            continue
        for node in ast.walk(module.syntax):
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_call = isinstance(node, ast.Call) and ast.unparse(node.func) == "float"
            if is_literal or is_call:
                found.append(f"{module.place}:{node.lineno}")
    return found


def find_unnamed_modules(root: Path) -> list[str]:
    """Modules that do not open with a sentence saying what they are."""
    return [
        module.place
        for module in read_modules(root)
        if module.text.strip() and not ast.get_docstring(module.syntax)
    ]


def find_undocumented_pure_functions(root: Path) -> list[str]:
    """Public functions of the pure core without a docstring."""
    return [
        f"{module.place} {node.name}"
        for module in read_modules(root)
        if module.is_pure
        for node in module.syntax.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


def test_only_one_module_imports_weasyprint() -> None:
    assert find_other_importers(ROOT, library="weasyprint", only="aggregator/pdf.py") == []


def test_only_the_ledger_writes_the_books() -> None:
    assert find_other_book_writers(ROOT) == []


def test_no_module_is_a_catch_all() -> None:
    assert find_catch_all_modules(ROOT) == []


def test_there_are_no_signals() -> None:
    assert find_signals(ROOT) == []


def test_nothing_outside_a_task_catches_everything() -> None:
    assert find_broad_handlers(ROOT) == []


def test_no_float_comes_near_money() -> None:
    assert find_floats_near_money(ROOT) == []


def test_every_module_says_what_it_is() -> None:
    assert find_unnamed_modules(ROOT) == []


def test_every_public_pure_function_is_documented() -> None:
    assert find_undocumented_pure_functions(ROOT) == []


def test_a_second_importer_of_weasyprint_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "aggregator/pdf.py": "import weasyprint",
            "payouts/x.py": "def f():\n    from weasyprint import HTML",
        },
    )
    assert find_other_importers(planted, library="weasyprint", only="aggregator/pdf.py") == [
        "payouts/x.py:2"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Posting.objects.create(amount_minor=1)",
        "models.Posting.objects.bulk_create([])",
        "JournalEntry.objects.filter(pk=1).update(memo='')",
        "Posting.objects.for_cooperative(c).delete()",
        "Posting(amount_minor=1)",
        "write_rows(Posting, [], [])",
        "bulk.write_rows(Posting, [], [])",
        "entry.postings.create(amount_minor=1)",
        "cursor.execute('INSERT INTO payouts_posting VALUES (1)')",
    ],
)
def test_a_second_writer_of_the_books_is_found(tmp_path: Path, line: str) -> None:
    planted = plant(tmp_path, {"payouts/settlement.py": line, "payouts/ledger.py": line})
    found = find_other_book_writers(planted)
    assert len(found) == 1
    assert found[0].startswith("payouts/settlement.py:1")


def test_reading_the_books_is_no_write(tmp_path: Path) -> None:
    text = "Posting.objects.filter(entry=e).aggregate(x=1)\nentry.postings.all()"
    assert find_other_book_writers(plant(tmp_path, {"payouts/books.py": text})) == []


@pytest.mark.parametrize(
    "place", ["farms/utils.py", "payouts/services/pay.py", "credits/manager.py"]
)
def test_a_catch_all_module_is_found(tmp_path: Path, place: str) -> None:
    assert find_catch_all_modules(plant(tmp_path, {place: ""})) == [place]


@pytest.mark.parametrize(
    "line",
    [
        "from django.db.models.signals import post_save",
        "from django.dispatch import receiver",
        "from celery import signals",
    ],
)
def test_a_signal_is_found(tmp_path: Path, line: str) -> None:
    assert len(find_signals(plant(tmp_path, {"farms/apps.py": line}))) == 1


@pytest.mark.parametrize("caught", ["", " Exception", " (ValueError, BaseException)"])
def test_a_handler_of_everything_is_found_outside_tasks(tmp_path: Path, caught: str) -> None:
    text = f"try:\n    f()\nexcept{caught}:\n    pass\n"
    planted = plant(tmp_path, {"credits/tonnes/sale.py": text, "credits/tasks.py": text})
    assert find_broad_handlers(planted) == ["credits/tonnes/sale.py:3"]


@pytest.mark.parametrize("line", ["x = 0.5", "x = float(y)"])
def test_a_float_near_money_is_found(tmp_path: Path, line: str) -> None:
    planted = plant(tmp_path, {"payouts/ledger.py": line, "payouts/notices.py": line})
    assert find_floats_near_money(planted) == ["payouts/ledger.py:1"]


def test_a_module_or_pure_function_without_a_sentence_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path, {"payouts/allocation.py": "def allocate(): ...\n", "farms/__init__.py": ""}
    )
    assert find_unnamed_modules(planted) == ["payouts/allocation.py"]
    assert find_undocumented_pure_functions(planted) == ["payouts/allocation.py allocate"]

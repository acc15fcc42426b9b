"""What is tracked names no one's own folders, and every dependency is chosen in writing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, plant

# Written in two parts, or this file would find itself.
PERSONAL = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w+/", "/Us" + "ers/"]))
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,]+\])?==\S+$")
BROUGHT = "# What these bring along, written by `make lock`."
IN_TABLE = re.compile(r"^\| `?([A-Za-z0-9._-]+)`? \|", re.MULTILINE)


def read_tracked(root: Path) -> list[Path]:
    """The files git tracks, or would after the next commit; all files where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        return sorted(path for path in root.rglob("*") if path.is_file())
    return [root / line for line in done.stdout.splitlines() if (root / line).is_file()]


def find_personal_paths(root: Path) -> list[str]:
    found = []
    for path in read_tracked(root):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(root)}:{number}"
            for number, line in enumerate(lines, start=1)
            if PERSONAL.search(line)
        ]
    return found


def read_direct_requirements(text: str) -> tuple[set[str], list[str]]:
    """Names above the line that begins what they bring along, and lines that pin nothing."""
    chosen, _, brought = text.partition(BROUGHT)
    lines = [line.partition(" #")[0].strip() for line in (chosen + brought).splitlines()]
    loose = [
        line for line in lines if line and not line.startswith("#") and not REQUIREMENT.match(line)
    ]
    names = {
        found[1].lower()
        for line in chosen.splitlines()
        if (found := REQUIREMENT.match(line.partition(" #")[0].strip()))
    }
    return names, loose


def find_unwritten_dependencies(root: Path) -> list[str]:
    """Dependencies without a line in ``docs/dependencies.md``, lines without one, loose pins."""
    names, loose = read_direct_requirements((root / "requirements.txt").read_text())
    written = {n.lower() for n in IN_TABLE.findall((root / "docs/dependencies.md").read_text())}
    written -= {"name"}
    return [
        *(f"{name} is not in docs/dependencies.md" for name in sorted(names - written)),
        *(f"{name} is not in requirements.txt" for name in sorted(written - names)),
        *(f"{line} is not pinned" for line in loose),
    ]


def test_no_tracked_file_names_a_personal_folder() -> None:
    assert find_personal_paths(ROOT) == []


def test_every_dependency_is_pinned_and_chosen_in_writing() -> None:
    assert find_unwritten_dependencies(ROOT) == []


@pytest.mark.parametrize("path", ["/wo" + "rk/main", "/ho" + "me/anna/x", "/ro" + "ot/.cache"])
def test_a_personal_folder_is_found(tmp_path: Path, path: str) -> None:
    planted = plant(tmp_path, {"docs/x.md": f"fine\nsee {path}\n", "docs/y.md": "/var/lib"})
    assert find_personal_paths(planted) == ["docs/x.md:2"]


def test_a_dependency_nobody_wrote_down_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "requirements.txt": (f"Django==5.2\nloose>=1\nextra==2\n{BROUGHT}\nasgiref==3\n"),
            "docs/dependencies.md": "| name | for |\n|---|---|\n| Django | all |\n| gone | no |\n",
        },
    )
    assert find_unwritten_dependencies(planted) == [
        "extra is not in docs/dependencies.md",
        "gone is not in requirements.txt",
        "loose>=1 is not pinned",
    ]

"""The Simplified Chinese catalogue holds every string, each translated, none doubtful."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.house.tree import FLOORS, ROOT, plant

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
Key = tuple[str | None, str, str]


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def find_untranslated(catalogue: Path) -> list[str]:
    """Entries without text, fuzzy ones, and ones no longer in use."""
    found = []
    for entry in polib.pofile(str(catalogue)):
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.obsolete or entry.fuzzy or not texts or not all(texts):
            found.append(entry.msgid)
    return found


def extract_messages(root: Path, workplace: Path) -> set[Key]:
    """What `makemessages` finds in the source of `root`, gathered in an empty catalogue."""
    for name in (*FLOORS, "templates"):
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.mo")
            shutil.copytree(root / name, workplace / name, ignore=ignored)
    (workplace / CATALOGUE).parent.mkdir(parents=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location"]
    # No settings: the catalogue is the copy's own, not the project's.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=workplace, env=environment, check=True, capture_output=True)
    return {key_of(entry) for entry in polib.pofile(str(workplace / CATALOGUE))}


def find_missing(root: Path, workplace: Path) -> list[str]:
    held = {key_of(entry) for entry in polib.pofile(str(root / CATALOGUE))}
    return sorted(msgid for _, msgid, _ in extract_messages(root, workplace) - held)


@pytest.fixture(scope="module")
def has_gettext() -> None:
    if not shutil.which("xgettext"):
        pytest.fail("xgettext is missing: apt-get install gettext")


def test_no_entry_is_empty_doubtful_or_unused() -> None:
    assert find_untranslated(ROOT / CATALOGUE) == []


@pytest.mark.usefixtures("has_gettext")
def test_every_string_of_the_source_is_in_the_catalogue(tmp_path: Path) -> None:
    assert find_missing(ROOT, tmp_path) == []


def test_the_catalogue_compiles_with_its_places_intact() -> None:
    command = ["msgfmt", "--check", "--output-file=/dev/null", str(ROOT / CATALOGUE)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


HEADER = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n'
    'Plural-Forms: nplurals=1; plural=0;\\n"\n'
)


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "field"\nmsgstr ""\n',
        '#, fuzzy\nmsgid "field"\nmsgstr "地"\n',
        '#~ msgid "field"\n#~ msgstr "地"\n',
        'msgid "field"\nmsgid_plural "fields"\nmsgstr[0] ""\n',
    ],
)
def test_an_untranslated_entry_is_found(tmp_path: Path, entry: str) -> None:
    planted = plant(tmp_path, {str(CATALOGUE): f"{HEADER}\n{entry}"})
    assert find_untranslated(planted / CATALOGUE) == ["field"]


@pytest.mark.usefixtures("has_gettext")
def test_a_string_missing_from_the_catalogue_is_found(tmp_path: Path) -> None:
    planted = plant(
        tmp_path / "source",
        {
            str(CATALOGUE): f'{HEADER}\nmsgid "field"\nmsgstr "地"\n',
            "farms/admin.py": 'print(_("field"), _("ditch"))\n',
            "templates/x.html": '{% load i18n %}{% translate "well" %}',
        },
    )
    assert find_missing(planted, tmp_path / "copy") == ["ditch", "well"]

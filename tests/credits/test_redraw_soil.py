"""Anyone draws a soil sampling's points again: from what is stored, or from list and seed alone."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from credits.models import SoilPoint
from credits.soil.population import unpack_list
from tests.cast import Cast
from tests.credits.soil_rounds import SEED, drawn_round, make_pool

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("redraw_soil", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_round_comes_out_again(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    assert campaign.population_sha256 in run("sunrise/SOIL/1")
    assert "6 points come out again" in run("SOIL/1")


def test_a_moved_point_ends_it_with_a_fault(sunrise: Cast) -> None:
    drawn_round(sunrise, make_pool(sunrise))
    SoilPoint.objects.filter(position=1).update(latitude="30.0005")
    with pytest.raises(CommandError, match="1 faults"):
        run("SOIL/1")


def test_list_and_seed_are_enough(sunrise: Cast, tmp_path: Path) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    path = tmp_path / "list.json"
    path.write_bytes(unpack_list(campaign))
    head, *lines = run("--list", str(path), "--seed", SEED).splitlines()
    assert head == f"# {campaign.population_sha256}"
    assert lines == [
        f"all,{point.position},{point.field.code},{point.longitude},{point.latitude}"
        for point in campaign.points.select_related("field")
    ]


def test_what_cannot_be_drawn_is_said(sunrise: Cast, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("{}")
    for arguments, said in (
        (["SOIL/1"], "There is no round"),
        ([], "Name a round"),
        (["--list", str(path), "--seed", "1"], "no published list"),
    ):
        with pytest.raises(CommandError, match=said):
            run(*arguments)

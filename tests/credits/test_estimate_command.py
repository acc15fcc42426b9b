"""`manage.py estimate`: an answer on the output, every refusal named on the error stream."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from credits.estimating.estimation import MAX_BYTES
from credits.registry import ESTIMATORS
from tests.house.tree import ROOT

# 112 days × 1.32 kg CH4/ha/d × (1 + 5 t straw × 1)^0.59, times 28: IPCC 2019, Vol. 4, eq. 5.1-5.3.
RICE = {
    "area_ha": 1,
    "region": "east_asia",
    "days": 112,
    "water": "continuous",
    "amendments": [{"kind": "straw", "amount_t_per_ha": 5, "days_before_cultivation": 10}],
}


def estimate(*options: str) -> str:
    out = StringIO()
    call_command("estimate", *options, stdout=out)
    return out.getvalue()


def written(folder: Path, data: Any) -> str:
    path = folder / "inputs.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def refused(*options: str) -> str:
    with pytest.raises(CommandError) as refusal:
        estimate(*options)
    assert refusal.value.returncode == 2
    return str(refusal.value)


def test_it_answers_with_gases_terms_sources_and_inputs(tmp_path: Path) -> None:
    answer = json.loads(estimate("ipcc-rice-ch4", "--input", written(tmp_path, RICE)))
    assert answer["methodology"]["id"] == "ipcc-rice-ch4"
    assert answer["methodology"]["version"] == "1.0"
    assert answer["methodology"]["sources"]
    assert answer["inputs"]["amendments"][0]["amount_t_per_ha"] == 5
    assert answer["inputs"]["pre_season"] == "non_flooded_under_180"
    methane = 112 * 1.32 * 6**0.59
    assert answer["gases_kg"]["ch4"] == pytest.approx(methane, rel=1e-11)
    assert answer["co2e_kg"] == pytest.approx(methane * 28, rel=1e-11)
    factor = next(term for term in answer["terms"] if term["name"] == "EFc")
    assert factor["value"] == 1.32
    assert "table 5.11" in factor["source"]


def test_decimals_are_read_as_they_are_written(tmp_path: Path) -> None:
    # In doubles 0.1 + 0.2 is not 0.3: 10 m² of each would not sum to the kilogram.
    text = '{"table": "own", "area": 3.3, "rate": 0.1, "rate_source": "a test"}'
    answer = json.loads(estimate("practice-rate", "--input", written(tmp_path, text)))
    assert answer["credited_kg"] == 330


def test_another_set_of_weights_can_be_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, {**RICE, "gwp": "AR4"})
    told = json.loads(estimate("ipcc-rice-ch4", "--input", path, "--gwp", "AR6"))
    assert told["gwp"] == "AR6"
    assert told["co2e_kg"] == pytest.approx(told["gases_kg"]["ch4"] * 27, rel=1e-11)


def test_the_inputs_can_come_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.TextIOWrapper(io.BytesIO(json.dumps(RICE).encode()))
    monkeypatch.setattr(sys, "stdin", typed)
    assert json.loads(estimate("ipcc-rice-ch4", "--input", "-"))["gases_kg"]["ch4"] > 0


def test_the_text_is_a_table_with_every_term(tmp_path: Path) -> None:
    lines = estimate("ipcc-rice-ch4", "--input", written(tmp_path, RICE), "--text").splitlines()
    factor = next(line for line in lines if line.startswith("EFc"))
    assert factor.split()[1:3] == ["1.32", "kg"]
    assert "table 5.11" in factor


def test_the_text_keeps_its_columns_in_chinese(tmp_path: Path) -> None:
    path = written(tmp_path, RICE)
    text = estimate("ipcc-rice-ch4", "--input", path, "--text", "--language", "zh-hans")
    assert "EFc" in text


@pytest.mark.parametrize("id", sorted(ESTIMATORS))
def test_an_example_meets_its_schema_and_runs(id: str, tmp_path: Path) -> None:
    example = json.loads(estimate(id, "--example"))
    schema = json.loads(estimate(id, "--schema"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example, schema)
    answer = json.loads(estimate(id, "--input", written(tmp_path, example)))
    assert answer["gases_kg"]


def test_the_list_names_every_methodology() -> None:
    printed = estimate("--list")
    assert all(id in printed for id in ESTIMATORS)


def test_every_refused_input_is_named_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, {"area_ha": -1, "water": "wet", "amendments": [{"kind": "straw"}]})
    said = refused("ipcc-rice-ch4", "--input", path).splitlines()
    assert said[0] == "Area (area_ha): Too small: at least 0 ha."
    assert said[1].startswith("Water during cultivation (water): One of these is needed: ")
    assert said[2] == (
        "Organic matter worked in, row 1, Amount (amendments[0].amount_t_per_ha): "
        "Nothing is given here. It is needed."
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "This is not JSON: line 1, column 2."),
        ('{"area_ha": 1, "area_ha": 2}', "area_ha stands twice"),
        ('{"x": ' + "[" * 20 + "]" * 20 + "}", "more than 12 deep"),
        ("[" * 200_000, "more than 12 deep"),
        ('"' + "x" * MAX_BYTES + '"', "larger than 1024 KiB"),
        ('{"area_ha": 1e99999999999999999999, "water": "upland"}', "(area_ha): This is not a num"),
        ('{"area_ha": NaN, "water": "upland"}', "(area_ha): This is not a number"),
        ('{"area_ha": ' + "9" * 50_000 + ', "water": "upland"}', "(area_ha): This is not a number"),
        ("[]", "A group of named inputs is needed"),
        ('"rice"', "A group of named inputs is needed"),
    ],
    ids=lambda value: value[:24],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    text: str, told: str, tmp_path: Path
) -> None:
    assert told in refused("ipcc-rice-ch4", "--input", written(tmp_path, text))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_bytes(b"\xff\xfe\xfa\x00\x81")
    assert "not JSON" in refused("ipcc-rice-ch4", "--input", str(path))


def test_a_methodology_or_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "ipcc-soc-tier1" in refused("no-such", "--example")
    assert "cannot be read" in refused("ipcc-n2o", "--input", str(tmp_path / "none.json"))
    assert "cannot be read" in refused("ipcc-n2o", "--input", str(tmp_path))
    assert "--input" in refused("ipcc-n2o")
    assert "--list" in refused()


def test_it_runs_where_no_database_was_ever_made(tmp_path: Path) -> None:
    environment = {**os.environ, "TIANHUI_VAR": str(tmp_path), "DATABASE_URL": ""}
    del environment["DATABASE_URL"]
    command = [sys.executable, "manage.py", "estimate", "ipcc-rice-ch4", "--input", "-"]
    good = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(RICE), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert (good.returncode, json.loads(good.stdout)["gwp"]) == (0, "AR5")
    bad = subprocess.run(
        command, cwd=ROOT, env=environment, input="{}", text=True, capture_output=True, check=False
    )
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "Area (area_ha): Nothing is given here." in bad.stderr

"""What measured soil carbon refuses, by its place and by its name."""

from __future__ import annotations

import pytest

from credits.estimating.input_problems import caution_text, placed_text
from credits.methodologies.estimates import Caution
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.measured_soc import MeasuredSoc
from tests.credits.soil import (
    EXCEEDANCE,
    LOWER,
    TWO_MEANS,
    UPPER,
    Inputs,
    cores_of,
    estimate,
    layered,
    refusal,
)


@pytest.mark.parametrize(
    "deeper",
    [
        {"reference_mass_t_per_ha": 3001},
        {"reference_mass_t_per_ha": 3001, "algorithm": "natural_spline"},
        {"algorithm": "fixed_depth", "depth_cm": 31},
    ],
)
def test_a_core_too_shallow_is_refused_by_name(deeper: Inputs) -> None:
    with pytest.raises(InputsRefused) as refused:
        estimate(layered(UPPER, LOWER, **deeper))
    (problem,) = refused.value.problems
    assert (problem.place, problem.code) == ("rounds[0].cores[0]", "core_too_shallow")
    assert problem.values["name"] == "A7"


@pytest.mark.parametrize(
    ("layers", "place", "code"),
    [
        ([UPPER, UPPER], "layers[1].top_cm", "layer_gap"),
        ([UPPER | {"bottom_cm": None}], "layers[0].thickness_cm", "missing"),
        (
            [UPPER, LOWER | {"top_cm": 15, "thickness_cm": None, "bottom_cm": 10}],
            "layers[1].bottom_cm",
            "layer_upside_down",
        ),
        ([UPPER | {"thickness_cm": 14}], "layers[0].thickness_cm", "layer_gap"),
        ([UPPER | {"mass_g": 200}], "layers[0]", "give_one_of"),
        ([UPPER | {"carbon_percent": 2}], "layers[0]", "give_one_of"),
        ([{"mass_g": 200, "carbon_percent": 2}], "probe_diameter_mm", "missing"),
    ],
)
def test_a_layer_that_cannot_be_is_refused(layers: list[Inputs], place: str, code: str) -> None:
    assert refusal(layered(*layers)) == [(f"rounds[0].cores[0].{place}", code)]


def test_a_stratum_with_one_sample_is_refused_by_name() -> None:
    strata = [{"name": "a", "share": "0.5"}, {"name": "b", "share": "0.5"}]
    sampled = {"cores": cores_of({"a": [40, 41], "b": [50]})}
    with pytest.raises(InputsRefused) as refused:
        estimate({"strata": strata, "rounds": [sampled]})
    assert refused.value.problems[0].code == "stratum_of_one"
    assert refused.value.problems[0].values == {"stratum": "b"}
    lone = {"rounds": [{"strata": [{"name": "b", "mean_t_per_ha": 40, "variance": 1, "n": 1}]}]}
    assert refusal(lone) == [("rounds[0].strata[0].n", "stratum_of_one")]


def test_a_rule_that_needs_a_variance_refuses_without_one() -> None:
    means = {"rounds": [{"mean_t_per_ha": 40}, {"mean_t_per_ha": 43}]}
    for rule in ("exceedance_60", "vm0042", "vcs"):
        assert refusal(means, rule=rule) == [("rounds", "variance_missing")]
    assert refusal(means, rule="mape") == [("mape_percent", "missing")]
    assert refusal(means, rule="carbonplus") == [("error_percent", "missing")]


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"strata": [{"name": "a", "share": "0.9"}]}, "strata", "shares_not_one"),
        ({"strata": [{"name": "a"}]}, "strata[0]", "give_one_of"),
        (
            {"strata": [{"name": "a", "share": "0.5"}, {"name": "a", "share": "0.5"}]},
            "strata[1].name",
            "twice",
        ),
        ({"strata": [{"name": "a", "area_ha": 90}]}, "area_ha", "areas_differ"),
        ({"strata": [{"name": "a", "share": 1}]}, "rounds[0]", "unknown_stratum"),
        ({"rounds": []}, "rounds", "give_one_of"),
        ({"rounds": TWO_MEANS["rounds"] * 2}, "rounds", "two_rounds"),
        ({"control_rounds": TWO_MEANS["rounds"][:1]}, "control_rounds", "too_few_rows"),
        ({"pairing": "paired"}, "pairing", "pairs_need_cores"),
        ({"change": {"mean_t_per_ha": 1}}, "rounds", "give_one_of"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: Inputs, place: str, code: str) -> None:
    assert refusal(TWO_MEANS, **changes) == [(place, code)]


def test_every_stratum_is_sampled_and_every_name_once() -> None:
    strata = [{"name": "a", "share": "0.5"}, {"name": "b", "share": "0.5"}]
    only_a = {"cores": cores_of({"a": [40, 41]})}
    assert refusal({"strata": strata, "rounds": [only_a]}) == [("rounds[0]", "stratum_not_sampled")]
    both = {"cores": cores_of({"a": [40, 41], "b": [50, 51]})}
    assert refusal({"rounds": [both]}) == [("strata", "missing")]
    same = {"cores": [{"name": "x", "stock_t_per_ha": 40}] * 2}
    assert refusal({"rounds": [same]}) == [("rounds[0].cores[1]", "twice")]
    means = {"strata": TWO_MEANS["rounds"][0]["strata"] * 2}
    assert refusal({"rounds": [means]}) == [("rounds[0].strata[1].name", "twice")]


def test_pairs_need_the_same_points() -> None:
    rounds = [{"cores": cores_of({"all": [40, 41, 42]})}, {"cores": cores_of({"all": [43, 44]})}]
    assert refusal({"rounds": rounds}, pairing="paired") == [("rounds[1]", "points_differ")]


def test_a_total_of_no_area_is_refused() -> None:
    assert refusal({"area_ha": 0, "change": {"total_t_c": 5}}) == [("area_ha", "too_low")]
    totals = {"area_ha": 0, "rounds": [{"total_t_c": 5}, {"total_t_c": 6}]}
    assert refusal(totals) == [("area_ha", "too_low")]


@pytest.mark.usefixtures("in_english")
def test_refusals_and_cautions_read_as_sentences() -> None:
    with pytest.raises(InputsRefused) as refused:
        estimate(layered(UPPER, LOWER, reference_mass_t_per_ha=3001))
    text = placed_text(refused.value.problems[0], MeasuredSoc.schema)
    assert text.startswith(
        "Sampling rounds, the baseline first, row 1, Cores, row 1 (rounds[0].cores[0]):"
        " Core A7 does not reach down to 3001 t/ha."
    )
    lengthened = caution_text(estimate(EXCEEDANCE).cautions[0])
    assert lengthened.startswith("Round 1: 1 of the cores hold less soil than the equivalent")
    over = caution_text(Caution("error_over_limit", {"limit": "50"}))
    assert over == "The error is over 50%: nothing can be credited under this rule."


def test_a_counted_population_is_not_sampled_beyond_itself() -> None:
    strata = [{"name": "a", "units": 3}]
    sampled = {"cores": cores_of({"a": [40, 41, 42, 43]})}
    assert refusal({"strata": strata, "rounds": [sampled]}) == [
        ("rounds[0]", "more_samples_than_units")
    ]
    means = {"strata": [{"name": "a", "mean_t_per_ha": 40, "variance": 1, "n": 4}]}
    assert refusal({"strata": strata, "rounds": [means]}) == [
        ("rounds[0].strata[0].n", "more_samples_than_units")
    ]


def test_a_layer_is_not_more_carbon_than_soil() -> None:
    layer = {"soil_mass_t_per_ha": 30, "carbon_t_per_ha": 31}
    assert refusal(layered(layer)) == [
        ("rounds[0].cores[0].layers[0].carbon_t_per_ha", "more_carbon_than_soil")
    ]

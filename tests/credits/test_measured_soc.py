"""Measured soil carbon from whatever level one has; figures as published or worked by hand."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from tests.credits.soil import (
    EXCEEDANCE,
    LOWER,
    TWO_MEANS,
    UPPER,
    Inputs,
    codes,
    cores_of,
    estimate,
    layered,
    number,
    refusal,
)


def test_sixty_per_cent_exceedance_at_the_first_re_sampling() -> None:
    found = estimate(EXCEEDANCE)
    assert number(found, "reference_mass_t_per_ha") == pytest.approx(3925)
    assert number(found, "round_1.mean_t_per_ha") == pytest.approx(46.969167, abs=5e-7)
    assert number(found, "round_2.mean_t_per_ha") == pytest.approx(49.873667, abs=5e-7)
    assert number(found, "change_t_c") == pytest.approx(348.54)
    assert number(found, "standard_error_t_c") == pytest.approx(186.717823, abs=5e-7)
    assert found.term("degrees_of_freedom") == 8
    assert number(found, "t") == pytest.approx(-0.261921, abs=5e-7)
    assert number(found, "exceeded_t_c") == pytest.approx(299.634663, abs=5e-7)
    assert number(found, "adjusted_t_co2e") == pytest.approx(1098.660431, abs=5e-7)
    assert number(found, "credited_t_co2e") == pytest.approx(549.330215, abs=5e-7)
    assert found.credited_kg == 549_330
    assert float(found.gases_kg["co2"]) == pytest.approx(-1_098_660.431, abs=5e-4)


def test_half_is_held_back_unless_another_share_is_given() -> None:
    inputs = {name: value for name, value in EXCEEDANCE.items() if "hold" not in name}
    assert estimate(inputs).credited_kg == 549_330


def test_cores_that_had_to_be_lengthened_are_named() -> None:
    (caution,) = estimate(EXCEEDANCE).cautions
    assert caution.code == "cores_lengthened"
    assert caution.values == {"number": "1", "count": "1", "names": "1"}


def test_a_quarter_is_held_back_by_the_later_method() -> None:
    found = estimate(EXCEEDANCE, first_round_hold_share=0.25, buffer_share="0.05")
    assert number(found, "credited_t_co2e") == pytest.approx(823.995323, abs=5e-7)
    assert (found.term("credits_t"), found.term("buffer_t")) == (823, 42)  # 41.15, rounded up
    assert found.term("sellable_t") == 781


def test_from_the_second_re_sampling_on_the_trend_counts_without_a_hold() -> None:
    # (0.5 − 0.096225 × 0.324920) × 6 = 2.812408 t C/ha × 10 ha × 44/12 = 103.121609 less 30.
    rounds = [
        {"year": year, "mean_t_per_ha": mean} for year, mean in ((2020, 40), (2023, 41), (2026, 43))
    ]
    inputs = {"area_ha": 10, "rounds": rounds, "rule": "exceedance_60"}
    found = estimate(inputs, earlier_credits_t_co2e=30)
    assert number(found, "slope_t_c_per_ha_year") == pytest.approx(0.5)
    assert number(found, "exceeded_t_c") == pytest.approx(28.124075, abs=5e-7)
    assert number(found, "credited_t_co2e") == pytest.approx(73.121609, abs=5e-7)
    del rounds[1]["year"]
    assert refusal(inputs) == [("rounds", "year_missing")]
    rounds[1]["year"] = 2027
    assert refusal(inputs) == [("rounds", "years_not_rising")]


def test_a_round_s_day_is_the_later_of_its_two_middle_days() -> None:
    def sampled(*days: str) -> Inputs:
        cores = [{"sampled_on": day, "stock_t_per_ha": 40 + n % 2} for n, day in enumerate(days)]
        return {"cores": cores}

    first = sampled("2020-05-01", "2020-05-02", "2020-05-09", "2020-05-30")
    last = sampled("2022-05-09", "2022-05-10")  # the later: 731 days after 9 May 2020
    found = estimate({"rounds": [first, last]})
    assert number(found, "years") == pytest.approx(731 / 365.25)
    found = estimate({"rounds": [first | {"year": 2020, "sampled_on": "2019-01-01"}, last]})
    # A year goes before a day; 10 May 2022 is 8,165 days into the century.
    assert number(found, "years") == pytest.approx(8165 / 365.25 - 20)


# Two strata of 10 and 20 ha, four points each, sampled twice in two years with one control each:
# organic carbon in per cent of 30 cm at 1.2 g/cm³; an independent recalculation of VM0042 v2.2.
SCENARIO_A: dict[str, list[dict[str, list[float]]]] = {
    "rounds": [
        {"Z1": [1.00, 1.10, 1.20, 1.05], "Z2": [0.90, 0.95, 1.02, 0.88]},
        {"Z1": [1.08, 1.21, 1.27, 1.12], "Z2": [0.97, 1.01, 1.12, 0.93]},
    ],
    "control_rounds": [
        {"Z1": [1.02, 1.08, 1.15, 1.00], "Z2": [0.92, 0.97, 1.00, 0.90]},
        {"Z1": [1.00, 1.05, 1.14, 0.97], "Z2": [0.90, 0.96, 0.97, 0.89]},
    ],
}


def scenario_a(**changes: Any) -> Estimate:
    layer = {"top_cm": 0, "bottom_cm": 30, "bulk_density_g_per_cm3": 1.2}
    inputs: Inputs = {
        key: [
            {
                "cores": [
                    {
                        "stratum": stratum,
                        "name": f"{stratum}-{n}",
                        "layers": [layer | {"carbon_percent": value}],
                    }
                    for stratum, values in found.items()
                    for n, value in enumerate(values)
                ]
            }
            for found in rounds
        ]
        for key, rounds in SCENARIO_A.items()
    }
    inputs |= {
        "strata": [{"name": "Z1", "area_ha": 10}, {"name": "Z2", "area_ha": 20}],
        "algorithm": "fixed_depth",
        "pairing": "paired",
        "rule": "vm0042",
        "interval_years": 2,
        "credited_years": 1,
        "buffer_share": 0.2,
    }
    return estimate(inputs, **changes)


def avoided(nitrogen_kg: float, diesel_l: float) -> str:
    # EF 0.01, volatilised 0.11 × 0.01, leached 0.24 × 0.011; × 44/28 × 265; diesel 0.002886 t/l.
    nitrous = nitrogen_kg / 1000 * (0.01 + 0.11 * 0.01 + 0.24 * 0.011) * 44 / 28 * 265
    return f"{nitrous + diesel_l * 0.002886:.12f}"


def test_vm0042_through_to_its_credits_year_by_year() -> None:
    # 2024: 460 kg N and 100 l less, 10 t of manure brought in: 10 × 0.3 × 0.12 × 44/12 = 1.32 t.
    first = scenario_a(other_reductions_t_co2e=avoided(460, 100), leakage_t_co2e="1.32")
    assert number(first, "uncertainty_share") == pytest.approx(0.042058, abs=5e-7)
    assert number(first, "degrees_of_freedom") == pytest.approx(5.751488, abs=5e-7)
    assert number(first, "t") == pytest.approx(0.454671, abs=5e-7)
    assert number(first, "vcu_t") == pytest.approx(143.222773, abs=5e-7)
    assert first.term("vcu_whole_t") == 143
    second = scenario_a(other_reductions_t_co2e=avoided(368, 50))
    assert number(second, "vcu_t") == pytest.approx(143.872073, abs=5e-7)


def test_both_years_at_once_give_twice_the_soil() -> None:
    one = scenario_a(interval_years=None, credited_years=None)
    assert number(one, "vcu_t") == pytest.approx(2 * number(scenario_a(), "vcu_t"))
    with pytest.raises(InputsRefused) as refused:
        scenario_a(interval_years=None)
    assert refused.value.problems[0].place == "interval_years"


def test_a_change_already_known_by_vm0042() -> None:
    # 50 t CO2e on 10 ha, variance 0.04 (t C/ha)²; Student's t as rounded in the example.
    inputs = {
        "area_ha": 10,
        "change": {"total_t_co2e": 50, "variance_of_mean": 0.04, "degrees_of_freedom": 10},
        "rule": "vm0042",
    }
    found = estimate(inputs)
    assert number(found, "uncertainty_share") == pytest.approx(0.065224, abs=5e-7)
    assert number(found, "vcu_t") == pytest.approx(46.7389, abs=1.5e-4)
    rounded = estimate(inputs, t_quantile="0.4447")
    assert number(rounded, "uncertainty_share") == pytest.approx(0.065222, abs=1e-6)
    assert number(rounded, "vcu_t") == pytest.approx(46.7389, abs=5e-5)
    del inputs["change"]["degrees_of_freedom"]  # type: ignore[attr-defined]
    assert refusal(inputs) == [("change.degrees_of_freedom", "missing")]


def test_changes_and_uncertainty_already_known_by_vm0042() -> None:
    # Removals 40, reductions 24, leakage 4 shared out, 15 % of the removals: 54.
    known = {"change": {"total_t_co2e": 40}, "rule": "vm0042", "uncertainty_share": 0}
    rest = {"other_reductions_t_co2e": 24, "leakage_t_co2e": 4, "buffer_share": "0.15"}
    found = estimate(known, **rest)
    assert (found.term("net_t_co2e"), found.term("vcu_t"), found.credited_kg) == (60, 54, 60_000)
    # 100 and −20, a tenth off: 90 removed and 18 avoided, four fifths of both.
    both = {"total_t_co2e": 100, "control_total_t_co2e": -20}
    found = estimate(known, change=both, uncertainty_share="0.1", buffer_share="0.2")
    assert (found.term("removals_t_co2e"), found.term("reductions_t_co2e")) == (90, 18)
    assert number(found, "vcu_t") == pytest.approx(86.4)


@pytest.mark.parametrize(
    "spread",
    [
        {"variance": 4},
        {"variance_of_mean": "0.4"},
        {"standard_deviation": 2},
        {"standard_error": "0.632455532"},
    ],
)
def test_the_spread_of_a_stratum_by_any_of_four_ways(spread: Inputs) -> None:
    stratum = {"name": "all", "mean_t_per_ha": 43, "n": 10}
    rounds = {"rounds": [{"strata": [stratum | spread]}]}
    found = estimate(rounds)
    assert number(found, "round_1.stratum.all.variance_of_mean") == pytest.approx(0.4)
    few = estimate(rounds, strata=[{"name": "all", "units": 20}])
    corrected = 0.2 if set(spread) & {"variance", "standard_deviation"} else 0.4
    assert number(few, "round_1.stratum.all.variance_of_mean") == pytest.approx(corrected)
    assert refusal({"rounds": [{"strata": [stratum]}]}) == [("rounds[0].strata[0]", "give_one_of")]


def test_lowick_2023_by_ecometric() -> None:
    # 2,679.43 × 3.67 = 9,833.51; − 1,727.84 − 55.60 = 8,050.07.
    found = estimate(
        {
            "rounds": [{"total_t_c": "45507.70"}, {"total_t_c": "48187.13"}],
            "rule": "mape",
            "mape_percent": "17.5709",
            "project_emissions_t_co2e": "55.60",
            "buffer_share": "0.2",
        }
    )
    assert found.term("change_t_c") == Fraction("2679.43")
    assert number(found, "gross_t_co2e") == pytest.approx(9833.51, abs=5e-3)
    assert number(found, "deducted_t_co2e") == pytest.approx(1727.84, abs=5e-3)
    assert number(found, "credited_t_co2e") == pytest.approx(8050.07, abs=5e-3)
    assert [found.term(name) for name in ("credits_t", "buffer_t", "sellable_t")] == [
        8050,
        1610,
        6440,
    ]


@pytest.mark.parametrize(("error", "credited"), [(20, 1_100_000), (35, 911_350), (50, 550_000)])
def test_carbonplus_takes_off_by_the_square_of_the_error(error: int, credited: int) -> None:
    # 3 t C/ha × 100 ha × 44/12 = 1,100 t; less 0, 17.15 and 50 %.
    assert estimate(TWO_MEANS, rule="carbonplus", error_percent=error).credited_kg == credited


def test_carbonplus_credits_nothing_over_fifty() -> None:
    found = estimate(TWO_MEANS, rule="carbonplus", error_percent=51)
    assert (found.credited_kg, codes(found)) == (0, ["error_over_limit"])


def test_the_vcs_discount_from_the_samples_or_as_given() -> None:
    # SE √(0.6 + 0.4) = 1; t(0.95, 18) = 1.734064; 1.734064 / 3 / 1.6449 × 0.4307 = 0.151349
    found = estimate(TWO_MEANS, rule="vcs")
    assert number(found, "uncertainty_share") == pytest.approx(0.151349, abs=5e-7)
    given = estimate(TWO_MEANS, rule="vcs", half_width_90_share="0.3")
    assert number(given, "uncertainty_share") == pytest.approx(0.078552, abs=5e-7)
    assert estimate(TWO_MEANS, rule="vcs", half_width_90_share="1.01").credited_kg == 0


def test_without_a_rule_nothing_is_taken_off_and_it_says_so() -> None:
    found = estimate(TWO_MEANS)
    assert found.gases_kg == {"co2": -1_100_000}
    assert codes(found) == ["no_deduction"]
    assert number(found, "round_2.stratum.all.variance_of_mean") == pytest.approx(0.4)


def test_a_loss_is_an_emission_whole_and_nothing_is_claimed() -> None:
    lost = TWO_MEANS | {"rounds": TWO_MEANS["rounds"][::-1]}
    mape = {"rule": "mape", "mape_percent": 20, "co2_per_c": "3.6"}
    assert estimate(lost, **mape).gases_kg["co2"] == 1_080_000  # 3 × 100 × 3.6
    for rule in ({"rule": "carbonplus", "error_percent": 35}, {"rule": "vcs"}, {"rule": "none"}):
        found = estimate(lost, **rule)
        assert (found.gases_kg["co2"], found.credited_kg) == (1_100_000, 0)
    # −3 − 0.2571 (t at 18 degrees of freedom): worse than measured, and none of it held back.
    exceeded = estimate(lost, rule="exceedance_60")
    assert number(exceeded, "adjusted_t_co2e") == pytest.approx(-1194.3, abs=0.1)
    assert number(exceeded, "credited_t_co2e") == number(exceeded, "adjusted_t_co2e")


def test_one_round_is_an_inventory() -> None:
    layers = [{"mass_g": 283.2, "carbon_g_per_kg": 24.2872}]
    layers.append({"mass_g": 189.2, "carbon_g_per_kg": 12.6815})
    core = {"name": "P1", "probe_diameter_mm": 21.5, "cores_per_sample": 4, "layers": layers}
    found = estimate(
        {
            "rounds": [{"cores": [core]}],
            "algorithm": "natural_spline",
            "reference_mass_t_per_ha": 1950,
        }
    )
    assert number(found, "round_1.core.P1.stock_t_per_ha") == pytest.approx(47.36, abs=5e-3)
    assert (found.gases_kg["co2"], found.credited_kg, codes(found)) == (
        0,
        None,
        ["area_not_given", "one_round"],
    )


def test_apistrat_as_an_inventory(real_data: Path) -> None:
    with (real_data / "soil" / "apistrat.csv").open() as lines:
        schools = list(csv.DictReader(lines))
    units = {row["stype"]: row["fpc"] for row in schools}
    cores = [{"stratum": row["stype"], "stock_t_per_ha": row["api00"]} for row in schools]
    found = estimate(
        {
            "strata": [{"name": name, "units": count} for name, count in units.items()],
            "rounds": [{"cores": cores}],
        }
    )
    assert number(found, "round_1.mean_t_per_ha") == pytest.approx(662.287363, abs=1e-6)
    assert number(found, "round_1.standard_error_t_per_ha") == pytest.approx(9.408941, abs=5e-7)


def test_layers_by_depth_and_density() -> None:
    found = estimate(layered(UPPER, LOWER, reference_mass_t_per_ha=1950))
    assert number(found, "round_1.core.A7.stock_t_per_ha") == pytest.approx(34.5)
    assert number(found, "round_1.core.A7.equivalent_depth_cm") == pytest.approx(19.5)
    fixed = estimate(layered(UPPER, LOWER, algorithm="fixed_depth", depth_cm=20))
    assert number(fixed, "round_1.mean_t_per_ha") == pytest.approx(35)


def test_coarse_fragments_are_taken_off_once() -> None:
    stony = UPPER | {"bulk_density_g_per_cm3": "1.30", "coarse_fragments_share": "0.05"}
    assert number(estimate(layered(stony)), "round_1.mean_t_per_ha") == pytest.approx(37.05)
    fine = UPPER | {"bulk_density_g_per_cm3": "1.235", "density_of": "fine_earth"}
    assert number(estimate(layered(fine)), "round_1.mean_t_per_ha") == pytest.approx(37.05)
    assert refusal(layered(stony | {"density_of": "fine_earth"})) == [
        ("rounds[0].cores[0].layers[0].coarse_fragments_share", "coarse_twice")
    ]


def test_the_lightest_core_of_the_baseline_is_the_reference_of_a_line() -> None:
    def core(mass: int) -> Inputs:
        return {"layers": [{"soil_mass_t_per_ha": mass, "carbon_percent": 1}]}

    rounds = [{"cores": [core(3900), core(4000)]}, {"cores": [core(4100), core(4200)]}]
    assert number(estimate({"rounds": rounds}), "reference_mass_t_per_ha") == 3900
    assert estimate({"rounds": rounds}).gases_kg["co2"] == 0
    rounds[1]["cores"][1] = core(3800)
    assert refusal({"rounds": rounds}) == [("rounds[1].cores[1]", "core_too_shallow")]
    assert (
        number(
            estimate({"rounds": rounds}, algorithm="excess_mass", reference="minimum"),
            "reference_mass_t_per_ha",
        )
        == 3900
    )


def test_pairs_know_more_than_points_drawn_anew() -> None:
    # Differences 3, 2, 4: variance of their mean 1/3; apart 40, 44, 48: (16 + 21) / 3.
    rounds = [{"cores": cores_of({"all": stocks})} for stocks in ([40, 44, 48], [43, 46, 52])]
    paired = estimate({"rounds": rounds}, pairing="paired")
    assert number(paired, "standard_error_t_c_per_ha") ** 2 == pytest.approx(1 / 3)
    assert paired.term("degrees_of_freedom") == 2
    apart = estimate({"rounds": rounds})
    assert number(apart, "standard_error_t_c_per_ha") ** 2 == pytest.approx(37 / 3)
    assert apart.term("degrees_of_freedom") == 4


def test_control_sites_are_taken_off_and_add_their_variance() -> None:
    # Project 3, control 1 t C/ha; variances 0.6 + 0.4 of each.
    controls = [
        {"strata": [{"mean_t_per_ha": mean, "variance_of_mean": variance, "n": 10}]}
        for mean, variance in ((40, 0.6), (41, 0.4))
    ]
    found = estimate(TWO_MEANS, control_rounds=controls)
    assert number(found, "change_t_c_per_ha") == 2
    assert number(found, "standard_error_t_c_per_ha") ** 2 == pytest.approx(2)


def test_no_change_has_no_uncertainty_to_take_off() -> None:
    still = TWO_MEANS | {"rounds": TWO_MEANS["rounds"][:1] * 2}
    found = estimate(still, rule="vm0042")
    assert (found.credited_kg, codes(found)) == (0, ["no_change"])


def test_an_uncertainty_larger_than_the_change_says_so() -> None:
    change = {"mean_t_per_ha": 1, "variance_of_mean": 9, "degrees_of_freedom": 10}
    found = estimate({"area_ha": 1, "change": change}, rule="vm0042")
    assert (found.credited_kg, codes(found)) == (0, ["uncertainty_over_change"])


def test_gains_of_a_project_still_below_its_start_are_reductions() -> None:
    found = estimate(TWO_MEANS, rule="vm0042", earlier_project_change_t_co2e=-5000)
    assert number(found, "removals_t_co2e") == 0
    assert number(found, "reductions_t_co2e") == number(found, "adjusted_t_co2e")


def test_lists_a_form_sends_without_rows_count_as_left_out() -> None:
    core = {"stock_t_per_ha": 40, "layers": []}
    rounds = [{"cores": [core, core | {"stock_t_per_ha": 42}], "strata": []}]
    found = estimate({"rounds": rounds, "strata": [], "control_rounds": []})
    assert number(found, "round_1.mean_t_per_ha") == 41


def test_a_vintage_is_no_longer_than_the_time_between_the_rounds() -> None:
    with pytest.raises(InputsRefused) as refused:
        scenario_a(credited_years=3)
    assert (refused.value.problems[0].place, refused.value.problems[0].code) == (
        "credited_years",
        "too_high",
    )
    same_year = [dict(row, year=2024) for row in TWO_MEANS["rounds"]]
    assert refusal(TWO_MEANS, rounds=same_year, rule="vm0042", credited_years=1) == [
        ("interval_years", "missing")
    ]

"""A published list can be fetched, hashed and drawn again by anyone, and a change shows."""

import csv
import hashlib
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from credits.models import MonitoringPeriod, PopulationList, SampledField, Verification
from credits.verifying.population import find_redraw_faults, hash_field, read_entries, unpack_list
from credits.verifying.sample_rules import REJECTED
from credits.verifying.verification import draw_sample, prepare_verification
from tests.cast import Cast, make_field, make_household, make_season
from tests.credits.line import SEED, closed_year, drawn_sample, make_enrolled_pool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def closed_period(cast: Cast, *, fields: int = 3, **terms: Any) -> MonitoringPeriod:
    for number in range(len(cast.fields) + 1, fields + 1):
        household = make_household(cast.village, number)
        cast.fields.append(make_field(cast.village, household, number, east=118.0))
    make_season(cast, 2025)
    project = make_enrolled_pool(cast)
    project.terms |= terms
    project.save()
    return closed_year(project, 2025, cast)


def page(verification: Verification, part: str = "") -> Any:
    address = f"/samples/{verification.public_code}/{part}"
    return Client().get(address, headers={"Accept-Language": "en"})


def test_the_published_list_has_its_hash_before_there_is_a_seed(sunrise: Cast) -> None:
    period = closed_period(sunrise)
    verification = prepare_verification(period, body="Lin", by=sunrise.verifier)
    content = page(verification, "population.csv").content
    assert hashlib.sha256(content).hexdigest() == verification.list_sha256
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(row["place"], row["claimed_kg"], row["area_m2"]) for row in rows] == [
        (str(place), "1000", "10000.00") for place in (1, 2, 3)
    ]
    shown = page(verification).content.decode()
    assert verification.list_sha256 in shown
    assert "not drawn yet" in shown


def test_the_page_names_no_field_household_or_village(sunrise: Cast) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    everything = b"".join(
        page(verification, part).content for part in ("", "population.csv", "draw.csv")
    ).decode()
    for row in (*sunrise.fields, *sunrise.households):
        assert row.code not in everything
    assert sunrise.village.name not in everything
    assert SEED in everything
    salt = verification.population_list.salt
    assert salt not in everything
    assert hash_field("F002", salt=salt) in everything


def test_an_unknown_code_is_not_found_and_no_cookie_is_set(sunrise: Cast) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    assert Client().get("/samples/0123/").status_code == 404
    assert Client().get("/samples/0123/population.csv").status_code == 404
    answer = page(verification)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("rule", "size"), [("rate", 5), ("sqrt", 6), ("sqf", 8), ("outliers", 5), ("area", 5)]
)
def test_each_rule_is_drawn_kept_and_drawn_again(sunrise: Cast, rule: str, size: int) -> None:
    # 30 fields: √30 is 5.5, 1.5 × √30 is 8.2; the others are 10% and at least 5.
    verification = drawn_sample(closed_period(sunrise, fields=30, sample_rule=rule), sunrise)
    assert verification.rule["name"] == rule
    assert verification.sample_size == verification.sample.count() == size
    places = [place for place, fate in verification.steps if fate != REJECTED]
    drawn = verification.sample.order_by("position")
    assert list(drawn.values_list("place", flat=True)) == places
    assert list(find_redraw_faults(verification)) == []


def test_an_outlier_is_sampled_and_marked(sunrise: Cast) -> None:
    period = closed_period(sunrise, fields=9, sample_rule="outliers", sample_minimum=2)
    run = period.runs.get()
    run.results.filter(field=sunrise.fields[3]).update(gross_kg=3000, credited_kg=2800)
    verification = drawn_sample(period, sunrise)
    outlier = verification.sample.get(chosen="outlier")
    assert (outlier.result.field.code, outlier.place, outlier.position) == ("F004", 4, 1)
    assert verification.sample_size == 3


def test_the_rule_is_the_one_published_whatever_the_terms_say_later(sunrise: Cast) -> None:
    period = closed_period(sunrise, fields=30)
    verification = prepare_verification(period, body="Lin", by=sunrise.operator)
    period.project.terms |= {"sample_rule": "sqf", "sample_minimum": 20}
    period.project.save()
    draw_sample(verification, seed=SEED, by=sunrise.operator)
    assert verification.sample_size == 5


def test_redraw_prints_what_was_drawn_and_that_it_agrees(sunrise: Cast, capsys: Any) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    for name in (str(verification.pk), verification.public_code):
        call_command("redraw", name)
        said = capsys.readouterr().out
        assert verification.population_sha256 in said
        assert SEED in said
        assert "rate (rate 1/10, minimum 5)" in said
        assert "It agrees with what is stored." in said
        assert len([line for line in said.splitlines() if line.endswith("  drawn")]) == 3


def test_redraw_notices_another_field_in_the_sample(sunrise: Cast, capsys: Any) -> None:
    verification = drawn_sample(closed_period(sunrise, fields=9), sunrise)
    inside = verification.sample.get(position=1)
    outside = verification.run.results.exclude(
        pk__in=verification.sample.values("result_id")
    ).first()
    SampledField.objects.filter(pk=inside.pk).update(result=outside)
    with pytest.raises(SystemExit) as ended:
        call_command("redraw", str(verification.pk))
    assert ended.value.code == 1
    assert "The fields drawn are not those of the stored sample." in capsys.readouterr().err


def test_redraw_notices_another_list_and_other_figures(sunrise: Cast) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    PopulationList.objects.filter(verification=verification).update(salt="other")
    fresh = Verification.objects.get(pk=verification.pk)
    assert list(find_redraw_faults(fresh)) == [
        "The published list is not that of the run's results."
    ]
    fresh.run.results_sha256 = "0" * 64
    assert "The population's hash does not agree with the run's results." in list(
        find_redraw_faults(fresh)
    )


def test_a_sample_from_before_lists_were_published_is_drawn_again(
    sunrise: Cast, capsys: Any
) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    PopulationList.objects.filter(verification=verification).delete()
    Verification.objects.filter(pk=verification.pk).update(
        rule={}, steps=[], list_sha256="", public_code=""
    )
    call_command("redraw", str(verification.pk))
    assert "It agrees" in capsys.readouterr().out


def test_redraw_says_that_there_is_no_such_sample(sunrise: Cast) -> None:
    with pytest.raises(CommandError):
        call_command("redraw", "123456789")


def test_the_entries_read_back_are_those_written(sunrise: Cast) -> None:
    verification = drawn_sample(closed_period(sunrise), sunrise)
    entries = read_entries(unpack_list(verification))
    assert [(entry.area_cm2, entry.claimed_kg) for entry in entries] == [(10**8, 1000)] * 3
    assert {entry.practice for entry in entries} == {"no_till"}

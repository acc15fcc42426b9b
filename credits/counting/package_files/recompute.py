"""Counts a monitoring period's tonnes again from the files beside this one, with Python alone.

    python3 recompute.py [FOLDER] [--quiet]

Checks the files' fingerprints, works out every field's kilograms from area, practices, days and
rates, adds them up, and makes the fingerprints of the inputs and the results anew. Prints a table;
ends with 0 where all agree and with 1 where anything differs. Needs nothing but the standard
library and asks no other machine. All arithmetic is in exact fractions; only kilograms are rounded.

Where fields are counted by situations, the figures of a hectare in situations.json are worked out
anew by the methodology's own source in the folder sources. That of measured soil needs numpy and
scipy; without them its figures are taken as they stand, and the script says so.
"""

# ruff: noqa: T201

import csv
import hashlib
import importlib
import json
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

# International: an acre is 4046.8564224 m² exactly.
M2_OF = {"acre": Fraction("4046.8564224"), "ha": Fraction(10_000)}
KILOGRAMS = ("gross_kg", "reserve_kg", "credited_kg")
TERM = "term."


def main(arguments):
    quiet = "--quiet" in arguments
    given = [text for text in arguments if text != "--quiet"]
    folder = Path(given[0]) if given else Path(__file__).resolve().parent
    problems = check_files(folder)
    document = json.loads((folder / "run.json").read_text("utf-8"))
    if document["inputs"]["methodology"] in READINGS:
        problems += check_situations(folder, document["inputs"])
    problems += check_rows(folder, document, quiet)
    for problem in problems[:100]:
        print("DIFFERS", problem)
    if problems:
        print(len(problems), "differences")
        return 1
    print("Everything agrees.")
    return 0


def check_files(folder):
    """Every file is there as it was packed; no fingerprint speaks for a file that is missing."""
    problems = []
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, name = line.split("  ", 1)
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: the file is missing")
        elif digest_of(path) != expected:
            problems.append(f"{name}: not the file that was packed")
    return problems


def digest_of(path):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check_rows(folder, document, quiet):
    run, header = document["run"], document["inputs"]
    quantify = METHODS.get((header["methodology"], header["version"]))
    if quantify is None:
        return [f"run.json: this script cannot compute {header['methodology']}"]
    facts = header | document["correction"]
    if header["methodology"] in READINGS:
        facts["situations"] = json.loads((folder / "situations.json").read_text("utf-8"))
    else:
        facts["rates"] = list(read_rows(folder / "rates.csv"))
    corrected = []
    inputs, results = ListHash(header, "rows"), ListHash()
    sums, count, problems = dict.fromkeys(KILOGRAMS, 0), 0, []
    if not quiet:
        print("field\tfrom\tto\tm2\tpractice\tgross_kg\treserve_kg\tcredited_kg")
    for row in read_rows(folder / "results.csv"):
        activity = read_activity(row)
        found = credit(activity, facts, quantify)
        problems += compare(row, found)
        count += 1
        if row["corrected_kg"]:
            corrected.append([row["field_code"], row["starts_on"], int(row["corrected_kg"])])
        for name in KILOGRAMS:
            sums[name] += found[name]
        inputs.add(input_of(activity))
        results.add(stored_row(row, activity))
        if not quiet:
            cells = [row[name] for name in ("field_code", "starts_on", "ends_on", "area_m2")]
            print(*cells, found["practice"] or "-", *(found[n] for n in KILOGRAMS), sep="\t")
    print("total", f"{count} rows", *(f"{name} {sums[name]}" for name in KILOGRAMS), sep="\t")
    counted = {**sums, "rows": count, "results_sha256": results.hexdigest()}
    counted["inputs_sha256"] = inputs_digest(
        inputs.hexdigest(), document["correction"]["excluded"], corrected
    )
    return problems + [
        f"run.json: {name} is {run[name]}, computed {value}"
        for name, value in counted.items()
        if run[name] != value
    ]


def read_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # An apostrophe keeps spreadsheets from taking a code for a formula.
            yield {name: (text or "").removeprefix("'") for name, text in row.items()}


def read_activity(row):
    practices = [code for code in row["practices"].split(" ") if code]
    days = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
    return row | {"practices": practices, "irrigated": row["irrigated"] == "yes", "days": days}


def credit(activity, facts, quantify):
    """The kilograms of one row: the methodology's, less what has no right, less the reserve."""
    found, practice, terms, emitted = quantify(activity, facts)
    withheld = activity["withheld"]
    gross = 0 if withheld else found
    rate = Fraction(facts["reserve_rate"])
    exact, deducted = gross * rate, {}
    if not withheld and (facts.get("deductions") or emitted):
        base, left, deducted = deduct(gross, facts.get("deductions", {}), emitted)
        gross, exact = floor(left), base * rate
    reserve = min(ceil(exact), gross)
    terms = terms | deducted | {"reserve_rate": cut(rate, 6), "reserve_exact_kg": str(exact)}
    if withheld:
        terms |= {"withheld": withheld, "withheld_kg": str(found)}
    return correct(activity, facts, result("" if withheld else practice, gross, reserve, terms))


def result(practice, gross, reserve, terms):
    kilograms = dict(zip(KILOGRAMS, (gross, reserve, gross - reserve), strict=True))
    return {"practice": practice, "terms": terms, **kilograms}


def deduct(found, rates, emitted):
    """Uncertainty, what the project emitted, leakage and first hold one after the other; then
    permanence, beside the reserve."""
    steps, base = {}, Fraction(found)
    for name in ("uncertainty", "project_emissions", "leakage", "first_hold"):
        part = base * Fraction(rates.get(f"{name}_rate", "0"))
        steps[f"{name}_kg"] = min(base, emitted) if name == "project_emissions" else part
        base -= steps[f"{name}_kg"]
    steps["permanence_kg"] = base * Fraction(rates.get("permanence_rate", "0"))
    left = base - steps["permanence_kg"]
    taken = {name: str(kg) for name, kg in steps.items() if kg}
    return base, left, {"found_kg": str(found), **rates, **taken, "net_exact_kg": str(left)}


def correct(activity, facts, counted):
    """What the verifier took: all of a field, or of every field what he found or extrapolated."""
    taken, gross = int(activity["corrected_kg"] or 0), counted["gross_kg"]
    if activity["voided"] == "yes" or taken == gross > 0:
        why = {"withheld": "voided_by_verification", "withheld_kg": str(gross)}
        return result("", 0, 0, counted["terms"] | why)
    if not taken:
        return counted
    terms = counted["terms"] | {"claimed_kg": str(gross), "corrected_kg": str(taken)}
    if activity["field_code"] in facts["sampled"]:
        terms["correction"] = "as_found"
    else:
        terms |= {"correction": "extrapolated", "overstatement": facts["overstatement"]}
    reserve = ceil(Fraction(counted["reserve_kg"] * (gross - taken), gross))
    return result(counted["practice"], gross - taken, reserve, terms)


def ccx_soil(activity, facts):
    """area × rate × years × days ÷ days of the period, rounded down to a kilogram.

    Of several practices the one with the highest rate earns; the project's own rates go before
    published ones, and a rate for the field's watering before one for both.
    """
    first, last = date.fromisoformat(facts["starts_on"]), date.fromisoformat(facts["ends_on"])
    starts_on, ends_on = activity["days"]
    days, period_days = (ends_on - starts_on).days + 1, (last - first).days + 1
    years, area = years_of(first, last), Fraction(activity["area_m2"])
    terms = {
        "area_m2": activity["area_m2"],
        "vintage": str(last.year),
        "region": facts["parameters"]["region"],
        "irrigated": "yes" if activity["irrigated"] else "no",
        "days": str(days),
        "period_days": str(period_days),
        "years": str(years),
    }
    rate = best_rate(activity, facts, last.year)
    if rate is None:
        return 0, "", terms | {"reason": "no_creditable_practice"}, 0
    unit = M2_OF[rate["unit"]]
    exact = area * kg_per_m2(rate) * years * Fraction(days, period_days)
    gross = floor(exact)
    terms |= {
        "practice": rate["practice"],
        "rate": rate["rate"],
        "rate_unit": f"t CO2e/{rate['unit']}/year",
        "rate_source": rate["source"],
        "area_unit": rate["unit"],
        "m2_per_unit": cut(unit, 7),
        "area": cut(area / unit, 6),
        "gross_exact_kg": str(exact),
        "gross_before_floor_kg": cut(exact, 6),
    }
    if not gross:
        terms["reason"] = "below_one_kilogram"
    return gross, rate["practice"] if gross else "", terms, 0


def by_situation(activity, facts):
    """hectares × kg of a hectare × days ÷ days of the period, rounded down to a kilogram."""
    first, last = date.fromisoformat(facts["starts_on"]), date.fromisoformat(facts["ends_on"])
    starts_on, ends_on = activity["days"]
    days, period_days = (ends_on - starts_on).days + 1, (last - first).days + 1
    terms = {
        "area_m2": activity["area_m2"],
        "vintage": str(last.year),
        "irrigated": "yes" if activity["irrigated"] else "no",
        "days": str(days),
        "period_days": str(period_days),
    }
    earning = sorted(PRACTICES.intersection(activity["practices"]))
    situation = situation_of(earning, terms["irrigated"], facts["situations"])
    if situation is None:
        return 0, "", terms | {"reason": "no_creditable_practice"}, 0
    terms["situation"] = situation["name"]
    if "refused" in situation:
        return 0, "", terms | {"reason": "no_figure"}, 0
    hectares = Fraction(activity["area_m2"]) / M2_OF["ha"]
    share = hectares * Fraction(days, period_days)
    gross, emitted = (share * Fraction(situation[f"{name}_kg_per_ha"]) for name in FIGURES)
    practice = situation["practice"] or earning[0]
    terms |= {
        "practice": practice,
        "area_ha": cut(hectares, 6),
        **hectare_terms(situation),
        "gross_before_floor_kg": cut(gross, 6),
    }
    if gross - emitted < 1:
        terms["reason"] = "no_reduction" if gross <= emitted else "below_one_kilogram"
        return 0, "", terms, 0
    return floor(gross), practice, terms, emitted


def situation_of(earning, irrigated, situations):
    """One of the field's practice before one for any, its watering before both, then the first."""
    fitting = [
        one
        for one in situations
        if earning
        and (not one["practice"] or one["practice"] in earning)
        and one["irrigated"] in ("", irrigated)
    ]
    return min(fitting, key=lambda one: (not one["practice"], not one["irrigated"]), default=None)


def hectare_terms(situation):
    terms = {"gwp": situation["gwp"], "kg_per_ha": situation["gross_kg_per_ha"]}
    if Fraction(situation["emitted_kg_per_ha"]):
        terms["emitted_kg_per_ha"] = situation["emitted_kg_per_ha"]
    for gas, text in situation["gases_kg_per_ha"].items():
        mass = Fraction(text)
        if mass:
            terms[f"{gas}_kg_per_ha"] = ("-" if mass < 0 else "") + cut(abs(mass), 9)
    return terms


def check_situations(folder, header):
    """The figures of a hectare, from the parameters and the methodology's own source."""
    packed = json.loads((folder / "situations.json").read_text("utf-8"))
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder / "sources"))
    module, reading = READINGS[header["methodology"]]
    try:
        reading = getattr(importlib.import_module(f"credits.methodologies.{module}"), reading)()
    except ModuleNotFoundError as lacking:
        print(f"situations.json: taken as it stands, for {lacking.name} is not installed here")
        return (
            []
            if told(packed) == told(rows_of(header))
            else ["situations.json: not those of run.json"]
        )
    situations = importlib.import_module("credits.methodologies.situations")
    period = importlib.import_module("aggregator.periods").Period
    span = period(*(date.fromisoformat(header[name]) for name in ("starts_on", "ends_on")))
    found = situations.BySituation(reading).describe_situations(header["parameters"], span)
    nearly = header["methodology"] == MEASURED
    return [f"situations.json: {place}" for place in differences(packed, found, nearly)]


def rows_of(header):
    return header["parameters"]["situations"]


def told(situations):
    return [(one["name"], one.get("practice") or "") for one in situations]


def differences(packed, found, nearly, place=""):
    """Places where two documents differ; measured figures are floating point, so nearly will do."""
    if isinstance(found, dict) and isinstance(packed, dict) and found.keys() == packed.keys():
        pairs = [(packed[name], found[name], f"{place}.{name}") for name in found]
    elif isinstance(found, list) and isinstance(packed, list) and len(found) == len(packed):
        pairs = [(packed[n], one, f"{place}[{n}]") for n, one in enumerate(found)]
    elif packed == found or (nearly and are_near(packed, found)):
        return []
    else:
        return [f"{place.lstrip('.')} is {packed!r}, computed {found!r}"]
    return [
        text for was, is_now, where in pairs for text in differences(was, is_now, nearly, where)
    ]


def are_near(one, other):
    try:
        one, other = Fraction(one), Fraction(other)
    except (TypeError, ValueError):
        return False
    return abs(one - other) <= abs(other) / 10**9


FIGURES = ("gross", "emitted")
MEASURED = "measured-soc"
# Where each methodology's inputs of a hectare are read, in the folder sources.
READINGS = {
    "practice-rate": ("per_hectare", "RatePerHectare"),
    "ipcc-soc-tier1": ("per_hectare", "SoilPerHectare"),
    "conservation-tillage": ("per_hectare", "TillagePerHectare"),
    "rice-water": ("per_hectare", "RicePerHectare"),
    MEASURED: ("measured_per_hectare", "MeasuredPerHectare"),
}
PRACTICES = {
    "no_till",
    "reduced_till",
    "straw_return",
    "organic_fertiliser",
    "soil_test_fertilising",
    "intermittent_irrigation",
    "fallow",
    "grass",
}
METHODS = {("ccx-soil", "1.0"): ccx_soil, **{(id, "1.0.1"): by_situation for id in READINGS}}


def best_rate(activity, facts, vintage):
    best = None
    for practice in sorted(set(activity["practices"])):
        for table in ("project", "published"):
            rates = [
                rate
                for rate in facts["rates"]
                if (rate["table"], rate["practice"]) == (table, practice)
                and rate["region"] == facts["parameters"]["region"]
                and rate["irrigated"] in ("", "yes" if activity["irrigated"] else "no")
                and int(rate["vintage_from"]) <= vintage <= int(rate["vintage_to"] or vintage)
            ]
            if rates:
                rate = min(rates, key=lambda rate: rate["irrigated"] == "")
                if best is None or kg_per_m2(rate) > kg_per_m2(best):
                    best = rate
                break
    return best


def kg_per_m2(rate):
    return Fraction(rate["rate"]) * 1000 / M2_OF[rate["unit"]]


def years_of(first, last):
    """Whole years by anniversaries, then the days of the next one: a quarter of 2025 is 90/365."""
    after, years = last + timedelta(days=1), 0
    while anniversary(first, years + 1) <= after:
        years += 1
    start = anniversary(first, years)
    return years + Fraction((after - start).days, (anniversary(first, years + 1) - start).days)


def anniversary(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def cut(value, places):
    """A fraction as a decimal, cut off after so many places."""
    text = format(Decimal(floor(value * 10**places)).scaleb(-places), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def compare(row, found):
    place = f"results.csv: {row['field_code']} from {row['starts_on']}"
    expected = {"practice": found["practice"]} | {name: str(found[name]) for name in KILOGRAMS}
    expected |= {TERM + name: text for name, text in found["terms"].items()}
    named = {name for name, text in row.items() if name.startswith(TERM) and text}
    return [
        f"{place}: {name} is {row.get(name, '')!r}, computed {expected.get(name, '')!r}"
        for name in sorted(named | set(expected))
        if row.get(name, "") != expected.get(name, "")
    ]


def input_of(activity):
    """What entered the fingerprint of the inputs, in the order it did."""
    names = ("area_m2", "household_code", "starts_on", "ends_on")
    return [
        activity["field_code"],
        int(activity["boundary_version"]),
        *(activity[name] for name in names),
        sorted(activity["practices"]),
        activity["irrigated"],
        activity["withheld"],
    ]


def stored_row(row, activity):
    texts = ("field_code", "household_code", "starts_on", "ends_on", "area_m2", "practice")
    return {
        **{name: row[name] for name in texts},
        **{name: int(row[name]) for name in KILOGRAMS},
        "practices": activity["practices"],
        "terms": {n.removeprefix(TERM): t for n, t in row.items() if n.startswith(TERM) and t},
    }


def inputs_digest(digest, excluded, corrected):
    """What the verifier took enters the fingerprint beside the run that he verified."""
    taken = {"excluded": excluded} if excluded else {"reduced": corrected} if corrected else {}
    return hashlib.sha256(canonical({"run": digest} | taken)).hexdigest() if taken else digest


class ListHash:
    """SHA-256 of the canonical JSON of a list, or of an object with one list, a row at a time."""

    def __init__(self, header=None, name=""):
        before = {key: value for key, value in (header or {}).items() if key < name}
        after = {key: value for key, value in (header or {}).items() if key > name}
        open_with = canonical(before)[:-1] + (b"," if before else b"") + canonical(name) + b":["
        self._start = open_with if name else b"["
        self._end = b"]" + ((b"," if after else b"") + canonical(after)[1:] if name else b"")
        self._digest = hashlib.sha256(self._start)
        self._separator = b""

    def add(self, row):
        self._digest.update(self._separator + canonical(row))
        self._separator = b","

    def hexdigest(self):
        digest = self._digest.copy()
        digest.update(self._end)
        return digest.hexdigest()


def canonical(data):
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

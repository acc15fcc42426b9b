"""What the verifier's pages show: his projects, a sample at a glance, one field with its evidence.

Reads only rows that the reader may see; draws the maps as plain outlines.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from aggregator.admin_columns import TONE_SIGNS
from aggregator.models import Agreement, User
from aggregator.units import format_tonnes, m2_to
from credits.models import (
    CorrectiveAction,
    FieldResult,
    MonitoringPeriod,
    Project,
    SampledField,
    Verification,
)
from credits.verifying.corrections import extrapolate
from credits.verifying.sample_words import rule_name
from farms.evidence_checks import doubt_text
from farms.models import Evidence, PracticeRecord
from farms.plot_drawing import Drawing, lay_out, trace_plots

FINDING_TONES = {"pending": "wait", "conforms": "good", "deviates": "bad"}
ACTION_TONES = {"open": "bad", "answered": "wait", "rejected": "bad", "closed": "good"}


def tag(tone: str, words: str) -> dict[str, str]:
    return {"tone": tone, "sign": TONE_SIGNS[tone], "words": str(words)}


def list_projects(user: User) -> list[dict[str, Any]]:
    """The reader's projects with their periods and what is open in each."""
    projects = Project.objects.for_user(user).select_related("cooperative")
    periods = MonitoringPeriod.objects.order_by("-starts_on").prefetch_related(
        "verifications__sample", "verifications__corrective_actions"
    )
    rows = projects.prefetch_related(Prefetch("periods", periods))
    return [
        {"project": row, "periods": [_period(period) for period in row.periods.all()]}
        for row in rows
    ]


def _period(period: MonitoringPeriod) -> dict[str, Any]:
    checks = sorted(period.verifications.all(), key=lambda each: -each.pk)
    return {"period": period, "checks": [_open_work(check) for check in checks]}


def _open_work(check: Verification) -> dict[str, Any]:
    seen = [row.finding != SampledField.Finding.PENDING for row in check.sample.all()]
    waiting = [row for row in check.corrective_actions.all() if row.status != "closed"]
    return {
        "check": check,
        "seen": sum(seen),
        "sampled": len(seen),
        "actions": len(waiting),
        "answered": sum(row.status == CorrectiveAction.Status.ANSWERED for row in waiting),
    }


def describe_sample(check: Verification, user: User) -> dict[str, Any]:
    """The sample with a map, every field's state, the requests and what it would correct."""
    rows = list(
        check.sample.select_related(
            "result__field", "result__household", "result__boundary"
        ).prefetch_related("photos")
    )
    evidence = _count_evidence(check, rows)
    return {
        "rule": rule_name(check.rule),
        "map": draw_map([(row.position, row.result) for row in rows]),
        "rows": [
            {
                "row": row,
                "state": tag(FINDING_TONES[row.finding], row.get_finding_display()),
                "tonnes": format_tonnes(row.result.gross_kg),
                "evidence": evidence.get(row.result.field_id, 0),
                "photos": len(row.photos.all()),
            }
            for row in rows
        ],
        "actions": _describe_actions(check.corrective_actions, user),
        "correction": describe_correction(check) if rows else None,
    }


def describe_action(action: CorrectiveAction, user: User | None = None) -> dict[str, Any]:
    """A request with its state and whose turn it is; in the second person where it is `user`'s."""
    state = tag(ACTION_TONES[action.status], action.get_status_display())
    return {"action": action, "state": state, "turn": say_turn(action, user)}


def say_turn(action: CorrectiveAction, user: User | None) -> str:
    """Who has to act on a request now, or why nobody has."""
    if action.status == CorrectiveAction.Status.CLOSED:
        return _("Closed: nobody has to do anything.")
    if action.verification.status != Verification.Status.DRAWN:
        return _("The opinion has been given: nothing more is written here.")
    waits_for_verifier = action.status == CorrectiveAction.Status.ANSWERED
    role = User.Role.VERIFIER if waits_for_verifier else User.Role.OPERATOR
    mine = user is not None and user.role == role
    if waits_for_verifier:
        if mine:
            return _("Your turn: accept the answer, or say why it is not enough.")
        return _("The verifier's turn: the answer waits to be judged.")
    if mine:
        return _("Your turn: answer what the verifier asks.")
    return _("The cooperative's turn: the verifier waits for its answer.")


def _describe_actions(actions: Any, user: User) -> list[dict[str, Any]]:
    return [describe_action(each, user) for each in actions.select_related("verification")]


def _count_evidence(check: Verification, rows: list[SampledField]) -> dict[int, int]:
    files = Evidence.objects.filter(
        record__field__in=[row.result.field_id for row in rows],
        record__season__starts_on__lte=check.period.ends_on,
        record__season__ends_on__gte=check.period.starts_on,
    )
    counts: dict[int, int] = {}
    for field_id in files.values_list("record__field_id", flat=True):
        counts[field_id] = counts.get(field_id, 0) + 1
    return counts


def draw_map(numbered: list[tuple[int, FieldResult]]) -> Drawing | None:
    """The boundaries that were counted, each with its number in the sample."""
    return lay_out(
        trace_plots([(number, bytes(result.boundary.geometry_wkb)) for number, result in numbered])
    )


def describe_correction(check: Verification) -> dict[str, Any]:
    """Each number of the extrapolation, so that a reader can work it out again."""
    found = extrapolate(check)
    bounds = found.overstatement
    known = bounds.low is not None and bounds.high is not None
    return {
        "sampled": len(found.seen),
        "population": found.population,
        "claimed": f"{sum(each.claimed_kg for each in found.seen):,}",
        "overclaimed": f"{sum(each.overclaimed_kg for each in found.seen):,}",
        "ratio": f"{float(bounds.ratio) * 100:.4f}%",
        "fraction": str(bounds.ratio),
        "limits": (
            f"{float(bounds.low or 0) * 100:.4f}% – {float(bounds.high or 0) * 100:.4f}%"
            if known
            else _("not known from one field")
        ),
        "found": f"{found.found_kg:,}",
        "others": f"{found.unsampled_claim_kg:,}",
        "taken": f"{found.unsampled_taken_kg:,}",
        "left": f"{check.run.gross_kg - sum(found.reduced_kg.values()):,}",
        "by_area": check.rule.get("name") == "area",
    }


def describe_field(row: SampledField, user: User) -> dict[str, Any]:
    """One sampled field: outline, records with evidence, agreements, results, former findings."""
    result, period = row.result, row.verification.period
    return {
        "row": row,
        "state": tag(FINDING_TONES[row.finding], row.get_finding_display()),
        "area": _say_area(row),
        "map": draw_map([(row.position, result)]),
        "place": _middle(result),
        "results": _results(row),
        "records": _records(result.field_id, period),
        "agreements": _agreements(result.household_id, period),
        "entries": row.entries.select_related("recorded_by").order_by("-pk"),
        "photos": [
            {"row": photo, "url": reverse("finding-photo", args=[photo.pk])}
            for photo in row.photos.all()
        ],
        "actions": _describe_actions(row.corrective_actions, user),
    }


def _say_area(row: SampledField) -> str:
    unit = row.cooperative.area_unit
    return f"{m2_to(row.result.area_m2, unit)} {row.cooperative.get_area_unit_display()}"


def _middle(result: FieldResult) -> str:
    box = result.boundary
    latitude, longitude = (box.min_y + box.max_y) / 2, (box.min_x + box.max_x) / 2
    return f"{latitude:.6f}, {longitude:.6f}"


def _results(row: SampledField) -> list[dict[str, Any]]:
    rows = FieldResult.objects.filter(
        run_id=row.verification.run_id, field_id=row.result.field_id
    ).select_related("household")
    return [{"row": each, "tonnes": format_tonnes(each.gross_kg)} for each in rows]


def _records(field_id: int, period: MonitoringPeriod) -> list[dict[str, Any]]:
    rows = PracticeRecord.objects.filter(
        field_id=field_id,
        season__starts_on__lte=period.ends_on,
        season__ends_on__gte=period.starts_on,
    ).select_related("season")
    return [
        {
            "row": each,
            "evidence": [
                {"row": file, "doubts": [doubt_text(code) for code in file.doubts]}
                for file in each.evidence.all()
            ],
        }
        for each in rows.prefetch_related("evidence")
    ]


def _agreements(household_id: int, period: MonitoringPeriod) -> list[Agreement]:
    rows = Agreement.objects.filter(
        household_id=household_id, starts_on__lte=period.ends_on, ends_on__gte=period.starts_on
    )
    return list(rows.defer("text"))

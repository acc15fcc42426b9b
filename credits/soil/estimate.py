"""What a soil sampling round comes to: its rounds as inputs of `measured-soc`, and the answer.

The inputs are the file that `manage.py estimate measured-soc --input` takes; a stranger who has it
gets the same tonnes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from aggregator.models import User
from credits.methodologies.measured_soc_inputs import (
    EXCEEDANCE_60,
    INDEPENDENT,
    NO_RULE,
    PAIRED,
    RULES,
    VCS,
    VM0042,
)
from credits.models import SoilCampaign, SoilLayer
from credits.verifying.verifiers import require_verifier

METHODOLOGY = "measured-soc"
# Rules that need nothing beyond the rounds; the others are asked on the page of estimates.
OFFERED = (NO_RULE, EXCEEDANCE_60, VM0042, VCS)
RULE_NAMES: Mapping[str, str | Promise] = {rule: _(RULES[rule]) for rule in OFFERED}
_SQUARE_METRES = Decimal(10_000)


class NothingMeasured(DomainError):
    code = "nothing_measured"
    message = _("Round %(number)s has no results yet.")


def build_inputs(campaign: SoilCampaign) -> dict[str, Any]:
    """The inputs of `measured-soc`: this round and those it goes on from, the baseline first.

    Where the same points were visited again, points that are missing in one of the two rounds are
    left out of both. Only the 60% rule counts more than two rounds; any other compares this one
    with the round before.

    Raises:
        NothingMeasured: a round without results.
    """
    rounds = _chain(campaign)
    if campaign.rule != EXCEEDANCE_60:
        rounds = rounds[-2:]
    measured = [_layers_by_point(each) for each in rounds]
    for each, found in zip(rounds, measured, strict=True):
        if not found:
            raise NothingMeasured(number=each.number)
    if campaign.revisits and len(rounds) == 2:
        both = measured[0].keys() & measured[1].keys()
        measured = [{key: found[key] for key in found if key in both} for found in measured]
    inputs: dict[str, Any] = {
        "strata": [
            {"name": stratum["name"], "area_ha": Decimal(stratum["area_m2"]) / _SQUARE_METRES}
            for stratum in campaign.strata
        ],
        "rounds": [
            {"cores": [_core(each, label, layers) for label, layers in found.items()]}
            for each, found in zip(rounds, measured, strict=True)
        ],
        "rule": campaign.rule,
        "pairing": PAIRED if campaign.revisits and len(rounds) == 2 else INDEPENDENT,
    }
    hold = campaign.project.terms.get("first_hold_rate")
    if campaign.rule == EXCEEDANCE_60 and hold is not None:
        inputs["first_round_hold_share"] = Decimal(hold)
    return inputs


def export_inputs(campaign: SoilCampaign, *, by: User) -> dict[str, Any]:
    """The inputs for the staff of the cooperative, and for the project's verifier."""
    others = [role for role in User.Role.values if role != User.Role.VERIFIER]
    require_verifier(by, *others, project=campaign.project)
    return build_inputs(campaign)


def _chain(campaign: SoilCampaign) -> list[SoilCampaign]:
    found = [campaign]
    while found[0].follows is not None:
        found.insert(0, found[0].follows)
    return found


def _layers_by_point(campaign: SoilCampaign) -> dict[str, list[SoilLayer]]:
    rows = SoilLayer.objects.standing().filter(point__campaign=campaign).select_related("point")
    ordered = rows.order_by("point__stratum", "point__position", "top_cm")
    return {label: list(layers) for label, layers in groupby(ordered, lambda row: row.point.label)}


def _core(campaign: SoilCampaign, label: str, layers: Iterable[SoilLayer]) -> dict[str, Any]:
    layers = list(layers)
    core = {
        "name": label,
        "stratum": layers[0].point.stratum,
        "sampled_on": max(layer.sampled_on for layer in layers).isoformat(),
        "cores_per_sample": campaign.cores_per_sample,
        "layers": [_layer(campaign, layer) for layer in layers],
    }
    if campaign.probe_diameter_mm is not None:
        core["probe_diameter_mm"] = campaign.probe_diameter_mm
    return core


def _layer(campaign: SoilCampaign, layer: SoilLayer) -> dict[str, Any]:
    """A layer by the mass from the probe where it was weighed, else by its bulk density."""
    told: dict[str, Any] = {
        "top_cm": layer.top_cm,
        "bottom_cm": layer.bottom_cm,
        "carbon_g_per_kg": layer.carbon_g_per_kg,
    }
    if layer.mass_g is not None:
        return told | {"mass_g": layer.mass_g}
    told |= {
        "bulk_density_g_per_cm3": layer.bulk_density_g_per_cm3,
        "density_of": campaign.density_of,
    }
    whole_soil = campaign.density_of == SoilCampaign.DensityOf.WHOLE_SOIL
    if layer.coarse_percent is not None and whole_soil:
        told["coarse_fragments_share"] = layer.coarse_percent / 100
    return told

"""What a stratum is called in the reader's language; its name in the list never changes."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credits.models import SoilCampaign
from farms.models import Field, PracticeRecord

_WORDS: Mapping[str, str | Promise] = {
    "all": gettext_lazy("the whole project"),
    "none": gettext_lazy("not recorded"),
    "small": gettext_lazy("small fields"),
    "middle": gettext_lazy("middling fields"),
    "large": gettext_lazy("large fields"),
}


def stratum_name(campaign: SoilCampaign, name: str) -> str:
    """The stratum's name in words; what people named themselves stays as it is."""
    by = rule_of_strata(campaign)
    if by == SoilCampaign.StratifyBy.SHEET:
        return name
    if by == SoilCampaign.StratifyBy.VILLAGE:
        # The code comes first in the list, since two villages may share a name.
        return name.partition(" ")[2] or name
    if name in _WORDS:
        return str(_WORDS[name])
    if by == SoilCampaign.StratifyBy.LAND_CLASS and name in Field.LandClass:
        return str(Field.LandClass(name).label)
    if by == SoilCampaign.StratifyBy.PRACTICE:
        # Translators: between the items of a list, e.g. of crops and practices.
        return _(", ").join(
            PracticeRecord(practice=part).practice_label for part in name.split("+")
        )
    return name


def rule_of_strata(campaign: SoilCampaign) -> str:
    """How the strata were first formed, however many rounds ago."""
    while campaign.follows is not None:
        campaign = campaign.follows
    return campaign.stratify_by

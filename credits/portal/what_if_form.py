"""A few questions in plain words: which land, how it is tilled, how it would be, straw, ground."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aggregator.units import to_m2
from credits.estimating.what_if import Plot, climates_with_fields, name_ground, soils_of
from credits.methodologies.ipcc_soc_tables import SOILS

ALL, OTHER = "all", "other"
_TILLING = [
    ("full", _("I plough the whole field")),
    ("reduced", _("I till lightly, without turning the soil")),
    ("no_till", _("I do not till, I sow straight in")),
]
_WOULD = [
    ("no_till", _("Not till any more, sow straight in")),
    ("reduced", _("Till lightly, without turning the soil")),
    ("full", _("Plough the whole field")),
]
_STRAW = [
    ("would_return", _("Taken off now; then it would stay")),
    ("returned", _("Stays on the field, as now")),
    ("taken", _("Taken off or burnt, as now")),
]
# What a household farms, and then some: a slip of the finger is more.
_MOST_AREA = Decimal(100_000)


class WhatIfForm(forms.Form):
    """`known` holds what the cooperative knows of the ground: that is not asked again."""

    land = forms.ChoiceField(label=_("Which land?"))
    area = forms.DecimalField(
        label=_("How large is it?"), required=False, max_value=_MOST_AREA, decimal_places=4
    )
    now = forms.ChoiceField(label=_("How do you till now?"), choices=_TILLING)
    then = forms.ChoiceField(label=_("What would you do?"), choices=_WOULD)
    straw = forms.ChoiceField(label=_("And the straw?"), choices=_STRAW)
    climate = forms.ChoiceField(
        label=_("What is your climate?"),
        help_text=_(
            "Warm temperate: a yearly mean of 10 to 18 °C, cool below, tropical above. Moist: more "
            "rain falls than can dry off."
        ),
    )
    soil = forms.ChoiceField(
        label=_("And the soil?"),
        help_text=_(
            "Deep red soil of warm country is low activity clay; most other clay and loam is high "
            "activity clay. Not sure? Ask at the cooperative."
        ),
    )

    def __init__(
        self, *args: Any, plots: list[Plot], known: dict[str, str], unit: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plots, self.known, self.unit = plots, known, unit
        choices: list[tuple[str, Any]] = [(plot.key, plot.words) for plot in plots]
        if len(plots) > 1:
            choices.insert(0, (ALL, _("All my fields together")))
        self.fields["land"].choices = [*choices, (OTHER, _("Another piece"))]  # type: ignore[attr-defined]
        for name, options in self._grounds().items():
            if name in known:
                del self.fields[name]
                continue
            said = [(code, name_ground({name: code})) for code in options]
            self.fields[name].choices = [("", "—"), *said]  # type: ignore[attr-defined]

    def _grounds(self) -> dict[str, list[str]]:
        """Only what the tables have a figure for, as far as half of it is known."""
        climate, soil = self.known.get("climate"), self.known.get("soil")
        return {
            "climate": [
                each for each in climates_with_fields() if soil is None or soil in soils_of(each)
            ],
            "soil": soils_of(climate) if climate else list(SOILS),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("land") == OTHER and "area" not in self.errors:
            area = cleaned.get("area")
            if area is None:
                self.add_error("area", _("Write how large the other piece is."))
            elif to_m2(area, self.unit) <= 0:
                self.add_error("area", _("Write a number above zero."))
        climate, soil = cleaned.get("climate"), cleaned.get("soil")
        if climate and soil and soil not in soils_of(climate):
            offered = " · ".join(name_ground({"soil": each}) for each in soils_of(climate))
            self.add_error(
                "soil",
                _("For this climate the tables have figures only for: %(soils)s.")
                % {"soils": offered},
            )
        return cleaned

    @property
    def area_m2(self) -> Decimal:
        """The land in question."""
        land = self.cleaned_data["land"]
        if land == OTHER:
            return to_m2(self.cleaned_data["area"], self.unit)
        return sum((plot.area_m2 for plot in self.plots if land in (ALL, plot.key)), Decimal(0))

    @property
    def answers(self) -> dict[str, str]:
        words = ("now", "then", "straw", "climate", "soil")
        return {name: self.cleaned_data.get(name, self.known.get(name, "")) for name in words}

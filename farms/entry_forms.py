"""Forms of the pages on which one practice or one sight is entered for many fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aggregator.object_actions import DayField
from farms.crops import usual_crops
from farms.models import Observation, Practice, Season
from farms.practice_entry import Entry
from farms.reports import Deed

# The page holds the list of this name.
CROP_INPUT = forms.TextInput(attrs={"list": "usual-crops", "autocomplete": "off"})


def crop_choices() -> list[str]:
    """The usual crops in the reader's language."""
    at = 0 if (get_language() or "").startswith("zh") else 1
    return [names[at] for names in usual_crops()]


class EntryForm(forms.Form):
    """A practice and how it was carried out."""

    season = forms.ModelChoiceField(Season.objects.none(), label=_("Season"))
    practice = forms.ChoiceField(label=_("Practice"), choices=Practice.choices)
    crop = forms.CharField(
        label=_("Crop"),
        required=False,
        max_length=64,
        widget=CROP_INPUT,
        help_text=_("What grew there in this season, for example rice."),
    )
    irrigated = forms.BooleanField(label=_("irrigated"), required=False)
    done_on = DayField(
        label=_("Done on"),
        required=False,
        help_text=_("A day of the season; empty where it is not known."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        seasons = Season.objects.for_user(request.user)  # type: ignore[arg-type]
        self.fields["season"].queryset = seasons.order_by("-starts_on")  # type: ignore[attr-defined]
        begun = seasons.filter(starts_on__lte=timezone.localdate()).order_by("-starts_on").first()
        self.fields["season"].initial = begun and begun.pk

    def entry(self) -> Entry:
        said = self.cleaned_data
        deed = Deed(said["crop"], said["irrigated"], said["done_on"], said["note"])
        return Entry(said["season"], said["practice"], deed)


class SightForm(forms.Form):
    """What was seen, when and by what."""

    seen = forms.ChoiceField(label=_("What was seen"), choices=Observation.Seen.choices)
    seen_on = DayField(label=_("Seen on"), initial=timezone.localdate)
    source = forms.CharField(
        label=_("By what"),
        required=False,
        max_length=100,
        help_text=_("A visit, a drone, a satellite image and its date."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

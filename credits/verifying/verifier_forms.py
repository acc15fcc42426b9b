"""What a verifier types in the field, and both sides of a corrective action: forms, no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credits.models import SampledField


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """As many files as were chosen, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in files if each]


class FindingForm(forms.Form):
    finding = forms.ChoiceField(
        label=_("Finding"),
        choices=[choice for choice in SampledField.Finding.choices if choice[0] != "pending"],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea({"rows": 3}),
        required=False,
        help_text=_("Needed where the field deviates: what does."),
    )
    overclaimed_kg = forms.IntegerField(
        label=_("Claimed too much (kg)"),
        min_value=1,
        required=False,
        help_text=_(
            "Empty: all that the field claims. Counts where the opinion extrapolates; otherwise a "
            "field that deviates is void."
        ),
    )


class PhotoForm(forms.Form):
    photos = ManyFilesField(
        label=_("Pictures"),
        widget=ManyFilesInput({"accept": "image/*", "capture": "environment"}),
        help_text=_("Taken on the field; the camera's place and time are kept with them."),
    )


class RaiseForm(forms.Form):
    title = forms.CharField(label=_("What is to be corrected"), max_length=100)
    text = forms.CharField(label=_("In words"), widget=forms.Textarea({"rows": 4}))
    files = ManyFilesField(label=_("Files"), required=False)  # type: ignore[assignment]


class MessageForm(forms.Form):
    text = forms.CharField(label=_("In words"), widget=forms.Textarea({"rows": 4}), required=False)
    files = ManyFilesField(label=_("Files"), required=False)  # type: ignore[assignment]

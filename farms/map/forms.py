"""Forms of the pages that change land on the map; each says what its rule needs to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from aggregator.models import Household, User, Village
from aggregator.object_actions import DayField
from farms.cutting import CuttingError, read_shape
from farms.models import Field, Tenure
from farms.outline_words import cutting_text


class ShapeField(forms.CharField):
    """A shape drawn on the map or written as GeoJSON, WKT or lines of numbers."""

    def __init__(self, *, kind: str, **options: Any) -> None:
        self.kind = kind
        options.setdefault("widget", forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}))
        # An empty box is told what to do, not that it "is required".
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> BaseGeometry:
        try:
            return read_shape(super().clean(value), kind=self.kind)
        except CuttingError as error:
            raise forms.ValidationError(cutting_text(error)) from error


SHAPE_HELP = _("Drawn on the map, or written here: GeoJSON, WKT, or a line a corner: 118.52, 30.21")


class LandForm(forms.Form):
    """A form of somebody's own cooperative: choices name its rows only."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = field.queryset.model.objects.for_user(user)


class HouseholdCode(forms.CharField):
    """A household named by its code: a list of ten thousand would help nobody."""


class HolderForm(LandForm):
    """Who holds a field from a day on."""

    household = HouseholdCode(
        label=_("household"), max_length=40, help_text=_("The household's code, for example H001.")
    )
    kind = forms.ChoiceField(label=_("kind"), choices=Tenure.Kind.choices)
    starts_on = DayField(label=_("from"), help_text=_("The first day; tonnes count from it."))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, user=user, **kwargs)

    def clean_household(self) -> Household:
        code = self.cleaned_data["household"].strip()
        found = Household.objects.for_user(self.user).filter(code=code, merged_into=None).first()
        if found is None:
            raise forms.ValidationError(_("There is no household %(code)s."), params={"code": code})
        return found  # type: ignore[no-any-return]


class DrawForm(HolderForm):
    code = forms.CharField(
        label=_("field code"),
        max_length=40,
        help_text=_("Of the land register: 19 digits. Without one, a code of your own."),
    )
    name = forms.CharField(
        label=_("name"),
        max_length=100,
        required=False,
        help_text=_("As the farmers call it; it stands on their statements."),
    )
    village = forms.ModelChoiceField(Village.objects.all(), label=_("village"))
    land_class = forms.ChoiceField(
        label=_("land class"), choices=Field.LandClass.choices, required=False
    )
    shape = ShapeField(kind="Polygon", label=_("outline"), help_text=SHAPE_HELP)
    field_order = ("shape", "code", "name", "village", "land_class")


class RedrawForm(LandForm):
    shape = ShapeField(kind="Polygon", label=_("outline"), help_text=SHAPE_HELP)


class SplitForm(LandForm):
    shape = ShapeField(kind="LineString", label=_("dividing line"), help_text=SHAPE_HELP)
    on = DayField(label=_("new fields from"), initial=timezone.localdate)
    codes = forms.CharField(
        label=_("codes of the new fields"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, from west to east."),
    )

    def clean_codes(self) -> list[str]:
        lines = self.cleaned_data["codes"].splitlines()
        return [line.strip() for line in lines if line.strip()]


class MergeForm(LandForm):
    code = forms.CharField(label=_("code of the new field"), max_length=40)
    on = DayField(label=_("new field from"), initial=timezone.localdate)


class TransferForm(HolderForm):
    kind = forms.ChoiceField(
        label=_("kind"), choices=Tenure.Kind.choices, initial=Tenure.Kind.TRANSFER
    )
    ends_on = DayField(label=_("to"), required=False, help_text=_("Empty: until further notice."))

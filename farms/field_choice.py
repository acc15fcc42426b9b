"""Choosing many fields on a page: by village, household, codes, or those marked on the map."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.models import Village
from farms.field_actions import chosen_fields
from farms.models import Field, Tenure
from farms.models.field import FieldQuerySet

_MOST_CODES = 20_000
_SHOWN = 5


class FieldChoiceForm(forms.Form):
    """What narrows the choice; all that is given must hold, and something must be given."""

    village = forms.ModelChoiceField(
        Village.objects.none(), label=_("Village"), required=False, empty_label=_("any village")
    )
    household = forms.CharField(
        label=_("Household"),
        required=False,
        max_length=64,
        help_text=_("Its code, or the head's name: the fields that it works today."),
    )
    codes = forms.CharField(
        label=_("Field codes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, or with commas between them; copied from a list, for instance."),
    )
    chosen = forms.BooleanField(required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.user: Any = request.user
        self.fields["village"].queryset = Village.objects.for_user(self.user)  # type: ignore[attr-defined,arg-type]
        self.chosen_keys = list(chosen_fields(request).values_list("pk", flat=True))
        if self.chosen_keys:
            label = gettext("Only the %(count)d fields marked on the map or in the list")
            self.fields["chosen"].label = label % {"count": len(self.chosen_keys)}
            self.fields["chosen"].initial = True
        else:
            del self.fields["chosen"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(name) for name in ("village", "household", "codes", "chosen")):
            raise forms.ValidationError(
                gettext("Say which fields: a village, a household, or field codes.")
            )
        return cleaned

    def clean_codes(self) -> list[str]:
        codes = list(dict.fromkeys(re.split(r"[\s,，;；、]+", self.cleaned_data["codes"].strip())))
        codes = [code for code in codes if code]
        if len(codes) > _MOST_CODES:
            raise forms.ValidationError(gettext("These are too many codes for one page."))
        own = Field.objects.for_user(self.user)
        known: set[str] = set()
        # In parts: a database takes only so many values in one question.
        for at in range(0, len(codes), 5000):
            part = own.filter(code__in=codes[at : at + 5000])
            known |= set(part.values_list("code", flat=True))
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise forms.ValidationError(
                gettext("%(count)d codes are not known here: %(codes)s"),
                params={"count": len(unknown), "codes": ", ".join(unknown[:_SHOWN])},
            )
        return codes

    def field_ids(self) -> list[int]:
        """The keys of the fields chosen."""
        cleaned = self.cleaned_data
        fields: FieldQuerySet = Field.objects.for_user(self.user)
        if cleaned["village"]:
            fields = fields.filter(village=cleaned["village"])
        if cleaned["household"]:
            fields = fields.filter(pk__in=_worked_by(cleaned["household"]).values("field"))
        keys = set(fields.values_list("pk", flat=True))
        if cleaned["codes"]:
            codes = set(cleaned["codes"])
            keys &= {pk for pk, code in fields.values_list("pk", "code") if code in codes}
        if cleaned.get("chosen"):
            keys &= set(self.chosen_keys)
        return sorted(keys)


def _worked_by(text: str) -> QuerySet[Tenure]:
    """Today's tenures of a household, by its code or its head's name, that prevail."""
    today = timezone.localdate()
    held = Tenure.objects.touching(today, today)
    let = held.filter(field=OuterRef("field"), kind=Tenure.Kind.TRANSFER)
    named = Q(household__code=text) | Q(
        household__persons__name=text, household__persons__is_head=True
    )
    return held.filter(named).filter(Q(kind=Tenure.Kind.TRANSFER) | ~Exists(let))

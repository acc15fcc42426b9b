"""Decisions as buttons: each asks once in words, then calls one rule in the name of who signed in.

Knows no model; every app's admin registers its own actions, and an upper floor may register one
on a model of a lower floor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import DecimalValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.keys import read_key
from aggregator.models import User
from aggregator.money import minor_digits

Words = str | Promise
_ACTIONS: dict[type[models.Model], list[ObjectAction]] = {}


class ActionForm(forms.Form):
    """What a decision needs to be told; `subject` is the object (or the cooperative) decided on."""

    # How the page lays the fields out; a form with parts names a template of its own.
    page_part = "admin/decision_fields.html"

    def __init__(self, *args: Any, subject: Any, **kwargs: Any) -> None:
        self.subject = subject
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.use_currency(subject.cooperative.currency)

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the rule."""
        return self.cleaned_data


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class RowsField(forms.ModelMultipleChoiceField):
    """Rows ticked in a list; what is no key at all is refused before a database is asked."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if read_key(str(key)) is None:
                said = {"value": str(key)[:20]}
                reason = self.error_messages["invalid_choice"]
                raise forms.ValidationError(reason, code="invalid_choice", params=said)
        return super().clean(value)


class MoneyField(forms.DecimalField):
    """An amount typed in yuan or dollars, passed on in minor units of the form's currency."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=15, **kwargs)
        self.use_currency("CNY")

    def use_currency(self, currency: str) -> None:
        """Take as many decimals as `currency` has: a yen has none."""
        digits = minor_digits(currency)
        self.decimal_places = digits
        others = [each for each in self.validators if not isinstance(each, DecimalValidator)]
        self.validators = [*others, DecimalValidator(self.max_digits, digits)]
        self.widget.attrs["step"] = str(Decimal(1).scaleb(-digits))

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int(amount.scaleb(self.decimal_places))


def _always(_subject: Any, _user: User) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class ObjectAction:
    """One button: who may press it, when, what it says will happen and the rule it calls."""

    name: str
    label: Words
    roles: frozenset[str]
    rule: Callable[..., Any]
    explain: Callable[[Any], Iterable[Words]]
    allowed: Callable[[Any, User], bool] = _always
    form: type[ActionForm] | None = None
    done: Callable[[Any], Words] = lambda _result: _("Done.")
    # Answers with a file or a page of its own instead of going back to the object.
    respond: Callable[[HttpRequest, Any], HttpResponse] | None = None
    on_list: bool = False
    primary: bool = True

    def is_for(self, user: User) -> bool:
        return user.is_superuser or user.role in self.roles

    def is_open(self, subject: Any, user: User) -> bool:
        return self.is_for(user) and self.allowed(subject, user)


def register_action(model: type[models.Model], action: ObjectAction) -> None:
    """Put a button on `model`'s page (or on its list)."""
    _ACTIONS.setdefault(model, []).append(action)


def actions_of(model: type[models.Model], *, on_list: bool) -> list[ObjectAction]:
    return [action for action in _ACTIONS.get(model, []) if action.on_list is on_list]


def find_action(model: type[models.Model], name: str, *, on_list: bool) -> ObjectAction | None:
    return next((a for a in actions_of(model, on_list=on_list) if a.name == name), None)

"""Typed phone, identity and account numbers in forms and searches of the admin."""

from __future__ import annotations

from collections.abc import Callable

from django import forms

from aggregator.identity import NumberRefused


def read_number(read: Callable[[str], str], typed: str) -> str:
    """A typed number in its stored form, or the form's error that says what to mend."""
    try:
        return read(typed) if typed else ""
    except NumberRefused as refusal:
        raise forms.ValidationError(str(refusal)) from refusal


def as_stored(read: Callable[[str], str]) -> Callable[[str], str]:
    """For searching: what cannot be a number of this kind is found nowhere, without complaint."""

    def write(typed: str) -> str:
        try:
            return read(typed)
        except NumberRefused:
            return typed

    return write

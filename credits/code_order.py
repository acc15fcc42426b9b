"""Codes in the order of their octets, as Python sorts them, whatever the database's language."""

from __future__ import annotations

from django.db import connection
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate


def by_octets(column: str) -> Combinable:
    """What to order by: hashes are made of rows in this order, on every database alike."""
    return Collate(column, "C") if connection.vendor == "postgresql" else F(column)

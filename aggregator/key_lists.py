"""Any number of keys in a query as one parameter, which databases and Django read at once."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models.expressions import RawSQL


def key_list(keys: Iterable[int]) -> RawSQL:
    """For the right side of ``__in``: a list is checked key by key, and may be too long."""
    wanted = list(keys)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [wanted])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(wanted)])

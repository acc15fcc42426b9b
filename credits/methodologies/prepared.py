"""What is made of a project's parameters, once for as long as they stay the same.

Imports no Django.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Prepared(Generic[T]):
    """Remembers what was made of the parameters seen last; a count asks a million times for one.

    Compared by value with a copy of its own: parameters that were changed in place are made anew.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], T]) -> None:
        self._make = make
        self._last: tuple[Mapping[str, Any], T] | None = None

    def of(self, parameters: Mapping[str, Any]) -> T:
        # Read once: another thread may put its own in the place meanwhile.
        last = self._last
        if last is None or last[0] != parameters:
            last = (deepcopy(dict(parameters)), self._make(parameters))
            self._last = last
        return last[1]

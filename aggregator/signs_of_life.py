"""Lists that tell how far somebody has read them: a long job's sign of life.

Knows nothing of jobs; whoever watches may raise to stop the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
# Asked this often, the watching costs nothing beside the reading.
_EVERY = 200


class Watched(list[Any]):
    """A list whose every walk from the first item on is told to `see`, item by counted item."""

    def __init__(self, items: Iterable[Any], see: Callable[[int], None]) -> None:
        super().__init__(items)
        self._see = see

    def __iter__(self) -> Iterator[Any]:
        for at, item in enumerate(super().__iter__()):
            if at % _EVERY == 0:
                self._see(at)
            yield item


class Watch:
    """Gives lists to be read under watch."""

    def __init__(self, see: Callable[[int], None]) -> None:
        self.see = see

    def __call__(self, items: Iterable[Item]) -> list[Item]:
        return Watched(items, self.see)

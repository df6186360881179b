"""Objects that are put and got: first in first out, the least first, or whichever a filter takes."""

from typing import Any, NamedTuple

from pluriverse._native.simpy import (
    FilterStore,
    FilterStoreGet,
    PriorityStore,
    Store,
    StoreGet,
    StorePut,
)

__all__ = [
    "FilterStore",
    "FilterStoreGet",
    "PriorityItem",
    "PriorityStore",
    "Store",
    "StoreGet",
    "StorePut",
]


class PriorityItem(NamedTuple):
    """An object with a priority, by which alone it is ordered: for objects that have no order of their own."""

    priority: Any
    item: Any

    def __lt__(self, other: "PriorityItem") -> bool:  # type: ignore[override]
        return bool(self.priority < other.priority)


def _take_all(item: Any) -> bool:
    """The filter of a request that has none."""
    return True

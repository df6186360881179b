"""Slots that processes use one at a time: first come first served, by priority, and with preemption."""

from typing import TYPE_CHECKING, Any

from pluriverse._native.simpy import (
    PreemptiveResource,
    PriorityRequest,
    PriorityResource,
    Release,
    Request,
    Resource,
)

if TYPE_CHECKING:
    from pluriverse.simpy.core import SimTime
    from pluriverse.simpy.events import Process

__all__ = [
    "Preempted",
    "PreemptiveResource",
    "PriorityRequest",
    "PriorityResource",
    "Release",
    "Request",
    "Resource",
    "SortedQueue",
]


class Preempted:
    """The cause of the interrupt that takes a slot away: by whom, which slot, and since when it was in use."""

    def __init__(
        self,
        by: "Process | None",
        usage_since: "SimTime | None",
        resource: Resource,
    ) -> None:
        self.by = by
        self.usage_since = usage_since
        self.resource = resource


def _key(event: Any) -> Any:
    return event.key


class SortedQueue(list[Any]):
    """A queue that keeps its requests in the order of their keys; `maxlen` limits it."""

    def __init__(self, maxlen: int | None = None) -> None:
        super().__init__()
        self.maxlen = maxlen

    def append(self, item: Any) -> None:
        """Puts a request in its place; raises `RuntimeError` when the queue is full."""
        if self.maxlen is not None and len(self) >= self.maxlen:
            raise RuntimeError("Cannot append event. Queue is full.")
        super().append(item)
        super().sort(key=_key)


PriorityResource.PutQueue = SortedQueue

"""Events: what may happen, is going to happen, or has happened.

An event is triggered by `succeed`, `fail` or `trigger`, which put it on its environment's agenda; when its turn
comes, its callbacks are called. A failed event whose exception nobody takes care of ends the run with it.
"""

import linecache
from collections.abc import Callable, Generator
from typing import Any, NewType, TypeVar

from pluriverse._native.simpy import (
    PENDING,
    AllOf,
    AnyOf,
    Condition,
    ConditionValue,
    Event,
    Initialize,
    Interruption,
    Process,
    Timeout,
)
from pluriverse._native.simpy import NORMAL as _NORMAL
from pluriverse._native.simpy import URGENT as _URGENT

__all__ = [
    "NORMAL",
    "PENDING",
    "URGENT",
    "AllOf",
    "AnyOf",
    "Condition",
    "ConditionValue",
    "Event",
    "EventCallback",
    "EventCallbacks",
    "EventPriority",
    "EventType",
    "Initialize",
    "Interruption",
    "Process",
    "ProcessGenerator",
    "Timeout",
]

EventPriority = NewType("EventPriority", int)

#: Of interrupts and the start of processes: before everything else at the same time.
URGENT: EventPriority = EventPriority(_URGENT)
#: Of everything else.
NORMAL: EventPriority = EventPriority(_NORMAL)

EventType = TypeVar("EventType", bound=Event)
EventCallback = Callable[[EventType], None]
EventCallbacks = list[EventCallback[Event]]
ProcessGenerator = Generator[Event, Any, Any]


def _describe_place(generator: object) -> str:
    """Where in its source a generator stands, in the form of tracebacks."""
    frame = getattr(generator, "gi_frame", None)
    if frame is None:
        return ""
    code = frame.f_code
    place = f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}\n'
    line = linecache.getline(code.co_filename, frame.f_lineno).strip()
    return f"{place}    {line}\n" if line else place

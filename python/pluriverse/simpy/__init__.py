"""SimPy's world on the engine's queue: `import pluriverse.simpy as simpy`, and the program is the same.

What is here behaves as SimPy 4.1 does: the same names, the same order of events, the same errors in the same words.
`docs/simpy.md` lists what differs. Environments are in `core` and `rt`, events in `events`, what processes share in
`resources`.
"""

import pluriverse.simpy.resources.base  # Models find it as `simpy.resources.base`.
from pluriverse.simpy.core import Environment
from pluriverse.simpy.events import AllOf, AnyOf, Event, Process, Timeout
from pluriverse.simpy.exceptions import Interrupt, SimPyException
from pluriverse.simpy.resources.container import Container
from pluriverse.simpy.resources.resource import PreemptiveResource, PriorityResource, Resource
from pluriverse.simpy.resources.store import FilterStore, PriorityItem, PriorityStore, Store
from pluriverse.simpy.rt import RealtimeEnvironment

__all__ = [
    "AllOf",
    "AnyOf",
    "Container",
    "Environment",
    "Event",
    "FilterStore",
    "Interrupt",
    "PreemptiveResource",
    "PriorityItem",
    "PriorityResource",
    "PriorityStore",
    "Process",
    "RealtimeEnvironment",
    "Resource",
    "SimPyException",
    "Store",
    "Timeout",
]

#: The version of SimPy whose behaviour this is.
__version__ = "4.1.2"

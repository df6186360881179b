"""Builders of process scenarios: typed, and made into what scenario files have.

Fields have the names, the meaning and the defaults of the keys in scenario files; ``None`` leaves a key out. Whatever
is wrong with a scenario is said when it is loaded, as for a file.

>>> import pluriverse as pv
>>> from pluriverse import arrivals, dist, process
>>> desk = process.Scenario(
...     run=process.Run(until="8h"),
...     sources={"callers": process.Source(arrivals=arrivals.poisson(rate="20/h"))},
...     stations={"desk": process.Station(agents=2, service=dist.exponential(mean="5m"))},
... )
>>> pv.load(desk).kind
'process'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from .arrivals import Arrivals
from .dist import Draw, DurationDraw, Even

Duration: TypeAlias = "str | timedelta"
"""A text such as ``"1h30m"``, or a ``timedelta``."""


@dataclass(frozen=True)
class Run:
    """How a run goes."""

    until: Duration | None = None
    """Sources stop at this time."""
    at_end: Literal["cut", "drain"] | None = None
    """What happens to the cases still there at ``until``."""
    warm_up: Duration | None = None
    """Measures start at this time."""
    period: Duration | None = None
    """Measures are also kept per period of this length."""
    seed: int | None = None
    replications: int | None = None
    staffing: Literal["scheduled", "outside"] | None = None
    """Who says how many agents are on duty: the scenario, or `pluriverse.World.input`, too."""


@dataclass(frozen=True)
class CaseClass:
    """A class of cases."""

    priority: int | None = None
    """Larger is more urgent."""


@dataclass(frozen=True)
class Way:
    """A way and when it is taken."""

    to: str
    """A station's name, ``"next"`` or ``"exit"``."""
    probability: float | None = None
    when: str | None = None
    """An expression such as ``"loops < 3"``."""


Route: TypeAlias = "str | Sequence[Way]"
"""A station's name, ``"next"``, ``"exit"``, or ways of which one is taken."""


@dataclass(frozen=True)
class Source:
    """A source of cases."""

    arrivals: Arrivals
    """One of `pluriverse.arrivals`."""
    batch: Draw | None = None
    """How many cases come at once."""
    class_: str | None = None
    attributes: Mapping[str, Draw] | None = None
    """Attributes that the cases carry from the start."""
    to: Route | None = None
    from_: Duration | None = None
    until: Duration | None = None
    limit: int | None = None
    """No more cases than this."""


@dataclass(frozen=True)
class AgentsFrom:
    """A number of agents and from when it holds."""

    from_: Duration
    agents: int


@dataclass(frozen=True)
class Roster:
    """Numbers of agents that change at given times, the first at ``"0s"``."""

    schedule: Sequence[AgentsFrom]
    repeat: bool | Duration | None = None


Agents: TypeAlias = "int | str | Even | Roster"
"""A number, ``"unlimited"``, a pool's name (for stations), or numbers that change with time."""


@dataclass(frozen=True)
class Pool:
    """Agents who serve several stations."""

    agents: Agents
    end_of_shift: Literal["finish", "preempt"] | None = None
    """What busy agents do when their number falls."""
    cost_per_hour: float | None = None
    cost_per_use: float | None = None


@dataclass(frozen=True)
class ServiceLevel:
    """Target for the wait."""

    within: Duration
    """The longest wait that counts as met."""
    abandoned: Literal["by_wait", "missed", "excluded"] | None = None
    """How cases that gave up count."""


@dataclass(frozen=True)
class Station:
    """A queue and the agents who serve it."""

    agents: Agents
    service: DurationDraw
    """How long service takes."""
    queue: Literal["fifo", "lifo", "priority", "shortest-processing"] | None = None
    preemption: Literal["none", "resume"] | None = None
    buffer: int | None = None
    """How many may wait."""
    when_full: Literal["balk", "block"] | None = None
    balk_to: Route | None = None
    patience: DurationDraw | None = None
    """How long a case waits before it gives up."""
    renege_to: Route | None = None
    service_level: Duration | ServiceLevel | None = None
    assign: Mapping[str, str | float] | None = None
    """Attributes set when service ends."""
    cost_per_case: float | None = None
    to: Route | None = None
    end_of_shift: Literal["finish", "preempt"] | None = None
    cost_per_hour: float | None = None
    cost_per_use: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A process world: cases come from sources and flow through stations, where agents serve them."""

    sources: Mapping[str, Source]
    stations: Mapping[str, Station]
    pools: Mapping[str, Pool] | None = None
    classes: Mapping[str, CaseClass] | None = None
    run: Run | None = None
    name: str | None = None
    title: str | None = None
    kind: Literal["process"] = "process"

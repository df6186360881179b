"""When cases come, by the names that scenario files have.

>>> from pluriverse import arrivals
>>> arrivals.poisson(rate="100/h")
poisson(rate='100/h')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ._plain import Tagged
from .dist import Draw, DurationDraw, Unit


class Arrivals(Tagged):
    """When cases come: one of the kinds below."""

    __slots__ = ()


@dataclass(frozen=True)
class EvenRates:
    """Rates that change at even intervals; ``factor`` is drawn once a replication and multiplies all of them."""

    every: str | timedelta
    values: Sequence[str]
    repeat: bool | str | timedelta | None = None
    factor: Draw | None = None


@dataclass(frozen=True)
class Rate:
    """A rate and from when it holds."""

    from_: str | timedelta
    rate: str


@dataclass(frozen=True)
class SteppedRates:
    """Rates that change at given times, the first at ``"0s"``."""

    steps: Sequence[Rate]
    repeat: bool | str | timedelta | None = None
    factor: Draw | None = None


@dataclass(frozen=True)
class AttributeColumn:
    """A column of numbers, or of durations with their unit."""

    column: str
    unit: Unit | None = None


@dataclass(frozen=True)
class AttributeSpan:
    """The time between two columns of timestamps, in seconds."""

    start: str
    end: str


@dataclass(frozen=True)
class TraceOptions:
    """What else there is to say about a recorded file."""

    time_unit: Unit | None = None
    """Unit of the times when they are numbers; else they are ISO 8601 timestamps."""
    origin: str | None = None
    """Timestamp of the scenario's origin; by default that of the first arrival."""
    case: str | None = None
    """Column of the case, when a case has several rows."""
    class_: str | None = None
    """Column of the class."""
    attributes: Mapping[str, str | AttributeColumn | AttributeSpan] | None = None


def poisson(*, rate: str) -> Arrivals:
    """A Poisson process of constant rate, such as ``"100/h"``."""
    return Arrivals("poisson", {"rate": rate})


def renewal(*, interval: DurationDraw) -> Arrivals:
    """Independent intervals of any distribution."""
    return Arrivals("renewal", {"interval": interval})


def erlang(*, shape: int, rate: str) -> Arrivals:
    """Erlang intervals; a ``shape`` of 1 is Poisson."""
    return Arrivals("erlang", {"shape": shape, "rate": rate})


def rates(rates: EvenRates | SteppedRates) -> Arrivals:
    """A Poisson process whose rate changes with time."""
    return Arrivals("rates", rates)


def at(*times: str | timedelta) -> Arrivals:
    """At these times, in order."""
    return Arrivals("scheduled", {"at": list(times)})


def every(every: str | timedelta, *, from_: str | timedelta | None = None) -> Arrivals:
    """At even intervals."""
    return Arrivals("scheduled", {"every": every, "from": from_})


def trace(
    *,
    file: str,
    time: str,
    options: TraceOptions | None = None,
) -> Arrivals:
    """As recorded in a CSV file; ``time`` is the column of the arrival."""
    more = options or TraceOptions()
    return Arrivals(
        "trace",
        {
            "file": file,
            "time": time,
            "time_unit": more.time_unit,
            "origin": more.origin,
            "case": more.case,
            "class": more.class_,
            "attributes": more.attributes,
        },
    )

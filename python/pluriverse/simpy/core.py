"""The environment: its clock, its agenda, and the loop over events."""

from collections.abc import Callable
from types import MethodType
from typing import Any, Generic, TypeVar

from pluriverse._native.simpy import INFINITY, EnvironmentCore
from pluriverse.simpy.events import URGENT, Event

__all__ = [
    "BoundClass",
    "EmptySchedule",
    "Environment",
    "Infinity",
    "SimTime",
    "StopSimulation",
]

#: Later than everything: what `peek` answers where nothing is to come.
Infinity: float = INFINITY

SimTime = int | float

T = TypeVar("T")


class BoundClass(Generic[T]):
    """A class as an attribute of another class, called like a method: the object becomes its first argument."""

    def __init__(self, cls: type[T]) -> None:
        self.cls = cls

    def __get__(self, instance: object, owner: type | None = None) -> Callable[..., T]:
        return self.cls if instance is None else MethodType(self.cls, instance)

    @staticmethod
    def bind_early(instance: object) -> None:
        """Binds the bound classes of an object's own class to the object once and for all."""
        for name, attribute in vars(type(instance)).items():
            if type(attribute) is BoundClass:
                setattr(instance, name, getattr(instance, name))


class EmptySchedule(Exception):
    """Raised by `step` where nothing is to come."""


class StopSimulation(Exception):
    """Raised by a callback that wants the run to end here."""

    @classmethod
    def callback(cls, event: Event) -> None:
        """As a callback of an event: ends the run with the event's value, or raises its exception."""
        if event.ok:
            raise cls(event.value)
        raise event._value


class Environment(EnvironmentCore):
    """Where a model's events happen, one after the other.

    The clock starts at `initial_time`. `process`, `timeout`, `event`, `all_of` and `any_of` make events of this
    environment; `schedule` puts one on the agenda.
    """

    def step(self) -> None:
        """Lets the next event happen.

        Raises `EmptySchedule` where there is none, and a copy of the exception of a failed event that nobody has
        taken care of.
        """
        exc = self._step()
        if exc is not None:
            raise exc

    def run(self, until: SimTime | Event | None = None) -> Any | None:
        """Lets events happen: all there are, or until a time, or until an event, whose value is returned.

        At the time `until` only what is urgent still happens. Raises `ValueError` for a time that is not to come,
        and `RuntimeError` where nothing is left to happen and the event `until` has not.
        """
        if until is not None:
            if not isinstance(until, Event):
                until = self._alarm(until)
            elif until.callbacks is None:
                return until.value
            until.callbacks.append(StopSimulation.callback)

        try:
            while True:
                self._advance()
                self.step()
        except StopSimulation as stop:
            return stop.args[0]
        except EmptySchedule:
            if until is not None:
                assert not until.triggered
                raise RuntimeError(
                    f'No scheduled events left but "until" event was not triggered: {until}'
                ) from None
        return None

    def _alarm(self, until: Any) -> Event:
        """An event at the time `until`, before all others at that time but for urgent ones."""
        at = until if isinstance(until, int) else float(until)
        if at <= self.now:
            raise ValueError(f"until ({at}) must be greater than the current simulation time")
        alarm = Event(self)
        alarm._ok = True
        alarm._value = None
        self.schedule(alarm, URGENT, at - self.now)
        return alarm


EnvironmentCore._keep_step(Environment.step)

"""The order of events and the clock, as SimPy's documents have them, here and there."""

from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest


def test_simultaneous_events_happen_in_the_order_in_which_they_were_scheduled(
    simpy: ModuleType,
) -> None:
    env = simpy.Environment()
    told: list[str] = []
    for name, delay in (("late", 2), ("a", 1), ("b", 1.0), ("c", 1)):
        env.timeout(delay, name).callbacks.append(lambda event: told.append(event.value))
    env.run()
    assert told == ["a", "b", "c", "late"]


def test_priority_comes_before_order_and_time_before_priority(simpy: ModuleType) -> None:
    env = simpy.Environment()
    told: list[int] = []
    for delay, priority in ((1, 1), (1, 0), (1, 7), (1, -3), (0, 200), (1, 1)):
        event = env.event()
        event._ok, event._value = True, len(told)
        event.callbacks.append(lambda _, key=(delay, priority): told.append(key))
        env.schedule(event, priority, delay)
    env.run()
    assert told == [(0, 200), (1, -3), (1, 0), (1, 1), (1, 1), (1, 7)]


def test_the_clock_keeps_the_type_of_its_numbers(simpy: ModuleType) -> None:
    env = simpy.Environment()
    seen = []
    for delay in (1, 1, 0.5, 1, 10**20):
        env.run(env.timeout(delay))
        seen.append(repr(env.now))
    assert seen == ["1", "2", "2.5", "3.5", "1e+20"]
    whole = simpy.Environment(5)
    whole.run(until=7)
    assert repr(whole.now) == "7"


@pytest.mark.parametrize(
    ("start", "delays"),
    [
        (0, [2**53, 1, 1, 2.0**53, 2**70, 0.5]),
        (Fraction(1, 3), [Fraction(1, 3), 1, 0, Fraction(1, 6)]),
        (Decimal("0.1"), [Decimal("0.2"), 1, Decimal("0.1")]),
        (0, [True, 0.25, Fraction(1, 4), 0]),
        (-7.5, [0, 2, 0.0, 7.5]),
        (0, [float("inf"), 3, 1e300, 1e-300]),
    ],
)
def test_any_numbers_will_do_for_times(
    simpy: ModuleType, start: Any, delays: list[Any]
) -> None:
    env = simpy.Environment(start)
    told = []

    def waiter(name: int, delay: Any) -> Any:
        yield env.timeout(delay)
        told.append((name, repr(env.now)))

    for name, delay in enumerate(delays):
        env.process(waiter(name, delay))
    env.run()
    order = sorted(range(len(delays)), key=lambda name: (start + delays[name], name))
    assert told == [(name, repr(start + delays[name])) for name in order]


def test_times_that_cannot_be_compared_are_an_error(simpy: ModuleType) -> None:
    env = simpy.Environment()
    env.timeout(1)
    with pytest.raises(TypeError, match="unsupported operand type"):
        env.schedule(env.event(), delay="soon")
    with pytest.raises(TypeError, match="'<' not supported between instances"):
        env.timeout("soon")
    with pytest.raises(TypeError, match="'<' not supported between instances"):
        env.timeout(None)


def test_a_negative_delay_is_refused(simpy: ModuleType) -> None:
    env = simpy.Environment()
    for delay in (-1, -0.5, Fraction(-1, 2)):
        with pytest.raises(ValueError, match=f"^Negative delay {delay}$"):
            env.timeout(delay)
    assert env.peek() == float("inf")


def test_real_time_is_waited_for(simpy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = [100.0]
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        wall[0] += seconds

    monkeypatch.setattr(simpy.rt, "monotonic", lambda: wall[0])
    monkeypatch.setattr(simpy.rt, "sleep", sleep)
    env = simpy.RealtimeEnvironment(initial_time=2, factor=0.5)
    env.timeout(1)
    env.timeout(3)
    env.run(until=6)
    assert (slept, wall[0], env.now) == ([0.5, 1.0, 0.5], 102.0, 6)
    env.timeout(1)
    wall[0] += 3
    with pytest.raises(RuntimeError, match=r"^Simulation too slow for real time \(3\.000s\)\.$"):
        env.run()
    env.sync()
    assert (env.factor, env.strict) == (0.5, True)

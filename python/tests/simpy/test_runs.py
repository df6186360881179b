"""Where runs end, and who may watch them, as SimPy's documents have it, here and there."""

from types import ModuleType
from typing import Any

import pytest


def test_runs_end_where_they_are_told_to(simpy: ModuleType) -> None:
    env = simpy.Environment()
    event = env.timeout(2, "two")
    told: list[object] = []
    env.timeout(1).callbacks.append(lambda _: told.append(env.now))
    assert env.run(until=1) is None and told == []
    assert env.run(until=event) == "two" and told == [1]
    assert env.run(until=event) == "two"
    for past in (0, 2, -1.0):
        with pytest.raises(ValueError, match=rf"^until \({past}\) must be greater than the curr"):
            env.run(past)
    with pytest.raises(RuntimeError, match='^No scheduled events left but "until" event was not'):
        env.run(env.event())
    with pytest.raises(simpy.core.EmptySchedule):
        env.step()
    assert env.peek() is simpy.core.Infinity


def test_who_waits_beside_the_end_of_a_run_gets_a_turn_when_it_goes_on(simpy: ModuleType) -> None:
    env = simpy.Environment()
    event = env.timeout(1, "now")
    told = []
    event.callbacks.append(simpy.core.StopSimulation.callback)
    event.callbacks.append(lambda event: told.append(event.value))
    env.run()
    assert (told, env.peek()) == ([], 1)
    env.run()
    assert told == ["now"]


def test_steps_and_schedules_may_be_watched(simpy: ModuleType) -> None:
    env = simpy.Environment()
    told: list[object] = []
    step, schedule = env.step, env.schedule

    def watched_step() -> None:
        if len(env._queue):
            time, priority, number, event = env._queue[0]
            told.append((time, priority, number, type(event).__name__))
        step()

    def watched_schedule(event: Any, *args: Any, **kwargs: Any) -> None:
        told.append(type(event).__name__)
        schedule(event, *args, **kwargs)

    def worker(desk: Any) -> Any:
        with desk.request() as turn:
            yield turn
            yield env.timeout(1)

    env.process(worker(simpy.Resource(env)))
    env.step = watched_step
    env.run(until=0.5)
    env.schedule = watched_schedule
    env.run()
    assert told == [
        (0, 0, 0, "Initialize"),
        (0, 1, 2, "Request"),
        (0.5, 0, 1, "Event"),
        (0.5, -1, 4, "Event"),
        (1, 1, 3, "Timeout"),
        "Release",
        "Process",
        (1, 1, 5, "Release"),
        (1, 1, 6, "Process"),
    ]


def test_a_watch_may_begin_while_the_simulation_runs(simpy: ModuleType) -> None:
    env = simpy.Environment()
    times: list[float] = []
    step = env.step

    def watched() -> None:
        times.append(env.peek())
        step()

    def worker() -> Any:
        yield env.timeout(1)
        env.step = watched
        yield env.timeout(1)
        del env.step
        yield env.timeout(1)

    env.process(worker())
    env.run()
    assert (times, env.now) == ([2], 3)

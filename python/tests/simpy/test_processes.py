"""Processes, interrupts and failures, as SimPy's documents have them, here and there."""

import importlib
import traceback
from types import ModuleType
from typing import Any

import pytest


def test_an_interrupt_tells_its_cause_and_leaves_the_target_alone(simpy: ModuleType) -> None:
    env = simpy.Environment()
    told: list[object] = []

    def sleeper() -> Any:
        nap = env.timeout(5, "rested")
        while True:
            try:
                value = yield nap
                told.append((env.now, value))
                return
            except simpy.Interrupt as interrupt:
                told.append((env.now, interrupt.cause))

    def disturber(victim: Any) -> Any:
        for time in (1, 2):
            yield env.timeout(1)
            victim.interrupt(f"noise {time}")
            assert victim.target is not None
        victim.interrupt()

    env.process(disturber(env.process(sleeper())))
    env.run()
    assert told == [(1, "noise 1"), (2, "noise 2"), (2, None), (5, "rested")]


def test_who_cannot_be_interrupted(simpy: ModuleType) -> None:
    env = simpy.Environment()

    def short() -> Any:
        yield env.timeout(1)

    def selfish() -> Any:
        env.active_process.interrupt()
        yield env.timeout(1)

    process = env.process(short())
    env.run()
    with pytest.raises(RuntimeError, match=r"> has terminated and cannot be interrupted\.$"):
        process.interrupt()
    env.process(selfish())
    with pytest.raises(RuntimeError, match=r"^A process is not allowed to interrupt itself\.$"):
        env.run()


def test_a_failure_that_nobody_expects_ends_the_run_with_its_history(simpy: ModuleType) -> None:
    env = simpy.Environment()

    def child() -> Any:
        yield env.timeout(1)
        raise KeyError("lost")

    def parent() -> Any:
        yield env.process(child())

    env.process(parent())
    with pytest.raises(KeyError, match="lost") as caught:
        env.run()
    first = caught.value.__cause__
    assert first is not None and first.__cause__ is not None
    places = [traceback.extract_tb(error.__traceback__) for error in (first, first.__cause__)]
    assert [[frame.name for frame in frames] for frames in places] == [["parent"], ["child"]]
    env.timeout(1)
    env.run()
    assert env.now == 2


def test_what_is_yielded_has_to_be_an_event(simpy: ModuleType) -> None:
    env = simpy.Environment()

    def confused() -> Any:
        yield 42

    env.process(confused())
    with pytest.raises(RuntimeError) as caught:
        env.run()
    lines = str(caught.value).split("\n")
    assert lines[0] == "" and lines[1].startswith(f'  File "{__file__}", line ')
    assert lines[2:] == ["    yield 42", 'Invalid yield value "42"']


def test_what_is_no_generator_is_no_process(simpy: ModuleType) -> None:
    with pytest.raises(ValueError, match="^3 is not a generator.$"):
        simpy.Environment().process(3)


def test_processes_may_be_anything_that_is_driven_like_a_generator(simpy: ModuleType) -> None:
    env = simpy.Environment()

    class Driven:
        __name__ = "driven"

        def __init__(self) -> None:
            self.sent: list[object] = []

        def send(self, value: object) -> Any:
            self.sent.append(value)
            if len(self.sent) == 3:
                raise StopIteration("done")
            return env.timeout(1, len(self.sent))

        def throw(self, error: BaseException) -> Any:
            self.sent.append(type(error).__name__)
            return env.timeout(1)

    driven = Driven()
    process = env.process(driven)
    env.run(until=0.5)
    process.interrupt()
    assert env.run(process) == "done"
    assert driven.sent == [None, "Interrupt", None]


def test_processes_may_be_started_late_and_told_of_events(simpy: ModuleType) -> None:
    util = importlib.import_module(f"{simpy.__name__}.util")
    env = simpy.Environment()
    told: list[object] = []

    def worker() -> Any:
        told.append(env.now)
        event = env.timeout(2, "bell")
        util.subscribe_at(event)
        try:
            yield env.timeout(10)
        except simpy.Interrupt as interrupt:
            told.append((env.now, interrupt.cause == (event, "bell")))

    util.start_delayed(env, worker(), 3)
    env.run()
    assert told == [3, (5, True)]
    with pytest.raises(ValueError, match=r"^delay\(=0\) must be > 0\.$"):
        util.start_delayed(env, worker(), 0)

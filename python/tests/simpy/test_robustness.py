"""What must not happen whatever a model does: leaks, crashes, and a run that cannot be stopped."""

import gc
import subprocess
import sys
import textwrap
import weakref
from typing import Any

import pytest

import pluriverse.simpy as simpy


def ended(program: str) -> str:
    """What a program prints that may exhaust the stack, in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.strip()


def test_a_simulation_that_is_let_go_is_gone() -> None:
    class Traced(simpy.Environment):
        pass

    gone = []

    def worker(env: Any, desk: Any, store: Any) -> Any:
        while True:
            with desk.request() as turn:
                yield turn | env.timeout(2)
                yield store.get() | env.timeout(1)

    for _ in range(5):
        env = Traced()
        desk, store = simpy.PriorityResource(env, 2), simpy.FilterStore(env)
        for _ in range(10):
            env.process(worker(env, desk, store)).own = env
        env.run(until=20)
        gone.append(weakref.ref(env))
    del env, desk, store
    gc.collect()
    assert [reference() for reference in gone] == [None] * 5


def test_what_has_happened_is_not_kept() -> None:
    env = simpy.Environment()
    store = simpy.Store(env)
    alive: weakref.WeakSet[Any] = weakref.WeakSet()

    def worker() -> Any:
        for number in range(2_000):
            event = env.timeout(1)
            alive.add(event)
            yield event
            put = store.put(number)
            alive.add(put)
            yield put & store.get()

    process = env.process(worker())
    env.run(process)
    gc.collect()
    assert len(alive) <= 2


def test_the_collector_may_come_at_any_time() -> None:
    threshold = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        env = simpy.Environment()
        desk = simpy.PreemptiveResource(env, 1)
        done = []

        def worker(number: int) -> Any:
            yield env.timeout(number % 7)
            with desk.request(priority=number % 3) as turn:
                try:
                    yield turn | env.timeout(5)
                    yield env.timeout(1)
                except simpy.Interrupt:
                    done.append(-number)
                done.append(number)

        for number in range(60):
            env.process(worker(number))
        env.run()
    finally:
        gc.set_threshold(*threshold)
    assert sorted(abs(number) for number in done if number >= 0) == list(range(60))


def test_the_collector_may_come_while_an_object_of_a_subclass_is_made() -> None:
    program = """
        import gc
        import pluriverse.simpy as simpy
        from pluriverse.simpy.resources.resource import Request
        class OwnEnvironment(simpy.Environment): pass
        class OwnEvent(simpy.Event): pass
        class OwnTimeout(simpy.Timeout): pass
        class OwnProcess(simpy.Process): pass
        class OwnCondition(simpy.AllOf): pass
        class OwnResource(simpy.Resource): pass
        class OwnRequest(Request): pass
        def wait(env):
            yield env.timeout(1)
        gc.set_threshold(1, 1, 1)
        for _ in range(100):
            env = OwnEnvironment()
            OwnTimeout(env, 1)
            OwnProcess(env, wait(env))
            OwnCondition(env, [OwnEvent(env)])
            OwnRequest(OwnResource(env)).name = "own"
            env.run()
        print("done")
    """
    assert ended(program) == "done"


def test_a_million_events_may_be_pending() -> None:
    env = simpy.Environment()
    count = 1_000_000
    for number in range(count):
        env.timeout((number * 7_919) % 1_000_003)
    assert len(env._queue) == count
    last = -1
    for _ in range(count):
        env.step()
        assert env.now >= last
        last = env.now
    assert env.peek() == simpy.core.Infinity


@pytest.mark.parametrize(
    "link",
    [
        "event = env.event().succeed(event)",
        "event = env.event() | event",
        "event = env.process(hold(event)); env.step()",
        "fresh = env.event(); fresh.before = event; event = fresh",
        "fresh = env.event(); fresh.callbacks.append([event].append); event = fresh",
    ],
)
def test_long_chains_are_let_go_of_in_steps(link: str) -> None:
    program = f"""
        import pluriverse.simpy as simpy
        env = simpy.Environment()
        def hold(other):
            yield other
        event = env.event()
        for _ in range(200_000):
            {link}
        del event, env
        if "fresh" in globals():
            del fresh
        import gc
        gc.collect()
        print("let go")
    """
    assert ended(program) == "let go"


def test_a_condition_of_conditions_is_as_deep_as_it_likes() -> None:
    program = """
        import pluriverse.simpy as simpy
        env = simpy.Environment()
        first = env.timeout(1, "value")
        event = first & env.timeout(2)
        for _ in range(3_000):
            event = event | env.event()
        result = env.run(event)
        print(len(list(result)), result[first])
    """
    assert ended(program) == "2 value"


def test_generators_in_generators_end_in_an_error_and_not_in_a_crash() -> None:
    env = simpy.Environment()

    def nested(depth: int) -> Any:
        yield env.timeout(1)
        yield from nested(depth + 1)

    env.process(nested(0))
    with pytest.raises(RecursionError):
        env.run()


def test_a_run_within_a_run_goes_on() -> None:
    env = simpy.Environment()
    told: list[object] = []

    def inner() -> Any:
        yield env.timeout(1)
        told.append(("inner", env.now))

    def outer() -> Any:
        env.process(inner())
        env.run(until=3)
        told.append(("outer", env.now))
        yield env.timeout(1)
        told.append(("outer", env.now))

    env.process(outer())
    env.run()
    assert told == [("inner", 1), ("outer", 3), ("outer", 4)]


def test_a_generator_may_outlive_its_environment() -> None:
    closed = []

    def worker(env: Any) -> Any:
        desk = simpy.Resource(env)
        try:
            with desk.request() as turn:
                yield turn
                yield env.event()
        finally:
            closed.append(env.now)

    env = simpy.Environment()
    generator = worker(env)
    env.process(generator)
    env.run()
    del env
    gc.collect()
    generator.close()
    assert closed == [0]


def test_a_run_is_interrupted_from_the_keyboard_even_when_no_process_has_a_turn() -> None:
    program = """
        import signal, threading, time
        import pluriverse.simpy as simpy
        env = simpy.Environment()
        def again(event):
            env.timeout(1)
        for _ in range(2_000_000):
            env.timeout(1)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        try:
            env.run()
            print("ran to its end")
        except KeyboardInterrupt:
            print("stopped", len(env._queue) > 0)
        env.run()
        print(len(env._queue))
    """
    assert ended(program).split("\n") == ["stopped True", "0"]


def test_an_error_of_a_callback_leaves_the_environment_usable() -> None:
    env = simpy.Environment()
    told = []

    def fail(event: Any) -> None:
        raise ZeroDivisionError

    env.timeout(1).callbacks.append(fail)
    env.timeout(2).callbacks.append(lambda event: told.append(env.now))
    with pytest.raises(ZeroDivisionError):
        env.run()
    env.run()
    assert told == [2]


def test_a_model_may_replace_what_it_likes() -> None:
    env = simpy.Environment()
    desk = simpy.Resource(env)
    request = desk.request()
    for target, name, value in (
        (desk, "put_queue", [1]),
        (desk, "users", None),
        (env, "_now", "noon"),
        (request, "callbacks", 3),
        (request, "env", None),
        (request, "resource", None),
    ):
        setattr(target, name, value)
    with pytest.raises((TypeError, AttributeError)):
        env.run()
    with pytest.raises((TypeError, AttributeError)):
        desk.request()
    with pytest.raises((TypeError, AttributeError)):
        request.__exit__(None, None, None)

"""What SimPy's documents say that happens, happens here and there."""

import importlib
import traceback
from decimal import Decimal
from fractions import Fraction
from types import ModuleType, SimpleNamespace
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


def test_an_event_is_triggered_once(simpy: ModuleType) -> None:
    env = simpy.Environment()
    event = env.event()
    for name in ("value", "ok"):
        with pytest.raises(AttributeError):
            getattr(event, name)
    assert (event.triggered, event.processed, event.callbacks) == (False, False, [])
    assert event.succeed(3) is event
    assert (event.triggered, event.processed, event.ok, event.value) == (True, False, True, 3)
    for again in (event.succeed, lambda: event.fail(ValueError())):
        with pytest.raises(RuntimeError, match=r"^<Event\(\) object at 0x.*> has already been trig"):
            again()
    env.run()
    assert (event.processed, event.callbacks) == (True, None)
    with pytest.raises(TypeError, match="^no error is not an exception.$"):
        env.event().fail("no error")


def test_an_event_may_be_triggered_by_another(simpy: ModuleType) -> None:
    env = simpy.Environment()
    first, second = env.timeout(1, "value"), env.event()
    first.callbacks.append(second.trigger)
    env.run()
    assert (second.value, second.ok, second.processed, env.now) == ("value", True, True, 1)


def test_models_may_give_events_attributes(simpy: ModuleType) -> None:
    env = simpy.Environment()
    for event in (env.event(), env.timeout(1), env.all_of([]), simpy.Resource(env).request()):
        event.customer = "Ann"
        assert (event.customer, vars(event)["customer"]) == ("Ann", "Ann")
        del event.customer
        with pytest.raises(AttributeError, match="customer"):
            event.customer  # noqa: B018


def test_names_and_what_is_printed(simpy: ModuleType) -> None:
    env = simpy.Environment()

    def worker() -> Any:
        yield env.timeout(1)

    class Own(simpy.Event):  # type: ignore[misc, name-defined]
        def _desc(self) -> str:
            return "own"

    process = env.process(worker())
    shown = [env.event(), env.timeout(1.5), env.timeout(1, "a"), process, Own(env), process.target]
    texts = [str(event).split(" object")[0] for event in shown]
    assert texts == [
        "<Event()",
        "<Timeout(1.5)",
        "<Timeout(1, value=a)",
        "<Process(worker)",
        "<own",
        "<Initialize()",
    ]
    assert (process.name, str(simpy.Interrupt("why"))) == ("worker", "Interrupt('why')")


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


def test_preemption_takes_the_slot_of_the_least_claim(simpy: ModuleType) -> None:
    env = simpy.Environment()
    desk = simpy.PreemptiveResource(env, capacity=2)
    told: list[object] = []

    def user(name: str, start: float, priority: int, preempt: bool = True) -> Any:
        yield env.timeout(start)
        with desk.request(priority, preempt) as turn:
            try:
                yield turn
                told.append((env.now, name, "uses"))
                yield env.timeout(5)
                told.append((env.now, name, "is done"))
            except simpy.Interrupt as interrupt:
                cause = interrupt.cause
                assert cause.resource is desk
                told.append((env.now, name, "makes way for", cause.by.name, cause.usage_since))

    env.process(user("first", 0, 1))
    env.process(user("second", 1, 2))
    env.process(user("polite", 2, 3, preempt=False))
    env.process(user("urgent", 3, 0))
    env.process(user("equal", 4, 0))
    env.run()
    assert told == [
        (0, "first", "uses"),
        (1, "second", "uses"),
        (3, "second", "makes way for", "user", 1),
        (3, "urgent", "uses"),
        (4, "first", "makes way for", "user", 0),
        (4, "equal", "uses"),
        (8, "urgent", "is done"),
        (8, "polite", "uses"),
        (9, "equal", "is done"),
        (13, "polite", "is done"),
    ]


def test_requests_of_equal_priority_are_met_in_order(simpy: ModuleType) -> None:
    env = simpy.Environment()
    desk = simpy.PriorityResource(env)
    told: list[str] = []

    def user(name: str, priority: Any) -> Any:
        with desk.request(priority=priority) as turn:
            yield turn
            told.append(name)
            yield env.timeout(1)

    for name, priority in zip("abcdefg", (0, 2, 1, 2, 1, 0.5, 1)):
        env.process(user(name, priority))
    env.run(until=0.5)
    assert [request.key for request in desk.queue] == [
        (0.5, 0, False),
        (1, 0, False),
        (1, 0, False),
        (1, 0, False),
        (2, 0, False),
        (2, 0, False),
    ]
    env.run()
    assert told == ["a", "f", "c", "e", "g", "b", "d"]


def test_a_cancelled_request_is_not_met(simpy: ModuleType) -> None:
    env = simpy.Environment()
    desk = simpy.Resource(env)
    first, second, third = (desk.request() for _ in range(3))
    assert (first.triggered, desk.users, desk.queue) == (True, [first], [second, third])
    second.cancel()
    desk.release(first)
    env.run()
    assert (desk.users, desk.queue, third.triggered) == ([third], [], True)
    assert not second.triggered
    with pytest.raises(ValueError, match="not in list"):
        second.cancel()
    third.cancel()
    assert desk.count == 1


def test_what_resources_refuse(simpy: ModuleType) -> None:
    env = simpy.Environment()
    for make in (simpy.Resource, simpy.Container, simpy.Store, simpy.PreemptiveResource):
        with pytest.raises(ValueError, match='^"capacity" must be > 0.$'):
            make(env, 0)
    for options, text in (({"init": -1}, ">= 0"), ({"capacity": 1, "init": 2}, "<= ")):
        with pytest.raises(ValueError, match=f'^"init" must be {text}'):
            simpy.Container(env, **options)
    tank = simpy.Container(env, 10)
    for ask in (tank.put, tank.get):
        with pytest.raises(ValueError, match=r"^amount\(=0\) must be > 0\.$"):
            ask(0)


def test_conditions_list_what_has_happened(simpy: ModuleType) -> None:
    env = simpy.Environment()
    a, b, c, never = env.timeout(1, "a"), env.timeout(2, "b"), env.timeout(2, "c"), env.event()
    both = env.run((a & (b | never)) | env.timeout(9))
    assert list(both.values()) == ["a", "b"]
    assert (a in both, never in both, both[a], list(both)) == (True, False, "a", [a, b])
    assert both == {a: "a", b: "b"} and both.todict() == dict(both.items())
    with pytest.raises(KeyError):
        both[never]
    assert c.processed and never.callbacks == []
    env.run()
    assert env.run(env.all_of([])) == {}
    assert env.run(a & b) == {a: "a", b: "b"}


def test_a_condition_fails_with_the_first_failure(simpy: ModuleType) -> None:
    env = simpy.Environment()
    bad = env.event()

    def waiter() -> Any:
        try:
            yield env.timeout(3) & bad
        except ValueError as error:
            return (env.now, error.args, type(error.__cause__))
        return None

    process = env.process(waiter())
    env.run(env.timeout(1))
    bad.fail(ValueError("no"))
    assert env.run(process) == (1, ("no",), ValueError)


def test_conditions_stay_in_their_environment(simpy: ModuleType) -> None:
    one, other = simpy.Environment(), simpy.Environment()
    with pytest.raises(ValueError, match="^It is not allowed to mix events from different envir"):
        one.timeout(1) | other.timeout(1)


def test_a_custom_condition_is_asked_with_the_events_and_their_number(simpy: ModuleType) -> None:
    env = simpy.Environment()
    asked = []

    def two(events: tuple[Any, ...], count: int) -> bool:
        asked.append((len(events), count))
        return count == 2

    condition = simpy.events.Condition(env, two, [env.timeout(time, time) for time in (1, 2, 3)])
    assert list(env.run(condition).values()) == [1, 2]
    assert asked == [(3, 1), (3, 2)]
    assert str(condition).startswith("<Condition(two, (<Timeout(1, value=1) object at")


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


def test_a_failure_is_taken_care_of_by_saying_so(simpy: ModuleType) -> None:
    env = simpy.Environment()
    event = env.event()
    event.callbacks.append(lambda event: setattr(event, "defused", True))
    event.fail(ValueError())
    assert not event.defused
    env.run()
    assert event.defused and not event.ok


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


def test_resources_may_be_watched(simpy: ModuleType) -> None:
    env = simpy.Environment()
    desk = simpy.Resource(env)
    told: list[object] = []
    release = desk.release

    def watched(request: Any) -> Any:
        told.append((env.now, desk.count, len(desk.queue)))
        return release(request)

    desk.release = watched

    def worker() -> Any:
        with desk.request() as turn:
            yield turn
            yield env.timeout(1)

    for _ in range(2):
        env.process(worker())
    env.run()
    assert told == [(1, 1, 1), (2, 1, 0)]


def test_a_subclass_says_who_is_served(simpy: ModuleType) -> None:
    class LastFirst(simpy.Resource):  # type: ignore[misc, name-defined]
        def _trigger_put(self, event: Any) -> None:
            self.put_queue.reverse()
            super()._trigger_put(event)
            self.put_queue.reverse()

    class Doubling(simpy.Store):  # type: ignore[misc, name-defined]
        def _do_put(self, event: Any) -> Any:
            event.item *= 2
            return super()._do_put(event)

    env = simpy.Environment()
    desk, store = LastFirst(env), Doubling(env)
    told: list[object] = []

    def worker(name: int) -> Any:
        with desk.request() as turn:
            yield turn
            told.append(name)
            yield store.put(name)
            yield env.timeout(1)

    for name in range(4):
        env.process(worker(name))
    env.run()
    assert (told, store.items) == ([0, 3, 2, 1], [0, 6, 4, 2])


def test_a_resource_of_ones_own(simpy: ModuleType) -> None:
    base = simpy.resources.base

    class Ask(base.Put["Bell"]):  # type: ignore[misc, name-defined]
        def __init__(self, bell: Any, times: int) -> None:
            self.times = times
            super().__init__(bell)

    class Bell(base.BaseResource):  # type: ignore[misc, name-defined]
        ring = simpy.core.BoundClass(Ask)

        def _do_put(self, event: Any) -> Any:
            if event.times > 1:
                event.succeed(event.times)
            return True

    env = simpy.Environment()
    bell = Bell(env, capacity=1)
    asked = [bell.ring(times) for times in (1, 2, 3)]
    env.run()
    assert [event.triggered for event in asked] == [False, True, True]
    assert bell.put_queue == asked[:1]
    with pytest.raises(NotImplementedError):
        bell.get()


def test_what_is_scheduled_need_not_be_an_event(simpy: ModuleType) -> None:
    env = simpy.Environment()
    told: list[object] = []
    stranger = SimpleNamespace(callbacks=[told.append], _ok=True, _value="v", env=env)

    def worker() -> Any:
        told.append((yield stranger))

    env.process(worker())
    env.schedule(stranger, delay=2)
    env.run()
    assert told == [stranger, "v"] and env.now == 2


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

"""Resources, containers and stores, as SimPy's documents have them, here and there."""

from types import ModuleType
from typing import Any

import pytest


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


def test_none_is_no_default(simpy: ModuleType) -> None:
    env = simpy.Environment()
    for make in (simpy.Resource, simpy.PriorityResource, simpy.Container, simpy.Store, simpy.FilterStore):
        with pytest.raises(TypeError, match="^'<=' not supported between instances of 'NoneType'"):
            make(env, capacity=None)
    with pytest.raises(TypeError, match="^'<' not supported between instances of 'NoneType'"):
        simpy.Container(env, init=None)
    desk = simpy.PriorityResource(env)
    assert desk.request(priority=None).key == (None, 0, False)
    desk.request()
    with pytest.raises(TypeError, match="^'<' not supported between instances of 'NoneType'"):
        desk.request(priority=None)
    desk = simpy.PreemptiveResource(env)
    first = desk.request()
    assert not desk.request(priority=-1, preempt=None).triggered
    assert desk.users == [first]
    store = simpy.FilterStore(env)
    store.put("something")
    with pytest.raises(TypeError, match="^'NoneType' object is not callable$"):
        store.get(None)


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

"""What events are and do, as SimPy's documents have it, here and there."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


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


def test_a_failure_is_taken_care_of_by_saying_so(simpy: ModuleType) -> None:
    env = simpy.Environment()
    event = env.event()
    event.callbacks.append(lambda event: setattr(event, "defused", True))
    event.fail(ValueError())
    assert not event.defused
    env.run()
    assert event.defused and not event.ok


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

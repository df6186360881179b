"""Events that depend on others, as SimPy's documents have them, here and there."""

from types import ModuleType
from typing import Any

import pytest


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

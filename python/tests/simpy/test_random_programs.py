"""Programs made up at random do the same under SimPy and here.

Everything a program does follows from its seed and from what the simulation answers, and is told step by step: two
implementations that tell the same story have done the same.
"""

import itertools
import random
from types import ModuleType
from typing import Any

import pytest
import simpy as original

import pluriverse.simpy

SEEDS_OF_A_TEST = 50

KINDS = (
    "wait",
    "slot",
    "priority-slot",
    "preemptive-slot",
    "fill",
    "drain",
    "store-put",
    "store-get",
    "sorted-put",
    "sorted-get",
    "filter-get",
    "any",
    "all",
    "nested",
    "interrupt",
    "child",
    "failing-child",
    "signal",
    "await-signal",
    "fail-signal",
    "reneging",
    "immediate",
)


class Program:
    """One program: what processes share, and the story so far."""

    def __init__(self, simpy: ModuleType, seed: int) -> None:
        self.simpy = simpy
        self.random = random.Random(seed)
        self.story: list[str] = []
        starts: tuple[Any, ...] = (0, 0, 0.0, 5, 2.5, -3)
        self.env = simpy.Environment(self.random.choice(starts))
        env, chance = self.env, self.random
        self.slots = simpy.Resource(env, chance.randint(1, 3))
        self.priority_slots = simpy.PriorityResource(env, chance.randint(1, 2))
        self.preemptive_slots = simpy.PreemptiveResource(env, chance.randint(1, 2))
        self.tank = simpy.Container(env, chance.choice((10, 12.5)), chance.randint(0, 10))
        self.store = simpy.Store(env, chance.choice((2, float("inf"))))
        self.sorted = simpy.PriorityStore(env, 4)
        self.filtered = simpy.FilterStore(env, 3)
        self.signals = [env.event() for _ in range(3)]
        self.processes: list[Any] = []

    def tell(self, *words: object) -> None:
        shared = (
            self.slots.count,
            len(self.slots.queue),
            len(self.priority_slots.queue),
            self.preemptive_slots.count,
            self.tank.level,
            self.store.items,
            self.sorted.items,
            self.filtered.items,
        )
        self.story.append(f"{self.env.now!r} {' '.join(map(str, words))} {shared}")

    def delay(self) -> float:
        chance = self.random
        whole = chance.random() < 0.6
        return chance.randint(0, 4) if whole else chance.choice((0.5, 1.0, 1.25, 2.0, 0.1))

    def value(self, value: object) -> str:
        """A value without addresses."""
        if isinstance(value, BaseException):
            return f"{type(value).__name__}{value.args!r}" if not self.has_events(value) else "E"
        if type(value).__name__ == "ConditionValue":
            return f"{[self.value(part) for part in value.todict().values()]}"
        if type(value).__name__ == "Preempted":
            by = value.by.name if value.by is not None else None
            return f"preempted by {by} since {value.usage_since!r}"
        return repr(value) if not hasattr(value, "callbacks") else type(value).__name__

    def has_events(self, value: BaseException) -> bool:
        return any(hasattr(part, "callbacks") or hasattr(part, "by") for part in value.args)

    def worker(self, name: str, depth: int) -> Any:
        for step in range(self.random.randint(1, 5)):
            kind = self.random.choice(KINDS)
            self.tell(name, step, "begins", kind)
            try:
                value = yield from self.act(name, kind, depth)
                self.tell(name, step, "ends", kind, self.value(value))
            except self.simpy.Interrupt as interrupt:
                cause = self.value(interrupt.cause)
                self.tell(name, step, "is interrupted in", kind, cause)
            except KeyError as error:
                self.tell(name, step, "fails in", kind, self.value(error))
        return name

    def act(self, name: str, kind: str, depth: int) -> Any:
        env, chance = self.env, self.random
        if kind == "wait":
            return (yield env.timeout(self.delay(), chance.choice((None, name))))
        if kind == "immediate":
            event = env.event()
            event.succeed(chance.randint(0, 9))
            return (yield event)
        if "slot" in kind:
            return (yield from self.use_slot(kind))
        if kind == "reneging":
            with self.slots.request() as turn:
                result = yield turn | env.timeout(self.delay())
                if turn in result:
                    yield env.timeout(self.delay())
                return turn in result
        if kind in ("fill", "drain"):
            ask = self.tank.put if kind == "fill" else self.tank.get
            with ask(chance.choice((1, 2, 3.5))) as request:
                yield request | env.timeout(3)
                return request.triggered
        if "-put" in kind or "-get" in kind:
            return (yield from self.use_store(kind))
        if kind in ("any", "all", "nested"):
            return (yield self.condition(kind))
        return (yield from self.deal_with_others(name, kind, depth))

    def use_slot(self, kind: str) -> Any:
        env, chance = self.env, self.random
        if kind == "slot":
            request = self.slots.request()
        elif kind == "priority-slot":
            request = self.priority_slots.request(chance.randint(0, 3))
        else:
            request = self.preemptive_slots.request(chance.randint(0, 3), chance.random() < 0.7)
        with request as turn:
            yield turn
            since = turn.usage_since
            yield env.timeout(self.delay())
        return since

    def use_store(self, kind: str) -> Any:
        env, chance = self.env, self.random
        item = chance.randint(0, 5)
        if kind == "store-put":
            request = self.store.put(item)
        elif kind == "store-get":
            request = self.store.get()
        elif kind == "sorted-put":
            request = self.sorted.put(item)
        elif kind == "sorted-get":
            request = self.sorted.get()
        elif chance.random() < 0.6:
            request = self.filtered.put(item)
        else:
            request = self.filtered.get(lambda other: other >= item)
        yield request | env.timeout(2)
        if not request.triggered:
            request.cancel()
            return "gave up"
        return request.value

    def condition(self, kind: str) -> Any:
        env, chance = self.env, self.random
        pool = [env.timeout(self.delay(), index) for index in range(3)]
        pool.append(chance.choice(self.signals))
        parts = chance.sample(pool, chance.randint(0, 3))
        if kind == "any":
            return env.any_of(parts)
        if kind == "all":
            return env.all_of([part for part in parts if part not in self.signals])
        first, second, third = pool[:3]
        return chance.choice(((first & second) | third, (first | second) & third))

    def deal_with_others(self, name: str, kind: str, depth: int) -> Any:
        env, chance = self.env, self.random
        signal = chance.randrange(len(self.signals))
        if kind == "interrupt":
            victim = chance.choice(self.processes)
            try:
                victim.interrupt(name)
                return "done"
            except RuntimeError as error:
                return str(error).split(" object")[0].split(" has")[0]
        if "child" in kind:
            if depth > 2:
                return "too deep"
            child = self.failing if kind == "failing-child" else self.worker
            process = env.process(child(f"{name}.{len(self.processes)}", depth + 1))
            self.processes.append(process)
            return (yield process) if chance.random() < 0.7 else None
        event = self.signals[signal]
        if kind == "await-signal":
            return (yield event | env.timeout(4))
        if event.triggered:
            self.signals[signal] = env.event()
        elif kind == "signal":
            event.succeed(name)
        else:
            event.fail(KeyError(name))
            event.defused = True
        return signal

    def failing(self, name: str, depth: int) -> Any:
        yield self.env.timeout(self.delay())
        raise KeyError(name, depth)

    def run(self) -> list[str]:
        """The story of the program, to its end."""
        env, chance = self.env, self.random
        for index in range(chance.randint(2, 6)):
            self.processes.append(env.process(self.worker(f"p{index}", 0)))
        for _ in range(40):
            if env.peek() == float("inf"):
                break
            try:
                self.run_on()
            except Exception as error:  # Also what a step raises to end a run.
                self.tell("run fails", type(error).__name__, str(error).split(" object")[0])
        self.tell("the end", env.peek(), next(env._eid))
        for process in self.processes:
            value = self.value(process._value) if process.triggered else "pending"
            self.story.append(f"{process.name} {process.is_alive} {process.processed} {value}")
        return self.story

    def run_on(self) -> None:
        env, chance = self.env, self.random
        way = chance.random()
        if way < 0.3:
            env.step()
            self.tell("a step")
        elif way < 0.6:
            until = env.now + chance.choice((1, 2, 0.5))
            self.tell("until", until, env.run(until))
        elif way < 0.8:
            target = chance.choice(self.processes)
            self.tell("until a process", self.value(env.run(target)))
        else:
            self.tell("all", env.run())


@pytest.mark.parametrize("first_seed", range(0, 500, SEEDS_OF_A_TEST))
def test_the_story_is_the_same(first_seed: int) -> None:
    for seed in range(first_seed, first_seed + SEEDS_OF_A_TEST):
        expected = Program(original, seed).run()
        told = Program(pluriverse.simpy, seed).run()
        for line, (one, other) in enumerate(itertools.zip_longest(expected, told)):
            assert one == other, f"seed {seed}, line {line}"


def test_the_stories_have_everything_in_them() -> None:
    words = [f"begins {kind}" for kind in KINDS]
    words += ["is interrupted in", "preempted by", "run fails KeyError", "gave up", "until a process"]
    told = "\n".join(line for seed in range(500) for line in Program(pluriverse.simpy, seed).run())
    assert [word for word in words if word not in told] == []

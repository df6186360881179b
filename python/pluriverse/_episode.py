"""Process worlds as a sequence of decisions: how many agents of each pool are on duty until the next one.

What `pluriverse.gymnasium` and `pluriverse.pettingzoo` have in common, without either library. What happened in an
interval is the difference of two exact sums that the world keeps anyway. The world is an ordinary one, whose ledger has
every decision.
"""

from __future__ import annotations

import copy
import difflib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._native import Scenario
from ._scenario import ScenarioSource, load
from ._world import Duration, World
from .errors import RunError

__all__ = ["Costs", "Episode", "Episodes", "Interval", "Observation", "Reward", "Staffed", "Task"]

Observation: TypeAlias = NDArray[np.float32]

DAY_NANOS = 86_400_000_000_000
HOUR_NANOS = 3_600_000_000_000
UNBOUNDED = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Interval:
    """What happened from one decision to the next."""

    start: float
    """When it began, in seconds since the scenario's origin."""
    end: float
    """When it ended."""
    arrivals: Mapping[str, int]
    """Cases that came, by source."""
    turned_away: Mapping[str, int]
    """How often a case met a full station and did not get in, by station."""
    gave_up: Mapping[str, int]
    """How often a case lost its patience, by station."""
    waiting_hours: Mapping[str, float]
    """Time that cases waited, all together, by station."""
    agent_hours: Mapping[str, float]
    """Time that agents are paid for, all together, by pool: they were on duty, or still busy after that."""

    @property
    def lost(self) -> int:
        """How often a case was turned away or gave up."""
        return sum(self.turned_away.values()) + sum(self.gave_up.values())


Reward: TypeAlias = Callable[[Interval], float]
"""What an interval was worth."""


@dataclass(frozen=True)
class Costs:
    """A reward: minus what the interval cost."""

    agent_hour: float = 1.0
    """Of an hour that one agent is paid for."""
    waiting_hour: float = 1.0
    """Of an hour that one case waits."""
    lost: float = 1.0
    """Of each time that a case is turned away or gives up."""

    def __call__(self, interval: Interval) -> float:
        agents = self.agent_hour * sum(interval.agent_hours.values())
        waiting = self.waiting_hour * sum(interval.waiting_hours.values())
        return -(agents + waiting + self.lost * interval.lost)


class Task:
    """What is the same in all episodes: the scenario, when who decides, and what is seen."""

    def __init__(
        self,
        scenario: ScenarioSource,
        interval: Duration,
        pools: Sequence[str] | None,
        observe: Sequence[str] | None,
    ) -> None:
        # Everything counts, from the first instant on.
        self.scenario: Scenario = load(scenario, set={"run.staffing": "outside", "run.warm_up": "0s"})
        self.interval_nanos = _native.nanos(interval)
        if self.interval_nanos <= 0:
            raise ValueError(f"`interval` is {interval!r}, expected more than nothing")
        until = self.scenario.until
        self.until_nanos = None if until is None else round(until * 1e9)
        probe = World(self.scenario, keep_rows=False)
        tables = probe.state().tables
        self.sources: list[str] = tables["sources"]["source"]
        self.stations: list[str] = tables["stations"]["station"]
        self.all_pools: list[str] = tables["pools"]["pool"]
        nouns = json.loads(probe.ledger().dictionary_json())["nouns"]
        agents = next(noun["labels"] for noun in nouns if noun["name"] == "agent")
        self.most: dict[str, int] = {label["name"]: label["count"] for label in agents}
        """The most agents of each pool that counts them."""
        self.pools = _chosen("pools", pools, list(self.most), self._no_pool)
        self.bounds = self._all_bounds()
        self.features = _chosen("observe", observe, list(self.bounds), lambda name: f"there is no feature `{name}`")
        """What each place of an observation is."""
        self._places = [list(self.bounds).index(name) for name in self.features]
        self._figures = _Figures(probe._figure_names(), self.stations, self._stations_of_pools(tables["stations"]))

    def _no_pool(self, name: str) -> str:
        if name in self.all_pools:
            return f"pool `{name}` has no limit: there is nothing to decide"
        return f"there is no pool `{name}`"

    def _stations_of_pools(self, stations: dict[str, list[Any]]) -> dict[str, str]:
        """Under what name a pool's agents are measured: of a station that it serves, or its own."""
        served = dict(zip(stations["pool"], stations["station"], strict=True))
        return {pool: served.get(pool, pool) for pool in self.most}

    def _all_bounds(self) -> dict[str, tuple[float, float]]:
        """All features, in order, with the least and the most that they can be."""
        count = (0.0, UNBOUNDED)
        bounds = {f"{station}.{what}": count for station in self.stations for what in ("waiting", "in_service")}
        for pool in self.all_pools:
            of_pool = (0.0, float(self.most[pool])) if pool in self.most else count
            if pool in self.most:
                bounds[f"{pool}.on_duty"] = of_pool
            bounds[f"{pool}.busy"] = of_pool
        around = (-1.0, 1.0)
        return bounds | {"arrivals": count, "lost": count, "time_of_day.sin": around, "time_of_day.cos": around}

    def look(self, world: World) -> _Look:
        """How a world stands."""
        tables = world._tables()
        counted, waiting, agents = self._figures.read(world._figures())
        return _Look(world.now_nanos, tables, tables["sources"]["arrivals"], counted, waiting, agents)

    def interval(self, before: _Look, after: _Look) -> Interval:
        """What happened from one look to the other."""
        turned_away, gave_up = (
            dict(zip(self.stations, map(_minus, after.counted[place], before.counted[place]), strict=True))
            for place in (0, 1)
        )
        return Interval(
            start=before.nanos / 1e9,
            end=after.nanos / 1e9,
            arrivals=dict(zip(self.sources, map(_minus, after.arrivals, before.arrivals), strict=True)),
            turned_away=turned_away,
            gave_up=gave_up,
            waiting_hours=_hours(self.stations, before.waiting_nanos, after.waiting_nanos),
            agent_hours=_hours(self.most, before.agent_nanos, after.agent_nanos),
        )

    def observation(self, look: _Look, interval: Interval) -> Observation:
        """What is seen of a world after an interval."""
        stations, pools = look.tables["stations"], look.tables["pools"]
        values: list[float] = []
        for waiting, served in zip(stations["waiting"], stations["served"], strict=True):
            values += (waiting, served)
        for on_duty, busy in zip(pools["on_duty"], pools["engaged"], strict=True):
            # Of a pool without limit it is -1.
            values += (busy,) if on_duty < 0 else (on_duty, busy)
        angle = 2 * math.pi * (look.nanos % DAY_NANOS / DAY_NANOS)
        values += (sum(interval.arrivals.values()), interval.lost, math.sin(angle), math.cos(angle))
        return np.array([values[place] for place in self._places], dtype=np.float32)

    def decision(self, action: Any) -> list[int]:
        """An action as the number of agents of each pool."""
        given = np.asarray(action)
        if given.shape != (len(self.pools),):
            raise ValueError(f"the action has the shape {given.shape}, expected ({len(self.pools)},)")
        return [self.number(pool, agents) for pool, agents in zip(self.pools, given, strict=True)]

    def number(self, pool: str, agents: Any) -> int:
        """A number of agents that a pool can have on duty."""
        given, most = np.asarray(agents), self.most[pool]
        if given.shape == () and given.dtype.kind in "iuf" and 0 <= given <= most and given == np.floor(given):
            return int(given)
        raise ValueError(f"pool `{pool}` is to have {agents} agents on duty, expected a whole number from 0 to {most}")


@dataclass(frozen=True)
class _Look:
    """How a world stands, and what it has come to so far."""

    nanos: int
    tables: dict[str, dict[str, list[Any]]]
    arrivals: list[int]
    counted: tuple[list[int], list[int]]
    """Turned away, and given up, by station."""
    waiting_nanos: list[float]
    agent_nanos: list[float]


class _Figures:
    """Where the sums stand among all that a world measures."""

    def __init__(self, names: list[str], stations: list[str], pools: dict[str, str]) -> None:
        places = {name: place for place, name in enumerate(names)}
        # Where nobody can be lost nothing is measured.
        self._counted = [[places.get(f"{name}.{what}") for name in stations] for what in ("blocked", "abandoned")]
        self._waiting = [places[f"{name}.queue_length"] for name in stations]
        self._agents = [places[f"{name}.utilization"] for name in pools.values()]

    def read(self, figures: list[tuple[float, float]]) -> tuple[tuple[list[int], list[int]], list[float], list[float]]:
        turned_away, gave_up = (
            [0 if place is None else int(figures[place][0]) for place in places] for places in self._counted
        )
        waiting = [figures[place][0] for place in self._waiting]
        agents = [figures[place][1] for place in self._agents]
        return (turned_away, gave_up), waiting, agents


class Episode:
    """One run of a world, from decision to decision."""

    def __init__(self, task: Task, seed: int, replication: int) -> None:
        self.task = task
        self.world = World(task.scenario, seed=seed, replication=replication, keep_rows=False)
        # What happens at the very first instant comes before the decision, as it does at every later one.
        self.world.run_until(0)
        self._look = task.look(self.world)
        self.observation = task.observation(self._look, task.interval(self._look, self._look))
        """What is seen now."""

    @property
    def is_over(self) -> bool:
        return self.world.phase == "finished"

    def clone(self) -> Episode:
        """A second episode that goes on from here by itself."""
        clone = object.__new__(Episode)
        clone.__dict__.update(self.__dict__)
        clone.world = self.world.branch()
        if self.is_over:
            clone.world.run()
        return clone

    def advance(self, decision: Sequence[int]) -> Interval:
        """Has so many agents of each pool on duty, and goes to the next decision or to the end."""
        if self.is_over:
            raise RunError("the episode is over: `reset` begins another one")
        task, world = self.task, self.world
        for pool, agents in zip(task.pools, decision, strict=True):
            world.input("staff", pool, value=agents)
        target, until = world.now_nanos + task.interval_nanos, task.until_nanos
        is_last = until is not None and target >= until
        if is_last and until is not None:
            target = until
        world.run_until(f"{target}ns")
        before, self._look = self._look, task.look(world)
        interval = task.interval(before, self._look)
        self.observation = task.observation(self._look, interval)
        if is_last:
            # Who is still there is served by the last shift, where the scenario says so. It does not count any more.
            world.run()
        return interval


class Episodes:
    """Episodes of a task, one after the other: the replications of a seed, which is a new one where none is given."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._seed: int | None = None
        self._replication = 0

    def begin(self, seed: int | None) -> Episode:
        """The next episode, or the first one of another seed."""
        if seed is not None:
            if not 0 <= seed < 1 << 64:
                raise ValueError(f"`seed` is {seed}, expected a number from 0 to {(1 << 64) - 1}")
            self._seed, self._replication = int(seed), 0
        elif self._seed is None:
            self._seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        else:
            self._replication += 1
        return Episode(self.task, self._seed, self._replication)

    def clone(self) -> Episodes:
        """The same ones once more, from here on."""
        return copy.copy(self)


class Staffed:
    """What environments of all libraries have, and how they are made."""

    def __init__(
        self,
        scenario: ScenarioSource,
        *,
        interval: Duration = "15m",
        pools: Sequence[str] | None = None,
        reward: Reward = Costs(),
        observe: Sequence[str] | None = None,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi"):
            raise ValueError(f"`render_mode` is {render_mode!r}, expected None or 'ansi'")
        self.render_mode = render_mode
        self._task = Task(scenario, interval, pools, observe)
        self._episodes = Episodes(self._task)
        self._episode: Episode | None = None
        self._reward = reward
        self._open_spaces(self._task)

    def _open_spaces(self, task: Task) -> None:
        """Sets the spaces as the library wants them."""
        raise NotImplementedError

    @property
    def features(self) -> list[str]:
        """What each place of an observation is."""
        return list(self._task.features)

    @property
    def world(self) -> World:
        """The world of this episode."""
        return self._running().world

    def render(self) -> str | None:
        """How the world stands, as text, where `render_mode` is ``"ansi"``."""
        return shown(self._running()) if self.render_mode == "ansi" else None

    def _begin(self, seed: int | None) -> Episode:
        self._episode = self._episodes.begin(seed)
        return self._episode

    def _running(self) -> Episode:
        if self._episode is None:
            raise RunError("there is no episode yet: `reset` begins one")
        return self._episode


def began(episode: Episode) -> dict[str, Any]:
    """What there is to know of an episode at its beginning: which run it is."""
    return {"seed": episode.world.seed, "replication": episode.world.replication}


def happened(episode: Episode, interval: Interval) -> dict[str, Any]:
    """What there is to know after a decision; at the end the hash of the run's ledger, too."""
    known: dict[str, Any] = {"interval": interval}
    if episode.is_over:
        known["ledger_hash"] = episode.world.ledger_hash
    return known


def shown(episode: Episode) -> str:
    """How an episode stands, as text."""
    tables = episode.world.state().tables
    lines = [f"{episode.world.now / 3600:.2f} h"]
    for name, waiting, served in zip(*(tables["stations"][key] for key in ("station", "waiting", "served")), strict=True):
        lines.append(f"  {name}: {waiting} waiting, {served} in service")
    for name, on_duty, busy in zip(*(tables["pools"][key] for key in ("pool", "on_duty", "engaged")), strict=True):
        lines.append(f"  {name}: {busy} busy of {'any number' if on_duty < 0 else on_duty}")
    return "\n".join(lines)


def _minus(after: int, before: int) -> int:
    return after - before


def _hours(names: Sequence[str] | Mapping[str, int], before: list[float], after: list[float]) -> dict[str, float]:
    both = zip(names, before, after, strict=True)
    return {name: (later - earlier) / HOUR_NANOS for name, earlier, later in both}


def _chosen(
    argument: str, names: Sequence[str] | None, known: list[str], unknown: Callable[[str], str]
) -> list[str]:
    """The names that are wanted, or all, in their order."""
    if names is None:
        names = known
    if isinstance(names, str):
        raise TypeError(f"`{argument}` is a str, expected a sequence of names")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            advice = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
            raise ValueError(f"{unknown(name)}; {advice}")
    if len(set(names)) != len(names) or not names:
        what = "names nothing" if not names else f"names something twice: {', '.join(names)}"
        raise ValueError(f"`{argument}` {what}")
    return list(names)

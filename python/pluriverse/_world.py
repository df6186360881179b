"""Worlds: one lifecycle, by hand, by callback, or as an asynchronous iteration."""

from __future__ import annotations

import asyncio
import math
import numbers
import os
import warnings
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast

from . import _native
from ._frames import need
from ._native import Event, EventBatch, Scenario, Subscription
from ._results import Results
from ._scenario import ScenarioSource, load
from .errors import GapWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas
    import polars
    from typing_extensions import Self

__all__ = ["Duration", "EventStream", "Progress", "State", "World", "run"]

Duration: TypeAlias = "float | str | timedelta"
"""Seconds, a text such as ``"1h30m"``, or a ``timedelta``."""

Progress: TypeAlias = Literal["more", "paused", "finished"]
"""How a call that moves a world ended: the limit was reached, the world is paused, nothing is left to happen."""

Phase: TypeAlias = Literal["new", "ready", "paused", "finished", "failed"]


@dataclass(frozen=True)
class State:
    """A world at an instant."""

    now: float
    events: int
    tables: dict[str, dict[str, list[Any]]]
    """By name, each with its columns by theirs."""

    def __getitem__(self, name: str) -> dict[str, list[Any]]:
        return self.tables[name]

    def to_pandas(self, name: str) -> pandas.DataFrame:
        """One table."""
        frame: pandas.DataFrame = need("pandas", "pandas").DataFrame(self.tables[name])
        return frame

    def to_polars(self, name: str) -> polars.DataFrame:
        """One table."""
        frame: polars.DataFrame = need("polars", "polars").DataFrame(self.tables[name])
        return frame


class World(_native.World):
    """A running instance of a scenario.

    ``scenario`` is whatever `load` reads, ``seed`` and ``replication`` say which run of it. With ``keep_rows`` every
    row of the ledger stays in memory (34 bytes each); without, the last ones do, and `ledger` makes the others again.

    One thread uses a world at a time; others wait. ``now``, ``now_nanos``, ``events_handled``, ``rows`` and
    ``phase`` can be read, and `pause` called, at any time.
    """

    def __new__(
        cls,
        scenario: ScenarioSource,
        /,
        *,
        seed: int | None = None,
        replication: int = 0,
        keep_rows: bool = True,
        set: Mapping[str, Any] | None = None,
    ) -> World:
        described = load(scenario, set=set)
        return super().__new__(cls, described, seed, replication, keep_rows=keep_rows)

    def state(self) -> State:
        """The state in tables."""
        tables = self._tables()
        return State(self.now, self.events_handled, tables)

    def results(self) -> Results:
        """What it has come to."""
        return Results(self._outcome())

    @property
    def ledger_hash(self) -> str:
        """The ledger's hash so far."""
        return self._hash()

    def branch(self) -> Self:
        """A second world that goes on from here by itself.

        It has the same random numbers: what differs later differs because of what is done to it. It is of the
        same class and has the same attributes, as a shallow copy does; its class's constructor is not called.
        """
        snapshot = self._branch_snapshot()
        branch = _rebuild(type(self), self._parts(), "ready", snapshot)
        branch.__dict__.update(self.__dict__)
        return branch

    def input(
        self,
        kind: str,
        subject: str | int | None = None,
        object: str | int | None = None,
        value: float = 0.0,
        *,
        at: Duration | None = None,
    ) -> None:
        """Hands in something from outside, to happen at ``at`` or else now, when the world is moved next.

        It is a row of the ledger, and causes what comes of it. ``subject`` and ``object`` are names or numbers. A new
        world begins. What makes no sense is a ``ValueError``; a world that is finished or has failed raises `RunError`.

        A process world whose scenario has ``run.staffing = "outside"`` takes ``staff``: ``subject`` is a pool and
        ``value`` how many of its agents are on duty, until somebody says otherwise or its schedule does.
        """
        self._input(kind, (subject, object), value, at)

    def on_event(
        self,
        callback: Callable[[EventBatch], object],
        *,
        kinds: Iterable[str] | str | None = None,
        batch: int = 4096,
    ) -> Subscription:
        """Calls ``callback`` with what happens from here on, at most ``batch`` events at a time.

        It is called by whatever call moves the world, in order, when a batch is full and before that call ends. What
        it raises comes out of that call, and the world goes on with the next one. It cannot use its world, but for
        reading ``now``, ``events_handled``, ``rows`` and ``phase``, and for `pause`.

        Closing the subscription, or leaving it as a context, ends the calls.
        """
        return self._listen(callback, _names(kinds), batch)

    def events(
        self,
        *,
        kinds: Iterable[str] | str | None = None,
        until: Duration | None = None,
        batch: int = 1024,
    ) -> EventStream:
        """Moves the world by reading what happens: ``async for event in world.events()``.

        The world moves in another thread, so that the event loop goes on, and only as far as it is read: at
        most ``batch`` events ahead. The iteration ends when the world is finished, is paused or has come to
        ``until``.
        """
        if batch < 1:
            raise ValueError(f"`batch` is {batch}, expected 1 or more")
        return EventStream(self, self._open_feed(_names(kinds)), batch, until)

    def __reduce__(self) -> tuple[Any, ...]:
        # A new world that is to pause once it has begun is told so again.
        phase = "paused" if self._pauses_first else self.phase
        snapshot = None if self.phase == "new" else self.snapshot()
        return _rebuild, (type(self), self._parts(), phase, snapshot), self.__dict__ or None

    def _parts(self) -> _Parts:
        return self.scenario, self.seed, self.replication, self.keep_rows


_Parts: TypeAlias = tuple[Scenario, int, int, bool]
_AnyWorld = TypeVar("_AnyWorld", bound=World)


def _rebuild(
    cls: type[_AnyWorld], parts: _Parts, phase: Phase, snapshot: bytes | None
) -> _AnyWorld:
    """A world of its parts, as it comes out of a pickle; its class's own constructor is not called."""
    scenario, seed, replication, keep_rows = parts
    made = World.__new__(cls, scenario, seed=seed, replication=replication, keep_rows=keep_rows)
    world = cast("_AnyWorld", made)
    if snapshot is not None:
        world.restore(snapshot)
    if phase == "paused":
        world.pause()
    elif phase == "finished":
        # Nothing is left to happen; it finds that out.
        world.run()
    return world


def _names(kinds: Iterable[str] | str | None) -> list[str] | None:
    if kinds is None:
        return None
    return [kinds] if isinstance(kinds, str) else list(kinds)


class EventStream(AsyncIterator[Event]):
    """What happens in a world, event by event, or batch by batch with `batches`.

    One reader at a time reads a stream: a second one makes its own.
    """

    def __init__(
        self, world: World, feed: _native.Feed, batch: int, until: Duration | None
    ) -> None:
        self._world = world
        self._feed = feed
        self._limit = batch
        self._until = until
        self._batch: EventBatch | None = None
        self._place = 0
        self._asked: asyncio.Future[tuple[EventBatch, Progress | None]] | None = None
        self._ended: Progress | None = None
        self._is_read = False
        self.dropped = 0
        """Rows that were gone before they could be read: something else moved the world, far and at once."""

    @property
    def ended(self) -> Progress | None:
        """How the iteration ended; ``None`` as long as it goes on."""
        return self._ended

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        while self._batch is None or self._place >= len(self._batch):
            batch = await self._next_batch()
            if batch is None:
                raise StopAsyncIteration
            self._batch, self._place = batch, 0
        event = self._batch[self._place]
        self._place += 1
        return event

    async def batches(self) -> AsyncIterator[EventBatch]:
        """What happens, as many events at a time as there are."""
        while (batch := await self._next_batch()) is not None:
            if len(batch):
                yield batch

    async def _next_batch(self) -> EventBatch | None:
        if self._is_read:
            raise RuntimeError(
                "this stream is being read: one reader at a time reads a stream, another one makes its own"
                " by `world.events()`"
            )
        self._is_read = True
        try:
            return await self._read()
        finally:
            self._is_read = False

    async def _read(self) -> EventBatch | None:
        while self._ended is None:
            if self._asked is None:
                loop = asyncio.get_running_loop()
                self._asked = loop.run_in_executor(
                    None, self._world._pull, self._feed, self._limit, self._until
                )
            # Whoever is cancelled here leaves the answer for the next reader.
            await asyncio.wait([self._asked])
            asked, self._asked = self._asked, None
            batch, ended = asked.result()
            if batch.dropped:
                self.dropped += batch.dropped
                message = f"{batch.dropped} rows were gone before they could be read"
                warnings.warn(message, GapWarning, stacklevel=3)
            if len(batch):
                # What ended the journey is said again once everything is read.
                return batch
            self._ended = ended
        return None


def _duration_text(value: Duration) -> str | timedelta:
    """A duration as a scenario has it."""
    if isinstance(value, bool):
        raise TypeError("a bool is no duration")
    if isinstance(value, (str, timedelta)):
        return value
    if not isinstance(value, numbers.Real):
        raise TypeError(f"a {type(value).__name__} is no duration")
    # Numbers of NumPy are real numbers, too.
    seconds = int(value) if isinstance(value, numbers.Integral) else float(value)
    if not math.isfinite(seconds):
        raise ValueError(f"{value} is no duration that fits")
    return f"{round(seconds * 1_000_000_000)}ns"


def run(
    scenario: ScenarioSource,
    /,
    *,
    seed: int | None = None,
    replications: int | None = None,
    threads: int | None = None,
    until: Duration | None = None,
    set: Mapping[str, Any] | None = None,
    ledger: str | os.PathLike[str] | None = None,
    progress: bool | Callable[[int, float | None, int], object] = False,
) -> Results:
    """Runs a scenario and tells what was measured, as ``pluriverse run`` does.

    ``ledger`` names a file for every event of replication 0; its ending says the format. ``progress`` shows how far it
    is, or is called with the runs that are complete, the share that is done and the events so far.

    Python goes on in other threads meanwhile, and Ctrl-C ends the runs.
    """
    from ._progress import follow

    changes = dict(set or {})
    if until is not None:
        changes["run.until"] = _duration_text(until)
    described = load(scenario, set=changes)
    runs = described.replications if replications is None else replications
    follower = follow(progress, runs)
    plan = (seed, replications, threads)
    try:
        outcome = _native.run(
            described, plan, ledger=None if ledger is None else os.fspath(ledger), progress=follower
        )
    finally:
        if follower is not None:
            follower.close()
    return Results(outcome)

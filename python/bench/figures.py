"""What it costs to take rows into a data frame, to be called back, and to decide; prints the figures as JSON."""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa

import pluriverse as pv
from pluriverse.gymnasium import ProcessEnv

ROUNDS = 11
ROWS = 1_000_000


def measured(action: Callable[[], float]) -> list[float]:
    """Seconds of each round, after one that does not count."""
    action()
    return [action() for _ in range(ROUNDS)]


def figure(name: str, values: list[float], unit: str, target: str = "") -> dict[str, object]:
    return {"name": name, "values": values, "unit": unit, "target": target}


def million_rows(path: str) -> pv.World:
    """A world that has recorded a million rows, and few more."""
    world = pv.World(path)
    while world.rows < ROWS:
        assert world.run(max_events=max(1, (ROWS - world.rows) // 4)) == "more"
    assert world.rows < ROWS + 100
    return world


def frames(world: pv.World) -> list[dict[str, object]]:
    def into(make: Callable[[pv.Ledger], object]) -> Callable[[], float]:
        def once() -> float:
            began = time.perf_counter()
            made = make(world.ledger())
            took = time.perf_counter() - began
            assert len(made) == world.rows  # type: ignore[arg-type]
            return took * 1e3

        return once

    return [
        figure("1 M rows of a world into polars", measured(into(pl.DataFrame)), "ms", "at most 50 ms"),
        figure("1 M rows of a world into pyarrow", measured(into(pa.table)), "ms"),
        figure("1 M rows of a world into pandas", measured(into(lambda ledger: pa.table(ledger).to_pandas())), "ms"),
    ]


def callbacks(path: str) -> list[dict[str, object]]:
    """Nanoseconds for a row that a callback costs, beyond the run itself: the columns of each batch are looked at."""

    def run(batch: int | None) -> tuple[float, int]:
        world = pv.World(path, keep_rows=False, set={"run.until": "2000h"})
        seen = 0

        def look(events: pv.EventBatch) -> None:
            nonlocal seen
            seen += int((np.asarray(events.column("kind")) >= 0).sum())

        if batch is not None:
            world.on_event(look, batch=batch)
        began = time.perf_counter()
        assert world.run() == "finished"
        took = time.perf_counter() - began
        assert batch is None or seen == world.rows
        return took, world.rows

    def beyond(batch: int) -> Callable[[], float]:
        def once() -> float:
            alone, _ = run(None)
            called, rows = run(batch)
            return (called - alone) / rows * 1e9

        return once

    return [
        figure(f"A callback, for each event in batches of {batch:,}", measured(beyond(batch)), "ns", target)
        for batch, target in ((4096, "at most 300 ns"), (256, ""))
    ]


def decisions(path: str) -> list[dict[str, object]]:
    """Microseconds for a step of an environment: a quarter of an hour, in which some thirteen customers come."""
    env = ProcessEnv(pv.load(path, set={"run.until": "1000h"}))

    def once() -> float:
        env.reset(seed=1)
        steps, over = 0, False
        began = time.perf_counter()
        while not over:
            *_, over, _, _ = env.step([1])
            steps += 1
        return (time.perf_counter() - began) / steps * 1e6

    return [figure("A step of an environment of Gymnasium", measured(once), "µs")]


path = sys.argv[1]
print(json.dumps(frames(million_rows(path)) + callbacks(path) + decisions(path)))

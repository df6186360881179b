"""Ledgers and events as other libraries take them, and in files."""

from __future__ import annotations

import asyncio
import collections.abc
import copy
import json
import multiprocessing
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from worlds import DESK, SCENARIOS

import pluriverse as pv

NO_CAUSE = 2**64 - 1


@pytest.fixture(scope="module")
def world() -> pv.World:
    world = pv.World(DESK)
    world.run()
    return world


def test_all_libraries_see_the_same_rows(world: pv.World) -> None:
    ledger = world.ledger()
    assert len(ledger) == world.rows
    assert (ledger.hash, ledger.cut) == (world.ledger_hash, None)
    table = pa.table(ledger)
    assert table.equals(ledger.to_arrow())
    assert table.schema.names == list(ledger.columns)
    frame = pl.DataFrame(ledger)
    assert frame.equals(pl.DataFrame(table))
    assert frame["cause"].null_count() > 0
    named = ledger.to_polars()
    assert named["kind"].cast(pl.String).to_list() == [event.kind for event in ledger]
    assert ledger.to_pandas()["kind"].tolist() == [event.kind for event in ledger]
    assert ledger.to_pandas(names=False)["time"].tolist() == frame["time"].to_list()
    event = ledger[-1]
    assert frame.row(-1) == (
        event.time_nanos,
        ledger.kinds.index(event.kind),
        event.subject_number,
        event.object_number,
        event.value,
        event.cause,
    )


def test_columns_are_not_copied(world: pv.World) -> None:
    ledger = world.ledger()
    for name in ledger.columns:
        column = ledger.column(name)
        array = np.asarray(column)
        assert array.shape == (len(ledger),)
        assert np.asarray(column).ctypes.data == array.ctypes.data
        assert not array.flags.writeable
        arrow = pa.array(column)
        assert arrow.buffers()[1].address == array.ctypes.data
        assert arrow.to_pylist() == pa.table(ledger)[name].to_pylist()
    causes = np.asarray(ledger.column("cause"))
    del ledger
    # The memory lives as long as somebody looks at it.
    assert causes[0] == NO_CAUSE
    with pytest.raises(KeyError, match="time, kind, subject"):
        world.ledger().column("when")


def test_a_ledger_is_a_sequence_of_events(world: pv.World) -> None:
    ledger = world.ledger()
    first = ledger[0]
    assert (first.row, first.cause) == (0, None)
    assert ledger[-len(ledger)] == first
    for index in (len(ledger), -len(ledger) - 1):
        with pytest.raises(IndexError):
            ledger[index]
    for index in (10**30, -(10**30)):
        with pytest.raises(IndexError):
            ledger[index]
    with pytest.raises(TypeError, match="a str is no index of rows"):
        ledger["time"]  # type: ignore[call-overload]
    for causes in (ledger.causes, world.causes):
        with pytest.raises(IndexError, match=f"{10**9} is no index among {len(ledger)} rows"):
            causes(10**9)
    chain = ledger.causes(len(ledger) - 1)
    assert chain == world.causes(len(ledger) - 1)
    assert chain[-1].cause is None
    for later, earlier in zip(chain, chain[1:], strict=False):
        assert later.cause == earlier.row
    assert "desk" in {event.object for event in ledger}


def test_rows_have_what_sequences_have(world: pv.World) -> None:
    ledger = world.ledger()
    batch = ledger[100:200]
    for rows in (ledger, batch):
        assert isinstance(rows, collections.abc.Collection)
        assert isinstance(rows, collections.abc.Reversible)
        events = [rows[place] for place in range(len(rows))]
        assert list(rows) == events
        assert list(reversed(rows)) == events[::-1]
        assert iter(rows).__length_hint__() == len(rows)  # type: ignore[attr-defined]
        last = events[-1]
        assert last in rows
        assert (rows.index(last), rows.count(last)) == (len(rows) - 1, 1)
        assert rows.index(events[5], -len(rows), 6) == 5
        for start, stop in ((6, None), (0, 5), (-1, None), (0, -len(rows))):
            with pytest.raises(ValueError, match="not among"):
                rows.index(events[5], start, stop)
        for other in (pv.World(SCENARIOS / "mm1.toml"), None, "arrive", 5):
            assert other not in rows
            assert rows.count(other) == 0
        assert list(pd.DataFrame(rows)[0]) == events
    # The same row of another run is another event.
    elsewhere = pv.World(DESK, seed=99)
    elsewhere.run(max_events=200)
    assert elsewhere.ledger()[100] not in ledger


SLICES = (
    slice(None),
    slice(-3, None),
    slice(10, 20),
    slice(20, 10),
    slice(10**9, None),
    slice(None, None, 7),
    slice(None, None, -1),
    slice(50, 2, -3),
    slice(0, 10, 10**18),
)


def test_slices_are_batches_that_share_the_columns(world: pv.World) -> None:
    ledger = world.ledger()
    events = list(ledger)
    for outer in SLICES:
        part = ledger[outer]
        assert type(part) is pv.EventBatch
        assert list(part) == events[outer]
        assert np.asarray(part.column("row")).tolist() == [event.row for event in events[outer]]
        assert part.to_polars()["row"].to_list() == [event.row for event in events[outer]]
        assert pa.table(part)["subject"].to_pylist() == [event.subject_number for event in part]
        for inner in SLICES:
            assert list(part[inner]) == events[outer][inner]
    times = np.asarray(ledger.column("time"))
    part = ledger[10:20]
    assert np.asarray(part.column("time")).ctypes.data == times[10:].ctypes.data
    within = np.asarray(part[3:].column("row"))
    assert within.ctypes.data == np.asarray(part.column("row"))[3:].ctypes.data
    assert part.dropped == 0


def test_rows_are_pickled(world: pv.World) -> None:
    half = pv.World(DESK)
    half.run_until("30h")
    for ledger in (world.ledger(), half.ledger(), pv.World(DESK).ledger()):
        again = pickle.loads(pickle.dumps(ledger))
        assert type(again) is pv.Ledger
        assert (again.hash, again.cut) == (ledger.hash, ledger.cut)
        assert again.provenance_json() == ledger.provenance_json()
        assert again.dictionary_json() == ledger.dictionary_json()
        assert pa.table(again).equals(pa.table(ledger))
        assert copy.copy(ledger) is copy.deepcopy(ledger) is ledger
    batches: list[pv.EventBatch] = []
    again = pv.World(DESK)
    again.on_event(batches.append, kinds="leave", batch=50)
    again.run()
    for batch in (*batches, *map(world.ledger().__getitem__, SLICES)):
        twin = pickle.loads(pickle.dumps(batch))
        assert type(twin) is pv.EventBatch
        assert (twin.dropped, list(twin)) == (batch.dropped, list(batch))
        assert [repr(event) for event in twin] == [repr(event) for event in batch]
        assert pa.table(twin).equals(pa.table(batch))
    assert copy.copy(batches[0]) is batches[0]


def test_events_are_pickled_with_their_names_once(world: pv.World) -> None:
    ledger = world.ledger()
    events = list(ledger[:1000])
    pickled = pickle.dumps(events)
    assert pickled.count(b"desk") == pickle.dumps(events[0]).count(b"desk")
    twins = pickle.loads(pickled)
    assert twins == events
    assert list(map(repr, twins)) == list(map(repr, events))
    # A second time, too.
    assert pickle.dumps(twins) == pickled
    assert copy.copy(events[0]) is events[0]


def test_rows_go_through_other_processes(world: pv.World) -> None:
    ours = world.ledger()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        # The other process makes objects of what it gets, and bytes of them again.
        ledger, batch, event = pool.submit(copy.copy, (ours, ours[-3:], ours[0])).result()
    assert (ledger.hash, list(batch), event) == (ours.hash, list(ours[-3:]), ours[0])


def test_damaged_pickles_of_rows_are_refused(world: pv.World) -> None:
    ledger = world.ledger()
    for rows in (ledger[0], ledger[5:8], pv.World(DESK).ledger()):
        rebuild, (kind, parts) = rows.__reduce__()  # type: ignore[misc]
        *others, content = parts
        refused = 0
        for place in range(len(content)):
            damaged = bytearray(content)
            damaged[place] ^= 4
            try:
                again = rebuild(kind, (*others, bytes(damaged)))
            except pv.LedgerError as error:
                assert "damaged" in str(error)
                refused += 1
            else:
                # In a ledger's file there are bytes that only fill it up.
                assert isinstance(again, pv.Ledger)
                assert (again.hash, again.provenance_json()) == (rows.hash, rows.provenance_json())
        assert refused > len(content) / 2
        if kind is not pv.Ledger:
            assert refused == len(content)
        for short in (b"", content[:-1], content[:31]):
            with pytest.raises(pv.LedgerError, match="damaged"):
                rebuild(kind, (*others, short))
    batch = ledger[5:8]
    _, (kind, (legend, content)) = batch.__reduce__()  # type: ignore[misc]
    _, (_, (names,)) = legend.__reduce__()
    for text in ("", "{}", names.replace("desk", "desc"), names[:-1]):
        with pytest.raises(pv.LedgerError, match="damaged"):
            kind._from_parts(type(legend)._from_parts(text), content)
    turned = json.loads(names)
    turned["nouns"][-1]["labels"].insert(0, {"first": 9, "count": 1, "name": "late"})
    with pytest.raises(pv.LedgerError, match="damaged: its names are in no order"):
        type(legend)._from_parts(json.dumps(turned))


def test_mypy_knows_rows_as_sequences(tmp_path: Path) -> None:
    code = """
from collections.abc import Sequence
import pluriverse as pv

def last(ledger: pv.Ledger) -> Sequence[pv.Event]:
    rows: list[int] = [event.row for event in ledger]
    part: pv.EventBatch = ledger[-3:]
    first: pv.Event = part[0]
    reversed(part), first in ledger, ledger.index(first), rows
    return ledger
"""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "-c", code],
        # Away from the sources: what is looked at is what is installed.
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rows_that_were_let_go_are_made_again() -> None:
    kept, let_go = pv.World(SCENARIOS / "mm1.toml"), pv.World(SCENARIOS / "mm1.toml", keep_rows=False)
    for world in (kept, let_go):
        world.run_until("1000h")
    assert kept.rows > 70_000
    assert pa.table(kept.ledger()).equals(pa.table(let_go.ledger()))
    assert let_go.ledger().cut is not None
    assert let_go.causes(0) == []


def test_an_empty_ledger_is_one() -> None:
    ledger = pv.World(DESK).ledger()
    assert (len(ledger), ledger.cut) == (0, "the ledger was taken at 0s")
    assert pl.DataFrame(ledger).shape == (0, 6)
    assert ledger.to_pandas().shape == (0, 6)
    assert np.asarray(ledger.column("value")).shape == (0,)
    with pytest.raises(IndexError):
        ledger[0]


@pytest.mark.parametrize("ending", ["parquet", "arrow", "ndjson", "csv"])
def test_ledgers_in_files(
    tmp_path: Path,
    ending: str,
    command: Callable[..., CompletedProcess[str]],
) -> None:
    scenario = pv.load(SCENARIOS / "claims-trace.toml")
    world = pv.World(scenario)
    world.run()
    path = tmp_path / f"claims.{ending}"
    world.ledger().write(path)
    again = pv.read_ledger(path)
    assert pa.table(again).equals(pa.table(world.ledger()))
    assert again.hash == world.ledger_hash
    verified = pv.verify(path)
    assert (verified.rows, verified.hash, verified.rerun) == (world.rows, world.ledger_hash, True)
    done = command("verify", path)
    assert done.returncode == 0, done.stderr
    assert world.ledger_hash in done.stdout
    if ending != "csv":
        assert pv.run(scenario, ledger=tmp_path / f"run.{ending}").ledger_hash == world.ledger_hash
        theirs = (tmp_path / f"run.{ending}").read_bytes()
        assert theirs == path.read_bytes()


def test_a_ledger_of_half_a_run_says_so(tmp_path: Path) -> None:
    world = pv.World(DESK)
    world.run_until("10h")
    path = tmp_path / "half.arrow"
    world.ledger().write(path)
    assert pv.read_ledger(path).cut == "the ledger was taken at 10h"
    assert pv.verify(path).cut == "the ledger was taken at 10h"


def test_damage_is_told_with_its_place(
    tmp_path: Path, world: pv.World, command: Callable[..., CompletedProcess[str]]
) -> None:
    path = tmp_path / "ledger.ndjson"
    world.ledger().write(path)
    lines = path.read_text().splitlines(keepends=True)
    lines[20] = lines[20].replace('"value":', '"value":1')
    path.write_text("".join(lines))
    for read in (pv.read_ledger, pv.verify):
        with pytest.raises(pv.LedgerError) as raised:
            read(path)
        done = command("verify", path)
        assert done.returncode == 1
        assert str(raised.value) in done.stderr
    for name, message in (("none.parquet", "none.parquet"), ("ledger.txt", r"\.txt")):
        with pytest.raises(pv.LedgerError, match=message):
            pv.read_ledger(tmp_path / name)
        with pytest.raises(pv.LedgerError):
            world.ledger().write(tmp_path / "missing" / name)


def test_a_ledger_of_another_run_is_found_out(tmp_path: Path) -> None:
    world = pv.World(DESK, seed=1)
    world.run()
    path = tmp_path / "one.ndjson"
    world.ledger().write(path)
    text = path.read_text().replace('"seed":1', '"seed":2')
    path.write_text(text)
    with pytest.raises(pv.LedgerError):
        pv.verify(path)


def test_batches_tell_everything_once(world: pv.World) -> None:
    again = pv.World(DESK)
    batches: list[pv.EventBatch] = []
    arrivals: list[pv.EventBatch] = []
    again.on_event(batches.append, batch=1000)
    again.on_event(arrivals.append, kinds="arrive", batch=10)
    again.run()
    assert {len(batch) for batch in batches[:-1]} == {1000}
    assert all(len(batch) <= 10 for batch in arrivals)
    frame = pl.concat([pl.DataFrame(batch) for batch in batches])
    assert frame.drop("row").equals(pl.DataFrame(world.ledger()))
    assert frame["row"].to_list() == list(range(world.rows))
    ours = [event.row for batch in arrivals for event in batch]
    kind = world.ledger().kinds.index("arrive")
    assert ours == frame.filter(pl.col("kind") == kind)["row"].to_list()
    batch = batches[0]
    assert np.asarray(batch.column("row"))[-1] == batch[-1].row == 999
    assert batch.to_pandas()["kind"].iloc[0] == batch[0].kind
    assert batch.to_polars().equals(pl.DataFrame(batch.to_arrow()).with_columns(batch.to_polars()["kind"]))


def test_a_closed_subscription_is_not_called() -> None:
    world = pv.World(DESK)
    calls: list[int] = []
    subscription = world.on_event(lambda batch: calls.append(len(batch)), batch=100)
    world.run_until("10h")
    told = sum(calls)
    assert told == world.rows
    subscription.close()
    assert subscription.closed
    world.run()
    assert sum(calls) == told


def test_events_are_iterated_while_the_loop_goes_on() -> None:
    async def watch() -> tuple[list[pv.Event], int]:
        turns = 0
        done = False

        async def count_turns() -> None:
            nonlocal turns
            while not done:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_turns())
        stream = pv.World(DESK).events(kinds=["arrive", "leave"])
        events = [event async for event in stream]
        done = True
        await counting
        assert (stream.ended, stream.dropped) == ("finished", 0)
        return events, turns

    events, turns = asyncio.run(watch())
    world = pv.World(DESK)
    world.run()
    wanted = [event for event in world.ledger() if event.kind in ("arrive", "leave")]
    assert events == wanted
    assert turns > 1


def test_an_iteration_ends_where_it_is_told_to() -> None:
    async def watch() -> None:
        world = pv.World(DESK)
        until = [event.time async for event in world.events(until="10h")]
        assert world.now == 36_000.0
        assert max(until) <= 36_000.0
        async for event in world.events(batch=1):
            if event.row > 500:
                world.pause()
        assert world.phase == "paused"
        world.resume()
        rows = [len(batch) async for batch in world.events().batches()]
        assert world.phase == "finished"
        assert sum(rows) > 0

    asyncio.run(watch())


def test_what_a_cancelled_reader_missed_comes_to_the_next() -> None:
    async def watch() -> list[int]:
        stream = pv.World(DESK).events()
        rows: list[int] = []

        async def read() -> None:
            async for event in stream:
                rows.append(event.row)

        for _ in range(5):
            reading = asyncio.create_task(read())
            await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        await read()
        return rows

    rows = asyncio.run(watch())
    assert rows == list(range(len(rows)))


def test_one_reader_at_a_time_reads_a_stream() -> None:
    async def watch() -> None:
        world = pv.World(DESK)
        stream = world.events()

        async def read() -> list[int]:
            return [event.row async for event in stream]

        first, second = await asyncio.gather(read(), read(), return_exceptions=True)
        assert isinstance(second, RuntimeError)
        assert "one reader at a time" in str(second)
        # The first one is none the worse for it.
        assert first == list(range(world.rows))
        world.seek(0)
        here, there = world.events(kinds="arrive"), world.events(kinds="leave")

        async def read_apart(stream: pv.EventStream) -> list[pv.Event]:
            return [event async for event in stream]

        arrivals, leaves = await asyncio.gather(read_apart(here), read_apart(there))
        events = world.ledger()
        assert arrivals == [event for event in events if event.kind == "arrive"]
        assert leaves == [event for event in events if event.kind == "leave"]

    asyncio.run(watch())


def test_rows_that_are_gone_are_reported() -> None:
    async def watch() -> int:
        world = pv.World(SCENARIOS / "mm1.toml", keep_rows=False)
        stream = world.events()
        world.run()
        rows = 0
        with pytest.warns(pv.GapWarning, match="gone"):
            async for _ in stream:
                rows += 1
        assert stream.dropped + rows == world.rows
        return stream.dropped

    assert asyncio.run(watch()) > 0


def test_what_a_run_raises_comes_out_of_the_iteration() -> None:
    async def watch() -> None:
        world = pv.World(DESK)

        def refuse(batch: pv.EventBatch) -> None:
            raise LookupError("no")

        world.on_event(refuse)
        with pytest.raises(LookupError):
            async for _ in world.events():
                pass

    asyncio.run(watch())


def test_results_as_frames() -> None:
    results = pv.run(SCENARIOS / "contact-centre.toml", replications=5)
    tables: dict[Any, int] = {
        "metrics": len(results.metrics),
        "series": sum(len(series.mean) for series in results.series),
        "distributions": sum(len(one.bins) for one in results.distributions.values()),
    }
    for table, rows in tables.items():
        polars, pandas = results.to_polars(table), results.to_pandas(table)
        assert polars.shape == pandas.shape
        assert polars.shape[0] == rows
        assert polars.columns == list(pandas.columns)
        assert not any(kind == pl.Null for kind in polars.dtypes)
    with pytest.raises(ValueError, match="there are: metrics"):
        results.to_pandas("figures")  # type: ignore[arg-type]
    wait = results.metrics.agents.wait
    assert results["agents.wait"] == wait
    low, high = wait.interval
    assert low < wait.mean < high
    assert "wait" in dir(results.metrics.agents)
    with pytest.raises(KeyError, match="there are"):
        results["agents.weight"]
    with pytest.raises(AttributeError):
        results.metrics.agents.weight  # noqa: B018


def test_state_as_frames(world: pv.World) -> None:
    state = world.state()
    assert state.to_polars("stations").rows() == [tuple(row) for row in state.to_pandas("stations").values]
    assert isinstance(state.to_pandas("stations"), pd.DataFrame)


def test_the_report_is_that_of_the_command_line(
    tmp_path: Path, command: Callable[..., CompletedProcess[str]]
) -> None:
    path = "scenarios/contact-centre.toml"
    done = command("run", path, "--replications", 3, "--threads", 1, "--report", tmp_path / "theirs.html")
    assert done.returncode == 0, done.stderr
    scenario = pv.load(SCENARIOS / "contact-centre.toml")
    results = pv.run(scenario, replications=3, threads=1)
    assert results.report(tmp_path / "ours.html") == (tmp_path / "ours.html").read_text()

    def comparable(name: str) -> str:
        text = (tmp_path / name).read_text()
        text = text.replace(str(SCENARIOS / "contact-centre.toml"), path)
        # Seconds that it took, and what follows from them.
        return re.sub(r"[0-9.,]+ ?(M|k|µs|ms|s|events/s|×)\b", "", text)

    assert len(comparable("ours.html")) > 10_000
    ours, theirs = comparable("ours.html"), comparable("theirs.html")
    differing = [pair for pair in zip(ours.split("<"), theirs.split("<"), strict=True) if pair[0] != pair[1]]
    assert len(differing) <= 3, differing


def test_results_show_themselves() -> None:
    results = pv.run(SCENARIOS / "contact-centre.toml", replications=5)
    page = results._repr_html_()
    assert "<table>" in page
    assert "agents.wait" in page
    assert results.ledger_hash in page
    text = repr(results)
    assert results.ledger_hash in text
    assert re.search(r"agents\.wait +[0-9.]+ ± [0-9.]+ s", text)
    named = pv.run({**DESK, "title": "<script>"}, replications=2)
    assert "<script>" not in named._repr_html_()


def test_results_are_pickled_with_their_report() -> None:
    results = pv.run(DESK, replications=3)
    again = pickle.loads(pickle.dumps(results))
    assert again == results
    assert again.report() == results.report()
    assert again._repr_html_() == results._repr_html_()
    assert again != pv.run(DESK, replications=4)


@pytest.mark.parametrize("what", ["series", "distributions", "metrics"])
def test_plots(what: Any) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    results = pv.run(SCENARIOS / "contact-centre.toml", replications=5)
    figure = results.plot(what)
    drawn = [axis for axis in figure.axes if axis.has_data()]
    assert drawn
    if what == "series":
        stairs = {patch.get_label(): patch for axis in drawn for patch in axis.patches}
        for series in results.series:
            edges = stairs[series.name].get_data().edges
            assert edges[-1] == len(series.mean) * series.period_seconds / 3600, "the last period is drawn, too"
    with pytest.raises(ValueError, match="nothing of that name"):
        results.plot(what, ["no such thing"])
    pyplot.close("all")


def test_progress_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, float | None, int]] = []
    results = pv.run(DESK, replications=10, progress=lambda *step: told.append(step))
    assert told[-1] == (10, 1.0, results.events)
    assert pv.run(DESK, replications=10, progress=True) == results

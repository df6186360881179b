"""The lifecycle of a world, and who may use it when."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import os
import pickle
import re
import signal
import threading
import traceback
import weakref
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from worlds import DESK, SCENARIOS

import pluriverse as pv

LONG = {**DESK, "run": {"until": "2000000h"}}
"""A world that would run for minutes."""


def test_the_life_of_a_world() -> None:
    world = pv.World(DESK, seed=7)
    assert (world.phase, world.now, world.events_handled) == ("new", 0.0, 0)
    world.start()
    assert world.phase == "ready"
    assert world.next_time() is not None
    assert world.step() == "more"
    assert world.events_handled == 1
    assert world.step(4) == "more"
    assert world.events_handled == 5
    assert world.run_until("10h") == "more"
    assert world.now == 36_000.0
    assert world.run_until(timedelta(hours=11)) == "more"
    assert world.run_until(12 * 3600) == "more"
    assert world.now_nanos == 12 * 3600 * 10**9
    world.pause()
    assert (world.phase, world.run()) == ("paused", "paused")
    world.resume()
    assert world.run(max_events=10) == "more"
    assert world.run() == "finished"
    assert (world.phase, world.now, world.next_time()) == ("finished", 360_000.0, None)
    state = world.state()
    assert state["stations"]["station"] == ["desk"]
    results = world.results()
    assert results.ledger_hash == world.ledger_hash
    assert results.metrics["desk.wait"].n > 0


def test_a_branch_goes_on_by_itself() -> None:
    world = pv.World(DESK)
    with pytest.raises(pv.RunError, match="branch"):
        world.branch()
    world.run_until("50h")
    branch = world.branch()
    branch.run()
    assert (world.now, branch.now) == (180_000.0, 360_000.0)
    world.run()
    assert branch.ledger_hash == world.ledger_hash
    # The rows before the branch are made again.
    assert len(branch.ledger()) == len(world.ledger())


def test_going_back_gives_the_same_rows_again() -> None:
    world = pv.World(DESK)
    world.keep_checkpoints("10h")
    world.run()
    whole = world.ledger_hash
    world.seek("25h")
    assert world.now == 25 * 3600
    assert world.seek(1e6) == "finished"
    assert world.ledger_hash == whole


def test_a_damaged_snapshot_leaves_the_world_as_it_was() -> None:
    world = pv.World(DESK)
    world.run_until("20h")
    before = world.ledger_hash
    snapshot = bytearray(world.snapshot())
    snapshot[len(snapshot) // 2] ^= 1
    with pytest.raises(pv.RunError):
        world.restore(bytes(snapshot))
    with pytest.raises(pv.RunError):
        world.restore(b"nothing")
    with pytest.raises(TypeError, match=r"`snapshot` is a str, expected the bytes"):
        world.restore("text")  # type: ignore[arg-type]
    assert (world.ledger_hash, world.now) == (before, 72_000.0)
    snapshot[len(snapshot) // 2] ^= 1
    world.run()
    for same in (snapshot, memoryview(snapshot)):
        world.restore(same)
        assert (world.ledger_hash, world.now) == (before, 72_000.0)


@pytest.mark.parametrize(
    ("time", "error"),
    [
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        (10**30, ValueError),
        (1e300, ValueError),
        (timedelta.max, ValueError),
        ("tomorrow", ValueError),
        ("", ValueError),
        (True, TypeError),
        (None, TypeError),
        ([1], TypeError),
        (b"1h", TypeError),
    ],
)
def test_what_is_no_time_is_refused(time: Any, error: type[Exception]) -> None:
    world = pv.World(DESK)
    for move in (world.run_until, world.seek, world.keep_checkpoints):
        with pytest.raises(error):
            move(time)
    assert world.run() == "finished"


NUMBERS: dict[str, tuple[int, Callable[[pv.World, Any], object]]] = {
    "seed of a world": (0, lambda world, given: pv.World(DESK, seed=given)),
    "replication of a world": (0, lambda world, given: pv.World(DESK, replication=given)),
    "seed of runs": (0, lambda world, given: pv.run(DESK, seed=given)),
    "replications of runs": (1, lambda world, given: pv.run(DESK, replications=given)),
    "threads of runs": (1, lambda world, given: pv.run(DESK, threads=given)),
    "count of steps": (1, lambda world, given: world.step(given)),
    "max_events of a run": (0, lambda world, given: world.run(max_events=given)),
    "max_events of a way": (0, lambda world, given: world.run_until("1h", max_events=given)),
    "row of causes": (0, lambda world, given: world.causes(given)),
    "batch of a callback": (1, lambda world, given: world.on_event(print, batch=given)),
}
"""Arguments that are whole numbers, with the least that they can be."""


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_such_number_is_refused_by_name(name: str) -> None:
    least, call = NUMBERS[name]
    argument = name.split()[0]
    world = pv.World(DESK)
    world.run_until("1h")
    before = world.ledger_hash
    for given, expected in (
        (-1, f"`{argument}` is -1, expected {least} or more"),
        (-(10**30), f"`{argument}` is -1{'0' * 30}, expected {least} or more"),
        (2**64, f"`{argument}` is {2**64}, expected {2**64 - 1} or less"),
        (10**5000, f"`{argument}` is a very long number, expected {2**64 - 1} or less"),
    ):
        with pytest.raises(ValueError, match="^" + re.escape(expected) + "$"):
            call(world, given)
    for given, kind in ((1.5, "float"), ("one", "str")):
        with pytest.raises(TypeError, match=f"`{argument}` is a {kind}, expected a whole number"):
            call(world, given)
    assert world.ledger_hash == before
    call(world, np.int64(1))


def test_what_makes_no_sense_is_refused() -> None:
    world = pv.World(DESK)
    for call in (
        lambda: world.step(0),
        lambda: world.on_event(print, batch=0),
        lambda: world.events(batch=0),
        lambda: world.on_event(print, kinds=["arrrive"]),
        lambda: world.keep_checkpoints(0),
        lambda: pv.run(DESK, replications=0),
        lambda: pv.run(DESK, threads=0),
        lambda: pv.run(DESK, until=float("nan")),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    with pytest.raises(ValueError, match="did you mean `arrive`"):
        world.on_event(print, kinds=["arrrive"])
    with pytest.raises(TypeError, match="called back"):
        world.on_event("no")  # type: ignore[arg-type]
    world.start()
    with pytest.raises(pv.RunError, match="`start` cannot be called on a world that is ready"):
        world.start()
    with pytest.raises(pv.RunError, match="`branch` cannot be called on a world that is new"):
        pv.World(DESK).branch()


def test_a_callback_that_raises_keeps_its_traceback_and_the_world() -> None:
    def refuse(batch: pv.EventBatch) -> None:
        raise LookupError("not this one")

    world = pv.World(DESK)
    with world.on_event(refuse, batch=100):
        with pytest.raises(LookupError, match="not this one") as raised:
            world.run()
        frames = traceback.extract_tb(raised.tb)
        assert frames[-1].name == "refuse"
        # Each call comes further, by the events of a batch at least.
        stopped_at = world.events_handled
        assert 0 < stopped_at < 1000
        with pytest.raises(LookupError):
            world.run()
        assert world.events_handled > stopped_at
    assert world.run() == "finished"
    straight = pv.World(DESK)
    straight.run()
    assert world.ledger_hash == straight.ledger_hash


def test_a_callback_cannot_use_its_world() -> None:
    world = pv.World(DESK)
    refused: list[str] = []

    def ask(batch: pv.EventBatch) -> None:
        for call in (
            world.run,
            world.step,
            world.snapshot,
            world.ledger,
            world.state,
            world.results,
            world.branch,
            world.resume,
            lambda: world.seek(0),
            lambda: world.on_event(print),
            lambda: pickle.dumps(world),
        ):
            with pytest.raises(pv.WorldBusyError, match="calling back") as busy:
                call()
            # What it says can be read, can be.
            named = re.findall(r"`(\w+)`", str(busy.value))
            assert named == ["now", "events_handled", "rows", "phase"]
            assert not any(callable(getattr(world, name)) for name in named)
            refused.append("")
        # What has been told can be read.
        assert world.events_handled > 0
        assert world.phase in ("ready", "finished")
        assert world.now >= batch[-1].time

    with world.on_event(ask, batch=5000):
        world.run()
    assert len(refused) >= 11
    assert issubclass(pv.WorldBusyError, RuntimeError)


def test_a_callback_pauses_its_world() -> None:
    world = pv.World(DESK)

    def stop_at_the_tenth(batch: pv.EventBatch) -> None:
        if batch[-1].row >= 9:
            world.pause()

    with world.on_event(stop_at_the_tenth, batch=1):
        assert world.run() == "paused"
    assert 1 < world.events_handled <= 10
    world.resume()
    assert world.run() == "finished"


def test_a_new_world_keeps_the_wish_to_pause() -> None:
    straight = pv.World(DESK)
    straight.run()
    ways: tuple[Callable[[pv.World], object], ...] = (
        pv.World.run,
        lambda world: world.run_until("10h"),
        pv.World.start,
        lambda world: world.seek(0),
        lambda world: world.input("staff", "desk", value=1, at="99h"),
        pv.World.step,
    )
    for begin in ways:
        world = pv.World(DESK, set={"run.staffing": "outside"})
        world.pause()
        world.state()
        assert (world.phase, world.events_handled) == ("new", 0)
        again = pickle.loads(pickle.dumps(world))
        for twin in (world, again):
            assert begin(twin) in (None, "paused", "more")
            assert (twin.phase, twin.now) == ("paused", twin.now)
            assert twin.events_handled == (begin == pv.World.step)
            assert twin.run() == "paused"
    world = pv.World(DESK)
    world.pause()
    assert world.run() == "paused"
    world.resume()
    assert world.run() == "finished"
    assert world.ledger_hash == straight.ledger_hash
    taken_back = pv.World(DESK)
    taken_back.pause()
    taken_back.resume()
    assert taken_back.run() == "finished"


def test_seeking_keeps_the_wish_to_pause() -> None:
    world = pv.World(DESK)
    world.pause()
    assert world.seek("10h") == "more"
    assert (world.phase, world.now) == ("paused", 36_000.0)


def test_a_callback_does_not_wait_for_a_world_that_waits_for_it() -> None:
    here, there = pv.World(DESK), pv.World(DESK)
    both = threading.Barrier(2, timeout=60)
    outcomes: list[object] = []

    def cross(other: pv.World) -> Any:
        def call(batch: pv.EventBatch) -> None:
            both.wait()
            try:
                outcomes.append(other.state())
            except pv.WorldBusyError as error:
                outcomes.append(error)
            both.wait()

        return call

    here.on_event(cross(there), batch=10**9)
    there.on_event(cross(here), batch=10**9)
    threads = [threading.Thread(target=world.run) for world in (here, there)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert len(outcomes) == 2
    assert all(isinstance(outcome, pv.WorldBusyError) for outcome in outcomes)


def test_threads_take_turns() -> None:
    world = pv.World(DESK, keep_rows=False)
    straight = pv.World(DESK)
    straight.run()
    seen: list[int] = []
    world.on_event(lambda batch: seen.append(len(batch)), batch=64)

    def work() -> None:
        while world.run(max_events=101) == "more":
            world.state()
            world.snapshot()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert world.phase == "finished"
    assert sum(seen) == world.rows
    assert world.ledger_hash == straight.ledger_hash


def test_another_thread_pauses_a_run() -> None:
    world = pv.World(LONG, keep_rows=False)
    runner = threading.Thread(target=world.run)
    runner.start()
    while world.events_handled == 0:
        pass
    world.pause()
    runner.join(timeout=60)
    assert not runner.is_alive()
    assert world.phase == "paused"
    assert 0 < world.now


def _interrupt_soon(started: Any) -> threading.Thread:
    """Sends Ctrl-C to this process once ``started`` says so."""

    def send() -> None:
        while not started():
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_control_c_ends_a_run_and_not_the_world() -> None:
    world = pv.World(LONG, keep_rows=False)
    thread = _interrupt_soon(lambda: world.events_handled > 0)
    with pytest.raises(KeyboardInterrupt):
        world.run()
    thread.join()
    assert world.phase == "ready"
    handled = world.events_handled
    assert world.step(10) == "more"
    assert world.events_handled == handled + 10


def test_control_c_ends_replications() -> None:
    told: list[int] = []
    thread = _interrupt_soon(lambda: told)
    with pytest.raises(KeyboardInterrupt):
        pv.run(LONG, replications=1000, progress=lambda done, share, events: told.append(events))
    thread.join()
    assert told


def test_what_progress_raises_ends_replications() -> None:
    def refuse(done: int, share: float | None, events: int) -> None:
        raise LookupError("no")

    with pytest.raises(LookupError):
        pv.run(LONG, replications=1000, progress=refuse)


def _in_a_child(work: Any) -> int:
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(timeout=120)
    assert child.exitcode is not None
    return child.exitcode


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_world_works_after_a_fork() -> None:
    world = pv.World(DESK)
    world.run_until("50h")

    def go_on() -> None:
        world.run()
        pv.run(DESK, replications=4, threads=2)
        os._exit(17 if world.phase == "finished" else 1)

    assert _in_a_child(go_on) == 17
    assert world.now == 180_000.0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_world_that_moved_during_a_fork_says_so() -> None:
    world = pv.World(LONG, keep_rows=False)
    runner = threading.Thread(target=world.run)
    runner.start()
    while world.events_handled == 0:
        pass

    def ask() -> None:
        try:
            world.state()
        except pv.WorldBusyError as error:
            os._exit(17 if "forked" in str(error) else 1)
        os._exit(2)

    assert _in_a_child(ask) == 17
    world.pause()
    runner.join()


def test_worlds_and_scenarios_are_pickled() -> None:
    scenario = pv.load(SCENARIOS / "claims-trace.toml")
    assert scenario.files == ["claims.csv"]
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert hash(again) == hash(scenario)
    world = pv.World(again, seed=3, replication=2, keep_rows=False)
    for events in (None, 0, 50, 10**9):
        if events is not None:
            world.start() if events == 0 else world.run(max_events=events)
        for twin in (pickle.loads(pickle.dumps(world)), copy.copy(world), copy.deepcopy(world)):
            for name in ("phase", "now_nanos", "events_handled", "rows", "seed", "replication", "keep_rows"):
                assert getattr(twin, name) == getattr(world, name), name
            twin.run()
            straight = pv.World(scenario, seed=3, replication=2)
            straight.run()
            assert twin.ledger_hash == straight.ledger_hash


class Watched(pv.World):
    """A world with a constructor of its own."""

    def __new__(cls, hours: int) -> Watched:
        made = super().__new__(cls, DESK, seed=5, set={"run.until": f"{hours}h"})
        assert isinstance(made, Watched)
        return made

    def __init__(self, hours: int) -> None:
        self.notes = [f"{hours} hours"]


def test_worlds_of_other_classes_are_pickled_and_branched() -> None:
    world = Watched(20)
    world.run_until("10h")
    world.notes.append("at ten")
    pickled, copied, deeply = pickle.loads(pickle.dumps(world)), copy.copy(world), copy.deepcopy(world)
    branch = world.branch()
    world.run()
    for twin in (pickled, copied, deeply, branch):
        assert type(twin) is Watched
        assert twin.notes == ["20 hours", "at ten"]
        assert twin.now == 36_000.0
        twin.run()
        assert twin.ledger_hash == world.ledger_hash
    # As `copy` has it.
    assert branch.notes is copied.notes is world.notes
    assert deeply.notes is not world.notes
    plain = pv.World(DESK)
    plain.tag = 1  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(plain)).tag == 1


def test_a_world_that_holds_itself_is_collected() -> None:
    world = pv.World(DESK)
    world.on_event(lambda batch: print(world))
    gone = weakref.ref(world)
    del world
    gc.collect()
    assert gone() is None

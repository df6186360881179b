"""Every scenario has from Python the ledger that it has everywhere, however its world is moved."""

from __future__ import annotations

import pickle

import pytest
from worlds import SCENARIOS, golden

import pluriverse as pv

GOLDEN = golden()
SMALL = sorted(name for name, (_, events) in GOLDEN.items() if events < 10_000)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_straight(name: str) -> None:
    world = pv.World(SCENARIOS / name, keep_rows=False)
    assert world.run() == "finished"
    assert (world.ledger_hash, world.events_handled) == GOLDEN[name]


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_paused_saved_and_sent_elsewhere(name: str) -> None:
    world = pv.World(SCENARIOS / name, keep_rows=False)
    world.run(max_events=1000)
    world.pause()
    assert world.run() == "paused"
    elsewhere = pickle.loads(pickle.dumps(world))
    assert (elsewhere.phase, elsewhere.events_handled) == ("paused", 1000)
    restored = pv.World(SCENARIOS / name, keep_rows=False, seed=12345)
    restored.restore(world.snapshot())
    branch = world.branch()
    for one in (world, elsewhere, restored, branch):
        one.resume()
        assert one.run() == "finished"
        assert (one.ledger_hash, one.events_handled) == GOLDEN[name]


@pytest.mark.parametrize("name", SMALL)
def test_step_by_step_with_somebody_watching(name: str) -> None:
    world = pv.World(SCENARIOS / name)
    seen: list[int] = []
    world.on_event(lambda batch: seen.extend(event.row for event in batch), batch=7)
    while world.step() == "more":
        pass
    assert seen == list(range(world.rows))
    assert (world.ledger_hash, world.events_handled) == GOLDEN[name]


@pytest.mark.parametrize("name", SMALL)
def test_back_and_forth(name: str) -> None:
    world = pv.World(SCENARIOS / name)
    world.run()
    end = world.now
    world.seek(end / 3)
    assert world.now == pytest.approx(end / 3)
    world.seek(end / 5)
    assert world.run() == "finished"
    assert (world.ledger_hash, world.events_handled) == GOLDEN[name]


def test_replications_are_those_of_the_command_line(command_json) -> None:  # type: ignore[no-untyped-def]
    path = SCENARIOS / "contact-centre.toml"
    for threads in (1, 3):
        results = pv.run(path, replications=20, threads=threads)
        printed = command_json(path, "--replications", 20)
        assert results.ledger_hash == printed["ledger_hash"]
        document = results.to_dict()
        for key in ("wall_seconds", "speedup"):
            assert document[key] > 0 < printed.pop(key)
        assert {key: document[key] for key in printed} == printed
        assert list(results.metrics) == list(printed["metrics"])

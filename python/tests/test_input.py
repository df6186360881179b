"""What is handed in from outside: what is taken and what is not, and that it is part of the run ever after."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

import pluriverse as pv

OPEN: dict[str, Any] = {
    "kind": "process",
    "run": {"until": "8h", "staffing": "outside"},
    "sources": {"callers": {"arrivals": {"poisson": {"rate": "30/h"}}}},
    "stations": {
        "desk": {"agents": 3, "service": {"exponential": {"mean": "5m"}}, "to": "robots"},
        "robots": {"agents": "unlimited", "service": "1s"},
    },
}
OPEN["sources"]["callers"]["to"] = "desk"


def rows(world: pv.World, *kinds: str) -> list[tuple[float, str, str | None, float]]:
    return [(event.time, event.kind, event.subject, event.value) for event in world.ledger() if event.kind in kinds]


def told(**options: Any) -> pv.World:
    """A world that has handled inputs and has others waiting."""
    world = pv.World(OPEN, seed=7, **options)
    for hour, agents in enumerate([1, 0, 3, 2]):
        world.run_until(hour * 3600)
        world.input("staff", "desk", value=agents)
        world.input("staff", "desk", value=2, at=hour * 3600 + 1800)
    return world


def test_an_input_is_a_row_and_causes_what_comes_of_it() -> None:
    world = pv.World(OPEN)
    world.input("staff", "desk", value=1)
    world.input("staff", 0, value=2.0, at="1h")
    world.input("staff", subject=np.int64(0), value=np.float32(0), at=timedelta(hours=2))  # type: ignore[arg-type]
    world.input("staff", "desk", value=3, at=10_800.0)
    assert (world.phase, world.rows) == ("ready", 0)
    world.run()
    numbers = [(0.0, 1.0), (3600.0, 2.0), (7200.0, 0.0), (10800.0, 3.0)]
    expected = [(time, kind, "desk", value) for time, value in numbers for kind in ("staff", "shift")]
    assert rows(world, "staff", "shift") == expected
    staff, shift = (world.ledger()[place] for place in (0, 1))
    assert (staff.kind, staff.cause, shift.kind, shift.cause) == ("staff", None, "shift", staff.row)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"kind": "stff"}, ValueError, "no kind of event `stff`; did you mean `staff`"),
        ({"kind": "shift"}, ValueError, "takes no input of kind `shift`"),
        ({"subject": "dsk"}, ValueError, "no pool `dsk`; did you mean `desk`"),
        ({"subject": None}, ValueError, "has no `subject`"),
        ({"subject": 2}, ValueError, "expected a pool, from 0 to 1"),
        ({"subject": -1}, ValueError, "`subject` is -1"),
        ({"subject": "robots"}, ValueError, "counts its agents, which `robots` does not"),
        ({"subject": 1.5}, TypeError, "`subject` is a float"),
        ({"subject": True}, TypeError, "`subject` is a bool"),
        ({"object": "desk"}, ValueError, "`staff` has no object"),
        ({"value": 4}, ValueError, "from 0 to the 3 of `desk`"),
        ({"value": -1}, ValueError, "`value` is -1"),
        ({"value": 0.5}, ValueError, "`value` is 0.5"),
        ({"value": float("nan")}, ValueError, "`value` is NaN"),
        ({"value": "2"}, TypeError, "`value` is a str"),
        ({"value": True}, TypeError, "`value` is a bool"),
        ({"at": "10m"}, ValueError, "the world is at 1h already"),
        ({"at": "soon"}, ValueError, "soon"),
        ({"at": []}, TypeError, "no duration"),
        ({"at": "9h"}, pv.RunError, "not running"),
    ],
)
def test_what_makes_no_sense_is_refused(words: dict[str, Any], error: type[Exception], message: str) -> None:
    world = pv.World(OPEN)
    world.run_until("1h")
    before = world.snapshot()
    with pytest.raises(error, match=message):
        world.input(**({"kind": "staff", "subject": "desk", "value": 1} | words))
    assert world.snapshot() == before


def test_a_world_that_is_over_or_closed_takes_none() -> None:
    world = pv.World(OPEN)
    world.run()
    with pytest.raises(pv.RunError, match="the world is finished: it takes no `staff`"):
        world.input("staff", "desk", value=1)
    closed = pv.World(OPEN, set={"run.staffing": "scheduled"})
    with pytest.raises(ValueError, match="has no `run.staffing` = \"outside\""):
        closed.input("staff", "desk", value=1)


def test_inputs_travel_with_the_world() -> None:
    straight, world = told(), told()
    straight.run()
    copies = [pickle.loads(pickle.dumps(world)), copy.deepcopy(world), world.branch(), pv.World(OPEN)]
    copies[-1].restore(world.snapshot())
    for other in [*copies, world]:
        assert other.run() == "finished"
        assert other.ledger_hash == straight.ledger_hash
    world.seek("90m")
    world.run()
    assert world.ledger_hash == straight.ledger_hash
    plain = pv.World(OPEN, seed=7)
    plain.run()
    assert plain.ledger_hash != straight.ledger_hash


def test_rows_that_were_let_go_are_made_again() -> None:
    kept, world = told(), told(keep_rows=False)
    for other in (kept, world):
        other.run()
        # So that the last chunk is not all there is.
        assert other.ledger_hash == kept.ledger_hash
    again = pickle.loads(pickle.dumps(world))
    for other in (world, again):
        assert other.ledger().hash == kept.ledger_hash
        assert other.ledger().to_polars().equals(kept.ledger().to_polars())


def test_rows_of_a_long_run_are_made_again() -> None:
    world = pv.World(OPEN, keep_rows=False, set={"run.until": "2000h"})
    for hour in range(0, 2000, 7):
        world.run_until(hour * 3600)
        world.input("staff", "desk", value=hour % 4)
    world.run()
    assert world.rows > 70_000
    assert world.ledger().hash == world.ledger_hash
    assert sum(event.kind == "staff" for event in world.ledger()) == 286


@pytest.mark.parametrize("ending", ["parquet", "arrow", "ndjson", "csv"])
def test_a_second_run_has_the_same_inputs(
    tmp_path: Path, command: Callable[..., CompletedProcess[str]], ending: str
) -> None:
    world = told()
    world.run()
    path = tmp_path / f"desk.{ending}"
    world.ledger().write(path)
    assert pv.read_ledger(path).hash == world.ledger_hash
    assert pv.verify(path).rerun
    verified = command("verify", path)
    assert verified.returncode == 0, verified.stderr
    assert "a second run makes the same" in verified.stdout


def test_more_inputs_than_are_remembered_are_not_called_damage(
    tmp_path: Path, command: Callable[..., CompletedProcess[str]]
) -> None:
    world = pv.World(OPEN, set={"run.until": "1m"})
    for _ in range((1 << 18) + 1):
        world.input("staff", 0, value=1)
    world.run()
    path = tmp_path / "desk.parquet"
    world.ledger().write(path)
    reason = "the run had inputs from outside, and a second one cannot be given them: they are not known any more"
    with pytest.raises(pv.LedgerError, match=f"{reason}\n  row 0 in the file:  0s  staff"):
        pv.verify(path)
    verified = command("verify", path)
    assert verified.returncode == 1
    assert reason in verified.stderr
    assert "defect" not in verified.stderr
    lean = pv.World(OPEN, set={"run.until": "1m"}, keep_rows=False)
    lean.restore(world.snapshot())
    with pytest.raises(pv.LedgerError, match=reason):
        lean.ledger()

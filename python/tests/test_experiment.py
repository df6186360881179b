"""Experiments: the same answers as from the command line, whoever makes the runs."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, Popen
from typing import Any

import polars as pl
import pytest
from worlds import DESK, ROOT, SCENARIOS

import pluriverse as pv
from pluriverse import _native
from pluriverse._experiment import Threads, read_study

PLAN: dict[str, Any] = {
    "kind": "experiment",
    "factors": {"agents": {"key": "stations.desk.agents", "values": [2, 3]}},
    "replications": {"count": 20},
    "question": {"compare": {"baseline": 1}},
}


class Elsewhere:
    """Makes the runs one by one, in any order and some of them twice, in a laboratory that knows bytes alone."""

    capacity = 7

    def start(self, workload: bytes) -> None:
        self.laboratory = _native.Laboratory(bytes(workload))
        self.jobs: list[bytes] = []
        self.closed = False
        self.order = random.Random(3)

    def submit(self, job: bytes) -> None:
        self.jobs.append(job)

    def next_result(self, timeout: float) -> bytes | None:
        job = self.jobs.pop(self.order.randrange(len(self.jobs)))
        first = self.laboratory.run(job)
        assert first == self.laboratory.run(job)
        return first

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("name", ["toll-lanes.toml", "mm1-warm-up.toml"])
def test_answers_are_those_of_the_command_line(name: str, command: Callable[..., CompletedProcess[str]]) -> None:
    path = ROOT / "experiments" / name
    done = command("experiment", path, "--format", "json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert pv.experiment(path).to_dict() == json.loads(done.stdout)


def test_the_answer_is_the_same_whoever_makes_the_runs() -> None:
    elsewhere = Elsewhere()
    results = [
        pv.experiment(PLAN, scenario=DESK, backend=backend, threads=threads)
        for backend, threads in (("local", 1), ("local", 3), (elsewhere, None))
    ]
    assert results[0] == results[1] == results[2]
    assert elsewhere.closed
    first = results[0]
    assert (first.runs, len(first.points)) == (40, 2)
    straight = pv.run(DESK, set={"stations.desk.agents": 3}, replications=20)
    assert first.points[1]["ledger_hash"] == straight.ledger_hash
    assert first.points[1]["estimates"]["desk.wait"]["mean"] == straight.metrics.desk.wait.mean
    assert first.answer["question"] == "compare"


class Twice(Elsewhere):
    """Hands in everything twice, what came last first."""

    def start(self, workload: bytes) -> None:
        self.laboratory = pv.Laboratory(workload)
        self.results: list[bytes] = []

    def submit(self, job: bytes) -> None:
        result = self.laboratory.run(job)
        assert result is not None
        self.results += [result, result]

    def next_result(self, timeout: float) -> bytes | None:
        return self.results.pop() if self.results else None


def test_what_comes_twice_counts_once() -> None:
    assert pv.experiment(PLAN, scenario=DESK, backend=Twice()) == pv.experiment(PLAN, scenario=DESK)
    with pytest.raises(TypeError, match="a NoneType is no backend: it has no capacity, start"):
        pv.experiment(PLAN, scenario=DESK, backend=None)  # type: ignore[arg-type]


def test_factors_may_be_called_like_columns() -> None:
    key = "stations.desk.service.exponential.mean"
    plan = PLAN | {"factors": {"mean": {"key": key, "values": ["4m", "5m"]}}, "question": {"compare": {"baseline": 2}}}
    found = pv.experiment(plan, scenario=DESK)
    frame = found.to_polars().filter(pl.col("metric") == "desk.wait")
    assert frame["factor.mean"].to_list() == ["4m", "5m"]
    short, long = frame["mean"].to_list()
    differences = found.to_polars("differences").filter(pl.col("metric") == "desk.wait")
    [row] = differences.to_dicts()
    assert (row["point"], row["factor.mean"], row["baseline"]) == (1, "4m", 2)
    assert row["mean"] == pytest.approx(short - long)
    assert row["half_width"] > 0 and row["correlation"] > 0
    assert len(found.to_pandas("differences")) == len(found.to_dict()["metrics"])
    shown = found._repr_html_()
    assert "Each point less point 2" in shown and "Differences" in shown and " min</td>" in shown
    with pytest.raises(ValueError, match="only `compare` has differences"):
        pv.experiment({key: part for key, part in plan.items() if key != "question"}, scenario=DESK).to_pandas("differences")


def test_files_travel_with_the_workload() -> None:
    plan = {"kind": "experiment", "scenario": "claims-trace.toml", "replications": {"count": 2}}
    beside = pv.experiment(plan, folder=SCENARIOS)
    given = pv.experiment({"kind": "experiment", "replications": {"count": 2}}, scenario=SCENARIOS / "claims-trace.toml")
    assert beside.ledger_hash == given.ledger_hash


def test_experiments_as_frames_and_pages(tmp_path: Path) -> None:
    found = pv.experiment(PLAN, scenario=DESK)
    frame = found.to_polars()
    assert frame.shape[0] == 2 * len(found.to_dict()["metrics"])
    assert found.to_pandas().shape == frame.shape
    waits = frame.filter(pl.col("metric") == "desk.wait")
    assert waits["agents"].to_list() == [2, 3]
    first, second = waits["mean"].to_list()
    assert first > second
    effects = found.to_polars("effects").filter(pl.col("metric") == "desk.wait")
    assert effects["mean"].to_list() == [first, second]
    assert "<table>" in found._repr_html_()
    assert "40 runs" in repr(found)
    page = found.report(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == page
    assert "desk.wait" in page
    with pytest.raises(ValueError, match="points, effects, differences"):
        found.to_pandas("figures")  # type: ignore[arg-type]


def test_plots_of_experiments() -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = pv.experiment(PLAN, scenario=DESK)
    for metrics in (None, ["desk.wait"], ["desk.wait", "desk.utilisation"]):
        if metrics is not None and any(name not in found.points[0]["estimates"] for name in metrics):
            metrics = list(found.points[0]["estimates"])[: len(metrics)]
        figure = found.plot(metrics)
        assert all(axis.has_data() for axis in figure.axes if axis.get_visible())
    with pytest.raises(ValueError, match="no such figure"):
        found.plot(["no such figure"])
    pyplot.close("all")


def test_fewest_agents_per_hour() -> None:
    """The question of the contact centre, in a smaller world: the answer says what it is worth."""
    import matplotlib

    matplotlib.use("Agg")
    path = ROOT / "experiments" / "contact-centre-staffing.toml"
    study = read_study(path)
    assert study.warnings == []
    centre: dict[str, Any] = {
        "kind": "process",
        "run": {"until": "3h", "period": "1h"},
        "sources": {"calls": {"arrivals": {"poisson": {"rate": "60/h"}}}},
        "stations": {
            "agents": {
                "agents": {"every": "1h", "values": [6, 6, 6]},
                "service": {"exponential": {"mean": "100s"}},
                "service_level": "20s",
            }
        },
    }
    plan = {
        "kind": "experiment",
        "question": {
            "staffing": {
                "key": "stations.agents.agents.values",
                "series": "Service level/agents",
                "at_least": 0.8,
                "tolerance": 0.02,
                "min": 1,
                "max": 8,
            }
        },
    }
    found = pv.experiment(plan, scenario=centre)
    assert found.answer["total"] < 18
    assert found.answer["is_certified"]
    assert "probability 0.95" in found.guarantee
    assert all(period["estimate"]["mean"] > 0.78 for period in found.answer["periods"])
    assert all(axis.has_data() for axis in found.plot().axes)


LONG: dict[str, Any] = PLAN | {"replications": {"count": 5_000}}


def test_a_killed_experiment_goes_on_and_comes_to_the_same(
    tmp_path: Path, command: Callable[..., CompletedProcess[str]]
) -> None:
    state, plan = tmp_path / "long.state", tmp_path / "long.json"
    plan.write_text(json.dumps(LONG | {"scenario": "desk.json"}))
    (tmp_path / "desk.json").write_text(pv.load(DESK).text)
    straight = pv.experiment(plan)

    program = "import sys, pluriverse as pv; pv.experiment(sys.argv[1], state=sys.argv[2], threads=1)"
    killed = Popen([sys.executable, "-c", program, plan, state])
    while not state.exists() or state.stat().st_size < 20_000:
        assert killed.poll() is None, "it ended before it could be killed"
    killed.kill()
    killed.wait()

    told: list[tuple[int, int, str]] = []
    resumed = pv.experiment(plan, state=state, progress=lambda *now: told.append(now))
    assert resumed == straight
    assert told[0][0] > 0, "what was there counts from the first"
    whole = state.read_bytes()
    # The command line finds everything there, and runs nothing again.
    done = command("experiment", plan, "--state", state, "--format", "json")
    assert json.loads(done.stdout) == straight.to_dict()
    assert "10,000 runs were there already" in done.stderr
    assert state.read_bytes() == whole


def test_whatever_ends_an_experiment_leaves_its_state_to_the_next(tmp_path: Path) -> None:
    state = tmp_path / "long.state"

    def raise_midway(done: int, asked: int, phase: str) -> None:
        if done > 100:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough") as raised:
        pv.experiment(LONG, scenario=DESK, state=state, progress=raise_midway)
    assert 0 < state.stat().st_size
    assert pv.experiment(LONG, scenario=DESK, state=state) == pv.experiment(LONG, scenario=DESK)
    # Only now may the traceback with all it held go.
    del raised


def test_a_state_file_that_is_none_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "small.state"
    pv.experiment(PLAN, scenario=DESK, state=state)
    kept = state.read_bytes()
    with pytest.raises(ValueError, match=r"small\.state: it belongs to another experiment.*remove this one to begin anew"):
        pv.experiment(PLAN, scenario=DESK, set={"seed": 5}, state=state)
    assert state.read_bytes() == kept
    with pytest.raises(FileNotFoundError, match=r"small\.state: the file cannot be used"):
        pv.experiment(PLAN, scenario=DESK, state=tmp_path / "gone" / "small.state")
    with pytest.raises(IsADirectoryError):
        pv.experiment(PLAN, scenario=DESK, state=tmp_path)

    def call_again(done: int, asked: int, phase: str) -> None:
        pv.experiment(PLAN, scenario=DESK, state=state)

    with pytest.raises(ValueError, match=r"small\.state: an experiment is writing to this file; wait for it"):
        pv.experiment(PLAN, scenario=DESK, state=state, progress=call_again)


def test_mistakes_are_answered_as_the_command_line_does(
    tmp_path: Path, command: Callable[..., CompletedProcess[str]]
) -> None:
    path = tmp_path / "bad.toml"
    (tmp_path / "desk.json").write_text(json.dumps(DESK))
    path.write_text(
        'kind = "experiment"\nscenario = "desk.json"\nfactors.agents = { key = "stations.desk.agent", values = [2, -3] }\n'
    )
    with pytest.raises(pv.ScenarioError) as raised:
        pv.experiment(path)
    done = command("experiment", path)
    assert done.returncode == 2
    assert str(raised.value).strip() == done.stderr.strip()


@pytest.mark.parametrize("source", [None, 3, b"kind", [], {1: 2}])
def test_what_is_no_experiment_is_refused(source: Any) -> None:
    with pytest.raises(TypeError):
        pv.experiment(source)


def test_what_makes_no_sense_is_refused() -> None:
    for backend in ("nowhere", "ray cluster"):
        with pytest.raises(ValueError, match="there are: local, ray"):
            pv.experiment(PLAN, scenario=DESK, backend=backend)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`threads` is 0"):
        pv.experiment(PLAN, scenario=DESK, threads=0)
    with pytest.raises(ValueError, match="table `set`"):
        pv.experiment(PLAN, scenario=pv.load(DESK, set={"run.until": "8h"}))
    study = read_study(PLAN, DESK)
    experiment = _native.Experiment(study)
    job = experiment.poll_job()
    assert job is not None
    laboratory = _native.Laboratory(study.workload())
    for call in (
        lambda: _native.Laboratory(b"nothing"),
        lambda: laboratory.run(job[:-1]),
        lambda: laboratory.run(b""),
        lambda: experiment.handle_result(b"\xff"),
    ):
        with pytest.raises(ValueError, match="no message of an experiment"):
            call()
    laboratory.stop()
    assert laboratory.run(job) is None
    assert experiment.progress()[0] == 0
    assert not experiment.is_done()


def test_a_workload_of_another_version_is_refused() -> None:
    workload = read_study(PLAN, DESK).workload()
    opening = f"pluriverse {pv.__version__}\n".encode()
    assert workload.startswith(opening)
    forged = workload.replace(opening, b"pluriverse 0.0.7\n")
    with pytest.raises(ValueError, match=rf"by version 0\.0\.7 of Pluriverse, and here is version {pv.__version__}: "):
        _native.Laboratory(forged)


def test_what_a_backend_raises_ends_the_experiment() -> None:
    class Broken(Threads):
        def next_result(self, timeout: float) -> bytes | None:
            raise LookupError("no cluster")

    with pytest.raises(LookupError):
        pv.experiment(PLAN, scenario=DESK, backend=Broken(2))


def test_progress_of_experiments_is_told() -> None:
    told: list[tuple[int, int, str]] = []
    found = pv.experiment(PLAN, scenario=DESK, progress=lambda *step: told.append(step))
    assert told[-1][:2] == (40, 40)
    assert pv.experiment(PLAN, scenario=DESK, progress=True) == found

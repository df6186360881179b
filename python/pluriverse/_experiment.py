"""Experiments: which runs to make is decided here, by one thread; who makes them is a backend's to say."""

from __future__ import annotations

import html
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from . import _native
from ._frames import need
from ._native import Laboratory, Scenario, Study
from ._plain import overrides, plain
from ._progress import shown
from ._scenario import ScenarioSource, load

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas
    import polars

__all__ = ["Backend", "Experiment", "Threads", "experiment"]

ExperimentSource: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"


class Backend(Protocol):
    """Whoever makes the runs of an experiment.

    Jobs, what they come to and the workload, which is sent ahead of them, are bytes for a `Laboratory`. A job may be done
    twice, and results may come in any order: the analysis is the same to the bit.
    """

    capacity: int
    """Jobs to have under way at a time."""

    def start(self, workload: bytes) -> None:
        """Gets ready for jobs of this workload."""

    def submit(self, job: bytes) -> None:
        """Begins a job."""

    def next_result(self, timeout: float) -> bytes | None:
        """What a job came to; ``None`` when none has ended after so many seconds. Raises what no second try mends."""

    def close(self) -> None:
        """Ends whatever is under way."""


class Threads:
    """Makes the runs in threads of this process, which Python does not hold up."""

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"`threads` is {threads}, expected 1 or more")
        self._threads = threads or os.cpu_count() or 1
        # One job waits for each thread, so that none waits for Python.
        self.capacity = 2 * self._threads
        self._pool: ThreadPoolExecutor | None = None
        self._results: queue.SimpleQueue[Future[bytes | None]] = queue.SimpleQueue()
        self._own = threading.local()
        self._laboratories: list[Laboratory] = []
        self._workload = b""

    def start(self, workload: bytes) -> None:
        self._workload = workload
        self._pool = ThreadPoolExecutor(self._threads, "laboratory", self._open)

    def _open(self) -> None:
        self._own.laboratory = Laboratory(self._workload)
        self._laboratories.append(self._own.laboratory)

    def _do(self, job: bytes) -> bytes | None:
        laboratory: Laboratory = self._own.laboratory
        return laboratory.run(job)

    def submit(self, job: bytes) -> None:
        assert self._pool is not None, "it was started"
        self._pool.submit(self._do, job).add_done_callback(self._results.put)

    def next_result(self, timeout: float) -> bytes | None:
        try:
            return self._results.get(timeout=timeout).result()
        except queue.Empty:
            return None

    def close(self) -> None:
        if self._pool is not None:
            for laboratory in self._laboratories:
                laboratory.stop()
            self._pool.shutdown(cancel_futures=True)


ExperimentTable = Literal["points", "effects", "differences"]


class Experiment:
    """What an experiment came to: a table of its points, and the answer to its question."""

    def __init__(self, analysis: _native.Analysis) -> None:
        self._document: dict[str, Any] = json.loads(analysis.json())
        self._effects: list[dict[str, Any]] = json.loads(analysis.effects_json())
        self._report = analysis.report()
        self._sentence, self._tables = analysis.shown()

    @property
    def name(self) -> str:
        """The experiment's name."""
        return str(self._document["name"])

    @property
    def title(self) -> str:
        """One line for people; may be empty."""
        return str(self._document["title"])

    @property
    def runs(self) -> int:
        """Runs that were made."""
        return int(self._document["runs"])

    @property
    def events(self) -> int:
        """Events handled in all of them."""
        return int(self._document["events"])

    @property
    def ledger_hash(self) -> str:
        """One hash over all ledgers: the same wherever the runs were made."""
        return str(self._document["ledger_hash"])

    @property
    def fingerprint(self) -> str:
        """Hash of the experiment itself."""
        return str(self._document["fingerprint"])

    @property
    def answer(self) -> dict[str, Any]:
        """The answer to its question, in the words of ``pluriverse experiment --format json``."""
        answer: dict[str, Any] = self._document["answer"]
        return answer

    @property
    def guarantee(self) -> str:
        """What the answer is worth, in words; empty where intervals say it all."""
        return str(self._document["guarantee"])

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points that were run: number, settings, replications, estimates by the names of figures."""
        metrics = [metric["name"] for metric in self._document["metrics"]]
        found = []
        for point in self._document["points"]:
            settings = dict(zip(self._document["factors"], point["settings"], strict=False))
            estimates = dict(zip(metrics, point["estimates"], strict=True))
            found.append(
                {
                    "number": point["number"],
                    "settings": settings,
                    "replications": point["replications"],
                    "ledger_hash": point["ledger_hash"],
                    "estimates": estimates,
                }
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything, in the words of ``pluriverse experiment --format json``."""
        document: dict[str, Any] = json.loads(json.dumps(self._document))
        return document

    def _columns(self, table: ExperimentTable) -> dict[str, list[Any]]:
        if table == "points":
            return self._point_columns()
        if table == "effects":
            factors, metrics = self._document["factors"], self._document["metrics"]
            return {
                "factor": [factors[effect["factor"]] for effect in self._effects],
                "metric": [metrics[effect["metric"]]["name"] for effect in self._effects],
                "value": [str(effect["value"]) for effect in self._effects],
                "mean": [effect["mean"] for effect in self._effects],
                "points": [effect["points"] for effect in self._effects],
            }
        if table == "differences":
            return self._difference_columns()
        raise ValueError(f"there is no table `{table}`; there are: points, effects, differences")

    def _point_columns(self) -> dict[str, list[Any]]:
        rows: list[dict[str, Any]] = []
        for point in self.points:
            for metric in self._document["metrics"]:
                estimate = point["estimates"][metric["name"]] or {}
                row = {"point": point["number"], **self._settings(point)}
                row |= {"replications": point["replications"], "metric": metric["name"], "unit": metric["unit"]}
                row |= {"mean": estimate.get("mean"), "half_width": estimate.get("half_width")}
                rows.append(row)
        return _by_column(rows)

    def _difference_columns(self) -> dict[str, list[Any]]:
        if self.answer["question"] != "compare":
            raise ValueError(f"the question is `{self.answer['question']}`: only `compare` has differences")
        points = {point["number"]: point for point in self.points}
        rows: list[dict[str, Any]] = []
        for difference in self.answer["differences"]:
            for metric, paired in zip(self._document["metrics"], difference["paired"], strict=True):
                estimate = (paired or {}).get("difference") or {}
                row = {"point": difference["number"], **self._settings(points[difference["number"]])}
                row |= {"baseline": self.answer["baseline"], "metric": metric["name"], "unit": metric["unit"]}
                row |= {"mean": estimate.get("mean"), "half_width": estimate.get("half_width")}
                row |= {"correlation": (paired or {}).get("correlation")}
                rows.append(row)
        return _by_column(rows)

    def _settings(self, point: dict[str, Any]) -> dict[str, Any]:
        """A point's settings as columns; a factor that is called like another column is `factor.NAME`."""
        taken = {"point", "replications", "baseline", "metric", "unit", "mean", "half_width", "correlation"}
        return {f"factor.{name}" if name in taken else name: value for name, value in point["settings"].items()}

    def to_pandas(self, table: ExperimentTable = "points") -> pandas.DataFrame:
        """Each figure of each point, the main effects, or how points differ where that was the question."""
        frame: pandas.DataFrame = need("pandas", "pandas").DataFrame(self._columns(table))
        return frame

    def to_polars(self, table: ExperimentTable = "points") -> polars.DataFrame:
        """Each figure of each point, the main effects, or how points differ where that was the question."""
        frame: polars.DataFrame = need("polars", "polars").DataFrame(self._columns(table), infer_schema_length=None)
        return frame

    def report(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report with its charts: one HTML file, written to ``path`` where one is named."""
        if path is not None:
            Path(path).write_text(self._report, encoding="utf-8", newline="")
        return self._report

    def plot(self, metrics: list[str] | None = None) -> matplotlib.figure.Figure:
        """Charts by matplotlib: the answer's periods where it has some, else the points by the figures named."""
        from ._plots import plot_experiment

        return plot_experiment(self, metrics)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Experiment):
            return NotImplemented
        return self._document == other._document

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        title = f": {self.title}" if self.title else ""
        return f"<pluriverse.Experiment {self.name}{title}, {self.runs:,} runs, {self._document['answer']['question']}>"

    def _repr_html_(self) -> str:
        tables = "".join(_table_html(*table) for table in self._tables)
        state = "" if self._document["is_complete"] else " · stopped early"
        return (
            f"<div><b>{html.escape(self.name)}</b> {html.escape(self.title)}<br>"
            f"<small>{self.runs:,} runs{state}</small>"
            f"<p>{self._sentence}</p>{tables}<small>{html.escape(self.guarantee)}</small></div>"
        )


def _table_html(title: str, heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
    cell = '<td style="text-align:right">{}</td>'
    lines = ("".join(cell.format(html.escape(text)) for text in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<p><b>{title}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _by_column(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = list(rows[0]) if rows else []
    return {name: [row[name] for row in rows] for name in names}


def experiment(
    source: ExperimentSource,
    /,
    *,
    scenario: ScenarioSource | None = None,
    backend: Literal["local", "ray"] | Backend = "local",
    threads: int | None = None,
    set: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
    progress: bool | Callable[[int, int, str], object] = False,
) -> Experiment:
    """Does an experiment and tells what follows from it, as ``pluriverse experiment`` does.

    ``source`` is the path of an experiment's file, its text, or a table of Python's own types; the scenario that it names
    lies beside the file or in ``folder``, or is ``scenario``, which is then taken whatever it names. ``backend`` says who
    makes the runs: threads here, the workers of a Ray cluster, or an object that does (`Backend`). The answer is the same
    to the bit. What runs come to is written down in the file ``state`` where one is named; the same call goes on from there
    after whatever ended the one before, and ``pluriverse experiment --state`` does, too. ``progress`` shows how far it is, or is called with the runs that are in, the runs asked for so far, and
    what goes on.
    """
    study = read_study(source, scenario, set, folder)
    workers = _backend(backend, threads)
    native = _native.Experiment(study, None if state is None else os.fspath(state))
    told = _Told(progress)
    began = time.monotonic()
    try:
        workers.start(study.workload())
        try:
            _work(native, workers, told)
        finally:
            workers.close()
            told.close()
        return Experiment(native.finish(time.monotonic() - began, threads or os.cpu_count() or 1))
    finally:
        # A traceback that somebody keeps would keep the file, too.
        native.close()


def read_study(
    source: ExperimentSource,
    scenario: ScenarioSource | None = None,
    set: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Study:
    """Reads an experiment's file with its scenario."""
    changes = overrides(set)
    is_path = isinstance(source, os.PathLike) or (isinstance(source, str) and "\n" not in source)
    if is_path and scenario is None:
        return Study.from_path(os.fspath(source), changes)  # type: ignore[arg-type]
    name = "experiment.toml"
    if is_path:
        path = Path(os.fspath(source))  # type: ignore[arg-type]
        name, text = str(path), path.read_text(encoding="utf-8")
        folder = path.parent if folder is None else folder
    elif isinstance(source, str):
        text = source
    else:
        table = plain(source)
        if not isinstance(table, dict):
            raise TypeError(f"a {type(source).__name__} is no experiment: expected a path, a text or a table")
        if scenario is not None:
            table["scenario"] = _beside(load(scenario))
        name, text = "experiment.json", json.dumps(table, ensure_ascii=False, indent=2)
    files: dict[str, bytes] = {}
    if scenario is not None:
        described = load(scenario)
        if described.overrides:
            raise ValueError("values set over the scenario are not part of an experiment: set them in its table `set`")
        changes.append(("scenario", json.dumps(_beside(described))))
        files = {_beside(described): described.text.encode(), **_contents(described)}
    return Study.from_text((name, text), changes, files, None if folder is None else Path(folder))


def _beside(scenario: Scenario) -> str:
    return Path(scenario.file).name


def _contents(scenario: Scenario) -> dict[str, bytes]:
    parts: Any = scenario.__reduce__()[1]
    files: dict[str, bytes] = parts[3]
    return files


def _backend(backend: Literal["local", "ray"] | Backend, threads: int | None) -> Backend:
    if backend == "local":
        return Threads(threads)
    if backend == "ray":
        from ._ray import RayBackend

        return RayBackend()
    if isinstance(backend, str):
        raise ValueError(f"there is no backend `{backend}`; there are: local, ray")
    missing = [name for name in ("capacity", "start", "submit", "next_result", "close") if not hasattr(backend, name)]
    if missing:
        raise TypeError(f"a {type(backend).__name__} is no backend: it has no {', '.join(missing)}")
    return backend


def _work(native: _native.Experiment, workers: Backend, told: _Told) -> None:
    under_way = 0
    while True:
        while under_way < workers.capacity and (job := native.poll_job()) is not None:
            workers.submit(job)
            under_way += 1
        told.tell(native, under_way == 0)
        if under_way == 0:
            return
        result = workers.next_result(0.1)
        if result is not None and native.handle_result(result):
            under_way -= 1


class _Told:
    """Shows how far an experiment is, or calls who wants to know."""

    def __init__(self, progress: bool | Callable[[int, int, str], object]) -> None:
        self._callback = progress if callable(progress) else None
        self._shown = shown() if progress is True else None
        self._last = 0.0

    def tell(self, native: _native.Experiment, is_last: bool) -> None:
        if not is_last and time.monotonic() - self._last < 0.1:
            return
        self._last = time.monotonic()
        done, asked, phase = native.progress()
        if self._callback is not None:
            self._callback(done, asked, phase)
        if self._shown is not None:
            self._shown.tell(f"{phase}: {done:,} of {asked:,} runs", done / max(asked, 1))

    def close(self) -> None:
        if self._shown is not None:
            self._shown.close()

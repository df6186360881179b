"""What runs came to: figures with their intervals, figures over time, distributions, and the report."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ._frames import need
from ._native import Outcome

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas
    import polars

__all__ = ["Distribution", "Metric", "Metrics", "Results", "Series"]

Table = Literal["metrics", "series", "distributions"]


@dataclass(frozen=True)
class Metric:
    """A figure over the replications; ``None`` where there is none."""

    name: str
    mean: float | None
    half_width_95: float | None
    """Half the width of the interval that has the true mean with 95 %; ``None`` for a single run."""
    n: int
    min: float | None
    max: float | None
    unit: str

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval that has the true mean with 95 %."""
        if self.mean is None or self.half_width_95 is None:
            return None
        return self.mean - self.half_width_95, self.mean + self.half_width_95


@dataclass(frozen=True)
class Series:
    """A figure for each period of the run."""

    chart: str
    name: str
    unit: str
    period_seconds: float
    mean: list[float | None]
    half_width_95: list[float | None]


@dataclass(frozen=True)
class Distribution:
    """How observed durations are distributed, all runs together."""

    name: str
    unit: str
    count: int
    quantiles: dict[float, float]
    """By the share of the observations that does not exceed them."""
    bins: list[tuple[float, float, int]]
    """From, to, how many."""


class Metrics(Mapping[str, Metric]):
    """Figures by name, in the world's order; ``metrics.desk.wait`` is short for ``metrics["desk.wait"]``."""

    def __init__(self, metrics: Mapping[str, Metric], prefix: str = "") -> None:
        self._metrics = metrics
        self._prefix = prefix

    def _key(self, name: str) -> str:
        return f"{self._prefix}.{name}" if self._prefix else name

    def __getitem__(self, name: str) -> Metric:
        try:
            return self._metrics[self._key(name)]
        except KeyError:
            known = ", ".join(self)
            raise KeyError(f"there is no figure `{self._key(name)}`; there are: {known}") from None

    def __iter__(self) -> Iterator[str]:
        if not self._prefix:
            return iter(self._metrics)
        start = self._prefix + "."
        return (name[len(start) :] for name in self._metrics if name.startswith(start))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        key = self._key(name)
        if key in self._metrics:
            return self._metrics[key]
        if any(metric.startswith(key + ".") for metric in self._metrics):
            return Metrics(self._metrics, key)
        raise AttributeError(f"there is no figure `{key}`")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name.partition(".")[0] for name in self)})

    def __repr__(self) -> str:
        return f"Metrics({', '.join(self)})"


class Results:
    """What runs of a scenario came to."""

    def __init__(self, outcome: Outcome) -> None:
        self._document: dict[str, Any] = json.loads(outcome.json())
        self._figures = outcome.figures()
        self._outcome: Outcome | None = outcome
        self._report = ""

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return str(self._document["scenario"])

    @property
    def title(self) -> str:
        """One line for people; may be empty."""
        return str(self._document["title"])

    @property
    def kind(self) -> str:
        """The kind of world."""
        return str(self._document["kind"])

    @property
    def seed(self) -> int:
        """Seed of all runs."""
        return int(self._document["seed"])

    @property
    def replications(self) -> int:
        """How many runs."""
        return int(self._document["replications"])

    @property
    def events(self) -> int:
        """Events handled in all of them."""
        return int(self._document["events"])

    @property
    def sim_seconds(self) -> float:
        """Simulated seconds of all of them."""
        return float(self._document["sim_seconds"])

    @property
    def wall_seconds(self) -> float:
        """Seconds that it took."""
        return float(self._document["wall_seconds"])

    @property
    def speedup(self) -> float:
        """Simulated seconds in one of the wall clock's."""
        return float(self._document["speedup"])

    @property
    def ledger_hash(self) -> str:
        """The ledger's hash, or one over all ledgers'."""
        return str(self._document["ledger_hash"] or "")

    @property
    def complete(self) -> bool:
        """Whether all that was planned is part of it."""
        return bool(self._document["complete"])

    @property
    def warnings(self) -> list[str]:
        """What to know before trusting the figures."""
        return list(self._document["warnings"])

    @property
    def metrics(self) -> Metrics:
        """The figures by name."""
        found = self._document["metrics"].items()
        return Metrics({name: Metric(name=name, **metric) for name, metric in found})

    @property
    def series(self) -> list[Series]:
        """Figures by period."""
        return [Series(**series) for series in self._document["series"]]

    @property
    def distributions(self) -> dict[str, Distribution]:
        """Distributions of what was observed, by name."""
        return {found["name"]: _distribution(found) for found in self._document["distributions"]}

    def __getitem__(self, name: str) -> Metric:
        return self.metrics[name]

    def to_dict(self) -> dict[str, Any]:
        """Everything, in the words of ``pluriverse run --format json``."""
        document: dict[str, Any] = json.loads(json.dumps(self._document))
        return document

    def _columns(self, table: Table) -> dict[str, list[Any]]:
        if table == "metrics":
            metrics = self.metrics.values()
            names = ("name", "mean", "half_width_95", "n", "min", "max", "unit")
            return {name: [getattr(metric, name) for metric in metrics] for name in names}
        if table == "series":
            rows = [
                (found.chart, found.name, found.unit, place * found.period_seconds, mean, half)
                for found in self.series
                for place, (mean, half) in enumerate(zip(found.mean, found.half_width_95, strict=True))
            ]
            return _by_column(("chart", "name", "unit", "from_seconds", "mean", "half_width_95"), rows)
        if table == "distributions":
            bins = [
                (found.name, found.unit, low, high, count)
                for found in self.distributions.values()
                for low, high, count in found.bins
            ]
            return _by_column(("name", "unit", "low", "high", "count"), bins)
        raise ValueError(f"there is no table `{table}`; there are: metrics, series, distributions")

    def to_pandas(self, table: Table = "metrics") -> pandas.DataFrame:
        """The figures, the figures by period, or the distributions."""
        columns = self._columns(table)
        frame: pandas.DataFrame = need("pandas", "pandas").DataFrame(columns)
        return frame

    def to_polars(self, table: Table = "metrics") -> polars.DataFrame:
        """The figures, the figures by period, or the distributions."""
        library = need("polars", "polars")
        numbers = {"mean", "half_width_95", "min", "max", "from_seconds", "low", "high"}
        columns = self._columns(table)
        whole = {"n", "count"}
        types = {
            name: library.Float64 if name in numbers else library.Int64 if name in whole else library.String
            for name in columns
        }
        frame: polars.DataFrame = library.DataFrame(columns, schema=types)
        return frame

    def report(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report with its charts: one HTML file, written to ``path`` where one is named."""
        if self._outcome is not None:
            self._report = self._outcome.report()
        if path is not None:
            Path(path).write_text(self._report, encoding="utf-8", newline="")
        return self._report

    def plot(
        self, what: Literal["series", "distributions", "metrics"] = "series", names: list[str] | None = None
    ) -> matplotlib.figure.Figure:
        """Charts by matplotlib, of those with these names or of all."""
        from ._plots import plot

        return plot(self, what, names)

    def __getstate__(self) -> dict[str, Any]:
        return {"document": self._document, "figures": self._figures, "report": self.report()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._document = state["document"]
        self._figures = state["figures"]
        self._report = state["report"]
        self._outcome = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results):
            return NotImplemented
        return self._figures_alone() == other._figures_alone()

    __hash__ = None  # type: ignore[assignment]

    def _figures_alone(self) -> dict[str, Any]:
        takes_time = ("wall_seconds", "speedup")
        return {key: value for key, value in self._document.items() if key not in takes_time}

    def _headline(self) -> list[tuple[str, str]]:
        return [
            ("replications", f"{self.replications:,}, seed {self.seed}"),
            ("events", f"{self.events:,}"),
            ("ledger" if self.replications == 1 else "ledgers", self.ledger_hash),
        ]

    def __repr__(self) -> str:
        lines = [f"{self.scenario}: {self.title}" if self.title else self.scenario]
        lines += [f"  {name:12}  {value}" for name, value in self._headline()]
        width = max((len(name) for name, *_ in self._figures), default=0)
        for name, mean, half, unit in self._figures:
            interval = f" ± {half}" if half is not None else ""
            lines.append(f"  {name:{width}}  {mean}{interval} {unit}".rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        cell = '<td style="text-align:right">{}</td>'
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td>{cell.format(html.escape(mean))}"
            f"{cell.format('± ' + html.escape(half) if half is not None else '')}"
            f"<td>{html.escape(unit)}</td></tr>"
            for name, mean, half, unit in self._figures
        )
        facts = " · ".join(f"{name} {html.escape(value)}" for name, value in self._headline())
        return (
            f"<div><b>{html.escape(self.scenario)}</b> {html.escape(self.title)}<br>"
            f"<small>{facts}</small><table><thead><tr><th>figure</th><th>mean</th><th>95 %</th>"
            f"<th>unit</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )


def _distribution(found: dict[str, Any]) -> Distribution:
    quantiles = {one["share"]: one["value"] for one in found["quantiles"]}
    bins = [(one["from"], one["to"], one["count"]) for one in found["bins"]]
    return Distribution(found["name"], found["unit"], found["count"], quantiles, bins)


def _by_column(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}

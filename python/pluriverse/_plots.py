"""Charts of results by matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ._frames import need

if TYPE_CHECKING:
    import matplotlib.figure

    from ._results import Results, Series

__all__ = ["plot"]


def plot(results: Results, what: str, names: list[str] | None) -> matplotlib.figure.Figure:
    """Charts of ``what``, of those with these names or of all."""
    draw = {"series": _series, "distributions": _distributions, "metrics": _metrics}.get(what)
    if draw is None:
        raise ValueError(f"there is no plot `{what}`; there are: series, distributions, metrics")
    need("matplotlib", "plots")
    figure = draw(results, names)
    title = f"{results.scenario}: {results.title}" if results.title else results.scenario
    figure.suptitle(title)
    return figure


def _axes(count: int) -> tuple[matplotlib.figure.Figure, list[Any]]:
    pyplot = need("matplotlib.pyplot", "plots")
    if count == 0:
        raise ValueError("there is nothing of that name to plot")
    columns = min(count, 2)
    rows = math.ceil(count / columns)
    figure, axes = pyplot.subplots(
        rows, columns, squeeze=False, figsize=(6 * columns, 3.2 * rows), layout="constrained"
    )
    every = list(axes.flat)
    for spare in every[count:]:
        spare.set_visible(False)
    return figure, every[:count]


def _series(results: Results, names: list[str] | None) -> matplotlib.figure.Figure:
    charts: dict[str, list[Series]] = {}
    for series in results.series:
        if names is None or series.chart in names or series.name in names:
            charts.setdefault(series.chart, []).append(series)
    figure, axes = _axes(len(charts))
    for axis, (chart, lines) in zip(axes, charts.items(), strict=True):
        for line in lines:
            hours = [place * line.period_seconds / 3600 for place in range(len(line.mean))]
            means = [math.nan if mean is None else mean for mean in line.mean]
            (drawn,) = axis.plot(hours, means, drawstyle="steps-post", label=line.name)
            halves = [half or 0.0 for half in line.half_width_95]
            low = [mean - half for mean, half in zip(means, halves, strict=True)]
            high = [mean + half for mean, half in zip(means, halves, strict=True)]
            axis.fill_between(hours, low, high, step="post", alpha=0.25, color=drawn.get_color())
        axis.set_title(chart)
        axis.set_xlabel("hours")
        axis.set_ylabel(lines[0].unit)
        axis.legend()
    return figure


def _distributions(results: Results, names: list[str] | None) -> matplotlib.figure.Figure:
    found = [one for one in results.distributions.values() if names is None or one.name in names]
    figure, axes = _axes(len(found))
    for axis, one in zip(axes, found, strict=True):
        below, shares, values = 0, [0.0], [one.bins[0][0] if one.bins else 0.0]
        for _, high, count in one.bins:
            below += count
            values.append(high)
            shares.append(below / one.count)
        axis.plot(values, shares, drawstyle="steps-post")
        axis.set_title(one.name)
        axis.set_xlabel(one.unit)
        axis.set_ylabel("share up to there")
        axis.set_ylim(0, 1.02)
    return figure


def _metrics(results: Results, names: list[str] | None) -> matplotlib.figure.Figure:
    units: dict[str, list[Any]] = {}
    for metric in results.metrics.values():
        if metric.mean is not None and (names is None or metric.name in names):
            units.setdefault(metric.unit, []).append(metric)
    figure, axes = _axes(len(units))
    for axis, (unit, metrics) in zip(axes, units.items(), strict=True):
        means = [metric.mean for metric in metrics]
        halves = [metric.half_width_95 or 0.0 for metric in metrics]
        places = list(range(len(metrics)))
        axis.errorbar(means, places, xerr=halves, fmt="o", capsize=3)
        axis.set_yticks(places, [metric.name for metric in metrics])
        axis.invert_yaxis()
        axis.set_xlabel(unit)
    return figure

"""Charts of results by matplotlib."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ._frames import need

if TYPE_CHECKING:
    import matplotlib.figure

    from ._experiment import Experiment
    from ._results import Results, Series

__all__ = ["plot", "plot_experiment"]

LABELS_SHOWN = 16
"""Points that find room for their settings below an axis."""


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
    if need("matplotlib", "plots").get_backend().endswith("inline"):
        # A notebook shows what a cell returns; what is still open it would show once more.
        pyplot.close(figure)
    return figure, every[:count]


def _series(results: Results, names: list[str] | None) -> matplotlib.figure.Figure:
    charts: dict[str, list[Series]] = {}
    for series in results.series:
        if names is None or series.chart in names or series.name in names:
            charts.setdefault(series.chart, []).append(series)
    figure, axes = _axes(len(charts))
    for axis, (chart, lines) in zip(axes, charts.items(), strict=True):
        for index, line in enumerate(lines):
            edges = [place * line.period_seconds / 3600 for place in range(len(line.mean) + 1)]
            means = [math.nan if mean is None else mean for mean in line.mean]
            axis.stairs(means, edges, baseline=None, label=line.name, color=f"C{index}")
            halves = [half or 0.0 for half in line.half_width_95]
            low = [mean - half for mean, half in zip(means, halves, strict=True)]
            high = [mean + half for mean, half in zip(means, halves, strict=True)]
            # The last period reaches as far as its end.
            axis.fill_between(edges, low + low[-1:], high + high[-1:], step="post", alpha=0.25, color=f"C{index}")
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


def plot_experiment(experiment: Experiment, metrics: list[str] | None) -> matplotlib.figure.Figure:
    """What an experiment found: its answer by period, two figures against each other, or figures by point."""
    need("matplotlib", "plots")
    if metrics is None and experiment.answer["question"] == "staffing":
        figure = _staffing(experiment)
    elif metrics is not None and len(metrics) == 2:
        figure = _against(experiment, metrics[0], metrics[1])
    else:
        figure = _by_point(experiment, metrics)
    figure.suptitle(f"{experiment.name}: {experiment.title}" if experiment.title else experiment.name)
    return figure


def _staffing(experiment: Experiment) -> matplotlib.figure.Figure:
    answer = experiment.answer
    periods, length = answer["periods"], answer["period_seconds"] / 3600
    edges = [length * index for index in range(len(periods) + 1)]
    middles = [begin + length / 2 for begin in edges[:-1]]
    figure, (levels, service) = _axes(2)
    levels.stairs([period["as_it_is"] for period in periods], edges, baseline=None, label="as it is")
    if answer["total"] is not None:
        levels.stairs([period["needed"] for period in periods], edges, baseline=None, label="needed")
    levels.set_ylim(bottom=0)
    levels.set_ylabel(answer["key"])
    for name, key in (("as it is", "as_it_is_estimate"), ("needed", "estimate")):
        known = [(middle, period[key]) for middle, period in zip(middles, periods, strict=True) if period[key]]
        if known:
            means = [estimate["mean"] for _, estimate in known]
            halves = [estimate["half_width"] or 0.0 for _, estimate in known]
            service.errorbar([middle for middle, _ in known], means, yerr=halves, fmt="o", capsize=3, label=name)
    (limit,) = answer["limit"].values()
    service.axhline(limit, linestyle="--", color="gray", label="limit")
    service.set_ylabel(f"{answer['series']} ({answer['unit']})")
    for axis in (levels, service):
        axis.set_xlabel("hours")
        axis.legend()
    return figure


def _estimates(experiment: Experiment, metric: str) -> list[tuple[Any, float, float]]:
    """Each point with the mean of a figure and half its interval."""
    found = []
    for point in experiment.points:
        if metric not in point["estimates"]:
            known = ", ".join(point["estimates"])
            raise ValueError(f"there is nothing of that name to plot: `{metric}`; there are: {known}")
        estimate = point["estimates"][metric]
        if estimate is not None:
            found.append((point, estimate["mean"], estimate["half_width"] or 0.0))
    return found


def _against(experiment: Experiment, cost: str, service: str) -> matplotlib.figure.Figure:
    figure, (axis,) = _axes(1)
    pairs = {point["number"]: (mean, half) for point, mean, half in _estimates(experiment, service)}
    for point, mean, half in _estimates(experiment, cost):
        if point["number"] in pairs:
            other, other_half = pairs[point["number"]]
            axis.errorbar([mean], [other], xerr=[half], yerr=[other_half], fmt="o", color="C0", capsize=2)
            axis.annotate(str(point["number"]), (mean, other), textcoords="offset points", xytext=(4, 4))
    axis.set_xlabel(cost)
    axis.set_ylabel(service)
    return figure


def _by_point(experiment: Experiment, metrics: list[str] | None) -> matplotlib.figure.Figure:
    document = experiment.to_dict()
    units = {metric["name"]: metric["unit"] for metric in document["metrics"]}
    names = metrics or [document["metrics"][index]["name"] for index in document["shown"]]
    figure, axes = _axes(len(names))
    factors = document["factors"]
    for axis, name in zip(axes, names, strict=True):
        found = _estimates(experiment, name)
        settings = [list(point["settings"].values()) for point, _, _ in found]
        is_line = len(factors) == 1 and all(isinstance(one[0], (int, float)) for one in settings)
        places = [one[0] for one in settings] if is_line else [point["number"] for point, _, _ in found]
        means, halves = [mean for _, mean, _ in found], [half for _, _, half in found]
        axis.errorbar(places, means, yerr=halves, fmt="o-" if is_line else "o", capsize=3)
        axis.set_title(name)
        axis.set_ylabel(units[name])
        axis.set_xlabel(", ".join(factors) or "point")
        if not is_line:
            labels = [", ".join(_setting(value) for value in one) for one in settings]
            step = -(-len(places) // LABELS_SHOWN)
            axis.set_xticks(places[::step], labels[::step], rotation=30, ha="right")
    return figure


def _setting(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

"""Distributions and draws for scenarios, by the names that scenario files have.

Durations are texts such as ``"3m"`` or ``timedelta``; plain numbers are numbers, for batches, factors and attributes.

>>> from pluriverse import dist
>>> dist.exponential(mean="3m")
exponential(mean='3m')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from ._plain import Tagged

Value: TypeAlias = "str | timedelta | float"
"""A duration, or a number where a number is wanted."""

Draw: TypeAlias = "Value | Distribution | Mapping[str, Any] | Multiplied"
"""A constant, a distribution, or a draw that depends on the case."""

DurationDraw: TypeAlias = "str | timedelta | Distribution | Mapping[str, Any] | Multiplied"
"""A draw of a duration: constants have a unit."""

Unit: TypeAlias = Literal["s", "m", "h", "d", "ms", "us", "ns"]
"""The unit of numbers in a CSV file that are durations."""


class Distribution(Tagged):
    """A distribution of one of the families below."""

    __slots__ = ()


@dataclass(frozen=True)
class Multiplied:
    """A draw, multiplied by an expression such as ``"1 + loops"``."""

    scale: str
    of: Draw


@dataclass(frozen=True)
class Even:
    """Values that change at even intervals; ``repeat`` is ``True`` or a duration, else the last value holds on."""

    every: str | timedelta
    values: Sequence[Any]
    repeat: bool | str | timedelta | None = None


@dataclass(frozen=True)
class Step:
    """A draw and from when it holds."""

    from_: str | timedelta
    of: Draw


@dataclass(frozen=True)
class Steps:
    """Draws that change at given times, the first at ``"0s"``."""

    steps: Sequence[Step]
    repeat: bool | str | timedelta | None = None


def constant(value: Value) -> Distribution:
    """Always the same."""
    return Distribution("constant", value)


def exponential(*, mean: Value) -> Distribution:
    """Memoryless, as for independent arrivals."""
    return Distribution("exponential", {"mean": mean})


def erlang(*, shape: int, mean: Value) -> Distribution:
    """The sum of ``shape`` exponentials; ``mean`` is that of the sum."""
    return Distribution("erlang", {"shape": shape, "mean": mean})


def gamma(
    *,
    shape: float | None = None,
    scale: Value | None = None,
    mean: Value | None = None,
    std_dev: Value | None = None,
) -> Distribution:
    """By ``shape`` and ``scale``, by ``shape`` and ``mean``, or by ``mean`` and ``std_dev``."""
    return Distribution("gamma", {"shape": shape, "scale": scale, "mean": mean, "std_dev": std_dev})


def lognormal(
    *,
    mean: Value | None = None,
    std_dev: Value | None = None,
    log_mean: float | None = None,
    log_std_dev: float | None = None,
) -> Distribution:
    """By ``mean`` and ``std_dev``, or by those of the logarithm (of seconds for durations)."""
    return Distribution("lognormal", {"mean": mean, "std_dev": std_dev, "log_mean": log_mean, "log_std_dev": log_std_dev})


def weibull(*, shape: float, scale: Value) -> Distribution:
    """Below a ``shape`` of 1 the hazard falls, above it rises."""
    return Distribution("weibull", {"shape": shape, "scale": scale})


def normal(*, mean: Value, std_dev: Value) -> Distribution:
    """For durations truncated at zero; ``mean`` and ``std_dev`` are those before."""
    return Distribution("normal", {"mean": mean, "std_dev": std_dev})


def truncated_normal(
    *,
    mean: Value,
    std_dev: Value,
    low: Value | None = None,
    high: Value | None = None,
) -> Distribution:
    """Between two bounds; for durations ``low`` is zero by default."""
    return Distribution("truncated_normal", {"mean": mean, "std_dev": std_dev, "low": low, "high": high})


def uniform(*, low: Value, high: Value) -> Distribution:
    """Equally likely between two bounds."""
    return Distribution("uniform", {"low": low, "high": high})


def triangular(*, low: Value, mode: Value, high: Value) -> Distribution:
    """With a most likely value."""
    return Distribution("triangular", {"low": low, "mode": mode, "high": high})


def pert(*, low: Value, mode: Value, high: Value) -> Distribution:
    """Like triangular, but smooth; the mean is (low + 4 mode + high) / 6."""
    return Distribution("pert", {"low": low, "mode": mode, "high": high})


def beta(*, alpha: float, beta: float, low: Value | None = None, high: Value | None = None) -> Distribution:
    """Stretched between two bounds, zero and, for numbers, one by default."""
    return Distribution("beta", {"alpha": alpha, "beta": beta, "low": low, "high": high})


def phase_type(
    *,
    initial: Sequence[float],
    generator: Sequence[Sequence[float]],
    per: Value | None = None,
) -> Distribution:
    """The time until a Markov chain ends: ``initial`` probabilities, ``generator`` row by row."""
    return Distribution("phase_type", {"initial": initial, "generator": generator, "per": per})


def pareto(*, shape: float, scale: Value) -> Distribution:
    """P(X > x) = (scale / x)^shape above ``scale``."""
    return Distribution("pareto", {"shape": shape, "scale": scale})


def empirical(
    *,
    samples: Sequence[Value] | None = None,
    file: str | None = None,
    column: str | None = None,
    unit: Unit | None = None,
) -> Distribution:
    """Each observed value as likely: ``samples``, or a ``column`` of a CSV ``file``."""
    return Distribution("empirical", {"samples": samples, "file": file, "column": column, "unit": unit})


def histogram(*, edges: Sequence[Value], weights: Sequence[float]) -> Distribution:
    """Between edges, each range by its weight and even within."""
    return Distribution("histogram", {"edges": edges, "weights": weights})


def shifted(*, by: Value, of: Draw) -> Distribution:
    """Moved by a constant."""
    return Distribution("shifted", {"by": by, "of": of})


def scaled(*, factor: float, of: Draw) -> Distribution:
    """Multiplied by a constant."""
    return Distribution("scaled", {"factor": factor, "of": of})


def clamped(*, of: Draw, low: Value | None = None, high: Value | None = None) -> Distribution:
    """What lies outside is moved to the bound."""
    return Distribution("clamped", {"of": of, "low": low, "high": high})


def hyperexponential(
    *,
    mean: Value | None = None,
    squared_cv: float | None = None,
    branches: Sequence[tuple[float, Value]] | None = None,
) -> Distribution:
    """A mixture of exponentials: by ``mean`` and ``squared_cv``, or by pairs of weight and mean."""
    listed: list[dict[str, Any]] | None = None
    if branches is not None:
        listed = [{"weight": weight, "mean": each} for weight, each in branches]
    return Distribution("hyperexponential", {"mean": mean, "squared_cv": squared_cv, "branches": listed})


def discrete(*values: tuple[Value, float]) -> Distribution:
    """One of some values: pairs of value and weight."""
    return Distribution("discrete", [{"value": value, "weight": weight} for value, weight in values])


def mixture(*parts: tuple[float, Draw]) -> Distribution:
    """One of some distributions: pairs of weight and distribution."""
    return Distribution("mixture", [{"weight": weight, "of": of} for weight, of in parts])


def by_class(draws: Mapping[str, Draw]) -> Distribution:
    """By the case's class; ``"default"`` stands for the others."""
    return Distribution("by_class", draws)


def by_time(draws: Even | Steps) -> Distribution:
    """By the time of day or of the run."""
    return Distribution("by_time", draws)


def attribute(name: str) -> Distribution:
    """The case's attribute; seconds where a duration is wanted."""
    return Distribution("attribute", name)


def expression(text: str) -> Distribution:
    """Computed; seconds where a duration is wanted."""
    return Distribution("expression", text)

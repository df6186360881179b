"""Python's values as a scenario file has them: durations as texts, builders as tables."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

from .errors import Finding, ScenarioError

__all__ = ["Tagged", "duration_text", "overrides", "plain", "toml_value"]


class Tagged:
    """A table with one key, as scenario files have for one of several families: ``{ exponential = … }``."""

    __slots__ = ("_name", "_value")

    def __init__(self, name: str, value: Any) -> None:
        self._name = name
        self._value = value

    @property
    def name(self) -> str:
        """The key."""
        return self._name

    @property
    def value(self) -> Any:
        """What stands under it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tagged):
            return NotImplemented
        return (self._name, self._value) == (other._name, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if isinstance(self._value, dict):
            given = (f"{key}={value!r}" for key, value in self._value.items() if value is not None)
            return f"{self._name}({', '.join(given)})"
        return f"{self._name}({self._value!r})"


def duration_text(value: timedelta) -> str:
    """A duration as scenario files write it, to the microsecond."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sign = "-" if micros < 0 else ""
    seconds, rest = divmod(abs(micros), 1_000_000)
    if rest == 0:
        return f"{sign}{seconds}s"
    return f"{sign}{seconds}s{rest}us" if seconds else f"{sign}{rest}us"


def plain(value: Any, path: str = "") -> Any:
    """``value`` in the types that JSON has.

    Raises ``TypeError`` for what no scenario holds and ``ScenarioError`` for what is no number, with the key.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value), path)
    if isinstance(value, Tagged):
        name = value.name
        return {name: plain(value.value, f"{path}.{name}" if path else name)}
    if is_dataclass(value) and not isinstance(value, type):
        return _builder(value, path)
    if isinstance(value, Mapping):
        return _table(value, path)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        # A number of NumPy.
        return plain(item(), path)
    if hasattr(value, "tolist"):
        return plain(value.tolist(), path)
    place = f"`{path}`" if path else "the scenario"
    raise TypeError(f"{place} is a {type(value).__name__}, which no scenario holds")


def _number(value: float, path: str) -> float:
    if math.isfinite(value):
        return value
    message = f"`{path}` is {value}"
    finding = Finding("error", "scenario.json", None, None, message, "a finite number", "")
    raise ScenarioError(f"error: {message}\n = expected a finite number", (finding,))


def _table(value: Mapping[Any, Any], path: str) -> dict[str, Any]:
    table = {}
    for key, item in value.items():
        if not isinstance(key, str):
            place = f"in `{path}`" if path else "of the scenario"
            raise TypeError(f"the key {key!r} {place} is a {type(key).__name__}, not a text")
        if item is not None:
            table[key] = plain(item, f"{path}.{key}" if path else key)
    return table


def _builder(value: Any, path: str) -> dict[str, Any]:
    # A trailing underscore stands where the key is a word of Python: `from_`.
    table = {field.name.rstrip("_"): getattr(value, field.name) for field in fields(value)}
    return _table(table, path)


def toml_value(value: Any, path: str) -> str:
    """``value`` as TOML."""
    return _toml(plain(value, path), path)


def _toml(value: Any, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        # A basic string of TOML has the escapes of JSON, but for this one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item, path) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {_toml(item, path)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    raise TypeError(f"`{path}` cannot be set to {value!r}")


def overrides(*settings: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Values to set over those of a file, by their dotted keys, as the engine takes them."""
    pairs = []
    for setting in settings:
        if setting is None:
            continue
        if not isinstance(setting, Mapping):
            raise TypeError(f"`set` is a {type(setting).__name__}, expected values by their dotted keys")
        for key, value in setting.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} in `set` is a {type(key).__name__}, not a text")
            pairs.append((key, toml_value(value, key)))
    return pairs

"""Reading scenarios: from a file, a text, a table of Python, or a builder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _native
from ._native import Scenario
from ._plain import overrides, plain
from .errors import Finding, ScenarioError

if TYPE_CHECKING:
    from . import process

__all__ = ["ScenarioSource", "check", "kinds", "load", "schema"]

ScenarioSource: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | Scenario | process.Scenario"
"""A path, a text, a table, a builder of ``pluriverse.process``, or a scenario."""


def load(
    source: ScenarioSource,
    /,
    *,
    set: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] | None = None,
    name: str = "scenario",
    **values: Any,
) -> Scenario:
    """Reads a scenario.

    ``source`` is the path of a file, the text of one (more than one line), a table of Python's own types, or a
    builder of `pluriverse.process`. ``set`` and further arguments are set over its values: the first by dotted
    keys, ``{"run.until": "8h"}``, the others by those that have no dot. Files that it refers to lie beside it, or
    in ``folder`` where it is no file itself; ``name`` is then what it is called.

    Raises `ScenarioError` with everything that is wrong.
    """
    changes = overrides(values, set)
    if isinstance(source, Scenario):
        return source.with_overrides(changes) if changes else source
    if isinstance(source, str) and "\n" in source:
        ending = ".json" if source.lstrip().startswith("{") else ".toml"
        return _from_text(name + ending, source, changes, folder)
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if not isinstance(path, str):
            raise TypeError("a scenario's path is a text, not bytes")
        return Scenario.from_path(path, changes)
    table = plain(source)
    if not isinstance(table, dict):
        raise TypeError(f"a {type(source).__name__} is no scenario: expected a path, a text or a table")
    text = json.dumps(table, ensure_ascii=False, indent=2)
    return _from_text(name + ".json", text, changes, folder)


def _from_text(
    name: str,
    text: str,
    changes: list[tuple[str, str]],
    folder: str | os.PathLike[str] | None,
) -> Scenario:
    return Scenario.from_text((name, text), changes, {}, None if folder is None else Path(folder))


def _rebuild(
    name: str, text: str, changes: list[tuple[str, str]], files: dict[str, bytes]
) -> Scenario:
    """A scenario of its parts, as it comes out of a pickle."""
    return Scenario.from_text((name, text), changes, files, None)


def check(
    source: ScenarioSource, /, *, set: Mapping[str, Any] | None = None, **values: Any
) -> list[Finding]:
    """Everything that can be said about a scenario; no error among it when it can be run."""
    try:
        return load(source, set=set, **values).warnings
    except ScenarioError as error:
        return list(error.findings)


def schema(kind: str = "process") -> dict[str, Any]:
    """JSON Schema of the scenario files of a kind of world, or of files of experiments (``"experiment"``)."""
    text = _native.experiment_schema_json() if kind == "experiment" else _native.schema_json(kind)
    if text is None:
        raise ValueError(f"there is no kind `{kind}`; there are: {', '.join(kinds())}, experiment")
    document: dict[str, Any] = json.loads(text)
    return document


def kinds() -> dict[str, str]:
    """The kinds of world, each with a sentence about it."""
    return dict(_native.kinds())

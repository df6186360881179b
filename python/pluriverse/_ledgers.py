"""Ledgers in files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from . import _native
from ._native import Ledger

__all__ = ["Verification", "read_ledger", "verify"]


@dataclass(frozen=True)
class Verification:
    """A ledger that is what it says it is."""

    rows: int
    hash: str
    cut: str | None
    """Why rows are missing at the end; ``None`` when it is complete."""
    rerun: bool
    """Whether its scenario was run again and made the same rows."""
    failure: str | None
    """How the second run failed, in the same place as the first; ``None`` when neither did."""
    provenance: dict[str, Any]
    """What made it."""


def _rebuild(cls: Any, parts: tuple[Any, ...]) -> Any:
    """Events, ledgers and what they refer to, as they come out of a pickle."""
    return cls._from_parts(*parts)


def read_ledger(path: str | os.PathLike[str], /) -> Ledger:
    """Reads a ledger (.parquet, .arrow, .ndjson or .csv) into memory and checks its hash.

    Raises `LedgerError` when it cannot be read, is damaged or was never finished.
    """
    return _native.read_ledger(path)


def verify(
    path: str | os.PathLike[str],
    /,
    *,
    rerun: bool = True,
    files: str | os.PathLike[str] | None = None,
) -> Verification:
    """Checks a ledger against its own hash and, unless told otherwise, against a second run of its scenario.

    The files that the scenario refers to are in the folder ``files``, by default where they were when it ran.

    Raises `LedgerError` when they differ, and tells the first row that does.
    """
    rows, found, cut, provenance = _native.check_hash(path)
    failure = _native.check_rerun(path, files) if rerun else None
    return Verification(rows, found, cut, rerun, failure, json.loads(provenance))

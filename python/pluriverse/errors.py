"""What is raised when something is wrong, with the words of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Error",
    "Finding",
    "GapWarning",
    "LedgerError",
    "RunError",
    "ScenarioError",
    "WorldBusyError",
]


@dataclass(frozen=True)
class Finding:
    """Something about a scenario's text: what, where, what was expected and what to do."""

    severity: Literal["error", "warning"]
    file: str
    line: int | None
    """From 1; ``None`` when it is about the whole."""
    column: int | None
    """From 1, in characters."""
    message: str
    expected: str
    help: str

    @classmethod
    def _of(
        cls,
        severity: Literal["error", "warning"],
        file: str,
        place: tuple[int, int] | None,
        message: str,
        expected: str,
        help: str,
    ) -> Finding:
        line, column = place or (None, None)
        return cls(severity, file, line, column, message, expected, help)

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line is not None else ""
        text = f"{self.file}{place}: {self.message}"
        if self.expected:
            text += f" (expected {self.expected})"
        if self.help:
            text += f"; {self.help}"
        return text


class Error(Exception):
    """Everything that the engine refuses."""


class ScenarioError(Error, ValueError):
    """A scenario that is none; its text is what the command line shows.

    ``findings`` has everything that is wrong, with its place.
    """

    findings: tuple[Finding, ...]

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, findings)
        self.findings = findings

    def __str__(self) -> str:
        return str(self.args[0])


class RunError(Error, RuntimeError):
    """A run that ended early, or a call that does not fit the phase of the world."""


class WorldBusyError(RunError):
    """A world that cannot be used now: it is calling back, or was moving when the process was forked."""


class LedgerError(Error, RuntimeError):
    """A ledger that cannot be read, written or believed."""


class GapWarning(RuntimeWarning):
    """Events were gone before a reader came to them."""


for _class in (Error, Finding, GapWarning, LedgerError, RunError, ScenarioError, WorldBusyError):
    # They are found as `pluriverse.ScenarioError`, and tracebacks say so.
    _class.__module__ = "pluriverse"

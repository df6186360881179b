"""How far runs are, while they run: by tqdm where it is installed, else in one line on standard error."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["ProgressCallback", "follow"]

ProgressCallback: TypeAlias = Callable[[int, "float | None", int], object]
"""Called with the runs that are complete, the share of everything that is done (``None`` when unknown) and the events."""

_STEPS = 1000


def follow(progress: bool | ProgressCallback, runs: int) -> _Follower | None:
    """What is to be called while ``runs`` runs go on; ``None`` when nobody wants to know."""
    if progress is False:
        return None
    if callable(progress):
        return _Follower(progress)
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ModuleNotFoundError:
        return _Line(runs)
    return _Bar(tqdm, runs)


class _Follower:
    def __init__(self, callback: ProgressCallback) -> None:
        self._callback = callback

    def __call__(self, done: int, share: float | None, events: int) -> None:
        self._callback(done, share, events)

    def close(self) -> None:
        """Takes away what is shown."""


class _Bar(_Follower):
    """A bar of tqdm, which suits terminals and notebooks."""

    def __init__(self, tqdm: Any, runs: int) -> None:
        super().__init__(self._show)
        self._bar = tqdm(total=_STEPS, leave=False, bar_format="{l_bar}{bar}| {elapsed} {postfix}")
        self._runs = runs

    def _show(self, done: int, share: float | None, events: int) -> None:
        share = done / self._runs if share is None else share
        self._bar.set_postfix_str(_words(done, self._runs, events), refresh=False)
        self._bar.update(round(share * _STEPS) - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _Line(_Follower):
    """A line that is written over; nothing where nobody would see it."""

    def __init__(self, runs: int) -> None:
        super().__init__(self._show)
        self._runs = runs
        self._began = time.monotonic()
        self._shown = 0

    def _show(self, done: int, share: float | None, events: int) -> None:
        if not sys.stderr.isatty():
            return
        percent = "" if share is None else f"{share:4.0%}  "
        took = time.monotonic() - self._began
        text = f"{percent}{_words(done, self._runs, events)}, {took:.1f} s"
        sys.stderr.write("\r" + text.ljust(self._shown))
        sys.stderr.flush()
        self._shown = len(text)

    def close(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()


def _words(done: int, runs: int, events: int) -> str:
    return f"{done:,} of {runs:,} runs, {events:,} events"

"""How far runs are, while they run: by tqdm where it is installed, else in one line on standard error."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["ProgressCallback", "Shown", "follow", "shown"]

ProgressCallback: TypeAlias = Callable[[int, "float | None", int], object]
"""Called with the runs that are complete, the share of everything that is done (``None`` when unknown) and the events."""

_STEPS = 1000


def follow(progress: bool | ProgressCallback, runs: int) -> _Follower | None:
    """What is to be called while ``runs`` runs go on; ``None`` when nobody wants to know."""
    if progress is False:
        return None
    if callable(progress):
        return _Follower(progress)
    return shown(runs)


def shown(runs: int = 1) -> Shown:
    """A bar, or a line."""
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


class Shown(_Follower):
    """Something that people see; nothing where nobody would."""

    def __init__(self, runs: int = 1) -> None:
        super().__init__(self._told)
        self._runs = runs

    def _told(self, done: int, share: float | None, events: int) -> None:
        text = f"{done:,} of {self._runs:,} runs, {events:,} events"
        self.tell(text, done / self._runs if share is None else share)

    def tell(self, text: str, share: float) -> None:
        """Shows how far it is."""


class _Bar(Shown):
    """A bar of tqdm, which suits terminals and notebooks."""

    def __init__(self, tqdm: Any, runs: int) -> None:
        super().__init__(runs)
        self._bar = tqdm(total=_STEPS, leave=False, bar_format="{l_bar}{bar}| {elapsed} {postfix}")

    def tell(self, text: str, share: float) -> None:
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(round(share * _STEPS) - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _Line(Shown):
    """A line that is written over."""

    def __init__(self, runs: int) -> None:
        super().__init__(runs)
        self._began = time.monotonic()
        self._width = 0

    def tell(self, text: str, share: float) -> None:
        if not sys.stderr.isatty():
            return
        line = f"{share:4.0%}  {text}, {time.monotonic() - self._began:.1f} s"
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def close(self) -> None:
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()

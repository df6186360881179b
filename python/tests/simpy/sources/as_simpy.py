"""Lets `import simpy` find another package: `pluriverse.simpy`, when the variable `RUN_AS_SIMPY` says so.

A plugin of pytest, for the tests that come with SimPy's sources. Those that measure time are run once and not timed.
"""

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

PARTS = (
    "",
    ".core",
    ".events",
    ".exceptions",
    ".resources",
    ".resources.base",
    ".resources.container",
    ".resources.resource",
    ".resources.store",
    ".rt",
    ".util",
)


def replace() -> None:
    """Replaces SimPy by the package that was asked for."""
    package = os.environ["RUN_AS_SIMPY"]
    for part in PARTS:
        sys.modules[f"simpy{part}"] = importlib.import_module(f"{package}{part}")


replace()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "benchmark: is timed by a plugin that is not here")


@pytest.fixture
def benchmark() -> Callable[..., Any]:
    return lambda function, *args, **kwargs: function(*args, **kwargs)

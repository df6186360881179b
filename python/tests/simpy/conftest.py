"""Both implementations, for what both have to do."""

from types import ModuleType

import pytest
import simpy as original

import pluriverse.simpy


@pytest.fixture(params=[original, pluriverse.simpy], ids=["original", "pluriverse"])
def simpy(request: pytest.FixtureRequest) -> ModuleType:
    """SimPy, and what stands in for it."""
    module = request.param
    assert isinstance(module, ModuleType)
    return module

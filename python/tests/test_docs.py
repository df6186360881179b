"""Every example in the documents and in the package does what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from tour import blocks
from worlds import ROOT

import pluriverse

MODULES = ["pluriverse", *(f"pluriverse.{found.name}" for found in pkgutil.iter_modules(pluriverse.__path__))]


@pytest.mark.parametrize("page", ["docs/python.md", "docs/reinforcement-learning.md"])
def test_pages_about_python(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = blocks((ROOT / page).read_text())
    assert len(found) > 3
    names: dict[str, object] = {}
    for number, block in enumerate(found):
        test = doctest.DocTestParser().get_doctest(block, names, f"block {number}", page, 0)
        assert test.examples, f"block {number} has no example: {block}"
        output: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(test, out=output.append, clear_globs=False)
        assert runner.failures == 0, "".join(output)
        names = test.globs


@pytest.mark.parametrize("name", MODULES)
def test_what_modules_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.failed == 0

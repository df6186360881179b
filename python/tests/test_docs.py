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


def test_the_page_about_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = blocks((ROOT / "docs/python.md").read_text())
    assert len(found) > 5
    names: dict[str, object] = {}
    for number, block in enumerate(found):
        test = doctest.DocTestParser().get_doctest(block, names, f"block {number}", "docs/python.md", 0)
        assert test.examples, f"block {number} has no example: {block}"
        output: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        runner.run(test, out=output.append, clear_globs=False)
        assert runner.failures == 0, "".join(output)
        names = test.globs


@pytest.mark.parametrize("name", MODULES)
def test_what_modules_say(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.failed == 0

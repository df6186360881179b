"""What all tests share: the command line to compare with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from worlds import ROOT

@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line, run from the root of the repository."""
    program = os.environ.get("PLURIVERSE")
    if program is None:
        pytest.fail("PLURIVERSE does not say where the command line is: run `cargo xtask test python`")

    def run(*args: object) -> subprocess.CompletedProcess[str]:
        words = [program, *map(str, args)]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def command_json(
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> Callable[..., dict[str, Any]]:
    """What the command line prints as JSON."""

    def run(*args: object) -> dict[str, Any]:
        done = command("run", *args, "--format", "json", "--quiet")
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    return run

"""Apps that have the router."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
from service import Service, service

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The app on a SQLite file."""
    folder = tmp_path_factory.mktemp("site")
    with service("app:app", HERE, {"STORE": f"sqlite:{folder / 'runs.sqlite'}"}) as running:
        running.folder = folder
        yield running

"""The package as it is installed."""

import importlib.metadata

import pluriverse


def test_the_version_is_the_installed_one() -> None:
    assert pluriverse.__version__ == importlib.metadata.version("pluriverse")

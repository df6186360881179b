"""Pluriverse: one deterministic simulation kernel, many realities."""

from ._native import __version__ as __version__

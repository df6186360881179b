"""Worlds to test with: those of the repository, and a small one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"

DESK: dict[str, Any] = {
    "kind": "process",
    "run": {"until": "100h"},
    "sources": {"callers": {"arrivals": {"poisson": {"rate": "20/h"}}}},
    "stations": {"desk": {"agents": 2, "service": {"exponential": {"mean": "5m"}}}},
}
"""Two agents at a desk: some ten thousand events."""


def golden() -> dict[str, tuple[str, int]]:
    """The committed ledger hash and number of events of each scenario, by the name of its file."""
    found = {}
    for line in (SCENARIOS / "golden.txt").read_text().splitlines():
        digest, events, path = line.split()
        found[Path(path).name] = (digest, int(events))
    return found

"""Experiments on a real Ray cluster of two workers: the same bits as here, also when workers are killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from worlds import DESK, ROOT

import pluriverse as pv

ray: Any = pytest.importorskip("ray")

pytestmark = pytest.mark.filterwarnings("default")

PLAN: dict[str, Any] = {
    "kind": "experiment",
    "factors": {"agents": {"key": "stations.desk.agents", "values": [2, 3, 4]}},
    "replications": {"count": 200},
    "question": {"compare": {"baseline": 1}},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # Workers look for modules in the folder where the cluster was started, which must not have the sources.
        patch.chdir(tmp_path_factory.mktemp("cluster"))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
        yield
        ray.shutdown()


def workers_at_work() -> list[int]:
    """The processes below this one that do jobs for Ray just now."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        try:
            number = int(folder.name)
            parents[number] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            names[number] = (folder / "cmdline").read_text()
        except (OSError, ValueError):
            continue

    def is_ours(number: int) -> bool:
        while number in parents:
            number = parents[number]
            if number == os.getpid():
                return True
        return False

    return [number for number, name in names.items() if name.startswith("ray::run_jobs") and is_ours(number)]


@pytest.mark.usefixtures("cluster")
def test_a_cluster_comes_to_the_same_bits() -> None:
    assert pv.experiment(PLAN, scenario=DESK, backend="ray") == pv.experiment(PLAN, scenario=DESK)
    # Decisions that follow from earlier results, and a scenario with files.
    path = ROOT / "experiments" / "toll-lanes.toml"
    assert pv.experiment(path, backend="ray") == pv.experiment(path)


@pytest.mark.usefixtures("cluster")
def test_killed_workers_take_nothing_along() -> None:
    killed: list[int] = []

    def kill(done: int, asked: int, phase: str) -> None:
        for worker in workers_at_work():
            if len(killed) < 3:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)

    plan = {**PLAN, "replications": {"count": 1500}}
    found = pv.experiment(plan, scenario=DESK, backend="ray", progress=kill)
    assert killed, "no worker was seen at work"
    assert found == pv.experiment(plan, scenario=DESK)


def test_a_number_of_workers_that_is_none_is_refused() -> None:
    from pluriverse._ray import RayBackend

    with pytest.raises(ValueError, match="`workers` is 0, expected 1 or more"):
        RayBackend(0)

"""Experiments on a real Ray cluster of two workers: the same bits as here, also when workers are killed."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from worlds import DESK, ROOT

import pluriverse as pv
from pluriverse._ray import RayBackend

ray: Any = pytest.importorskip("ray")

pytestmark = pytest.mark.filterwarnings("default")

MAPPED = bytes.fromhex("00000000000000000000ffff")
"""What addresses of version 4 begin with where they are written as those of version 6."""
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


def processes_below() -> dict[int, str]:
    """The processes that this one has started, with what they are called."""
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

    return {number: name for number, name in names.items() if is_ours(number)}


def workers_at_work() -> list[int]:
    """Those of them that do jobs for Ray just now."""
    return [number for number, name in processes_below().items() if name.startswith("ray::run_jobs")]


def addresses_listened_at() -> set[str]:
    """Where those who connect find one of them."""
    sockets = set()
    for number in processes_below():
        with contextlib.suppress(OSError):
            sockets |= {os.readlink(file) for file in Path(f"/proc/{number}/fd").iterdir()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in sockets:
                words = bytes.fromhex(local.partition(":")[0])
                address = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                found.add(str(ipaddress.ip_address(address.removeprefix(MAPPED))))
    return found


def test_a_cluster_that_is_started_for_it_listens_to_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not ray.is_initialized(), "it would take the cluster that is there"
    found: set[str] = set()

    def look(done: int, asked: int, phase: str) -> None:
        found.update(addresses_listened_at())

    there = pv.experiment(PLAN, scenario=DESK, backend="ray", progress=look)
    assert there == pv.experiment(PLAN, scenario=DESK)
    assert found == {"127.0.0.1"}
    assert not ray.is_initialized()


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


@pytest.mark.usefixtures("cluster")
def test_workers_of_another_version_are_told_apart() -> None:
    class Forged(RayBackend):
        def start(self, workload: bytes) -> None:
            super().start(workload.replace(f"pluriverse {pv.__version__}".encode(), b"pluriverse 0.0.7", 1))

    versions = rf"by version 0\.0\.7 of Pluriverse, and here is version {pv.__version__}: "
    with pytest.raises(RuntimeError, match=f"a worker of the Ray cluster refuses its jobs: .*{versions}"):
        pv.experiment(PLAN, scenario=DESK, backend=Forged())


def test_a_number_of_workers_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="`workers` is 0, expected 1 or more"):
        RayBackend(0)

"""The workers of a Ray cluster, as those who make an experiment's runs.

The workload goes into Ray's store once, and every worker keeps a laboratory for it. Jobs are short, so several travel
together. A worker that is lost takes nothing along: Ray gives its jobs to another one, whose results are the same bytes.
Runs where Ray runs already, and otherwise starts a cluster on this machine, which nobody else reaches, and ends it again.
"""

from __future__ import annotations

import functools
from typing import Any

from . import _native
from ._frames import need

__all__ = ["RayBackend"]

JOBS_TOGETHER = 8
"""Jobs that travel together at most: some milliseconds of work to a message."""
TASKS_PER_WORKER = 2
"""One is done while the next one is on its way."""
LOSSES_MAX = 8
"""Workers that the same jobs may lose; then they are to blame."""


@functools.lru_cache(maxsize=1)
def _laboratory(workload: bytes) -> _native.Laboratory:
    return _native.Laboratory(workload)


def run_jobs(workload: bytes, jobs: list[bytes]) -> list[bytes]:
    """Does jobs, one after the other, wherever this is called."""
    laboratory = _laboratory(workload)
    results = [laboratory.run(job) for job in jobs]
    # Nobody stops a laboratory of a worker, so that every job comes to something.
    return [result for result in results if result is not None]


def _start_here(ray: Any, workers: int | None) -> None:
    """Starts a cluster that listens to this machine alone.

    That is what Ray does by itself where it has no clusters of several machines. Elsewhere it takes even the address
    127.0.0.1 for the machine's own one, and listens at all of them.
    """
    constants = ray._private.ray_constants
    before = constants.ENABLE_RAY_CLUSTER
    constants.ENABLE_RAY_CLUSTER = False
    try:
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    finally:
        constants.ENABLE_RAY_CLUSTER = before


class RayBackend:
    """Makes the runs in the workers of the Ray cluster that this process is connected to, one for each of its processors.

    ``workers`` says how many run at a time; by default as many as the cluster has processors.
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"`workers` is {workers}, expected 1 or more")
        self._ray: Any = need("ray", "ray")
        self._is_own = not self._ray.is_initialized()
        if self._is_own:
            _start_here(self._ray, workers)
        self._workers = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self.capacity = self._workers * TASKS_PER_WORKER * JOBS_TOGETHER
        self._waiting: list[bytes] = []
        self._under_way: list[Any] = []
        self._results: list[bytes] = []

    def start(self, workload: bytes) -> None:
        """Gets ready for jobs of this workload."""
        self._workload = self._ray.put(workload)
        self._run_jobs = self._ray.remote(num_cpus=1, max_retries=LOSSES_MAX)(run_jobs)

    def submit(self, job: bytes) -> None:
        """Takes a job along; it leaves with the next ones, or when somebody waits."""
        self._waiting.append(job)

    def next_result(self, timeout: float) -> bytes | None:
        """What a job came to; ``None`` when none has ended after so many seconds.

        Raises ``RuntimeError`` when jobs lose one worker after the other.
        """
        self._send()
        if not self._results and self._under_way:
            done, self._under_way = self._ray.wait(self._under_way, timeout=timeout)
            for task in done:
                self._results += self._get(task)
        return self._results.pop() if self._results else None

    def _send(self) -> None:
        """Sends what waits, evenly: with few jobs all workers have some."""
        share = -(-len(self._waiting) // self._workers)
        size = max(1, min(share, JOBS_TOGETHER))
        for first in range(0, len(self._waiting), size):
            jobs = self._waiting[first : first + size]
            self._under_way.append(self._run_jobs.remote(self._workload, jobs))
        self._waiting.clear()

    def _get(self, task: Any) -> list[bytes]:
        try:
            results: list[bytes] = self._ray.get(task)
        except self._ray.exceptions.WorkerCrashedError as error:
            raise RuntimeError(f"the same jobs have ended {LOSSES_MAX + 1} workers of the Ray cluster, one after the other") from error
        except self._ray.exceptions.RayTaskError as error:
            # Such as a worker with another version of the package.
            raise RuntimeError(f"a worker of the Ray cluster refuses its jobs: {error.cause}") from error
        return results

    def close(self) -> None:
        """Ends whatever is under way, and the cluster where it was started for this."""
        if self._is_own:
            self._ray.shutdown()
            return
        for task in self._under_way:
            self._ray.cancel(task, force=False)

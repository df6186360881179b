"""Times a peer and prints the line of JSON that the bench reads."""

import json
import time
from collections.abc import Callable


def measured(run: Callable[[int], float], customers: int) -> None:
    """`run` serves so many customers and returns the sum of their waits, in mean services."""
    timed(lambda: (customers, {"mean_wait": run(customers) / customers}))


def timed(run: Callable[[], tuple[int, object]]) -> None:
    """`run` returns how many units it did and what it found."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    units, answer = run()
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    line = {"units": units, "cpu_nanos": cpu, "wall_nanos": wall, "answer": answer}
    print(json.dumps(line))

"""Times a peer and prints the line of JSON that the bench reads."""

import json
import time
from collections.abc import Callable


def measured(run: Callable[[int], float], customers: int) -> None:
    """`run` serves so many customers and returns the sum of their waits, in mean services."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    total_wait = run(customers)
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    line = {
        "units": customers,
        "cpu_nanos": cpu,
        "wall_nanos": wall,
        "answer": {"mean_wait": total_wait / customers},
    }
    print(json.dumps(line))

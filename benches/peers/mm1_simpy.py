"""One M/M/1 queue at 90 % in SimPy: a process for each customer, a resource of one."""

import sys
from random import Random

import simpy

from measured import measured

LOAD = 0.9


def run(customers: int) -> float:
    """Serves this many customers and returns the sum of their waits, in mean services."""
    intervals, services = Random(1), Random(2)
    environment = simpy.Environment()
    server = simpy.Resource(environment)
    total_wait = 0.0
    served = 0

    def customer():
        nonlocal total_wait, served
        came = environment.now
        with server.request() as turn:
            yield turn
            total_wait += environment.now - came
            yield environment.timeout(services.expovariate(1.0))
        served += 1

    def source():
        for _ in range(customers):
            yield environment.timeout(intervals.expovariate(LOAD))
            environment.process(customer())

    environment.process(source())
    environment.run()
    assert served == customers
    return total_wait


measured(run, int(sys.argv[1]))

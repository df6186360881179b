"""One M/M/1 queue at 90 % in Ciw: a network of one node, until the last customer has left."""

import sys

import ciw

from measured import measured

LOAD = 0.9


def run(customers: int) -> float:
    """Serves this many customers and returns the sum of their waits, in mean services."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=LOAD)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[1],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Complete")
    waits = [record.waiting_time for record in simulation.get_all_records()]
    assert len(waits) == customers
    return sum(waits)


measured(run, int(sys.argv[1]))

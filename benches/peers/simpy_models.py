"""Models that SimPy's users know, written once and run by SimPy or by `pluriverse.simpy`.

`simpy_models.py MODULE MODEL COUNT WHEN` imports MODULE as SimPy. What a model answers is the same for both, to the
last digit, and so is the number of its events. The models are an M/M/1 queue, a bank whose customers lose patience, a
car wash with two machines, and a workshop whose one repairer has other jobs that a broken machine interrupts. WHEN is
`on-the-way`, where random numbers are drawn as the model needs them, or `beforehand`, where that is not timed.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from random import Random

from measured import timed

simpy = importlib.import_module(sys.argv[1])
BEFOREHAND = {"beforehand": True, "on-the-way": False}[sys.argv[4]]

Run = Callable[[], tuple[int, object]]


def numbers(draw: Callable[[], float], most: int) -> Iterator[float]:
    """At most so many random numbers, drawn now or one by one."""
    return iter([draw() for _ in range(most)]) if BEFOREHAND else (draw() for _ in range(most))


def queue(customers: int) -> Run:
    """M/M/1 at 90 %: a process for each customer, a resource of one."""
    arrivals, desk = Random(1), Random(2)
    intervals = numbers(lambda: arrivals.expovariate(0.9), customers)
    services = numbers(lambda: desk.expovariate(1.0), customers)
    env = simpy.Environment()
    server = simpy.Resource(env)
    total_wait = 0.0
    served = 0

    def customer():
        nonlocal total_wait, served
        came = env.now
        with server.request() as turn:
            yield turn
            total_wait += env.now - came
            yield env.timeout(next(services))
        served += 1

    def source():
        for interval in intervals:
            yield env.timeout(interval)
            env.process(customer())

    def run():
        env.process(source())
        env.run()
        return next(env._eid), {"served": served, "total_wait": total_wait}

    return run


def bank(customers: int) -> Run:
    """One counter; who waits longer than one's patience leaves."""
    chance = Random(3)
    intervals = numbers(lambda: chance.expovariate(1 / 10), customers)
    patiences = numbers(lambda: chance.uniform(1.0, 3.0), customers)
    services = numbers(lambda: chance.expovariate(1 / 12), customers)
    env = simpy.Environment()
    counter = simpy.Resource(env, capacity=1)
    served = left = 0
    total_wait = 0.0

    def customer():
        nonlocal served, left, total_wait
        came = env.now
        with counter.request() as turn:
            result = yield turn | env.timeout(next(patiences))
            total_wait += env.now - came
            if turn in result:
                yield env.timeout(next(services))
                served += 1
            else:
                left += 1

    def door():
        for interval in intervals:
            env.process(customer())
            yield env.timeout(interval)

    def run():
        env.process(door())
        env.run()
        return next(env._eid), {"served": served, "left": left, "total_wait": total_wait}

    return run


def carwash(cars: int) -> Run:
    """Two machines; a car waits for a process that washes it."""
    chance = Random(4)
    intervals = numbers(lambda: chance.randint(2, 5), cars - 4)
    removed = numbers(lambda: chance.randint(50, 99), cars)
    env = simpy.Environment()
    machines = simpy.Resource(env, 2)
    washed = dirt = total_wait = 0

    def wash():
        nonlocal dirt
        yield env.timeout(5)
        dirt += next(removed)

    def car():
        nonlocal washed, total_wait
        came = env.now
        with machines.request() as machine:
            yield machine
            total_wait += env.now - came
            yield env.process(wash())
        washed += 1

    def road():
        for _ in range(4):
            env.process(car())
        for interval in intervals:
            yield env.timeout(interval)
            env.process(car())

    def run():
        env.process(road())
        env.run()
        return next(env._eid), {"washed": washed, "dirt": dirt, "total_wait": total_wait}

    return run


def machine_shop(weeks: int) -> Run:
    """Ten machines that break down, and one repairer, who leaves other jobs for them."""
    chance = Random(5)
    minutes = weeks * 7 * 24 * 60
    works = numbers(lambda: abs(chance.normalvariate(10.0, 2.0)), 2 * minutes)
    lives = numbers(lambda: chance.expovariate(1 / 300), minutes)
    env = simpy.Environment()
    repairer = simpy.PreemptiveResource(env, capacity=1)
    parts = [0] * 10
    broken = [False] * 10

    def work(index: int):
        while True:
            left = next(works)
            while left:
                start = env.now
                try:
                    yield env.timeout(left)
                    left = 0
                except simpy.Interrupt:
                    broken[index] = True
                    left -= env.now - start
                    with repairer.request(priority=1) as visit:
                        yield visit
                        yield env.timeout(30.0)
                    broken[index] = False
            parts[index] += 1

    def break_down(index: int, machine):
        while True:
            yield env.timeout(next(lives))
            if not broken[index]:
                machine.interrupt()

    def other_jobs():
        while True:
            left = 30.0
            while left:
                with repairer.request(priority=2) as time:
                    yield time
                    start = env.now
                    try:
                        yield env.timeout(left)
                        left = 0
                    except simpy.Interrupt:
                        left -= env.now - start

    def run():
        for index in range(10):
            env.process(break_down(index, env.process(work(index))))
        env.process(other_jobs())
        env.run(until=minutes)
        return next(env._eid), {"parts": parts}

    return run


MODELS = {"queue": queue, "bank": bank, "carwash": carwash, "machine-shop": machine_shop}

timed(MODELS[sys.argv[2]](int(sys.argv[3])))

"""Small things to do with processes."""

from collections.abc import Generator

from pluriverse.simpy.core import Environment, SimTime
from pluriverse.simpy.events import Event, Process, ProcessGenerator

__all__ = ["start_delayed", "subscribe_at"]


def start_delayed(env: Environment, generator: ProcessGenerator, delay: SimTime) -> Process:
    """Starts a process after a delay; the process that waits for that returns it.

    Raises `ValueError` for a delay that is not above zero.
    """
    if delay <= 0:
        raise ValueError(f"delay(={delay}) must be > 0.")

    def starter() -> Generator[Event, None, Process]:
        yield env.timeout(delay)
        return env.process(generator)

    return env.process(starter())


def subscribe_at(event: Event) -> None:
    """Has the process at work interrupted when an event happens, with the event and its value as the cause.

    Raises `RuntimeError` when the event has happened already.
    """
    env = event.env
    receiver = env.active_process
    assert receiver is not None
    if event.callbacks is None:
        raise RuntimeError(f"{event} has already terminated.")

    def signaller() -> ProcessGenerator:
        result = yield event
        if receiver.is_alive:
            receiver.interrupt((event, result))

    env.process(signaller())

"""An environment whose clock keeps step with the clock on the wall."""

from time import monotonic, sleep

from pluriverse.simpy.core import EmptySchedule, Environment, Infinity, SimTime

__all__ = ["RealtimeEnvironment"]


class RealtimeEnvironment(Environment):
    """Lets each event happen no earlier than its time on the wall; a unit of time lasts `factor` seconds there.

    With `strict`, a step that comes more than a unit late raises `RuntimeError`.
    """

    def __init__(
        self,
        initial_time: SimTime = 0,
        factor: float = 1.0,
        strict: bool = True,
    ) -> None:
        super().__init__(initial_time)
        self.env_start = initial_time
        self.real_start = monotonic()
        self._factor = factor
        self._strict = strict

    @property
    def factor(self) -> float:
        """How many seconds a unit of time lasts."""
        return self._factor

    @property
    def strict(self) -> bool:
        """Whether a late step is an error."""
        return self._strict

    def sync(self) -> None:
        """Lets the clock on the wall start now, as if the environment had just been made."""
        self.real_start = monotonic()

    def step(self) -> None:
        """Waits for the time of the next event and lets it happen.

        Raises `RuntimeError` when it is strict and the event is more than a unit late.
        """
        due = self.peek()
        if due is Infinity:
            raise EmptySchedule

        wall_due = self.real_start + (due - self.env_start) * self.factor
        late = monotonic() - wall_due
        if self.strict and late > self.factor:
            raise RuntimeError(f"Simulation too slow for real time ({late:.3f}s).")

        while (left := wall_due - monotonic()) > 0:
            sleep(left)

        Environment.step(self)

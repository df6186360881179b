"""What models raise and catch."""

from typing import Any


class SimPyException(Exception):
    """The base of exceptions that belong to the simulation itself."""


class Interrupt(SimPyException):
    """Thrown into a process that another one interrupts, with the reason as its `cause`.

    Several interrupts at one instant reach their process one by one, in the order in which they were made.
    """

    def __init__(self, cause: Any | None) -> None:
        super().__init__(cause)

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.cause!r})"

    @property
    def cause(self) -> Any | None:
        """Why the process was interrupted, if anyone said so."""
        return self.args[0]

"""Matter that is put and got by amounts, such as the fuel in a tank."""

from pluriverse._native.simpy import Container, ContainerGet, ContainerPut

__all__ = ["Container", "ContainerAmount", "ContainerGet", "ContainerPut"]

ContainerAmount = int | float

"""What all resources have in common.

A resource is asked by `put` and `get`, whose events happen once the request is met. A subclass says by `_do_put` and
`_do_get` how: each is tried with the requests of its queue, triggers the one it can meet, and returns whether the
next is to be tried as well. `PutQueue` and `GetQueue` are the classes of the queues.
"""

from typing import TypeVar

from pluriverse._native.simpy import BaseResource, Get, Put

__all__ = ["BaseResource", "Get", "GetType", "Put", "PutType", "ResourceType"]

ResourceType = TypeVar("ResourceType", bound=BaseResource)
PutType = TypeVar("PutType", bound=Put)
GetType = TypeVar("GetType", bound=Get)

"""The server's life in this process: started once, held by everything that uses it, stopped when nobody does."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import pathlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import HTTPConnection

from .._native import MountedServer

# What is said of a client that has no address, as over sockets of the file system.
_NOWHERE = ("", 0)


class Site:
    """A server that is started when it is needed."""

    def __init__(
        self,
        folder: pathlib.Path,
        database: str | None,
        origins: list[str],
        options: dict[str, Any],
        who: Callable[[HTTPConnection], str] | None,
    ) -> None:
        self._folder = folder
        self._database = database
        self._origins = origins
        self._options = options
        self._who = who
        self._lock = threading.Lock()
        self._server: MountedServer | None = None
        self._holders = 0

    async def server(self) -> MountedServer:
        """The server; it is started where it is not there yet."""
        if self._server is not None:
            return self._server
        return await asyncio.to_thread(self._start)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keeps the server running; whoever is the last to leave stops it."""
        await asyncio.to_thread(self._start)
        with self._lock:
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                is_last = self._holders == 0
            if is_last:
                await asyncio.to_thread(self._stop)

    def guest(self, connection: HTTPConnection) -> tuple[str, int, str]:
        """From where a request comes, and from whom."""
        host, port = connection.scope.get("client") or _NOWHERE
        name = self._who(connection) if self._who is not None else ""
        return host, port or 0, name

    def _start(self) -> MountedServer:
        with self._lock:
            if self._server is None:
                self._server = MountedServer(self._folder, self._database, self._origins, self._options)
                atexit.register(_stop_at_exit, self._server, os.getpid())
            return self._server

    def _stop(self) -> None:
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.stop()


def _stop_at_exit(server: MountedServer, process: int) -> None:
    # A process that was forked has this call as well, but not the server.
    if os.getpid() == process:
        server.stop()

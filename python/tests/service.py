"""An app under a real uvicorn, in a process of its own, on a free port."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2 as httpx

DESK = """
kind = "process"
[run]
until = "8h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
patience = { exponential = { mean = "10m" } }
"""
"""A small desk: 8 simulated hours, some 1,500 rows."""

API = "/pluriverse/api/v1"


def until(is_so: Callable[[], bool]) -> None:
    """Asks again and again, but not for ever."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "this has not come about in half a minute"


class Service:
    """A running app."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.folder = pathlib.Path()
        self.said: list[str] = []
        while "Uvicorn running" not in self._line():
            assert process.poll() is None, "".join(self.said)
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    def world(self, text: str = DESK, **more: Any) -> str:
        """Makes a world and returns its path."""
        body = {"scenario": {"name": "desk.toml", "text": text}, "seed": 7, **more}
        made = self.client.post(f"{API}/worlds", json=body)
        assert made.status_code == 201, made.text
        return f"{API}/worlds/{made.json()['id']}"

    def watching(self, path: str) -> str:
        """The address of a WebSocket."""
        return f"ws://127.0.0.1:{self.port}{path}"

    def peak_bytes(self) -> int:
        """The most memory that the process has had in use."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status)
        return int(kilobytes) * 1024

    def _listen(self) -> None:
        while self._line():
            pass

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.said.append(line)
        return line

    def close(self) -> None:
        """Forgets a process that has ended."""
        self.client.close()
        self._listening.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def terminate(self) -> int:
        """Asks it to stop, and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextlib.contextmanager
def service(app: str, folder: pathlib.Path, environment: Mapping[str, str]) -> Iterator[Service]:
    """The app ``module:name`` of a folder."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Little is kept on the way to a client that does not listen.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 << 10)
        # uvicorn takes a socket that it is given for one of the file system, and would not ask for this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listener.getsockname()[1]
        handle = listener.fileno()
        words = [sys.executable, "-m", "uvicorn", app, "--app-dir", str(folder), "--fd", str(handle), "--no-use-colors"]
        process = subprocess.Popen(
            [*words, "--timeout-graceful-shutdown", "5"],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[handle],
        )
    running = None
    try:
        running = Service(process, port)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if running is not None:
            running.close()

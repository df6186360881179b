"""A real PostgreSQL server in a temporary folder, on a free port, gone when its test is."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator


class Cluster:
    """A server that can be stopped and started again."""

    def __init__(self, folder: pathlib.Path, port: int) -> None:
        self._folder = folder
        self._programs = _programs()
        self._port = port
        self._run("initdb", "--username=tests", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgres://tests@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def _run(self, program: str, *args: str) -> None:
        words = [str(self._programs / program), f"--pgdata={self._folder / 'cluster'}", *args]
        if os.geteuid() == 0:
            # The server refuses to run as root.
            words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *words]
        with (self._folder / "told").open("wb") as told:
            done = subprocess.run(words, cwd="/", stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False)
        assert done.returncode == 0, (self._folder / "told").read_text()


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A server of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = pathlib.Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    made = Cluster(folder, port)
    try:
        yield made
    finally:
        with contextlib.suppress(AssertionError):
            made.stop("immediate")
        shutil.rmtree(folder)


def _programs() -> pathlib.Path:
    """The newest server programs of Debian's packages, or those on the path."""
    debian = pathlib.Path("/usr/lib/postgresql").glob("*/bin")
    path = map(pathlib.Path, os.get_exec_path())
    found = [folder for folder in [*debian, *path] if (folder / "initdb").exists()]
    assert found, "PostgreSQL is not installed: `cargo xtask test` installs Debian's package `postgresql`"
    return max(found, key=lambda folder: int((re.findall(r"\d+", folder.parent.name) or ["0"])[-1]))

"""Pluriverse inside a FastAPI app: the endpoints of ``pluriverse serve`` as a router.

    from fastapi import Depends, FastAPI
    from pluriverse.fastapi import router

    app = FastAPI()
    app.include_router(
        router("postgres://user@host/database", data_dir="/var/lib/pluriverse"),
        prefix="/pluriverse",
        dependencies=[Depends(authenticate)],
    )

The server itself answers: it runs on threads of this process and opens no port, so that nobody comes to it but through
the app. What is sent and answered passes piece by piece, at the pace of whoever is slower.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import HTTPConnection

from .._native import StartError
from ._routes import add_routes
from ._site import Site

__all__ = ["Limits", "StartError", "router"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """What the server grants to its clients; ``None`` is what ``pluriverse serve`` grants (docs/server.md).

    Names say the unit. A value that cannot be a limit is refused when the server starts.
    """

    worlds: int | None = None
    """Worlds at the same time."""
    memory_bytes: int | None = None
    """Memory of the whole process; beyond, worlds and runs go no further."""
    call_secs: float | None = None
    """Wall time of one call that moves a world."""
    world_idle_secs: float | None = None
    """How long a world stays that nobody moves, asks or watches."""
    database_answer_secs: float | None = None
    """How long the database may take to answer one statement."""
    body_bytes: int | None = None
    """A JSON body, with the scenario and its files."""
    snapshot_bytes: int | None = None
    """A snapshot."""
    runs: int | None = None
    """Runs that wait or go on."""
    run_secs: float | None = None
    """Wall time of a run."""
    run_threads: int | None = None
    """Threads of a run."""
    upload_bytes: int | None = None
    """A ledger that is sent, packed and unpacked."""
    upload_idle_secs: float | None = None
    """How long an upload in chunks waits for the next one."""
    audit_bytes: int | None = None
    """The audit file, which then becomes the one before."""
    watchers: int | None = None
    """Connections that watch worlds."""
    patience_secs: float | None = None
    """How long a client may keep the server waiting."""
    requests_per_minute: int | None = None
    """Requests from one address."""


def router(
    store: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    origins: Sequence[str] = (),
    keep_runs: timedelta | None = None,
    keep_latest: int | None = None,
    limits: Limits = Limits(),
    who: Callable[[HTTPConnection], str] | None = None,
) -> APIRouter:
    """A router with every endpoint of the server, for ``app.include_router(…)``.

    ``store`` is where runs and ledgers are kept: ``postgres://…``, ``sqlite:FILE``, the path of a SQLite file, or that
    of a folder. ``data_dir`` is the folder for everything else (audit, files on their way, the lock that lets one server
    at a time work there); without it, the one that the SQLite file lies in, and for PostgreSQL the one that
    ``pluriverse serve`` takes.

    The server starts and stops with the app, or with the first request where the app does not run the router's
    lifespan (as with mounted sub-applications). Who may do what is decided by the app's dependencies, for requests and
    WebSockets alike; the server asks for no token. ``origins`` are those of other sites whose pages may change things
    (``https://desk.example``); ``who`` names the user that a request comes from, for the audit.

    Of the runs that have ended, those are kept that are no older than ``keep_runs`` and among the ``keep_latest`` latest;
    without these, all.

    :raises StartError: when the app starts, if another server has the folder or the database cannot be opened.
    :raises ValueError: then as well, if a limit or an origin cannot be one.
    """
    database, folder = _places(store, data_dir)
    options: dict[str, Any] = {
        name: value for name, value in dataclasses.asdict(limits).items() if value is not None
    }
    if keep_runs is not None:
        options["keep_runs_secs"] = keep_runs.total_seconds()
    if keep_latest is not None:
        options["keep_latest"] = keep_latest
    site = Site(folder, database, list(origins), options, who)

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        async with site.held():
            yield

    made = APIRouter(lifespan=lifespan)
    add_routes(made, site)
    return made


def _places(
    store: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None
) -> tuple[str | None, pathlib.Path]:
    """The database, if it is not the folder's own, and the folder."""
    text = os.fspath(store)
    if not isinstance(text, str):
        raise TypeError(f"store is {store!r}, not a text or a path")
    if text.startswith(("postgres://", "postgresql://")):
        return text, pathlib.Path(data_dir).absolute() if data_dir is not None else _usual_folder()
    path = text.removeprefix("sqlite:").removeprefix("//")
    if "://" in path:
        scheme = path.partition("://")[0]
        raise ValueError(f"store `{scheme}://…` is no database that is known here: take postgres://… or sqlite:FILE")
    if not path:
        raise ValueError("store names no file")
    file = pathlib.Path(path).absolute()
    if file.is_dir():
        return (None, file) if data_dir is None else (f"sqlite:{file / 'runs.sqlite'}", pathlib.Path(data_dir).absolute())
    return f"sqlite:{file}", pathlib.Path(data_dir).absolute() if data_dir is not None else file.parent


def _usual_folder() -> pathlib.Path:
    """Where ``pluriverse serve`` keeps its things."""
    home = os.environ.get("HOME")
    folder = os.environ.get("XDG_DATA_HOME") or (home and os.path.join(home, ".local", "share"))
    folder = folder or os.environ.get("LOCALAPPDATA")
    if not folder:
        raise ValueError("there is no home folder to keep things in: name one with data_dir")
    return pathlib.Path(folder) / "pluriverse"

"""What goes wrong around the router, and what it says then."""

from __future__ import annotations

import json
import logging
import os
import pathlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx2 as httpx
import pytest
from cluster import Cluster, cluster
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from service import API, DESK, Service, service, until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


import pluriverse.fastapi
from pluriverse._native import MountedServer
from pluriverse.fastapi import Limits, StartError, router


HERE = pathlib.Path(__file__).parent


def app_of(*routers: APIRouter) -> FastAPI:
    app = FastAPI()
    for number, made in enumerate(routers):
        app.include_router(made, prefix=f"/{number}")
    return app


def test_a_folder_is_of_one_server(tmp_path: pathlib.Path) -> None:
    first, second = router(tmp_path / "runs.sqlite"), router(tmp_path / "other.sqlite")
    with TestClient(app_of(first)) as client:
        assert client.get("/0/healthz").text == "ok\n"
        with pytest.raises(StartError, match="another server keeps its things in .* `data_dir`"):
            with TestClient(app_of(second)):
                pass
        assert client.get("/0/readyz").text == "ok\n"
    # One that has stopped makes room.
    with TestClient(app_of(second)) as client:
        assert client.get("/0/readyz").text == "ok\n"


def test_several_routers_stand_side_by_side_and_one_may_be_included_twice(tmp_path: pathlib.Path) -> None:
    first = router(tmp_path / "runs.sqlite")
    second = router(tmp_path / "other.sqlite", tmp_path / "other")
    app = app_of(first, first, second)
    for _ in range(2):
        with TestClient(app) as client:
            made = client.post("/0/api/v1/worlds", json={"scenario": {"name": "desk.toml", "text": DESK}})
            assert made.status_code == 201
            counts = [len(client.get(f"/{number}/api/v1/worlds").json()) for number in range(3)]
            assert counts == [1, 1, 0]
            assert client.get("/1/api/v1/openapi.json").json()["servers"] == [{"url": "/1"}]


def test_a_mounted_app_starts_it_with_its_first_request(tmp_path: pathlib.Path) -> None:
    app = FastAPI()
    app.mount("/inner", app_of(router(tmp_path)))
    with TestClient(app) as client:
        assert client.get("/inner/0/readyz").text == "ok\n"
    assert (tmp_path / "runs.sqlite").exists()


def test_what_the_server_says_is_in_the_log(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pluriverse")
    with TestClient(app_of(router(tmp_path))) as client:
        client.delete("/0/api/v1/runs/100%25")
        # A thread takes it here.
        until(lambda: len(caplog.records) > 0)
    [line] = [record for record in caplog.records if record.name == "pluriverse.audit"]
    assert line.levelno == logging.INFO
    assert "method=DELETE path=/api/v1/runs/100%25 status=422" in line.getMessage()


def test_limits_and_origins_that_are_none_are_refused(tmp_path: pathlib.Path) -> None:
    for made, said in [
        (router(tmp_path, limits=Limits(worlds=-1)), "the limit `worlds` is -1, not a whole number from 1"),
        (router(tmp_path, limits=Limits(call_secs=float("nan"))), "`call_secs` is nan, not a number of seconds"),
        (router(tmp_path, origins=["desk.example"]), "origin `desk.example`"),
    ]:
        with pytest.raises(ValueError, match=said):
            with TestClient(app_of(made)):
                pass


def test_a_database_that_is_not_there_is_told_at_the_start(tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(StartError, match=f"127.0.0.1:{port}"):
        with TestClient(app_of(router(f"postgres://x@127.0.0.1:{port}/x", tmp_path))):
            pass


def test_what_a_dependency_raises_is_the_apps_matter(site: Service) -> None:
    closed = site.client.get(f"{API}/worlds", headers={"x-mood": "closed"})
    assert (closed.status_code, closed.json()) == (403, {"detail": "closed today"})
    # A connection of its own, which uvicorn closes after that.
    bad = httpx.get(f"http://127.0.0.1:{site.port}{API}/worlds", headers={"x-mood": "bad"})
    assert (bad.status_code, bad.text) == (500, "Internal Server Error")
    assert site.client.get(f"{API}/worlds").status_code == 200


def test_pages_of_other_sites_change_nothing_unless_they_are_named(site: Service) -> None:
    world = site.world()
    evil = site.client.post(f"{world}/run", headers={"origin": "https://evil.example"})
    assert (evil.status_code, evil.json()["error"]["code"]) == (403, "foreign_origin")
    assert site.client.post(f"{world}/run", headers={"origin": "https://friend.example"}).status_code == 200
    own = f"http://127.0.0.1:{site.port}"
    assert site.client.post(f"{world}/results", headers={"origin": own}).status_code == 405


@pytest.fixture
def on_postgres(tmp_path: pathlib.Path) -> Iterator[tuple[Service, Cluster]]:
    with cluster() as database:
        environment = {"STORE": database.url, "DATA_DIR": str(tmp_path)}
        with service("app:app", HERE, environment) as running:
            yield running, database


def test_a_database_that_goes_away_and_comes_back(on_postgres: tuple[Service, Cluster]) -> None:
    running, database = on_postgres
    assert running.client.get(f"{API}/runs").json()["total"] == 0
    database.stop()
    away = running.client.get(f"{API}/runs")
    assert (away.status_code, away.json()["error"]["code"]) == (503, "database_unavailable")
    assert int(away.headers["retry-after"]) >= 1
    world = running.world()
    assert running.client.post(f"{world}/run").json()["progress"] == "finished"
    database.start()
    until(lambda: running.client.get(f"{API}/runs").status_code == 200)


def test_a_stop_ends_watchers_and_the_process(tmp_path: pathlib.Path) -> None:
    with service("app:app", HERE, {"STORE": str(tmp_path)}) as running:
        world = running.world()
        with connect(running.watching(f"{world}/events")) as socket:
            assert json.loads(socket.recv())["seq"] == 1
            assert running.terminate() == -signal.SIGTERM
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.recv(timeout=30)
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
        assert "Traceback" not in "".join(running.said)
        # The folder is free at once.
        with TestClient(app_of(router(tmp_path))) as client:
            assert client.get("/0/readyz").status_code == 200


def test_a_second_worker_does_not_start_and_says_why(tmp_path: pathlib.Path) -> None:
    words = [sys.executable, "-m", "uvicorn", "app:app", "--app-dir", str(HERE), "--port", "0", "--workers", "2"]
    environment = {**os.environ, "STORE": str(tmp_path)}
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Application startup failed" in ended.stderr
    assert f"StartError: another server keeps its things in `{tmp_path}`" in ended.stderr


# Python 3.12 and later warn of forks in a process with threads, which is what this is about.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_is_told_that_the_server_is_not_there(tmp_path: pathlib.Path) -> None:
    server = MountedServer(tmp_path, None, [], {})
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            server.ask(("GET", "/healthz", []), ("", 0, ""))
        except RuntimeError as error:
            said = str(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert f"was started in process {os.getpid()} and is not in process {child}" in said
    server.stop()
    MountedServer(tmp_path, None, [], {}).stop()


def test_the_server_has_a_version(tmp_path: pathlib.Path) -> None:
    with TestClient(app_of(router(tmp_path))) as client:
        document = client.get("/0/api/v1/openapi.json").json()
    assert document["info"]["version"] == pluriverse.__version__

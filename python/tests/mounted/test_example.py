"""The example app as its README says: ledgers handed over to a PostgreSQL that it asks in SQL."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

import httpx2 as httpx
import psycopg
import pytest
from cluster import cluster
from service import API, DESK, Service, service
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

EXAMPLE = pathlib.Path(__file__).parents[3] / "examples" / "fastapi"
ADA = {"authorization": "Bearer secret"}
ARROW = {"content-type": "application/vnd.apache.arrow.file"}


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with cluster() as made:
        yield made.url


@pytest.fixture(scope="module")
def planning(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("planning")
    environment = {"DATABASE": database, "TOKENS": "ada:secret,bob:other", "DATA_DIR": str(folder / "data")}
    with service("app:app", EXAMPLE, environment) as running:
        running.client.headers.update(ADA)
        running.folder = folder
        yield running


def test_nobody_comes_in_who_has_not_signed_in(planning: Service) -> None:
    world = planning.world()
    for path in ["/plans/x", f"{API}/worlds", f"{API}/openapi.json", "/pluriverse/metrics", world]:
        assert httpx.get(f"http://127.0.0.1:{planning.port}{path}").status_code == 401, path
    with pytest.raises(InvalidStatus) as refused:
        connect(planning.watching(f"{world}/events"))
    assert refused.value.response.status_code == 401


def test_a_plan_that_was_handed_over_is_answered_in_sql(
    planning: Service, database: str, tmp_path: pathlib.Path
) -> None:
    scenario, ledger = tmp_path / "desk.toml", tmp_path / "plan.arrow"
    scenario.write_text(DESK)
    words = [os.environ["PLURIVERSE"], "run", scenario, "--ledger", ledger, "--format", "json", "--quiet"]
    results = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)

    taken = planning.client.post(
        f"{API}/simulation/ingest?run_id=monday", content=ledger.read_bytes(), headers=ARROW
    )
    assert taken.status_code == 200, taken.text
    assert taken.json()["hash"] == results["ledger_hash"]
    again = planning.client.post(
        f"{API}/simulation/ingest?run_id=monday", content=ledger.read_bytes(), headers=ARROW
    )
    assert again.json()["outcome"] == "already_there"

    [station] = planning.client.get("/plans/monday").json()
    figures = {name: figure["mean"] for name, figure in results["metrics"].items()}
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT COUNT(*), AVG(wait_secs), COUNT(wait_secs) FROM pluriverse.process_visits"
        ).fetchone()
    assert found is not None
    assert (station["arrivals"], station["waits"]) == (found[0], found[2])
    assert station["mean_wait_secs"] == pytest.approx(found[1], rel=1e-12)
    assert station["arrivals"] == figures["desk.arrivals"]
    assert station["mean_wait_secs"] == pytest.approx(figures["desk.wait"], rel=1e-9)
    assert station["abandoned_share"] == pytest.approx(figures["desk.abandoned"], rel=1e-12)
    kept = planning.client.get(f"{API}/runs/monday").json()
    assert kept["ledger_hash"] == results["ledger_hash"]
    back = planning.client.get(f"{API}/runs/monday/ledger?format=arrow")
    assert back.headers["content-type"] == ARROW["content-type"]


def test_the_audit_says_who_it_was(planning: Service) -> None:
    gone = planning.client.delete(f"{API}/runs/none", headers={"authorization": "Bearer other"})
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "no_such_run")
    lines = (planning.folder / "data" / "audit.ndjson").read_text().splitlines()
    line = json.loads(lines[-1])
    assert (line["user"], line["method"], line["path"]) == ("bob", "DELETE", "/api/v1/runs/none")
    assert line["peer"].startswith("127.0.0.1:") and "other" not in lines[-1]


def test_a_browser_watches_with_its_token_as_a_protocol(planning: Service) -> None:
    world = planning.world()
    with connect(planning.watching(f"{world}/events"), subprotocols=["pluriverse", "bearer.secret"]) as socket:
        assert socket.subprotocol == "pluriverse"
        assert json.loads(socket.recv())["seq"] == 1

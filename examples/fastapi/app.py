"""A planner's service: its own endpoints, and Pluriverse below ``/pluriverse`` for those who have signed in.

    DATABASE=postgres://user@127.0.0.1/planning TOKENS=ada:secret uvicorn app:app
"""

import hmac
import os
from typing import Annotated, Any

import psycopg
from fastapi import Depends, FastAPI, HTTPException
from pluriverse.fastapi import Limits, router
from psycopg.rows import dict_row
from pydantic import BaseModel
from starlette.requests import HTTPConnection

DATABASE = os.environ["DATABASE"]
TOKENS = dict(entry.split(":", 1) for entry in os.environ["TOKENS"].split(","))


def bearer(connection: HTTPConnection) -> str:
    """The token of a request; browsers send a WebSocket's as a protocol, because they can set no header for one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token
    protocols = connection.headers.get("sec-websocket-protocol", "").split(",")
    offered = (protocol.strip() for protocol in protocols)
    return next((one.removeprefix("bearer.") for one in offered if one.startswith("bearer.")), "")


def signed_in(connection: HTTPConnection) -> str:
    """Who sends a request; nobody else gets any further."""
    token = bearer(connection).encode()
    for name, known in TOKENS.items():
        if hmac.compare_digest(token, known.encode()):
            connection.state.user = name
            return name
    raise HTTPException(401, "sign in first", {"www-authenticate": "Bearer"})


app = FastAPI(title="Planning")
app.include_router(
    router(
        DATABASE,
        data_dir=os.environ.get("DATA_DIR", "data"),
        limits=Limits(worlds=16, database_answer_secs=5),
        who=lambda connection: connection.state.user,
    ),
    prefix="/pluriverse",
    dependencies=[Depends(signed_in)],
)


class Station(BaseModel):
    """How a station did."""

    name: str
    arrivals: int
    waits: int
    mean_wait_secs: float | None
    abandoned_share: float | None


@app.get("/plans/{run}")
def read_plan(run: str, user: Annotated[str, Depends(signed_in)]) -> list[Station]:
    """What came of a run that was handed over, asked of the database in SQL."""
    query = """
        SELECT name, arrivals, waits, mean_wait_secs, abandoned_share FROM pluriverse.process_stations
        WHERE ledger = (SELECT ledger FROM pluriverse.ledgers WHERE run = %s) ORDER BY station
    """
    with psycopg.connect(DATABASE, row_factory=dict_row) as connection:
        rows: list[dict[str, Any]] = connection.execute(query, [run]).fetchall()
    if not rows:
        raise HTTPException(404, f"there is no plan `{run}` for {user}")
    return [Station(**row) for row in rows]

"""The app that tests of the router run: no users, and a store from the environment."""

from __future__ import annotations

import os

from fastapi import Depends, FastAPI, HTTPException
from starlette.requests import HTTPConnection

from pluriverse.fastapi import Limits, router


class Mood(Exception):
    """What a dependency raises that the app does not expect."""


def mood(connection: HTTPConnection) -> None:
    match connection.headers.get("x-mood"):
        case "bad":
            raise Mood("not today")
        case "closed":
            raise HTTPException(403, "closed today")


app = FastAPI()
app.include_router(
    router(
        os.environ["STORE"],
        os.environ.get("DATA_DIR"),
        origins=["https://friend.example"],
        limits=Limits(database_answer_secs=2, upload_bytes=400 << 20),
    ),
    prefix="/pluriverse",
    dependencies=[Depends(mood)],
)

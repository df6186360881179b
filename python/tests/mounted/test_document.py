"""The app's OpenAPI document has everything that the server answers, beside what is its own."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pluriverse.fastapi
import pytest
from fastapi import Depends, FastAPI, Header
from fastapi.security import HTTPBearer
from pydantic import BaseModel

SERVER = json.loads((pathlib.Path(__file__).parents[3] / "docs" / "openapi.json").read_text())


class Problem(BaseModel):
    """A model of the app that is called as one of the server's."""

    why: str


def document(tmp_path: pathlib.Path) -> dict[str, Any]:
    app = FastAPI()

    @app.get("/own")
    def own() -> Problem:
        return Problem(why="")

    def language(accept_language: str = Header("en")) -> str:
        return accept_language

    router = pluriverse.fastapi.router(tmp_path / "runs.sqlite")
    app.include_router(router, prefix="/a", dependencies=[Depends(HTTPBearer()), Depends(language)])
    app.include_router(router, prefix="/b")
    return app.openapi()


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def renamed(part: Any) -> Any:
    return json.loads(json.dumps(part).replace("#/components/schemas/", "#/components/schemas/Pluriverse"))


def plain(part: Any) -> Any:
    """Numbers as FastAPI writes bounds, as floats."""
    if isinstance(part, dict):
        return {key: plain(value) for key, value in part.items()}
    if isinstance(part, list):
        return [plain(value) for value in part]
    return float(part) if isinstance(part, int) and not isinstance(part, bool) else part


def test_every_operation_is_there_as_the_server_says(tmp_path: pathlib.Path) -> None:
    made = document(tmp_path)
    assert set(made["paths"]) == {"/own"} | {f"{at}{path}" for at in ("/a", "/b") for path in SERVER["paths"]}
    for path, operations in SERVER["paths"].items():
        assert set(made["paths"][f"/b{path}"]) == set(operations)
        for method, operation in operations.items():
            told = made["paths"][f"/b{path}"][method]
            for key in ("summary", "tags", "description", "parameters", "requestBody"):
                assert plain(told.get(key)) == plain(renamed(operation.get(key))), (path, method, key)
            for code, answer in operation["responses"].items():
                assert plain(told["responses"][code].get("content")) == plain(renamed(answer.get("content"))), (path, method, code)
            assert set(told["responses"]) == set(operation["responses"])


def test_its_schemas_are_there_and_the_apps_own_stay(tmp_path: pathlib.Path) -> None:
    made = document(tmp_path)
    schemas = made["components"]["schemas"]
    for name, schema in SERVER["components"]["schemas"].items():
        assert plain(schemas[f"Pluriverse{name}"]) == plain(renamed(schema)), name
    assert schemas["Problem"]["properties"]["why"]
    for reference in references(made):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_dependencies_are_told_of(tmp_path: pathlib.Path) -> None:
    made = document(tmp_path)
    run = made["paths"]["/a/api/v1/worlds/{id}/run"]["post"]
    assert run["security"] == [{"HTTPBearer": []}]
    assert {part["name"] for part in run["parameters"]} == {"accept-language", "id", "max_events"}
    identifiers = [operation["operationId"] for item in made["paths"].values() for operation in item.values()]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize(
    ("store", "said"),
    [("mysql://x/y", "`mysql://…` is no database"), ("sqlite:", "names no file")],
)
def test_a_store_that_is_none_is_refused_at_once(store: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pluriverse.fastapi.router(store)

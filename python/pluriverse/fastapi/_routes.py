"""A route for each operation of the server's OpenAPI document, so that the app's own document has them, too."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, create_model

from .._native import server_openapi
from ._forward import Forwarded, forward_socket
from ._site import Site

# Names of the app's own models stay its own.
_PREFIX = "Pluriverse"
_REFERENCE = "#/components/schemas/"
_EVENTS = "/api/v1/worlds/{id}/events"
_DOCUMENT = "/api/v1/openapi.json"
_BESIDES = ("/healthz", "/readyz", "/metrics")


def add_routes(router: APIRouter, site: Site) -> None:
    """Adds everything that the server answers."""
    document = json.loads(server_openapi())
    refusal = _models(document["components"]["schemas"])
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            router.add_api_route(path, _forwarding(site, path), **_described(method, operation, refusal))
        if "get" in operations:
            _add_unlisted(router, path, _forwarding(site, path), ["HEAD"])
    for path in _BESIDES:
        _add_unlisted(router, path, _forwarding(site, path), ["GET", "HEAD"])

    async def read_document(request: Request) -> Response:
        # Its paths lie below where the router is included.
        place = request.scope["path"].removesuffix(_DOCUMENT)
        return JSONResponse({**document, "servers": [{"url": place or "/"}]})

    _add_unlisted(router, _DOCUMENT, read_document, ["GET"])

    async def watch(websocket: WebSocket) -> None:
        await forward_socket(site, _EVENTS, websocket)

    router.add_api_websocket_route(_EVENTS, watch)


Endpoint = Callable[[Request], Awaitable[Response]]


def _forwarding(site: Site, path: str) -> Endpoint:
    async def forward(request: Request) -> Response:
        return Forwarded(site, path, request)

    return forward


def _add_unlisted(router: APIRouter, path: str, endpoint: Endpoint, methods: list[str]) -> None:
    router.add_api_route(path, endpoint, methods=methods, include_in_schema=False, response_model=None)


def _described(method: str, operation: dict[str, Any], refusal: type[BaseModel]) -> dict[str, Any]:
    """What FastAPI is told of an operation."""
    answers = {code: _renamed(answer) for code, answer in operation["responses"].items()}
    [success] = [code for code in answers if code != "default"]
    default = {**answers["default"], "model": refusal}
    return {
        "methods": [method.upper()],
        "name": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description"),
        "tags": operation["tags"],
        "status_code": int(success),
        "response_description": answers[success].get("description") or "Successful Response",
        "responses": {int(success): answers[success], "default": default},
        "response_model": None,
        "response_class": Response,
        "openapi_extra": {key: _renamed(operation[key]) for key in ("parameters", "requestBody") if key in operation},
    }


def _renamed(part: Any) -> Any:
    """A part of the document that refers to schemas by the names that they have in the app's."""
    if isinstance(part, dict):
        renamed = {key: _renamed(value) for key, value in part.items()}
        reference = part.get("$ref")
        if isinstance(reference, str):
            renamed["$ref"] = _REFERENCE + _PREFIX + reference.removeprefix(_REFERENCE)
        return renamed
    if isinstance(part, list):
        return [_renamed(value) for value in part]
    return part


def _models(schemas: dict[str, Any]) -> type[BaseModel]:
    """The model of refusals, which takes all others into the app's document.

    FastAPI lists the models that answers are made of, and what those are made of. Bodies are read by the server alone,
    so it would never see theirs: to FastAPI every refusal has a field of each model, and its text does not say so.
    """
    models = {name: _model(name, schema, {}) for name, schema in schemas.items() if name != "Problem"}
    return _model("Problem", schemas["Problem"], models)


def _model(name: str, schema: dict[str, Any], fields: dict[str, type[BaseModel]]) -> type[BaseModel]:
    """A model whose schema is what the server says."""
    text = _renamed(schema)

    def say(own: dict[str, Any]) -> None:
        own.clear()
        own.update(text)

    named: dict[str, Any] = {f"of_{key}": (field, ...) for key, field in fields.items()}
    config = ConfigDict(json_schema_extra=say)
    return create_model(_PREFIX + name, __config__=config, __module__=__name__, **named)

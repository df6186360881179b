"""Requests and WebSockets on their way to the server, and its answers on theirs back.

Nothing is kept but what is on its way: whoever sends waits until there is room for the next piece. A client that goes
away takes its request with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import quote

from fastapi import Request, Response, WebSocket
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect, WebSocketState

from .._native import Exchange, Socket
from ._site import Site

_Head = tuple[str, str, list[tuple[bytes, bytes]]]

# Codes of RFC 6455, 7.4.1: nothing was said; the server has a defect or is no more.
_NO_STATUS = 1005
_INTERNAL_ERROR = 1011
# Seconds after which a server that has stopped may be there again.
_RETRY_AFTER = 1


class Forwarded(Response):
    """The server's answer to a request, piece by piece as it comes."""

    def __init__(self, site: Site, path: str, request: Request) -> None:
        super().__init__()
        self._site = site
        self._path = path
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._forward(scope, receive, send)
        except ClientDisconnect:
            return
        if self.background is not None:
            await self.background()

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = await self._site.server()
        body = self._request.stream()
        first = await anext(body, b"")
        head = _head(self._request, self._path, self._request.method)
        begin = server.upload if first else server.ask
        exchange = begin(head, self._site.guest(self._request))
        listening = asyncio.create_task(_listen(exchange, first, body, receive))
        try:
            if not await _answer(exchange, listening, send):
                await _unavailable()(scope, receive, send)
        finally:
            exchange.close()
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def _answer(exchange: Exchange, listening: asyncio.Task[None], send: Send) -> bool:
    """Sends what the server answers; ``False`` where it has stopped before it answered."""
    try:
        status, headers = await exchange.head()
    except ConnectionError:
        # A client that has gone hears nothing.
        return listening.done()
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    while True:
        try:
            piece = await exchange.read()
        except ConnectionError:
            if listening.done():
                return True
            raise
        await send({"type": "http.response.body", "body": piece, "more_body": piece != b""})
        if not piece:
            return True


async def _listen(exchange: Exchange, first: bytes, body: AsyncIterator[bytes], receive: Receive) -> None:
    """Sends the body, waits until the client goes away, and then breaks off what the server does for it."""
    try:
        if first:
            await _send_body(exchange, first, body)
        while (await receive())["type"] != "http.disconnect":
            pass
    except ClientDisconnect:
        pass
    exchange.close()


async def _send_body(exchange: Exchange, first: bytes, body: AsyncIterator[bytes]) -> None:
    piece = first
    try:
        while piece:
            waiting = exchange.send(bytes(piece))
            if waiting is not None:
                await waiting
            piece = await anext(body, b"")
        waiting = exchange.finish()
        if waiting is not None:
            await waiting
    except ConnectionError:
        # The server has heard enough; its answer says why.
        pass


async def forward_socket(site: Site, path: str, websocket: WebSocket) -> None:
    """Carries the messages of a WebSocket both ways until a side ends it."""
    server = await site.server()
    exchange = server.open(_head(websocket, path, "GET"), site.guest(websocket))
    try:
        try:
            status, headers = await exchange.head()
            if status != 101:
                await _refuse(websocket, await _whole(exchange, status, headers))
                return
            socket = await exchange.socket()
        except ConnectionError:
            await _refuse(websocket, _unavailable())
            return
        protocol = dict(headers).get(b"sec-websocket-protocol")
        await websocket.accept(subprotocol=protocol.decode() if protocol else None)
        await _relay(websocket, socket)
    finally:
        exchange.close()


async def _relay(websocket: WebSocket, socket: Socket) -> None:
    ways = [asyncio.create_task(_down(websocket, socket)), asyncio.create_task(_up(websocket, socket))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        ended = await asyncio.gather(*ways, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _down(websocket: WebSocket, socket: Socket) -> None:
    """Gives the client what the server says."""
    try:
        while True:
            try:
                message = await socket.receive()
            except ConnectionError:
                await _end(websocket, _INTERNAL_ERROR, "")
                return
            if isinstance(message, str):
                await websocket.send_text(message)
            elif isinstance(message, bytes):
                await websocket.send_bytes(message)
            else:
                code, reason = message
                await _end(websocket, 1000 if code == _NO_STATUS else code, reason)
                return
    except WebSocketDisconnect:
        pass


async def _end(websocket: WebSocket, code: int, reason: str) -> None:
    """Closes a WebSocket that may be closed already: servers answer that with RuntimeError."""
    if websocket.client_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError):
            await websocket.close(code, reason)


async def _up(websocket: WebSocket, socket: Socket) -> None:
    """Gives the server what the client says."""
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                with contextlib.suppress(ConnectionError):
                    await socket.close(message.get("code") or _NO_STATUS, message.get("reason") or "")
                return
            text = message.get("text")
            await socket.send(text if text is not None else message["bytes"])
    except ConnectionError:
        # What the server has said last is on its way down.
        await asyncio.Event().wait()


async def _whole(exchange: Exchange, status: int, headers: tuple[tuple[bytes, bytes], ...]) -> Response:
    """A refusal, which is short."""
    pieces = []
    while piece := await exchange.read():
        pieces.append(piece)
    response = Response(b"".join(pieces), status)
    response.raw_headers = list(headers)
    return response


async def _refuse(websocket: WebSocket, response: Response) -> None:
    """Answers a request for a WebSocket with what it was refused with."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(response)
    else:
        # A server that cannot do that says 403.
        await websocket.close()


def _head(connection: HTTPConnection, path: str, method: str) -> _Head:
    """A request as the server gets it, at its own path."""
    values = {name: quote(value, safe="") for name, value in connection.path_params.items()}
    query = connection.scope["query_string"].decode("latin-1")
    target = path.format_map(values) + (f"?{query}" if query else "")
    return method, target, connection.scope["headers"]


def _unavailable() -> Response:
    """The server is about to stop, or has."""
    error = {"code": "stopped", "message": "the server has stopped", "help": "try again in a moment"}
    return JSONResponse({"error": error}, 503, {"retry-after": str(_RETRY_AFTER)})

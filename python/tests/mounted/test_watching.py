"""WebSockets through the app: messages in order, again after a break, with gaps for the slow, and ends that are told."""

from __future__ import annotations

import json
import socket as network
import struct
from typing import Any

import pytest
from service import API, Service, until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect


# So many messages, of some 60 kB each, are more than network and server keep for somebody who does not listen.
TURNS = 120


def message(socket: ClientConnection) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(socket.recv(timeout=30))
    return heard


def watchers(site: Service, world: str) -> int:
    count: int = site.client.get(world).json()["watchers"]
    return count


def test_a_watcher_resumes_where_it_left_off(site: Service) -> None:
    world = site.world()
    with connect(site.watching(f"{world}/events?limit=2")) as socket:
        assert message(socket)["seq"] == 1
        socket.send("what it sends is ignored")
        site.client.post(f"{world}/run?max_events=50")
        second = message(socket)
        assert (second["seq"], len(second["feed"]["events"])) == (2, 2)
    site.client.post(f"{world}/run?max_events=50")
    with connect(site.watching(f"{world}/events?from=2")) as socket:
        assert message(socket)["seq"] == 2
        third = message(socket)
        assert (third["seq"], third["frame"]["events"]) == (3, 100)
        site.client.delete(world)
        end = message(socket)
        assert (end["type"], end["code"]) == ("end", "world_ended")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "world_ended")


def test_a_client_that_is_killed_is_let_go(site: Service) -> None:
    world = site.world()
    with connect(site.watching(f"{world}/events")) as socket:
        message(socket)
        assert watchers(site, world) == 1
        # Nothing is said, and what comes is refused: as when its process is killed.
        socket.socket.setsockopt(network.SOL_SOCKET, network.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.shutdown(network.SHUT_RDWR)
        until(lambda: watchers(site, world) == 0)


def test_a_slow_client_misses_messages_and_is_told_how_many(site: Service) -> None:
    world = site.world("""
        kind = "process"
        [run]
        until = "1000h"
        [sources.people]
        arrivals = { poisson = { rate = "60/min" } }
        [stations.desk]
        agents = 80
        service = { exponential = { mean = "1m" } }
    """)
    narrow = network.socket()
    narrow.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", site.port))
    address = site.watching(f"{world}/events?limit=512")
    with connect(address) as quick, connect(address, sock=narrow, max_queue=1, compression=None) as slow:
        message(quick)
        first = message(slow)["seq"]
        for _ in range(TURNS):
            # Moves the world on and waits until that is shown; the slow one does not listen meanwhile.
            assert site.client.post(f"{world}/run?max_events=600").status_code == 200
            assert message(quick)["type"] == "frame"
        expected, missed = first, 0
        while expected < first + TURNS:
            heard = message(slow)
            if heard["type"] == "gap":
                missed += heard["missed"]
                expected += heard["missed"]
            else:
                expected += 1
                assert heard["seq"] == expected
        assert missed > 0


def test_what_cannot_be_watched_is_refused_in_the_servers_words(site: Service) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(site.watching(f"{API}/worlds/none/events"))
    response = refused.value.response
    assert (response.status_code, json.loads(response.body or b"")["error"]["code"]) == (404, "unknown_world")
    with pytest.raises(InvalidStatus) as foreign:
        connect(site.watching(f"{site.world()}/events"), additional_headers={"origin": "https://evil.example"})
    assert foreign.value.response.status_code == 403
    plain = site.client.get(f"{site.world()}/events")
    assert (plain.status_code, plain.json()["error"]["code"]) == (426, "no_websocket")

"""Large bodies pass piece by piece, at the pace of whoever is slower, and nothing stays of what was broken off."""

from __future__ import annotations

import pathlib
import socket
import struct
from collections.abc import Iterator

from service import API, Service, until

MEGABYTE = 1 << 20
ARROW = {"content-type": "application/vnd.apache.arrow.file"}


def scratch(site: Service) -> list[pathlib.Path]:
    folder = site.folder / "scratch"
    return list(folder.iterdir()) if folder.exists() else []


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield bytes(MEGABYTE)


def test_a_large_upload_takes_no_memory(site: Service) -> None:
    site.client.get(f"{API}/worlds")
    before = site.peak_bytes()
    answer = site.client.post(f"{API}/simulation/ingest?run_id=large", content=pieces(200), headers=ARROW)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"]
    assert site.peak_bytes() - before < 32 * MEGABYTE
    assert scratch(site) == []


def test_who_sends_too_much_is_told_so(site: Service) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as sender:
        path = f"{API}/simulation/ingest?run_id=huge"
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {ARROW['content-type']}\r\ncontent-length: {1 << 40}\r\n\r\n"
        sender.sendall(head.encode())
        sender.sendall(bytes(MEGABYTE))
        answer = b""
        while b"}}" not in answer:
            answer += sender.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413") and b"too_large" in answer


def test_a_slow_reader_takes_no_memory_and_one_that_goes_leaves_nothing(site: Service) -> None:
    world = site.world(overrides={"run.until": "2400h"})
    assert site.client.post(f"{world}/run").json()["progress"] == "finished"
    before = site.peak_bytes()
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", site.port))
    reader.sendall(f"GET {world}/ledger?format=ndjson HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    start = reader.recv(4096)
    assert start.startswith(b"HTTP/1.1 200")
    [length] = [int(line.split(b":")[1]) for line in start.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    assert length > 30 * MEGABYTE
    assert len(scratch(site)) == 1
    # Others are answered meanwhile.
    for _ in range(50):
        assert site.client.get(world).status_code == 200
    assert site.peak_bytes() - before < 24 * MEGABYTE
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reader.close()
    until(lambda: not scratch(site))


def test_an_upload_that_breaks_off_leaves_nothing(site: Service) -> None:
    sender = socket.create_connection(("127.0.0.1", site.port))
    head = f"POST {API}/simulation/ingest?run_id=half HTTP/1.1\r\nhost: x\r\ncontent-type: {ARROW['content-type']}\r\n"
    sender.sendall(f"{head}content-length: 10000000\r\n\r\n".encode() + bytes(MEGABYTE))
    until(lambda: bool(scratch(site)))
    sender.close()
    until(lambda: not scratch(site))
    assert site.client.get(f"{API}/runs/half").status_code == 404


def test_a_call_that_nobody_waits_for_any_more_is_broken_off(site: Service) -> None:
    world = site.world(overrides={"run.until": "2000000h"})
    caller = socket.create_connection(("127.0.0.1", site.port))
    caller.sendall(f"POST {world}/run HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n".encode())
    until(lambda: site.client.get(world).json()["frame"]["events"] > 0)
    caller.close()
    # It stops moving when the server has heard of it.
    run = f"{world.removeprefix('/pluriverse')}/run"

    def lines() -> list[str]:
        return [line for line in (site.folder / "audit.ndjson").read_text().splitlines() if run in line]

    until(lambda: lines() != [])
    [line] = lines()
    assert '"status":null' in line


def test_answers_are_packed_once_and_headers_pass(site: Service) -> None:
    answer = site.client.get(f"{API}/kinds", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers.get_list("date", split_commas=False).__len__() == 1
    assert site.client.head(f"{API}/kinds").status_code == 200
    assert site.client.get("/pluriverse/healthz").text == "ok\n"
    assert "pluriverse_worlds" in site.client.get("/pluriverse/metrics").text

"""A server that is ended from another thread, with people at work: nothing is raised, and nothing stays open."""

from __future__ import annotations

import gc
import socket
import threading

import dash
import pytest
from dash import html

from planner import server
from planner.server import Place, Running


@pytest.fixture(scope="module")
def page() -> dash.Dash:
    app = dash.Dash(__name__)
    app.layout = html.Div("page")
    return app


def test_it_ends_while_others_ask(page: dash.Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: raised.append(told.exc_value))
    for _ in range(40):  # sockets that were closed under the loop's feet raised in one of fourteen
        running = Running(page, Place("127.0.0.1", 0, None))
        loop = threading.Thread(target=running.run)
        loop.start()
        asking = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(6)]
        for each in asking:
            each.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        running.close()
        loop.join(timeout=20)
        assert not loop.is_alive()
        for each in asking:
            each.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", running.port), timeout=5)
    assert raised == []


def test_it_ends_without_having_run_and_twice(page: dash.Dash) -> None:
    running = Running(page, Place("127.0.0.1", 0, None))
    running.close()
    running.close()
    running.run()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port), timeout=5)


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_answers_that_were_not_fetched_leave_no_file_open() -> None:
    app = dash.Dash(__name__)
    app.layout = html.Div("page")
    app.server.add_url_rule("/large", "large", lambda: b"x" * 20_000_000)  # waits in a file, beyond a megabyte
    running = Running(app, Place("127.0.0.1", 0, None))
    loop = threading.Thread(target=running.run)
    loop.start()
    with socket.create_connection(("127.0.0.1", running.port)) as asking:
        asking.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert asking.recv(9) == b"HTTP/1.1 "
        running.close()
        loop.join(timeout=20)
    assert not loop.is_alive()
    del running, loop
    gc.collect()


def test_memory_is_shared_where_the_library_of_c_can_and_nobody_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []

    class Library:
        def mallopt(self, what: int, value: int) -> int:
            told.append((what, value))
            return 1

    monkeypatch.setattr(server.ctypes, "CDLL", lambda name: Library())
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.setattr(server.platform, "libc_ver", lambda: ("glibc", "2.36"))
    assert server.share_arenas()
    assert told == [(-8, server.ARENAS)]
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert not server.share_arenas()
    monkeypatch.delenv("MALLOC_ARENA_MAX")
    monkeypatch.setattr(server.platform, "libc_ver", lambda: ("", ""))
    assert not server.share_arenas()
    assert len(told) == 1

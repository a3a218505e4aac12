"""Whom the server lets in, by raw HTTP: names, origins, tokens, methods, sizes, and the headers of every answer."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from outlay.errors import ConfigError, OutlayError
from planner.safety import MOST_BYTES, Rules, cookie_name
from planner.server import Place, Running, is_loopback, place_of
from tests.browser.conftest import project

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105  (of this test's own server)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from cli.study import study_of
    from planner.app import build
    from planner.desk import Desk

    folder: Path = project(tmp_path_factory.mktemp("study"))
    return build(Desk(study_of(folder / "outlay.toml", None, force=False)))


@contextmanager
def running(page: Any, place: Place) -> Iterator[Running]:
    server = Running(page, place)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=1)


@pytest.fixture(scope="module")
def local(page: Any) -> Iterator[Running]:
    with running(page, Place("127.0.0.1", 0, None)) as server:
        yield server


@pytest.fixture(scope="module")
def elsewhere(page: Any) -> Iterator[Running]:
    with running(page, Place("0.0.0.0", 0, TOKEN)) as server:  # noqa: S104  (for the length of these tests)
        yield server


def ask(server: Running, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, named)
    answer = connection.getresponse()
    answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_this_machine_gets_the_page_without_a_token(local: Running) -> None:
    assert ask(local, "GET", "/").status == 200
    assert ask(local, "GET", "/plan?scenario=x").status == 200
    for host in (f"localhost:{local.port}", f"LOCALHOST:{local.port}", "[::1]", "127.0.0.1"):
        assert ask(local, "GET", "/", Host=host).status == 200
    assert ask(local, "GET", "/", Host="localhost:9000").status == 200  # a tunnel: ssh -L 9000:localhost:8050


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example:8050",
        "127.0.0.1.evil.example",
        "localhost:x",
        "192.0.2.1:8050",
        ":80",
        "",
    ],
)
def test_a_name_that_is_not_this_machines_is_refused(local: Running, host: str) -> None:
    # DNS rebinding: a page of evil.example whose name now leads to 127.0.0.1
    assert ask(local, "GET", "/", Host=host).status in (400, 421)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 500),  # let in; the body below is no request of the page
    ],
)
def test_another_site_cannot_make_this_browser_act(local: Running, headers: dict[str, str], status: int) -> None:
    answer = ask(local, "POST", "/_dash-update-component", b"{}", Content_Type="application/json", **headers)
    assert answer.status == status
    assert "Traceback" not in answer.text  # type: ignore[attr-defined]


def test_the_pages_own_origin_is_let_in(local: Running) -> None:
    headers = {"Origin": f"http://127.0.0.1:{local.port}", "Content_Type": "application/json"}
    assert ask(local, "POST", "/_dash-update-component", b"{}", **headers).status == 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_not_known(local: Running, method: str) -> None:
    answer = ask(local, method, "/")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_too_much_is_refused_before_it_is_read(local: Running) -> None:
    with socket.create_connection(("127.0.0.1", local.port), timeout=20) as line:
        head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\nOrigin: http://127.0.0.1:{local.port}\r\n"
        line.sendall(f"{head}Content-Length: {MOST_BYTES * 100}\r\n\r\n".encode())
        assert b" 413 " in line.recv(200)


def test_every_answer_carries_the_headers(local: Running, elsewhere: Running) -> None:
    for answer in (ask(local, "GET", "/"), ask(local, "GET", "/", Host="evil.example"), ask(elsewhere, "GET", "/")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] is None
    policy = ask(local, "GET", "/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-eval'" not in policy
    scripts = policy.split("script-src")[1].split(";")[0]
    assert "'unsafe-inline'" not in scripts
    assert "'sha256-" in scripts


def test_elsewhere_nobody_comes_in_without_the_token(elsewhere: Running) -> None:
    assert elsewhere.link == f"{elsewhere.url}?token={TOKEN}"
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/plan", "/assets/page.css", "/?token=", "/?token=wrong"):
        answer = ask(elsewhere, "GET", path)
        assert answer.status == 403, path
        assert "retailer" not in answer.text  # type: ignore[attr-defined]
    assert ask(elsewhere, "POST", f"/_dash-update-component?token={TOKEN}", b"{}").status == 403
    cookie = cookie_name(TOKEN)
    assert ask(elsewhere, "GET", "/", Cookie=f"{cookie}={TOKEN}").status == 403  # the cookie is not the token
    assert ask(elsewhere, "GET", "/", Cookie=f"{cookie}=\u00e4").status == 403


def test_the_link_gives_a_cookie_and_takes_the_token_out_of_the_address(elsewhere: Running) -> None:
    answer = ask(elsewhere, "GET", f"/plan?scenario=abc&token={TOKEN}")
    assert answer.status == 303
    assert answer.headers["Location"] == "/plan?scenario=abc"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie
    assert "Secure" not in cookie
    held = cookie.split(";")[0]
    assert ask(elsewhere, "GET", "/", Cookie=held).status == 200
    # who holds the cookie and takes the link again does not keep the token in the address either
    assert ask(elsewhere, "GET", f"/?token={TOKEN}", Cookie=held).status == 303


def test_the_link_lets_in_whatever_signs_the_token_has(page: Any) -> None:
    with running(page, Place("127.0.0.1", 0, "a+b&c=d%20 #0123456789ä")) as server:
        answer = ask(server, "GET", server.link.removeprefix(server.url[:-1]))
        assert (answer.status, answer.headers["Location"]) == (303, "/")


def test_behind_tls_the_cookie_stays_behind_tls(elsewhere: Running) -> None:
    answer = ask(elsewhere, "GET", f"/?token={TOKEN}", X_Forwarded_Proto="https")
    assert answer.headers["Set-Cookie"].endswith("; Secure")


def test_two_servers_of_a_machine_do_not_take_each_others_cookie() -> None:
    # browsers keep cookies by machine and not by port
    assert cookie_name(TOKEN) != cookie_name(TOKEN + "x")


def test_a_token_on_this_machine_lets_a_proxy_come_by_its_own_name(page: Any) -> None:
    with running(page, Place("127.0.0.1", 0, TOKEN)) as server:
        assert ask(server, "GET", "/", Host="planner.example").status == 403
        cookie = ask(server, "GET", f"/?token={TOKEN}", Host="planner.example").headers["Set-Cookie"].split(";")[0]
        assert ask(server, "GET", "/", Host="planner.example", Cookie=cookie).status == 200


def test_the_link_cannot_be_turned_to_another_place(elsewhere: Running) -> None:
    answer = ask(elsewhere, "GET", f"//evil.example/x?token={TOKEN}")
    assert answer.headers["Location"].startswith("/evil.example")  # a path of this server
    answer = ask(elsewhere, "GET", f"/%0d%0aSet-Cookie:%20x=%C3%A4?token={TOKEN}")
    assert answer.headers["Location"] == "/%0D%0ASet-Cookie%3A%20x%3D%C3%A4"


def test_whoever_watches_it_needs_no_token_and_learns_nothing(elsewhere: Running) -> None:
    answer = ask(elsewhere, "GET", "/health")
    assert (answer.status, answer.text) == (200, "ok\n")  # type: ignore[attr-defined]


def test_any_address_but_loopback_gets_a_token() -> None:
    assert place_of("127.0.0.1", 0, None).token is None
    assert place_of("localhost", 0, None).token is None
    one, other = (place_of("0.0.0.0", 0, None).token for _ in range(2))  # noqa: S104  (not listened on)
    assert one is not None
    assert other is not None
    assert len(one) >= 32  # 24 bytes in base64
    assert one != other
    assert place_of("0.0.0.0", 0, TOKEN).token == TOKEN  # noqa: S104  (not listened on)
    with pytest.raises(ConfigError, match="7 characters") as caught:
        place_of("0.0.0.0", 0, "1234567")  # noqa: S104  (not listened on)
    assert caught.value.id == "X082"
    with pytest.raises(ValueError, match="needs a token"):
        Rules(None, None, "")


@pytest.mark.parametrize(
    ("host", "alone"), [("127.0.0.1", True), ("::1", True), ("127.5.5.5", True), ("LOCALHOST", True)]
)
def test_loopback_is_known_by_its_address(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
    assert not is_loopback("192.0.2.1")
    assert not is_loopback("localhost.example")


def test_a_port_that_is_taken_is_a_refusal_with_a_way_out(page: Any, local: Running) -> None:
    with pytest.raises(OutlayError, match="cannot listen there") as caught:
        Running(page, Place("127.0.0.1", local.port, None))
    assert caught.value.id == "X081"
    assert "--port" in caught.value.repair


@pytest.mark.parametrize("path", ["dash/../../../../etc/passwd", "dash/nothing.js", "nothing/x.js"])
def test_a_file_that_no_library_has_is_not_found_and_no_fault(local: Running, path: str) -> None:
    """A fault would go to the log with its traceback, once for every address that a scanner tries."""
    answer = ask(local, "GET", f"/_dash-component-suites/{path}")
    assert (answer.status, answer.text) == (404, "Not found.\n")  # type: ignore[attr-defined]

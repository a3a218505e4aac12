"""The rules of the server as a browser meets them: tokens, other sites, read-only pages, and what may run in a page."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from planner.store import Store
from tests.browser.conftest import Opener, Site, project, served
from tests.browser.keeping import expect, optimise, save

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105  (of this test's own server)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page that needs a token and keeps nothing."""
    with served(project(tmp_path_factory.mktemp("guarded")), read_only=True, token=TOKEN) as found:
        yield found


@contextmanager
def another_site(page: str) -> Iterator[str]:
    """A site of somebody else, on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def names(site: Site) -> list[str]:
    return [one.name for one in Store(site.folder).scenarios()] if (site.folder / "scenarios.sqlite").exists() else []


def test_the_link_lets_in_and_leaves_no_token_in_the_address(window: Opener, guarded: Site) -> None:
    page = window(f"/plan?token={TOKEN}", at=guarded.url)
    assert TOKEN not in page.url
    assert page.url.startswith(guarded.url + "/plan")
    optimise(page)  # callbacks go with the cookie
    page.reload()
    page.wait_for_selector("header nav")


def test_links_from_another_site_lead_in(browser: Any, guarded: Site) -> None:
    """The link itself in a mail or a chat that is read in the browser, and then that of a scenario."""
    links = f"<a id='in' href='{guarded.url}/?token={TOKEN}'>in</a><a id='plan' href='{guarded.url}/plan'>plan</a>"
    page = browser.new_page()
    with another_site(links) as url:  # of another site than 127.0.0.1 by its name
        for link in ("#in", "#plan"):
            page.goto(url)
            page.click(link)
            page.wait_for_selector("header nav")
            assert page.url.startswith(guarded.url)
    page.close()


def test_without_the_link_there_is_a_sentence_and_nothing_of_the_study(browser: Any, guarded: Site) -> None:
    page = browser.new_page()
    answer = page.goto(guarded.url + "/plan")
    assert answer.status == 403
    assert "needs its link" in page.inner_text("body")
    assert "retailer" not in page.content()
    page.close()


def test_a_page_that_only_reads_refuses_on_the_server_what_it_does_not_offer(
    window: Opener, site: Site, guarded: Site
) -> None:
    page = window("/plan")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request) if "Saved by force" in (request.post_data or "") else None)
    optimise(page)
    save(page, "Saved by force", "version 1")
    reading = window(f"/plan?token={TOKEN}", at=guarded.url)
    optimise(reading)
    expect(reading.locator("#save-state")).to_contain_text("only reads")
    assert not reading.locator("#save-button").is_visible()
    # the very request that saved on the other page, sent to this one with all that it asks for
    request = next(one for one in sent if one.post_data_json["changedPropIds"] == ["save-button.n_clicks"])
    cookie = reading.context.cookies()[0]
    place = urlsplit(guarded.url).netloc
    line = http.client.HTTPConnection(place, timeout=20)
    kind = {"Content-Type": "application/json", "Origin": guarded.url}
    line.request(
        "POST",
        "/_dash-update-component",
        request.post_data.encode(),
        {**kind, "Cookie": f"{cookie['name']}={cookie['value']}"},
    )
    said = line.getresponse().read().decode()
    line.close()
    assert "This could not be done" in said
    assert "Traceback" not in said
    assert names(guarded) == []
    assert "Saved by force" in names(site)


def test_another_site_can_neither_send_to_the_page_nor_frame_it(browser: Any, site: Site) -> None:
    page_of = """<script>
        const send = (mode) => fetch("SITE/_dash-update-component", {method: "POST", mode, body: "{}"})
            .then((answer) => answer.type, () => "refused");
        window.told = Promise.all([send("cors"), send("no-cors")]);
    </script><iframe src="SITE/plan"></iframe>""".replace("SITE", site.url)
    page = browser.new_page()
    answered: list[int] = []
    page.on("response", lambda answer: answered.append(answer.status) if answer.request.method == "POST" else None)
    with another_site(page_of) as url:
        page.goto(url)
        assert page.evaluate("window.told") == ["refused", "refused"]
        assert set(answered) <= {403}  # the browser may ask and be refused, or not even ask
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert not frame.url.startswith(site.url)  # the browser put its own page of error there
    page.close()


def test_nothing_runs_or_leaves_in_the_page_but_what_it_brought(browser: Any, site: Site) -> None:
    page = browser.new_page()
    page.goto(site.url)
    page.wait_for_selector("header nav")
    ran = page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const holder = document.createElement("div");
        holder.innerHTML = "<img src='/none' onerror='window.ran = true'>";
        document.body.append(holder);
        return new Promise((done) => setTimeout(() => done(window.ran === true), 300));
    }""")
    assert ran is False
    left = "fetch('http://127.0.0.1:9/', {mode: 'no-cors'}).then(() => 'sent', (refused) => String(refused))"
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(left)
    page.close()

"""A served page and a real browser: one of each for all tests, and a fresh window for every test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import write_fit

TOML = """
[project]
name = "retailer"
currency = "USD"
margin = 0.5
fiscal_year_starts = "02-01"

[plan]
periods = 13
max_change = 0.5
"""


@dataclass(frozen=True)
class Site:
    """A page that is being served."""

    url: str
    folder: Path


@contextmanager
def served(folder: Path, *, read_only: bool = False, force: bool = False, token: str | None = None) -> Iterator[Site]:
    """Serve the latest fit of a folder on a free port of this machine."""
    from cli.study import study_of
    from planner.app import build
    from planner.desk import Desk
    from planner.server import Place, Running

    study = replace(study_of(folder / "outlay.toml", None, force=force), read_only=read_only)
    server = Running(build(Desk(study)), Place("127.0.0.1", 0, token))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Site(server.url.rstrip("/"), folder)
    finally:
        server.close()
        thread.join(timeout=1)  # windows may still hold their connections


def project(folder: Path, toml: str = TOML, **fit: Any) -> Path:
    """A project folder with a fit."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "outlay.toml").write_text(toml, encoding="utf-8")
    write_fit(folder / "runs", **fit)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page of a fit, for tests that leave nothing behind but scenarios of their own names."""
    with served(project(tmp_path_factory.mktemp("study"))) as found:
        yield found


Opener = Callable[..., Any]


@pytest.fixture
def window(browser: Any, site: Site) -> Iterator[Opener]:
    """Opens pages: ``window("/plan", width=390, scheme="dark")``; a page that logs an error fails its test."""
    contexts, wrong = [], []

    def opened(path: str = "/", *, width: int = 1280, scheme: str = "light", at: str = "", **more: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto((at or site.url) + path)
        page.wait_for_selector("header nav", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []

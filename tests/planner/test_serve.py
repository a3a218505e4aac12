"""``outlay serve`` as a process: it says where it is, answers there, refuses in words, and ends quietly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.conftest import project

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("study"))


@contextmanager
def serving(folder: Path, *words: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cli.app", "serve", *words]
    home = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=folder, env=home, **pipes)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_prints_one_document_answers_and_ends_with_ctrl_c(folder: Path) -> None:
    with serving(folder, "--port", "0", "--json") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] != "}\n":
            lines.append(process.stdout.readline())
        said = json.loads("".join(lines))
        assert said["token"] is False
        assert said["link"] == said["url"]
        with urllib.request.urlopen(said["url"], timeout=20) as answer:  # noqa: S310  (this test's own server)
            assert "retailer: plan" in answer.read().decode()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


def test_on_another_address_the_link_holds_the_token(folder: Path) -> None:
    with serving(folder, "--port", "0", "--host", "0.0.0.0", OUTLAY_TOKEN="sixteen-or-longer") as process:  # noqa: S104,S106
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        assert link.endswith("/?token=sixteen-or-longer")
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1]
        assert "TLS" in said
        assert "this machine's name in place of 127.0.0.1" in " ".join(said.split())


def test_what_cannot_be_served_is_said(folder: Path, tmp_path: Path) -> None:
    def said(cwd: Path, *words: str) -> tuple[int, str]:
        with serving(cwd, *words) as process:
            err = process.communicate(timeout=60)[1]
            return process.returncode, err

    code, text = said(folder, "--host", "192.0.2.1")  # an address of nobody (RFC 5737)
    assert (code, "X081" in text) == (1, True)
    code, text = said(tmp_path)
    assert (code, "outlay fit" in text) == (1, True)

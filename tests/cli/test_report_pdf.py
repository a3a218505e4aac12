"""The report as PDF, by a browser that is installed, and the words where none is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from fakes import write_fit
from typer.testing import CliRunner, Result

from cli.app import app
from cli.report import pdf


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pdf")
    write_fit(folder / "runs")
    return folder


def report(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["report", "--project", str(folder / "outlay.toml"), *words])


def program(folder: Path, text: str) -> Path:
    """A program that stands in for a browser."""
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_without_a_browser_it_says_how_to_get_one(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    monkeypatch.setattr(pdf, "NAMES", ("no-such-browser",))
    monkeypatch.setattr(pdf, "PLACES", {})
    said = report(fitted, "--pdf", "--out", str(fitted / "none.html"))
    assert said.exit_code == 1
    assert "X042" in said.stderr
    assert "apt install chromium" in said.stderr
    assert not (fitted / "none.html").exists()  # said before anything is written


def test_the_variable_names_the_browser(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.VARIABLE, "/no/such/browser")
    said = report(fitted, "--pdf")
    assert said.exit_code == 1
    assert "OUTLAY_CHROMIUM names /no/such/browser" in said.stderr


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for a browser is a shell script")
def test_a_browser_that_fails_is_told_and_the_page_stays(
    fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(pdf.VARIABLE, str(program(tmp_path, "echo 'no room for a tab' >&2; exit 7")))
    said = report(fitted, "--pdf", "--out", str(tmp_path / "page.html"))
    assert said.exit_code == 1
    assert "X043" in said.stderr
    assert "no room for a tab" in said.stderr
    assert (tmp_path / "page.html").is_file()
    assert not (tmp_path / "page.pdf").exists()
    monkeypatch.setattr(pdf, "SECONDS", 0.2)
    monkeypatch.setenv(pdf.VARIABLE, str(program(tmp_path, "exec sleep 20")))
    late = report(fitted, "--pdf", "--out", str(tmp_path / "page.html"))
    assert "printed nothing within" in " ".join(late.stderr.split())


def test_the_sandbox_goes_only_for_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for user, without in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user, raising=False)
        assert ("--no-sandbox" in pdf._arguments(tmp_path, tmp_path / "x.pdf")) is without


def test_the_page_and_the_pdf_do_not_take_one_name(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.report.pdf.chromium", lambda: "unused")
    said = report(fitted, "--pdf", "--out", str(fitted / "x.pdf"))
    assert said.exit_code == 2
    assert "X007" in said.stderr
    assert not (fitted / "x.pdf").exists()


def browser() -> str | None:
    return next((found for name in pdf.NAMES if (found := shutil.which(name))), None)


@pytest.mark.skipif(browser() is None, reason="no Chromium: apt install chromium, or set OUTLAY_CHROMIUM")
def test_chromium_prints_it_on_the_paper_that_was_asked_for(fitted: Path, tmp_path: Path) -> None:
    shutil.copytree(fitted / "runs", tmp_path / "runs")
    (tmp_path / "outlay.toml").write_text('[project]\nname = "x"\n[report]\npaper = "Letter"\n', encoding="utf-8")
    said = report(tmp_path, "--pdf", "--out", str(tmp_path / "page.html"))
    assert said.exit_code == 0, said.stderr
    assert said.stdout.split() == [str(tmp_path / "page.html"), str(tmp_path / "page.pdf")]
    made = (tmp_path / "page.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 612 792]" in made  # 8.5 x 11 inches at 72 points
    if shutil.which("pdftotext") is None:
        return
    pages = subprocess.run(["pdftotext", str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True)
    first, second = pages.stdout.split("\f")[:2]
    # the first page is the executive one and holds all of it; the next begins with the first section
    assert "What we learned" in first
    assert "only an experiment can confirm" in " ".join(first.split())
    assert second.lstrip().startswith("The model, and how well it fits")

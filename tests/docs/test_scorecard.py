"""What docs/scorecard.md shows and computes."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.docs.pages import blocks


def of_page(language: str) -> list[str]:
    return [block.text for block in blocks(language) if block.page.name == "scorecard.md"]


def test_the_split_is_what_the_page_says() -> None:
    [text] = of_page("python")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(text, "docs/scorecard.md", "exec"), {})  # noqa: S102 - our own page
    assert [float(word) for word in said.getvalue().split()] == pytest.approx([0.0, -10.0, 0.0], abs=1e-12)


@pytest.mark.slow
def test_the_example_prints_the_rows_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli.b2b import write_b2b

    write_b2b(tmp_path, 1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    assert CliRunner().invoke(app, ["segment"]).exit_code == 0
    said = CliRunner().invoke(app, ["scorecard", "--dry-run", "--measure", "won"])
    assert said.exit_code == 0, said.stderr
    [shown] = of_page("text")
    printed = {" ".join(line.split()) for line in said.stdout.splitlines()}
    for line in shown.splitlines():
        assert " ".join(line.split()) in printed, line

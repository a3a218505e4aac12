"""What the project file says about its report: title, logo, colour, sections, paper and numbers."""

from __future__ import annotations

import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from fakes import write_fit
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner, Result

from cli.app import app
from cli.report.config import SECTIONS, ReportSection
from cli.report.executive import MOST, _box
from cli.report.logo import MOST_BYTES
from cli.report.look import Look, contrast, readable
from cli.report.stored import stored
from outlay import style
from outlay.fiscal import Fiscal


def png(size: int = 2) -> bytes:
    """A red square as PNG (the specification's chunks: length, type, content, check)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\xc8\x10\x2e" * size for _ in range(size)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("look")
    write_fit(folder / "runs")
    return folder


def said(folder: Path, section: str, *, project: str = "") -> Result:
    (folder / "outlay.toml").write_text(f'[project]\nname = "x"\n{project}\n[report]\n{section}\n', encoding="utf-8")
    return CliRunner().invoke(app, ["report", "--project", str(folder / "outlay.toml")])


def page(folder: Path, section: str, *, project: str = "") -> str:
    made = said(folder, section, project=project)
    assert made.exit_code == 0, made.stderr
    return Path(made.stdout.strip()).read_text(encoding="utf-8").replace(get_plotlyjs(), "")


def test_words_logo_colour_and_paper(fitted: Path) -> None:
    (fitted / "logo.png").write_bytes(png())
    told = page(
        fitted,
        'title = "Review <Q3>"\nsubtitle = "For the board"\nlogo = "logo.png"\naccent = "#c8102e"\npaper = "Letter"',
    )
    assert "<h1>Review &lt;Q3&gt;</h1>" in told
    assert '<p class="subtitle">For the board</p>' in told
    assert '<img class="logo" src="data:image/png;base64,' in told
    assert "size: Letter" in told
    assert "--rule: #c8102e" in told


def test_words_of_the_project_file_end_no_element(fitted: Path) -> None:
    evil = "</style></title><img src=x onerror=alert(1)>"
    told = page(fitted, f'title = "{evil}"\nsubtitle = "{evil}"')
    assert "<img" not in told
    assert told.count("</style>") == 2  # the second is for readers without scripts


def test_a_fit_older_than_its_data_is_marked_on_the_page_and_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, fit = tmp_path / "weekly.csv", write_fit(tmp_path / "runs")
    monkeypatch.setattr("cli.report.stories._sections", lambda run: {"media": {"source": "weekly.csv"}})
    table.write_text("as it is now", encoding="utf-8")
    later = fit.created.timestamp() + 60
    os.utime(table, (later, later))
    made = CliRunner().invoke(app, ["report", "--project", str(tmp_path / "outlay.toml")])
    assert made.exit_code == 0, made.stderr
    assert "is stale. weekly.csv changed after it was made" in " ".join(made.stderr.split())
    assert '<p class="stale">weekly.csv changed after it was made' in Path(made.stdout.strip()).read_text("utf-8")


def test_sections_in_their_order_and_no_others(fitted: Path) -> None:
    told = page(fitted, 'sections = ["returns", "trust", "model"]')
    assert re.findall(r'<h2 id="(\w+)">', told) == ["returns", "trust", "model"]
    assert "What we learned" not in told
    assert re.findall(r'<a href="#(\w+)">', told) == ["returns", "trust", "model"]
    # a list that leaves them out cannot hide that a fit is not to be trusted: the banner is no section
    every = page(fitted, 'sections = ["findings", "summary"]')
    assert every.index('id="findings"') < every.index("What we learned")


@pytest.mark.parametrize("only", ["changes", "segments", "plan"])
def test_a_report_of_sections_with_nothing_to_tell_is_refused(fitted: Path, only: str) -> None:
    told = said(fitted, f'sections = ["{only}"]')
    assert told.exit_code == 2
    assert "X045" in told.stderr
    assert f"has something to tell: {only}" in " ".join(told.stderr.split())


def test_a_colour_for_dark_screens_alone_is_taken(fitted: Path) -> None:
    told = page(fitted, 'accent_dark = "#ffff00"')
    assert (
        "--rule: #ffff00" in told.partition("@media (prefers-color-scheme: dark) { :root { --accent: #ffff00")[2][:40]
    )
    assert ":root { --accent: #0072b2; --rule: #0072b2; }" in told


def test_an_unknown_section_is_refused_with_the_nearest(fitted: Path) -> None:
    made = said(fitted, 'sections = ["summary", "sumary2", "retuns"]')
    assert made.exit_code == 2
    assert 'did you mean "returns"?' in " ".join(made.stderr.split())
    made = said(fitted, 'sections = ["plan", "trust", "plan"]')
    assert made.exit_code == 2
    assert "plan stands in the list more than once" in " ".join(made.stderr.split())
    made = said(fitted, 'accent = "red"')
    assert made.exit_code == 2
    assert "#RRGGBB" in made.stderr


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {more}>{inside}</svg>'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.png", b"GIF89a" + bytes(20), "no PNG, JPEG or SVG"),
        ("a.svg", b"<html></html>", "no PNG, JPEG or SVG"),
        ("b.svg", SVG.format(more="", inside="<script>alert(1)</script>").encode(), "has <script>"),
        ("c.svg", SVG.format(more='onload="alert(1)"', inside="").encode(), "the handler onload"),
        ("d.svg", SVG.format(more="", inside='<image href="https://x.example/a.png"/>').encode(), "refers to https"),
        ("e.svg", SVG.format(more="", inside='<a xlink:href="java\nscript:x"/>').encode(), "refers to"),
        ("f.svg", SVG.format(more="", inside='<rect style="fill:url(http://x.example)"/>').encode(), "loads"),
        ("g.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "declares entities"),
        ("h.png", png() + bytes(MOST_BYTES), "it may have 512 kB"),
        ("i.svg", SVG.format(more="", inside="<style>@import 'https://x.example/a.css';</style>").encode(), "imports"),
    ],
)
def test_a_logo_that_is_no_picture_is_refused(fitted: Path, name: str, content: bytes, why: str) -> None:
    (fitted / name).write_bytes(content)
    made = said(fitted, f'logo = "{name}"')
    assert made.exit_code == 2
    assert "X041" in made.stderr
    assert why in " ".join(made.stderr.split())


def test_a_drawing_that_only_draws_is_taken_and_a_missing_file_is_said(fitted: Path) -> None:
    inside = '<defs><linearGradient id="g"/></defs><rect fill="url(#g)" width="9" height="9"/><use href="#g"/>'
    (fitted / "ok.svg").write_text(SVG.format(more='viewBox="0 0 9 9"', inside=inside), encoding="utf-8")
    assert 'src="data:image/svg+xml;base64,' in page(fitted, 'logo = "ok.svg"')
    made = said(fitted, 'logo = "none.png"')
    assert made.exit_code == 2
    assert "outlay.toml:5" in made.stderr  # the line of the key


def test_numbers_are_written_as_the_project_does(fitted: Path) -> None:
    own, german = page(fitted, ""), page(fitted, "", project='numbers = "1.234,56"')
    tiles = [re.findall(r"<dd>([^<]*)</dd>", each) for each in (own, german)]
    assert any("." in value for value in tiles[0])
    swapped = str.maketrans(".,", ",.")
    assert tiles[1] == [value.translate(swapped) for value in tiles[0]]
    assert '"separators":",."' in german  # Plotly's: decimal mark, then thousands


def test_sentences_that_runs_keep_change_their_marks_only_in_numbers() -> None:
    kept = "at most 729,790.27 USD, 0.01% of 12.1k from 2018-08-05, 2018-09-01; v0.1.0, a,b, 1,5 and 3.48, M013."
    assert stored(kept) == kept
    with style.numbers_as("1.234,56"):
        told = stored(kept)
    assert (
        told == "at most 729.790,27 USD, 0,01% of 12,1k from 2018-08-05, 2018-09-01; v0.1.0, a,b, 1,5 and 3,48, M013."
    )


def test_text_in_the_accent_can_be_read() -> None:
    # contrast of black on white is 21 by definition of WCAG 2, and of a colour with itself 1
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#c8102e", "#c8102e") == pytest.approx(1)
    assert readable("#0072b2", "#ffffff", towards="#000000") == "#0072b2"  # 5.2 against white: as it is
    for yellow in ("#ffcc00", "#ffffff"):
        assert contrast(readable(yellow, "#ffffff", towards="#000000"), "#ffffff") >= 4.5
    assert contrast(readable("#000033", "#14181d", towards="#ffffff"), "#14181d") >= 4.5


def test_a_sheet_holds_what_its_margins_leave() -> None:
    # A4: 210 x 297 mm less 2 x 14 and 13 + 16, at 96 px for 25.4 mm, and two to spare
    assert Look().page_px == (687 - 2, 1012)
    assert Look(ReportSection(paper="Letter")).page_px == (710 - 2, 946)


def test_a_window_in_the_company_s_calendar() -> None:
    # weeks begin on Mondays; the first day nearest to 1 February 2021 is that day, 1 February 2021, a Monday itself
    look = Look(fiscal=Fiscal(2, 1))
    assert look.fiscal_window("2021-02-01", "week", 13) == "FY21 W01 to FY21 W13"
    assert look.fiscal_window("2021-01-25", "week", 2) == "FY20 W52 to FY21 W01"
    assert look.fiscal_window("2021-02-01", "month", 1) == "FY21 M01"
    # December is the eleventh month from February on
    for day in ("2020-12-01", "2020-12-31"):
        assert look.fiscal_window(day, "month", 3) == "FY20 M11 to FY21 M01"
    assert Look().fiscal_window("2021-02-01", "week", 13) == ""


def test_every_section_has_a_template_or_a_story() -> None:
    from importlib.resources import files

    stories = {"segments", "conversion", "scores", "journeys", "scorecard"}
    for name in set(SECTIONS) - stories:
        assert files("cli.report").joinpath(f"section_{name}.html.j2").is_file(), name


def test_the_first_page_has_the_first_sentence_of_every_story_and_the_rest_goes_beside() -> None:
    of_fit = [f"fit {i}" for i in range(5)]
    box = _box("What to do", of_fit, {"a": ("a1", "a2", "a3"), "b": ("b1", "b2")})
    assert box.lines == (*of_fit, "a1", "a2", "b1")
    assert len(box.lines) == MOST
    assert box.beside == {"a": ("a3",), "b": ("b2",)}
    full = _box("What to do", [*of_fit] * 3, {"a": ("a1", "a2"), "b": ("b1",)})
    assert full.lines[-2:] == ("a1", "b1")

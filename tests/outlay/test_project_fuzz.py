"""Mutated project files: a refusal in words, never another exception."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pydantic import Field

from outlay.errors import OutlayError
from outlay.project import Section, load_project
from outlay.tables import CsvOptions

TEXT = """\
[project]
name = "shop"
currency = "EUR"
hdi = 0.9
seed = 7

[media]
source = "data/weekly.csv"
date = "week"
csv = {separator = ";", decimal = ",", encoding = "latin-1", date_format = "%d.%m.%Y"}
controls = ["price", "promo"]

[[media.channels]]
name = "tv"
spend = "tv_spend"

[[media.channels]]
name = "söcial"
bounds = [1, 2.5]
"""
PIECES = [
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    '"""',
    "=",
    "\n",
    "#",
    ".",
    ",",
    "nan",
    "9" * 5000,
    "\\",
    "\x00",
    "é",
    "[[",
    "1e999",
]
PIECES += [
    "true",
    "2025-13-01",
    "[project]",
    "[media.channels]",
    "\ufeff",
    "%",
    "utf-7",
    "{a={a={a=1}}}",
    "[[[[[[1]]]]]]",
]


class Channel(Section):
    name: str = Field(description="n")
    spend: str | None = Field(default=None, description="s")
    bounds: list[float] | float = Field(default=0.0, description="b")


class Media(Section):
    source: str = Field(description="s")
    date: str = Field(description="d")
    csv: CsvOptions = Field(default=CsvOptions(), description="c")
    controls: tuple[str, ...] = Field(default=(), description="c")
    channels: list[Channel] = Field(default=[], description="c")


def mutated(text: str, draw: random.Random) -> bytes:
    """One to four random edits: bytes, pieces of grammar, or whole lines."""
    lines = text.split("\n")
    for _ in range(draw.randint(1, 4)):
        kind = draw.randrange(4)
        row = draw.randrange(len(lines))
        at = draw.randint(0, len(lines[row]))
        if kind == 0:
            lines[row] = lines[row][:at] + draw.choice(PIECES) + lines[row][at:]
        elif kind == 1:
            lines[row] = lines[row][:at] + lines[row][at + draw.randint(1, 5) :]
        elif kind == 2:
            lines.insert(row, draw.choice(lines))
        else:
            lines[row] = draw.choice(lines)
    data = "\n".join(lines).encode()
    if draw.random() < 0.2:
        at = draw.randrange(len(data))
        data = data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
    return data


def refusal(path: Path) -> OutlayError | None:
    try:
        load_project(path, {"media": Media})
    except OutlayError as error:
        return error
    return None


def test_the_unmutated_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "outlay.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert load_project(path, {"media": Media}).sections["media"]


@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_are_refused_in_words(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    path = tmp_path / "outlay.toml"
    refused = 0
    for _ in range(125):  # 500 in all: the count that DESIGN's exam asks for
        path.write_bytes(mutated(TEXT, draw))
        error = refusal(path)
        if error is not None:
            refused += 1
            assert error.id
            assert error.repair
            assert error.exit_code == 2
    assert refused > 60  # most edits break something, else the test tests nothing

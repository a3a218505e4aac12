"""Exports: nothing that a spreadsheet would run, JSON that every parser takes, files that are whole or old."""

import csv
import datetime as dt
import enum
import io
import json
import math
import os
import re
import stat
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay.errors import RunError
from outlay.exports import atomic_write, csv_text, neutral, records, to_json, write_csv

# text that is likely to be dangerous: signs, blanks, quotes and separators in every order
DANGEROUS = st.text(alphabet="=+-@\t\r\n ;,|\"'aA1(\u00a0\ufeff\uff1d", max_size=8)
ANY_TEXT = st.one_of(DANGEROUS, st.text(max_size=12))
STARTS_A_FORMULA = re.compile(r"[\s\ufeff\u200b\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


@pytest.mark.parametrize(
    "text",
    ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1", "\n=1", "\ufeff=1", "\uff1d1", "a;=1", "a\t-1"],
)
def test_formula_gets_a_quote(text: str) -> None:
    assert "'" in neutral(text)
    assert not STARTS_A_FORMULA.match(neutral(text))
    assert neutral(text).replace("'", "") == text


@pytest.mark.parametrize("text", ["", "tv", "a=b", "e-mail", "1-2", "A, -B", "'=1", "Straße", "50 %", "\nx"])
def test_harmless_text_is_untouched(text: str) -> None:
    assert neutral(text) == text


@given(ANY_TEXT)
def test_neutralising_twice_changes_nothing_more(text: str) -> None:
    assert neutral(neutral(text)) == neutral(text)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4), ANY_TEXT)
def test_no_cell_and_no_column_name_starts_a_formula(cells: list[str], name: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(pd.DataFrame({name: cells, "n": 1})), newline="")))
    assert len(rows) == len(cells) + 1  # no text breaks out of its row
    for row, original in zip(rows, [name, *cells], strict=True):
        assert len(row) == 2  # nor out of its cell
        assert not STARTS_A_FORMULA.match(row[0])
        assert row[0][:1] not in ("\t", "\r")
        if not re.search(r"[=+\-@\uff1d\t\r]", original):
            assert row[0] == original


@given(st.lists(DANGEROUS, min_size=1, max_size=4), st.sampled_from([",", ";", "\t"]))
def test_a_spreadsheet_set_to_another_separator_finds_no_formula(cells: list[str], separator: str) -> None:
    text = csv_text(pd.DataFrame({"name": cells}), separator=separator)
    for other in {",", ";", "|", "\t"} - {separator}:
        for part in re.split(rf"[{other}\r\n]", text):
            assert not STARTS_A_FORMULA.match(part.replace('"', ""))


def test_numbers_dates_and_gaps_are_untouched() -> None:
    frame = pd.DataFrame(
        {
            "whole": [-3, 4],
            "real": [-0.1, np.nan],
            "mixed": [-2.5, Decimal("-1.5")],
            "when": pd.to_datetime(["2025-01-06", "2025-01-13"]),
            "yes": [True, False],
            "name": [None, "tv"],
            "kind": pd.Categorical(["=x", "y"]),
        }
    )
    assert csv_text(frame) == (
        "whole,real,mixed,when,yes,name,kind\n-3,-0.1,-2.5,2025-01-06,True,,'=x\n4,,-1.5,2025-01-13,False,tv,y\n"
    )
    assert frame["kind"].tolist() == ["=x", "y"]  # the caller's table is not changed


def test_other_objects_are_neutralised_by_what_they_show() -> None:
    assert csv_text(pd.DataFrame({"path": [Path("=cmd"), "x"]})).splitlines()[1] == "'=cmd"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_floats_come_back_to_the_last_bit(values: list[float]) -> None:
    back = [float(line) for line in csv_text(pd.DataFrame({"x": values})).splitlines()[1:]]
    assert back == values


def test_decimal_comma(tmp_path: Path) -> None:
    path = write_csv(pd.DataFrame({"a": [-1.5], "b": ["x,=1"]}), tmp_path / "t.csv", separator=";", decimal=",")
    assert path.read_text() == "a;b\n-1,5;x,'=1\n"


def test_lone_surrogate_does_not_stop_a_write(tmp_path: Path) -> None:
    # file names that are not valid UTF-8 reach Python as lone surrogates
    assert atomic_write(tmp_path / "t.txt", "x\udc80").read_bytes() == b"x\\udc80"


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: float
    names: tuple[str, ...]


def test_json_of_scientific_values() -> None:
    value = {
        "nan": math.nan,
        "inf": np.float64("-inf"),
        "small": np.float32(0.5),
        "count": np.int64(3),
        "yes": np.bool_(True),
        "array": np.array([[1.0, np.nan]]),
        "scalar": np.array(2.0),
        "days": np.array(["2025-01-06", "NaT"], "datetime64[ns]"),
        "stamp": pd.Timestamp("2025-01-06 12:00"),
        "day": pd.Timestamp("2025-01-06"),
        "date": dt.date(2025, 1, 6),
        "zoned": dt.datetime(2025, 1, 6, tzinfo=dt.UTC),
        "gone": [pd.NaT, pd.NA, None],
        "point": Point(math.inf, ("a", "ü")),
        "enum": Colour.RED,
        "path": Path("a"),
        "set": {"b", "a"},
        "money": Decimal("1.5"),
        3: "three",
    }
    assert json.loads(to_json(value)) == {
        "nan": None,
        "inf": None,
        "small": 0.5,
        "count": 3,
        "yes": True,
        "array": [[1.0, None]],
        "scalar": 2.0,
        "days": ["2025-01-06", None],
        "stamp": "2025-01-06T12:00:00",
        "day": "2025-01-06",
        "date": "2025-01-06",
        "zoned": "2025-01-06T00:00:00+00:00",
        "gone": [None, None, None],
        "point": {"x": None, "names": ["a", "ü"]},
        "enum": "red",
        "path": "a",
        "set": ["a", "b"],
        "money": 1.5,
        "3": "three",
    }


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=10,
)


@given(PLAIN)
def test_json_is_strict_and_keeps_what_is_finite(value: object) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = to_json(value)
    text.encode("ascii")  # so that no terminal or locale can refuse it

    def finite(item: object) -> object:
        if isinstance(item, float) and not math.isfinite(item):
            return None
        if isinstance(item, list):
            return [finite(part) for part in item]
        return {key: finite(part) for key, part in item.items()} if isinstance(item, dict) else item

    assert json.loads(text, parse_constant=refuse) == finite(value)


def test_records_are_rows() -> None:
    frame = pd.DataFrame({"channel": ["tv", None], "roi": [np.nan, 2.0], "n": [1, 2]}, index=[7, 9])
    expected = [{"channel": "tv", "roi": None, "n": 1}, {"channel": None, "roi": 2.0, "n": 2}]
    assert records(frame) == expected
    assert json.loads(to_json({"rows": frame})) == {"rows": expected}


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        to_json({"a": b"x"})
    with pytest.raises(ValueError, match="same text"):
        to_json({1: "a", "1": "b"})
    with pytest.raises(ValueError, match="same name"):
        records(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = atomic_write(tmp_path / "deep" / "er" / "a.txt", "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full") as caught:
        atomic_write(path, "new")
    assert caught.value.id == "R008"
    assert caught.value.repair
    assert path.read_text() == "old"
    assert os.listdir(path.parent) == ["a.txt"]


def test_rights_and_links_are_kept(tmp_path: Path) -> None:
    path = atomic_write(tmp_path / "a.txt", "old")
    path.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    atomic_write(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    # renaming a file over /dev/stdout or a named pipe would put a plain file in its place
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic_write(pipe, "through")
        assert os.read(reader, 100) == b"through"
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    finally:
        os.close(reader)


@pytest.mark.parametrize("place", ["folder", "file/below.txt", "n" * 300])
def test_impossible_places_are_refused_in_words(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="nothing was written"):
        atomic_write(tmp_path / place, "x")

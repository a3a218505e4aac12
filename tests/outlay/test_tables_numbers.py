"""Numbers from text: one notation, or a finding with the lines; never a guess that could be wrong."""

from __future__ import annotations

import math
import re
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlay import numbers
from outlay.catalogue import CATALOGUE
from outlay.errors import DataError
from outlay.tables import CsvOptions, Role, Table, read_table


def read(folder: Path, cells: list[str], separator: str = ";", **options: object) -> Table:
    rows = "".join(f'{line}{separator}"{cell}"\n' for line, cell in enumerate(cells))
    (folder / "w.csv").write_text(f"key{separator}x\n{rows}", encoding="utf-8")
    optional = ("x",) if options.pop("optional", False) else ()
    return read_table(
        "w.csv", {"x": Role.NUMBER}, base=folder, options=CsvOptions.model_validate(options), optional=optional
    )


def values(folder: Path, cells: list[str], separator: str = ";", **options: object) -> list[float]:
    return read(folder, cells, separator, **options).frame["x"].tolist()


def faults(folder: Path, cells: list[str], separator: str = ";", **options: object) -> dict[str, str]:
    with pytest.raises(DataError) as caught:
        read(folder, cells, separator, **options)
    found = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert all(finding.id in CATALOGUE for finding in found)
    return {finding.id: finding.where.removeprefix("w.csv, column x, ") for finding in found}


@pytest.mark.parametrize(
    "cells, expected",
    [
        (["1", "-2.5", "+3.", ".5"], [1, -2.5, 3, 0.5]),
        (["1e3", "2.5E-2", "1e+2"], [1000, 0.025, 100]),
        ([" 12 ", "\t7"], [12, 7]),
        (["007", "0.125"], [7, 0.125]),
        (["12345678901234567890"], [12345678901234567890.0]),
        (["0.1", "1e-400"], [0.1, 0.0]),  # smaller than any double is 0
    ],
)
def test_plain_numbers(tmp_path: Path, cells: list[str], expected: list[float]) -> None:
    assert values(tmp_path, cells, ",") == expected


@pytest.mark.parametrize(
    "text, id",
    [
        ("N/A", "D021"),
        ("-", "D021"),
        ("null", "D021"),
        ("TRUE", "D021"),
        ("1_000", "D021"),
        ("0x10", "D021"),
        ("--5", "D021"),
        ("(500)", "D021"),
        ("٣", "D021"),  # an Arabic digit: int() in Python takes it
        ("1.234.567", "D022"),
        ("1,234,567", "D022"),
        ("1,234.50", "D022"),
        ("1'234", "D022"),
        ("1 234", "D022"),
        ("1\u00a0234", "D022"),
        ("1,5", "D024"),
        ("inf", "D025"),
        ("-Infinity", "D025"),
        ("NaN", "D025"),
        ("1e400", "D025"),
        ("#DIV/0!", "D021"),
        ("$5", "D026"),
        ("5 €", "D026"),
        ("12%", "D026"),
        ("USD 5", "D026"),
        ("", "D020"),
        ("  ", "D020"),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(tmp_path: Path, text: str, id: str) -> None:
    assert faults(tmp_path, ["1.25", text, "2"], ",") == {id: "line 3"}


def test_the_text_is_shown(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape('2 cells with text in place of a number: "N/A", "n.d."')):
        read(tmp_path, ["N/A", "1.5", "n.d."])


def test_all_kinds_of_faults_are_told_together(tmp_path: Path) -> None:
    found = faults(tmp_path, ["1.5", "N/A", "", "$5", "inf", "N/A"])
    assert found == {"D021": "lines 3, 7", "D020": "line 4", "D026": "line 5", "D025": "line 6"}


def test_many_faults_are_counted(tmp_path: Path) -> None:
    assert faults(tmp_path, ["x"] * 45) == {"D021": "lines 2, 3, 4, 5, 6 and 40 more"}


def test_optional_columns_may_have_empty_cells_and_no_text(tmp_path: Path) -> None:
    found = values(tmp_path, ["1", "", "3"], optional=True)
    assert found[0] == 1
    assert math.isnan(found[1])
    assert faults(tmp_path, ["1", "", "N/A"], optional=True) == {"D021": "line 4"}


def test_decimal_commas_are_read_where_certain_and_noted(tmp_path: Path) -> None:
    table = read(tmp_path, ["1,5", "1,234", "-0,5e3", "7"])
    assert table.frame["x"].tolist() == [1.5, 1.234, -500, 7]
    assert "decimal commas" in table.findings[0].what
    # 0,125 cannot be thousands: no group of thousands starts with 0
    assert values(tmp_path, ["0,125", "7"]) == [0.125, 7]


@pytest.mark.parametrize(
    "cells, separator",
    [
        (["1,234", "2,345"], ";"),
        (["1,234", "2"], ","),  # quoted cells of a comma-separated file
        (["1.234", "2.345"], ";"),  # German thousands look like decimals
        (["1.234", "12.500", "987"], ","),  # no writer of decimals gives both 12.500 and 987
        (["1,234", "1.234"], ";"),
    ],
)
def test_thousands_or_decimals_is_asked_and_never_guessed(tmp_path: Path, cells: list[str], separator: str) -> None:
    assert set(faults(tmp_path, cells, separator)) == {"D023"}


@pytest.mark.parametrize(
    "cells, separator, decimal, expected",
    [
        (["1,234"], ";", ",", [1.234]),
        (["1.234"], ";", ".", [1.234]),
        (["12.500", "987"], ",", ".", [12.5, 987]),
    ],
)
def test_a_stated_mark_is_an_answer(
    tmp_path: Path, cells: list[str], separator: str, decimal: str, expected: list[float]
) -> None:
    assert values(tmp_path, cells, separator, decimal=decimal) == expected


def test_a_stated_mark_does_not_excuse_the_other(tmp_path: Path) -> None:
    assert faults(tmp_path, ["1.234", "1,5"], decimal=",") == {"D022": "line 2"}
    assert faults(tmp_path, ["1,25"], decimal=".") == {"D024": "line 2"}


def test_points_in_a_comma_separated_file_are_decimals(tmp_path: Path) -> None:
    assert values(tmp_path, ["2.899", "3.015", "2.7"], ",") == [2.899, 3.015, 2.7]
    assert values(tmp_path, ["2.899", "3.015"], ",") == [2.899, 3.015]  # always three decimals
    assert values(tmp_path, ["2.890", "3.015"], ",") == [2.89, 3.015]


def test_mixed_marks_are_refused_by_the_rarer(tmp_path: Path) -> None:
    assert faults(tmp_path, ["1,5", "2.75", "3,5"]) == {"D024": "line 3"}
    assert faults(tmp_path, ["2.75", "1,5", "3,5"]) == {"D024": "line 2"}
    # below the rows that the reader looks at first, where both are counted by the engine
    assert faults(tmp_path, [*["5"] * 1500, "2.75", "1,5", "3,5"]) == {"D024": "line 1502"}


def test_the_columns_of_a_table_share_one_mark(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("a;b\n1,234;0,5\n")
    frame = read_table("w.csv", {"a": Role.NUMBER, "b": Role.NUMBER}, base=tmp_path).frame
    assert frame.iloc[0].tolist() == [1.234, 0.5]


def test_evidence_below_the_first_rows_counts(tmp_path: Path) -> None:
    # The reader looks at 1,000 rows first; whole numbers tell nothing, so it goes on to the rest.
    cells = ["5"] * 1500
    assert values(tmp_path, [*cells, "1,25"])[-1] == 1.25
    assert faults(tmp_path, [*cells, "1,234"]) == {"D023": "line 1502"}
    assert faults(tmp_path, ["0.5", *cells, "1,234"]) == {"D022": "line 1503"}


GRAMMAR = re.compile(r"[ \t]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?[ \t]*", re.ASCII)
BACKEND = ibis.duckdb.connect()


@given(st.lists(st.text(st.sampled_from("0123456789.,eE+-_ xinfa"), max_size=8), min_size=1, max_size=20))
@settings(max_examples=40)
def test_the_engine_reads_exactly_the_grammar(texts: list[str]) -> None:
    """Each text is the double that Python reads, or it comes back as no number."""
    column = ibis.memtable(pa.table({"x": texts})).x
    number, bad = numbers.cast(column, ".")
    read = BACKEND.to_pyarrow(column.as_table().select(number=number, bad=bad)).to_pylist()
    for text, row in zip(texts, read, strict=True):
        known = float(text) if GRAMMAR.fullmatch(text) else None
        if known is not None and math.isinf(known):
            known = None
        assert row["number"] == known, text
        assert row["bad"] == (text if known is None and text.strip() else None)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
@settings(max_examples=40)
def test_written_numbers_come_back_to_the_last_bit(written: list[float]) -> None:
    column = ibis.memtable(pa.table({"x": [repr(value) for value in written]})).x
    number, _ = numbers.cast(column, ".")
    read = BACKEND.to_pyarrow(column.as_table().select(number=number))["number"].to_numpy()
    assert np.array_equal(read, np.array(written))

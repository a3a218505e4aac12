"""CSV files: encodings, separators and shapes are detected where certain and refused with a line otherwise."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay.catalogue import CATALOGUE
from outlay.csv_layout import layout
from outlay.csv_text import csv_text
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.tables import CsvOptions, Role, Table, read_table, table_columns

ROLES = {"week": Role.DATE, "tv": Role.NUMBER, "geo": Role.TEXT}
PLAIN = "week,tv,geo\n2025-01-06,1.5,Köln\n2025-01-13,2,Bonn\n"


def read(folder: Path, data: str | bytes, **options: str) -> Table:
    (folder / "w.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_table("w.csv", ROLES, base=folder, options=CsvOptions.model_validate(options))


def refused(folder: Path, data: str | bytes, **options: str) -> Finding:
    with pytest.raises(DataError) as caught:
        read(folder, data, **options)
    first = caught.value.findings[0]
    assert first.id in CATALOGUE
    assert first.severity == "error"
    return first


def assert_is_plain(table: Table) -> None:
    assert table.frame["tv"].tolist() == [1.5, 2.0]
    assert table.frame["geo"].tolist() == ["Köln", "Bonn"]
    assert table.frame["week"].to_numpy().tolist() == np.array(["2025-01-06", "2025-01-13"], "M8[ns]").tolist()
    assert list(table.frame) == list(ROLES)


def test_plain_csv_needs_no_word(tmp_path: Path) -> None:
    table = read(tmp_path, PLAIN)
    assert_is_plain(table)
    assert table.findings == ()
    assert table.rows.tolist() == [2, 3]
    assert table.word == "line"
    assert table.fingerprint == hashlib.sha256(PLAIN.encode()).hexdigest()
    assert [str(kind) for kind in table.frame.dtypes] == ["datetime64[ns]", "float64", "str"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    assert_is_plain(read(tmp_path, PLAIN.encode(encoding)))


def test_big_endian_utf16_is_read_by_its_mark(tmp_path: Path) -> None:
    table = read(tmp_path, b"\xfe\xff" + PLAIN.encode("utf-16-be"))
    assert_is_plain(table)
    assert "UTF-16-BE" in table.findings[0].what


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac-roman", "utf-16-le"])
def test_other_encodings_are_read_when_stated_and_refused_otherwise(tmp_path: Path, encoding: str) -> None:
    data = PLAIN.encode(encoding)
    assert_is_plain(read(tmp_path, data, encoding=encoding))
    assert refused(tmp_path, data).id == ("D010" if encoding == "utf-16-le" else "D001")


def test_the_wrong_byte_is_named_with_its_line(tmp_path: Path) -> None:
    finding = refused(tmp_path, PLAIN.encode("latin-1"))
    assert finding.where == "w.csv, line 2"
    assert "0xf6" in finding.what  # ö in latin-1


def test_a_stated_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, PLAIN, encoding="ascii").id == "D001"
    assert refused(tmp_path, PLAIN.encode("utf-16"), encoding="latin-1").id == "D001"


def test_a_truncated_utf16_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, PLAIN.encode("utf-16")[:-1]).id == "D001"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_are_detected_and_noted(tmp_path: Path, separator: str) -> None:
    data = PLAIN.replace(",", separator)
    table = read(tmp_path, data)
    assert_is_plain(table)
    assert [finding.id for finding in table.findings] == ["D050"]
    assert read(tmp_path, data, separator=separator).findings == ()  # stated: nothing to tell


def test_the_rows_decide_between_two_separators(tmp_path: Path) -> None:
    table = read(tmp_path, "week;tv;geo;note, long\n2025-01-06;1;a;x\n2025-01-13;2;b;y, z\n")
    assert table.frame["tv"].tolist() == [1, 2]


def test_two_possible_separators_are_refused(tmp_path: Path) -> None:
    # "tv,geo" by semicolons, or "week;tv" by commas: every row has two values either way
    data = "week;tv,geo\n2025-01-06;1,2\n"
    assert refused(tmp_path, data).id == "D002"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_line_ends_are_fine(tmp_path: Path, newline: str) -> None:
    assert_is_plain(read(tmp_path, PLAIN.replace("\n", newline)))


@pytest.mark.parametrize(
    "data, id",
    [
        ("", "D003"),
        (" \n\n", "D003"),
        ("week,tv,geo\n", "D004"),
        ("week,tv,geo", "D004"),
        ("week,tv,geo,tv\n2025-01-06,1,a,2\n", "D005"),
        ("week,TV,geo\n2025-01-06,1,a\n", "D006"),
        ("week,tv,geo\n2025-01-06,1\n", "D007"),
        ('week,tv,geo\n2025-01-06,1,5" screen\n', "D008"),
        ('week,tv,geo\n2025-01-06,1,"a\n', "D008"),
        ('week,tv,geo\n2025-01-06,1,"a"b\n', "D008"),
        (b"PK\x03\x04rest", "D010"),
        (b"\x1f\x8brest", "D010"),
        ("week,tv,geo\n2025-01-06,1,a\x00\n", "D010"),
    ],
)
def test_unsound_files_are_refused(tmp_path: Path, data: str | bytes, id: str) -> None:
    assert refused(tmp_path, data).id == id


def test_duplicate_names_that_nothing_uses_are_fine(tmp_path: Path) -> None:
    assert_is_plain(read(tmp_path, "week,tv,geo,,\n2025-01-06,1.5,Köln,x,y\n2025-01-13,2,Bonn,,\n"))


def test_missing_columns_are_all_told_with_near_names(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("Week,tv_spend\n2025-01-06,1\n")
    with pytest.raises(DataError) as caught:
        read_table("w.csv", {"week": Role.DATE, "tv_spnd": Role.NUMBER}, base=tmp_path)
    repairs = [finding.repair for finding in caught.value.findings]
    assert ["Did you mean" in repair for repair in repairs] == [True, True]
    assert '"Week"' in repairs[0]
    assert '"tv_spend"' in repairs[1]
    assert "Week, tv_spend" in repairs[0]


def test_ragged_rows_are_counted_and_the_first_named(tmp_path: Path) -> None:
    rows = "".join("2025-01-06,1\n" for _ in range(8))
    finding = refused(tmp_path, f"{PLAIN}\n{rows}")
    assert finding.where == "w.csv, lines 5, 6, 7, 8, 9 and 3 more"  # line 4 is blank
    assert "8 rows with 2 values" in finding.what


def test_quoted_newlines_separators_and_quotes_are_fine(tmp_path: Path) -> None:
    data = 'week,tv,geo\n"2025-01-06","1.5","a\nb, ""c"""\n\n2025-01-13,x,d\n'
    finding = refused(tmp_path, data)
    assert (finding.id, finding.where) == ("D021", "w.csv, column tv, line 5")  # lines 2 and 3 are one row
    table = read(tmp_path, data.replace("x", "2"))
    assert table.frame["geo"].tolist() == ['a\nb, "c"', "d"]
    assert table.rows.tolist() == [2, 5]


def test_column_names_may_be_anything(tmp_path: Path) -> None:
    name = 'sp"end; DROP TABLE x --'
    (tmp_path / "w.csv").write_text('"sp""end; DROP TABLE x --"\n1\n')
    assert read_table("w.csv", {name: Role.NUMBER}, base=tmp_path).frame[name].tolist() == [1.0]


def test_names_of_files_may_be_anything(tmp_path: Path) -> None:
    name = "wöche [1] *?.CSV"
    (tmp_path / name).write_text(PLAIN, encoding="utf-8")
    assert_is_plain(read_table(name, ROLES, base=tmp_path))


def test_the_order_of_rows_and_of_columns_asked_for_is_kept(tmp_path: Path) -> None:
    size = 5000
    order = np.random.default_rng(1).permutation(size)
    (tmp_path / "w.csv").write_text("a,b\n" + "".join(f"{value},{value}.5\n" for value in order))
    frame = read_table("w.csv", {"b": Role.NUMBER, "a": Role.TEXT}, base=tmp_path).frame
    assert list(frame) == ["b", "a"]
    assert (frame["b"].to_numpy() == order + 0.5).all()
    assert frame["a"].tolist() == [str(value) for value in order]


def test_columns_for_a_first_project_file(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("week;tv;geo;empty\n01.02.2025;1,5;a;\n13.02.2025;;b;\n")
    kinds = table_columns("w.csv", base=tmp_path)
    assert kinds == [("week", "date"), ("tv", "number"), ("geo", "text"), ("empty", "text")]


CELLS = st.text(st.sampled_from('ab ,;"\n1'), max_size=6)


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=6)
    )
)
def test_any_written_csv_is_read_back(rows: list[list[str]]) -> None:
    """What Python's csv module writes has its rows, widths and lines found, and its cells read back."""
    header = [f"n{position}" for position in range(len(rows[0]))]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    starts = []
    for row in [header, *rows]:
        starts.append(stream.getvalue().count("\n") + 1)
        writer.writerow(row)
    text = csv_text(stream.getvalue().encode(), "w.csv", separator=",")
    assert text.lines.tolist() == starts[1:]
    read = text.columns(range(len(header)))
    assert [list(row.values()) for row in read.to_pylist()] == rows


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_the_layout_does_not_depend_on_the_size_of_its_pieces(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    data = b'a,"b\n,""",c\n\n1,2,3\n"x"\n4'
    whole = layout(data, ",")
    monkeypatch.setattr("outlay.csv_layout._CHUNK", chunk)
    pieces = layout(data, ",")
    assert pieces.lines.tolist() == whole.lines.tolist() == [1, 4, 5, 6]
    assert pieces.widths.tolist() == whole.widths.tolist() == [3, 3, 1, 1]


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "base64"},
        {"encoding": "utf-7"},
        {"encoding": "nonsense"},
        {"encoding": "a\x00b"},
        {"separator": "::"},
        {"decimal": "'"},
        {"date_format": "%Y"},
        {"date_format": "%d/%m"},
        {"date_format": "%Y%Y"},
        {"date_format": "week"},
        {"speed": "1"},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        CsvOptions.model_validate(options)

"""Dates from text: ISO always, others only where all agree on one notation; never NaT for a date, never a swap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay.catalogue import CATALOGUE
from outlay.dates import dates_from_text, is_date_format
from outlay.errors import DataError
from outlay.tables import CsvOptions, Role, Table, read_table


def read(folder: Path, cells: list[str], date_format: str | None = None, optional: tuple[str, ...] = ()) -> Table:
    (folder / "w.csv").write_text("day,x\n" + "".join(f'"{cell}",1\n' for cell in cells), encoding="utf-8")
    options = CsvOptions(date_format=date_format)
    return read_table("w.csv", {"day": Role.DATE}, base=folder, options=options, optional=optional)


def days(folder: Path, cells: list[str], date_format: str | None = None) -> list[str]:
    return read(folder, cells, date_format).frame["day"].dt.strftime("%Y-%m-%d").tolist()


def faults(folder: Path, cells: list[str], date_format: str | None = None) -> dict[str, str]:
    with pytest.raises(DataError) as caught:
        read(folder, cells, date_format)
    found = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert all(finding.id in CATALOGUE for finding in found)
    return {finding.id: finding.where.removeprefix("w.csv, column day, ") for finding in found}


@pytest.mark.parametrize(
    "cells",
    [
        ["2025-01-06", "2025-01-13"],
        [" 2025-01-06", "2025-01-13 "],
        ["2025-01-06 00:00:00", "2025-01-13T00:00"],
        ["2025-01-06T00:00:00.000Z", "2025-01-13T00:00:00+02:00"],
        ["2025/01/06", "2025/01/13"],
        ["20250106", "20250113"],
        ["06.01.2025", "13.01.2025"],
        ["6/1/2025", "13/1/2025"],
        ["1/6/2025", "1/13/2025"],
        ["01/06/2025 12:00:00 AM", "01/13/2025 12:00:00 AM"],
        ["06-Jan-2025", "13-Jan-2025"],
        ["Jan 6, 2025", "Jan 13, 2025"],
        ["6 January 2025", "13 January 2025"],
    ],
)
def test_one_notation_for_all_is_read(tmp_path: Path, cells: list[str]) -> None:
    assert days(tmp_path, cells) == ["2025-01-06", "2025-01-13"]


def test_other_notations_are_noted(tmp_path: Path) -> None:
    assert "dates %d.%m.%Y" in read(tmp_path, ["13.01.2025"]).findings[0].what
    assert read(tmp_path, ["13.01.2025"], "%d.%m.%Y").findings == ()
    assert read(tmp_path, ["2025-01-06 00:00"]).findings == ()


def test_months_are_their_first_day(tmp_path: Path) -> None:
    assert days(tmp_path, ["2025-01", "2025-02"]) == ["2025-01-01", "2025-02-01"]
    assert days(tmp_path, ["Jan 2025", "Feb 2025"]) == ["2025-01-01", "2025-02-01"]
    assert days(tmp_path, ["May 2025"]) == ["2025-05-01"]  # May is its own short form: two notations, one reading


def test_day_or_month_first_is_asked(tmp_path: Path) -> None:
    cells = ["03/04/2025", "10/04/2025"]
    assert faults(tmp_path, cells) == {"D032": "lines 2, 3"}
    assert days(tmp_path, cells, "%d/%m/%Y") == ["2025-04-03", "2025-04-10"]
    assert days(tmp_path, cells, "%m/%d/%Y") == ["2025-03-04", "2025-10-04"]


def test_two_digit_years_are_asked_where_they_can_be_days(tmp_path: Path) -> None:
    assert faults(tmp_path, ["06/01/25", "13/01/25"]) == {"D032": "lines 2, 3"}
    assert days(tmp_path, ["06/01/99", "13/01/99"]) == ["1999-01-06", "1999-01-13"]  # 99 can only be a year


@pytest.mark.parametrize(
    "cells, expected",
    [
        (["2025-01-06", "13/01/2025", "2025-01-20"], {"D033": "line 3"}),
        (["06.01.2025", "13.01.2025", "01/20/2025"], {"D033": "line 4"}),
        (["2025-01-06", "soon"], {"D031": "line 3"}),
        (["2025-01-06", "2025-02-30"], {"D031": "line 3"}),
        (["2025-01-06", "2025-1-13"], {"D031": "line 3"}),
        (["soon", "later"], {"D031": "lines 2, 3"}),
        (["2025-01-06", "13/01/2025", "total"], {"D031": "line 4", "D033": "line 3"}),
        (["45292", "45299"], {"D035": "lines 2, 3"}),
        (["45292.0"], {"D035": "line 2"}),
        (["2025-01-06 10:30", "2025-01-13"], {"D034": "line 2"}),
        (["01/06/2025 12:00 PM"], {"D034": "line 2"}),
        (["2025-01-06", ""], {"D030": "line 3"}),
        (["2025-01-06", "  "], {"D030": "line 3"}),
        (["", ""], {"D030": "lines 2, 3"}),
        (["2025-01-06", "0001-01-01"], {"D037": "line 3"}),
        (["2025-01-06", "9999-12-31"], {"D037": "line 3"}),
        (["1736121600"], {"D031": "line 2"}),  # seconds since 1970
    ],
)
def test_what_is_no_date_is_refused_with_its_line(tmp_path: Path, cells: list[str], expected: dict[str, str]) -> None:
    assert faults(tmp_path, cells) == expected


def test_the_stated_notation_is_taken_at_its_word(tmp_path: Path) -> None:
    assert faults(tmp_path, ["13/01/2025", "2025-01-06"], "%d/%m/%Y") == {"D036": "line 3"}


def test_optional_dates_may_be_empty(tmp_path: Path) -> None:
    assert read(tmp_path, ["2025-01-06", ""], optional=("day",)).frame["day"].isna().tolist() == [False, True]


@given(
    st.lists(st.dates(pd.Timestamp(1900, 1, 1).date(), pd.Timestamp(2199, 12, 31).date()), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y", "%B %d, %Y", "%d/%m/%y"]),
)
def test_a_written_date_is_read_right_or_refused(written: list[object], notation: str) -> None:
    """Whatever one notation writes is read back, or refused as ambiguous; it is never another day."""
    cells = pd.Series([pd.Timestamp(str(day)).strftime(notation) for day in written], dtype="str")
    found = dates_from_text(cells, None)
    expected = pd.to_datetime(pd.Series(cells), format=notation).to_numpy().astype("M8[ns]")
    if any(flags.any() for flags in found.faults.values()):
        assert found.faults["D032"].all()
    else:
        assert np.array_equal(found.days, expected)


def test_every_row_has_a_day_or_a_fault(tmp_path: Path) -> None:
    cells = ["2025-01-06", "", "x", "13/01/2025", "2025-02-30", "45292", "2025-01-06"]
    found = dates_from_text(pd.Series(cells, dtype="str"), None)
    faulty = np.logical_or.reduce(list(found.faults.values()))
    assert (faulty | ~np.isnat(found.days)).all()
    assert faulty.tolist() == [False, True, True, True, True, True, False]


@pytest.mark.parametrize(
    "notation, known",
    [("%Y-%m-%d", True), ("%b %Y", True), ("%d.%m.%y", True), ("%H:%M", False), ("%Q", False), ("", False)],
)
def test_notations_that_name_a_day(notation: str, known: bool) -> None:
    assert is_date_format(notation) is known

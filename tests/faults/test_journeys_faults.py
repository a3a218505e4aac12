"""One test for each fault that a table of touches can bring: its id, its rows, and nothing silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attribution.catalogue import CATALOGUE
from attribution.journeys_counts import count_journeys
from attribution.journeys_history import engagement
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.project import ProjectSection
from tests.attribution.touches import NOW, random_touches, section

ABOUT = ProjectSection(name="test")
Change = Callable[[pd.DataFrame], pd.DataFrame]


def put(row: int, column: str, value: object) -> Change:
    """A change of one cell."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.astype({column: object})
        frame.loc[row, column] = value
        return frame

    return change


def every(column: str, value: object) -> Change:
    return lambda frame: frame.assign(**{column: value})


def found(folder: Path, change: Change, **more: Any) -> list[Finding]:
    """What reading a CSV file of random touches tells after a change."""
    frame = random_touches(1, 300)
    frame.loc[0, ["conversion", "value"]] = [0, 0.0]
    frame.loc[1, ["conversion", "value"]] = [1, 5.0]
    change(frame).to_csv(folder / "touches.csv", index=False)
    try:
        return list(count_journeys(section(value="value", **more), ABOUT, folder, NOW).findings)
    except DataError as problem:
        return list(problem.findings)


ERRORS = [
    ("J001", put(0, "user", ""), "line 2"),
    ("J002", put(0, "time", ""), "line 2"),
    ("J003", put(0, "time", "31/13/2025"), "line 2"),
    ("J004", put(0, "conversion", 2), "line 2"),
    ("J004", put(0, "conversion", ""), "line 2"),
    ("J005", put(1, "value", -1), "line 3"),
    ("J007", put(1, "value", ""), "line 3"),
    ("J008", put(0, "time", "2026-02-01"), "line 2"),
    ("J009", put(0, "time", "1970-01-01"), "line 2"),
    ("J010", every("conversion", 0), ""),
    ("J013", lambda frame: frame.assign(channel=[f"c{i}" for i in range(len(frame))]), ""),
]


@pytest.mark.parametrize(("id", "change", "rows"), ERRORS)
def test_an_error_is_told_once_with_its_line(id: str, change: Change, rows: str, tmp_path: Path) -> None:
    told = [finding for finding in found(tmp_path, change) if finding.severity == "error"]
    assert [finding.id for finding in told] == [id]
    assert rows in told[0].where
    assert told[0].repair


WARNINGS: list[tuple[str, Change, dict[str, Any]]] = [
    ("J006", put(0, "value", 3.0), {}),
    ("J011", every("conversion", 1), {}),
    ("J012", put(0, "channel", ""), {}),
    ("J014", put(0, "channel", " c1"), {}),
    ("J015", lambda frame: put(0, "segment", "")(frame.assign(segment="a")), {"segment": "segment"}),
    ("J020", every("time", "2025-03-01"), {}),
    ("J021", lambda frame: pd.concat([frame, frame[1:2]]), {}),
    ("J022", lambda frame: frame.assign(segment=["a", "b"] * 150), {"segment": "segment"}),
    ("J023", lambda frame: frame.assign(user=range(len(frame))), {}),
    ("J030", lambda frame: frame, {"channel_map": {"nowhere": "tv"}}),
    ("J031", lambda frame: frame, {"direct": "nowhere"}),
    ("J032", every("channel", "one"), {}),
    ("J040", lambda frame: frame, {"lookback_days": 3.0}),
    ("J041", lambda frame: frame, {"session_minutes": 5000.0}),
    ("J042", lambda frame: frame, {"direct": "c1", "direct_rule": "ignore_if_other"}),
    ("J043", lambda frame: frame, {}),
    ("J056", lambda frame: frame, {}),
]


@pytest.mark.parametrize(("id", "change", "more"), WARNINGS, ids=[name for name, _, _ in WARNINGS])
def test_what_suffers_is_told(id: str, change: Change, more: dict[str, Any], tmp_path: Path) -> None:
    told = found(tmp_path, change, **more)
    assert id in {finding.id for finding in told}
    assert not [finding for finding in told if finding.severity == "error"]


def test_all_errors_of_a_table_are_told_together(tmp_path: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return put(4, "value", -2)(put(3, "conversion", 7)(put(2, "user", None)(frame)))

    assert {finding.id for finding in found(tmp_path, change)} >= {"J001", "J004", "J005"}


def test_rows_of_parquet_are_named_too(tmp_path: Path) -> None:
    frame = random_touches(1, 50).astype({"user": object})
    frame.loc[[4, 9], "user"] = None
    frame.to_parquet(tmp_path / "touches.parquet")
    with pytest.raises(DataError) as refused:
        count_journeys(section(source="touches.parquet"), ABOUT, tmp_path, NOW)
    assert refused.value.findings[0].where.endswith("rows 5, 10")


def test_every_finding_has_an_entry_that_helps() -> None:
    entries = {id: entry for id, entry in CATALOGUE.items() if id.startswith("J")}
    assert len(entries) > 25
    for entry in entries.values():
        assert len(entry.meaning) > 60
        assert len(entry.repair) > 20


def test_the_history_of_some_users_is_all_that_they_touched(tmp_path: Path) -> None:
    frame = random_touches(1, 200)
    frame.to_csv(tmp_path / "touches.csv", index=False)
    told = engagement(section(), ABOUT, tmp_path, ["u3", "u5", "nobody"])
    expected = frame[frame["user"].isin(["u3", "u5"])].sort_values(["user", "time"])
    assert told["time"].tolist() == expected["time"].tolist()
    assert told["channel"].tolist() == expected["channel"].tolist()
    assert told["converted"].tolist() == (expected["conversion"] == 1).tolist()
    assert engagement(section(), ABOUT, tmp_path, []).empty


def test_a_moment_that_has_not_been_is_judged_by_the_clock(tmp_path: Path) -> None:
    frame = random_touches(1, 50)
    frame.loc[0, "time"] = datetime.now() + timedelta(days=30)
    frame.to_csv(tmp_path / "touches.csv", index=False)
    with pytest.raises(DataError, match="J008"):
        count_journeys(section(), ABOUT, tmp_path)

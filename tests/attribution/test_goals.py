"""Goals: what the table says of months, years and parts, and every fault of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from attribution.goals_given import Given, Target
from attribution.scorecard_days import LeadDays
from outlay.errors import DataError
from tests.attribution.carded import counted, goals, leads

HEAD = "month,measure,goal,segment,region\n"
JAN, FEB = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> LeadDays:
    return counted(tmp_path_factory.mktemp("leads"), leads(200))


def year_of_goals(goal: float = 10.0, segment: str = "", region: str = "", months: int = 12) -> str:
    return "".join(f"2025-{m:02d}-01,sqo,{goal},{segment},{region}\n" for m in range(1, months + 1))


def refused(tmp_path: Path, days: LeadDays, text: str, **changes: str) -> dict[str, str]:
    with pytest.raises(DataError) as problem:
        goals(tmp_path, text, days, **changes)
    return {f.id: f"{f.where} | {f.what} | {f.repair}" for f in problem.value.findings if f.severity == "error"}


def test_a_whole_is_the_sum_of_its_parts(tmp_path: Path, days: LeadDays) -> None:
    text = HEAD + "2025-01-15,sqo,3,large,east\n2025-01-01,sqo,4,large,west\n2025-01-31,sqo,5,small,east\n"
    found = goals(tmp_path, text, days)
    assert found.month(JAN, "sqo") == 12  # 3 + 4 + 5, on whatever day of the month they stand
    assert found.month(JAN, "sqo", "large") == 7
    assert found.month(JAN, "sqo", region="east") == 8
    assert found.month(JAN, "sqo", "small", "west") is None
    assert found.month(FEB, "sqo") is None


def test_a_whole_with_a_goal_of_its_own_keeps_it(tmp_path: Path, days: LeadDays) -> None:
    found = goals(tmp_path, HEAD + "2025-01-01,sqo,20,,\n2025-01-01,sqo,7,large,\n2025-01-01,sqo,9,small,\n", days)
    assert found.month(JAN, "sqo") == 20
    [told] = [f for f in found.findings if f.id == "G008"]
    assert "the whole is 20 and its parts make 16" in told.what


def test_parts_are_not_counted_twice() -> None:
    # by segment and by region at once: the segments alone make the whole
    mixed = Given(
        {
            Target("month", JAN, "sqo", "large", ""): 7.0,
            Target("month", JAN, "sqo", "small", ""): 5.0,
            Target("month", JAN, "sqo", "", "east"): 6.0,
            Target("month", JAN, "sqo", "", "west"): 6.0,
        }
    )
    assert mixed.of(Target("month", JAN, "sqo")) == 12.0


def test_a_year_is_twelve_months(tmp_path: Path, days: LeadDays) -> None:
    found = goals(tmp_path, HEAD + year_of_goals(10), days)
    assert found.year(JAN, "sqo") == 120
    assert found.to_date(JAN, pd.Timestamp("2025-04-01"), "sqo") == 30
    assert not [f for f in found.findings if f.id == "G007"]


def test_a_year_may_begin_in_july(tmp_path: Path, days: LeadDays) -> None:
    text = HEAD + "".join(f"{m:%Y-%m-%d},sqo,1,,\n" for m in pd.date_range("2024-07-01", periods=12, freq="MS"))
    found = goals(tmp_path, text, days, year_starts=7)
    assert found.year(pd.Timestamp("2024-07-01"), "sqo") == 12


def test_a_year_with_a_goal_of_its_own(tmp_path: Path, days: LeadDays) -> None:
    text = "month,measure,goal,segment,region,what\n2025-05-05,sqo,130,,,year\n"
    text += "".join(f"2025-{m:02d}-01,sqo,10,,,month\n" for m in range(1, 13))
    found = goals(tmp_path, text, days, period="what")
    assert found.year(JAN, "sqo") == 130
    assert any(f.id == "G008" and "2025" in f.what for f in found.findings)  # 130 is not 12 x 10


def test_a_year_that_lacks_months_has_no_goal(tmp_path: Path, days: LeadDays) -> None:
    found = goals(tmp_path, HEAD + year_of_goals(10, months=10), days)
    assert found.year(JAN, "sqo") is None
    [told] = [f for f in found.findings if f.id == "G007"]
    assert "November, December" in told.what


def test_unknown_names_are_told_with_the_nearest(tmp_path: Path, days: LeadDays) -> None:
    said = refused(tmp_path, days, HEAD + "2025-01-01,sqo,5,Large,\n2025-01-01,sqos,5,,\n")
    assert 'Did you mean "large"?' in said["G002"]
    assert "line 2" in said["G002"]
    assert 'Did you mean "sqo"?' in said["G004"]
    assert "line 3" in said["G004"]


def test_a_listed_segment_needs_no_leads(tmp_path: Path, days: LeadDays) -> None:
    from attribution.goals import read_goals
    from tests.attribution.carded import goals_section

    (tmp_path / "goals.csv").write_text(HEAD + "2025-01-01,sqo,5,public,\n", encoding="utf-8")
    assert read_goals(goals_section(), tmp_path, days, ["public"]).month(JAN, "sqo", "public") == 5


def test_faults_of_rows_are_told_together(tmp_path: Path, days: LeadDays) -> None:
    text = HEAD + "2025-01-01,sqo,5,large,east\n2025-01-20,sqo,6,large,east\n2025-02-01,sqo,-1,large,east\n"
    said = refused(tmp_path, days, text)
    assert "lines 2, 3" in said["G005"]
    assert "sqo in January 2025, large, east" in said["G005"]
    assert "line 4" in said["G006"]


def test_a_period_is_month_or_year(tmp_path: Path, days: LeadDays) -> None:
    text = "month,measure,goal,segment,region,what\n2025-01-01,sqo,5,,,quarter\n"
    assert '"quarter"' in refused(tmp_path, days, text, period="what")["G015"]


def test_reached_needs_days(tmp_path: Path) -> None:
    frame = leads(100)
    frame["sqo"] = frame["sqo"].notna().astype(int)
    frame["won"] = frame["won"].notna().astype(int)
    said = refused(tmp_path, counted(tmp_path, frame), HEAD + "2025-01-01,sqo,5,,\n", counted_by="reached")
    assert "sqo, won" in said["G001"]

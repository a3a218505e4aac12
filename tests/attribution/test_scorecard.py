"""The scorecard against counts made by hand, and what may not depend on the order of rows or on how far one drills."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.goals import check_goals
from attribution.scorecard_calendar import calendar
from attribution.scorecard_days import CountedBy, LeadDays
from attribution.scorecard_question import Question
from attribution.scorecard_series import counts_of
from attribution.scorecard_tables import chance_of, change_interval
from cli.config import load
from outlay.errors import ConfigError
from tests.attribution.carded import ROLES, carded, counted, goals, leads, rows

HEAD = "month,measure,goal,segment,region\n"
SIMPLE = pd.DataFrame(
    {
        # January: 4 leads, 2 of them large; February: 3; March to the 10th: 1
        "created": ["2025-01-01", "2025-01-10", "2025-01-20", "2025-01-31", "2025-02-01", "2025-02-05", "2025-02-20"],
        "sqo": ["2025-01-05", "2025-02-03", None, "2025-02-10", "2025-02-02", None, "2025-03-01"],
        "segment": ["large", "large", "small", "small", "large", "small", "small"],
        "region": ["east", "west", "east", "east", "east", "east", "west"],
        "amount": [100.0, 50.0, None, 25.0, 10.0, None, 5.0],
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leads")


@pytest.fixture(scope="module")
def days(folder: Path) -> LeadDays:
    return counted(folder, leads())


def simple(folder: Path, as_of: date, **changes: object) -> LeadDays:
    frame = SIMPLE.assign(created=pd.to_datetime(SIMPLE["created"]), sqo=pd.to_datetime(SIMPLE["sqo"]))
    frame = frame.assign(mql=frame["created"])
    roles = {"sub_segment": None, "sub_region": None, "origin": None}
    return counted(folder, frame, stages=("mql", "sqo"), as_of=as_of, maturity_days=0.0, **roles, **changes)


def one(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def test_counts_by_creation(tmp_path: Path) -> None:
    card = carded(simple(tmp_path, date(2025, 3, 10)))
    assert str(card.facts["month"].date()) == "2025-02-01"  # the latest whole month
    row = one(rows(card, "months", measure="mql", kind="month"))
    assert (row["counted"], row["before"], row["change"]) == (3, 4, -0.25)
    sqo = one(rows(card, "months", measure="sqo", kind="month", segment="small"))
    assert sqo["counted"] == 1  # of the small leads of February the one of the 20th became one
    assert one(rows(card, "months", measure="value", kind="month"))["counted"] == 15  # 10 + 5


def test_counts_by_the_day_of_the_stage(tmp_path: Path) -> None:
    card = carded(simple(tmp_path, date(2025, 3, 10)), counted_by="reached")
    row = one(rows(card, "months", measure="sqo", kind="month"))
    assert (row["counted"], row["before"]) == (3, 1)  # the 3rd, 10th and 2nd of February; the 5th of January
    assert one(rows(card, "months", measure="value", kind="month"))["counted"] == 85  # 50 + 25 + 10
    assert one(rows(card, "months", measure="sqo", kind="to_date"))["counted"] == 1  # the first of March


def test_a_running_month_is_held_against_its_days(tmp_path: Path) -> None:
    days = simple(tmp_path, date(2025, 2, 10))
    found = goals(tmp_path, HEAD + "2025-01-01,mql,8,,\n2025-02-01,mql,14,,\n", days)
    card = carded(days, found)
    assert str(card.facts["month"].date()) == "2025-01-01"
    row = one(rows(card, "months", measure="mql", kind="to_date"))
    # one whole month has no usual shape: 10 of 28 days; 14 * 10 / 28 = 5 are due and 2 came
    assert row["elapsed"] == pytest.approx(10 / 28)
    assert row["goal_by_now"] == pytest.approx(5.0)
    assert row["pace"] == pytest.approx(0.4)
    # against the first ten days of January, 2 leads, and never against all of its 4
    assert (row["before"], row["change"]) == (2, 0.0)
    month = one(rows(card, "months", measure="mql", kind="month"))
    assert (month["pace"], month["p_goal"], month["goal_by_now"]) == (0.5, 0.0, 8.0)
    assert any(finding.id == "G009" for finding in card.findings)


def test_the_last_day_makes_a_month_whole(tmp_path: Path) -> None:
    card = carded(simple(tmp_path, date(2025, 2, 28)))
    assert card.facts["running"] is None
    assert set(card.tables["months"]["kind"]) == {"month"}


def test_a_whole_month_is_a_fact(tmp_path: Path) -> None:
    days = simple(tmp_path, date(2025, 3, 31))
    found = goals(tmp_path, HEAD + "2025-02-01,mql,3,,\n2025-02-01,sqo,3,,\n", days)
    card = carded(days, found, Question(month="2025-02"), counted_by="reached")
    assert one(rows(card, "months", measure="mql", kind="month"))["p_goal"] == 1.0  # 3 of 3
    assert one(rows(card, "months", measure="sqo", kind="month"))["p_goal"] == 1.0


def test_parts_add_up_to_their_wholes(days: LeadDays) -> None:
    card = carded(days)
    months = card.tables["months"]
    keys = ["kind", "month", "measure"]
    named = {role: months[role] != "" for role in ("segment", "sub_segment", "region", "sub_region")}

    def of(*view: str) -> pd.DataFrame:
        keep = np.logical_and.reduce([named[role] == (role in view) for role in named])
        return months[keep]

    whole = of().groupby(keys)["counted"].sum()
    for view in (
        ("segment",),
        ("region",),
        ("segment", "region"),
        ("segment", "sub_segment"),
        ("region", "sub_region"),
    ):
        assert of(*view).groupby(keys)["counted"].sum().to_dict() == pytest.approx(whole.to_dict(), rel=1e-12)
        stages = of(*view)[of(*view)["measure"] != "value"].groupby(keys)["counted"].sum()
        assert stages.to_dict() == {key: whole[key] for key in stages.index}  # whole numbers: exactly
    large = of("segment", "sub_segment").query("segment == 'large' and measure == 'sqo'")["counted"].sum()
    assert large == of("segment").query("segment == 'large' and measure == 'sqo'")["counted"].sum()


VIEWS = (
    ("segment",),
    ("segment", "sub_segment"),
    ("region", "sub_region"),
    ("segment", "region"),
    ("segment", "sub_segment", "region", "sub_region"),
    ("segment", "sub_segment", "region", "sub_region", "origin"),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 120),
    by=st.sampled_from(["created", "reached"]),
    view=st.sampled_from(VIEWS),
    fixed=st.sampled_from([{}, {"segment": "large"}, {"region": "west"}, {"segment": "small", "region": "east"}]),
)
def test_drill_down_adds_up_whatever_the_leads_are(
    tmp_path: Path, seed: int, n: int, by: CountedBy, view: tuple[str, ...], fixed: dict[str, str]
) -> None:
    days = counted(tmp_path, leads(n, seed))
    when = calendar(days.frame["day"].min(), days.as_of, 1)
    inside = days.within(fixed)
    whole, parts = counts_of(inside, (), when, by), counts_of(inside, view, when, by)
    for name in ("leads", "made_0", "made_1", "made_2"):
        # whole numbers in floating point: sums are exact, so equality is
        assert (parts.by_day[name].sum(axis=0) == whole.by_day[name][0]).all()
    assert parts.by_day["value"].sum() == pytest.approx(whole.by_day["value"].sum(), rel=1e-12)
    kept = leads(n, seed)
    for role, level in fixed.items():
        kept = kept[kept[role] == level]
    assert whole.by_day["leads"].sum() == len(kept)
    assert whole.by_day["made_2"].sum() == kept["won"].notna().sum()


def test_the_order_of_rows_does_not_matter(tmp_path: Path, days: LeadDays) -> None:
    shuffled = counted(tmp_path, leads().sample(frac=1.0, random_state=7))
    first, second = carded(days), carded(shuffled)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name], check_exact=True, obj=name)


def test_what_else_is_shown_does_not_matter(days: LeadDays) -> None:
    # draws hang on the row's own name, so a drill-down changes no probability of another row
    plain, drilled = carded(days), carded(days, question=Question(segment="large", region="west"))
    pd.testing.assert_frame_equal(
        rows(plain, "year", measure="won", segment="large"), rows(drilled, "year", measure="won", segment="large")
    )


def test_rates_are_of_leads_that_had_their_time(tmp_path: Path) -> None:
    card = carded(simple(tmp_path, date(2025, 3, 31)), question=Question(month="2025-02"))
    row = one(rows(card, "rates"))
    assert (row["trials"], row["successes"]) == (3, 2)  # February's three, two of which became an sqo
    low, high = row["rate_low"], row["rate_high"]
    assert 0.2 < low < 2 / 3 < high < 0.95
    assert (row["before_trials"], row["before_successes"]) == (4, 3)


def test_young_leads_have_no_rate(tmp_path: Path) -> None:
    frame = SIMPLE.assign(created=pd.to_datetime(SIMPLE["created"]), sqo=pd.to_datetime(SIMPLE["sqo"]))
    roles = {"sub_segment": None, "sub_region": None, "origin": None}
    days = counted(
        tmp_path, frame.assign(mql=frame["created"]), stages=("mql", "sqo"), as_of=date(2025, 3, 31),
        maturity_days=45.0, **roles,
    )  # fmt: skip
    row = one(rows(carded(days), "rates"))
    assert row["month"] == pd.Timestamp("2025-01-01")  # 28 February and 45 days is the 14th of April
    assert row["trials"] == 4


def test_origins_share_the_whole(days: LeadDays) -> None:
    card = carded(days)
    found = card.tables["origin"]
    both = found[(found["segment"] == "") & (found["region"] == "") & (found["measure"] == "mql")]
    assert both["share"].sum() == pytest.approx(1.0)
    assert both["counted"].sum() == one(rows(card, "months", measure="mql", kind="month"))["counted"]
    assert (both["share_low"] < both["share"]).all()
    assert (both["share"] < both["share_high"]).all()


def test_the_bridge_adds_up_to_the_change(days: LeadDays) -> None:
    for by in ("created", "reached"):
        bridge = carded(days, counted_by=by).tables["bridge"]
        effects = bridge[["volume", "mix", "rate", "other"]].sum(axis=1)
        wholes = (bridge["segment"] == "") & (bridge["region"] == "")
        change = (bridge["after"] - bridge["before"])[wholes]
        scale = bridge[["before", "after"]].max(axis=1)[wholes].clip(lower=1)
        assert ((effects[wholes] - change).abs() <= 1e-9 * scale).all()
        assert set(bridge["by"]) == {"segment", "region", "segment x region"}


def test_the_year_is_the_months_and_what_they_still_bring(days: LeadDays, folder: Path) -> None:
    text = HEAD + "".join(f"2025-{m:02d}-01,won,20,,\n" for m in range(1, 13))
    card = carded(days, goals(folder, text, days))
    year = one(rows(card, "year", measure="won"))
    history = rows(card, "history", measure="won")
    assert year["counted"] == history["counted"].sum()
    assert year["goal"] == 240
    # eight whole months of 20 and the due part of September, to the 27th
    assert 160 < year["goal_by_now"] < 180
    assert year["expected"] >= year["counted"]
    assert year["ends_low"] <= year["ends_mean"] <= year["ends_high"]


def test_a_year_that_began_before_the_leads_has_no_row(tmp_path: Path) -> None:
    frame = leads(300)
    late = frame[frame["created"] >= pd.Timestamp("2025-03-10")]
    card = carded(counted(tmp_path, late))
    assert card.tables["year"].empty
    assert any(finding.id == "G013" for finding in card.findings)
    # March begins on the 10th in the table, so April is not compared with it
    april = carded(counted(tmp_path, late), question=Question(month="2025-04"))
    assert np.isnan(one(rows(april, "months", measure="mql", kind="month"))["change"])


def test_without_days_nothing_is_promised_of_young_months(tmp_path: Path) -> None:
    frame = leads()
    for stage in ("sqo", "won"):
        frame[stage] = frame[stage].notna().astype(int)
    days = counted(tmp_path, frame, maturity_days=(30.0, 30.0))
    card = carded(days)
    assert any(finding.id == "G011" for finding in card.findings)
    assert np.isnan(one(rows(card, "months", measure="won", kind="month"))["ends_mean"])  # August and 60 days
    assert np.isnan(one(rows(card, "year", measure="won"))["p_goal"])
    old = carded(days, question=Question(month="2025-03"))
    assert one(rows(old, "months", measure="won", kind="month"))["ends_mean"] > 0


def test_a_month_that_is_not_there(days: LeadDays) -> None:
    with pytest.raises(ConfigError, match="2025-01 to 2025-09"):
        carded(days, question=Question(month="2024-12"))


def test_a_part_that_is_not_there(days: LeadDays) -> None:
    with pytest.raises(ConfigError) as problem:
        carded(days, question=Question(segment="Large"))
    assert 'Did you mean "large"?' in problem.value.repair


def test_changes_of_small_counts_have_wide_intervals() -> None:
    low, high = change_interval((12.0, 8.0), (12.0, 8.0), 0.0, 0.9)
    # Jeffreys' 90 % interval of 12 of 20 is 0.418 to 0.763, which is a ratio of 0.72 to 3.22
    assert low == pytest.approx(-0.28, abs=0.01)
    assert high == pytest.approx(2.22, abs=0.02)
    assert change_interval((5.0, 0.0), (5.0, 0.0), 0.0, 0.9) == (None, None)


def test_a_probability_is_certain_only_where_nothing_is_open() -> None:
    assert chance_of(np.full(4000, 7.0), 7.0, 7.0) == 1.0
    assert chance_of(np.full(4000, 7.0), 7.5, 7.0) == 0.0
    # none of 4,000 draws reached it: (0 + 1/2) of 4,001
    assert chance_of(np.arange(4000.0), 1e6, 0.0) == pytest.approx(0.5 / 4001)
    assert chance_of(np.arange(4000.0), 2000.0, 0.0) == pytest.approx(0.5, abs=1e-3)
    assert chance_of(np.arange(10.0, 4010.0), 9.0, 9.0) == 1.0  # enough is counted, whatever comes


def test_a_check_tells_what_goals_hold(tmp_path: Path) -> None:
    leads().to_parquet(tmp_path / "leads.parquet", index=False)
    (tmp_path / "goals.csv").write_text(HEAD + "2025-01-01,sqo,5,large,east\n", encoding="utf-8")
    roles = "".join(f'{role} = "{column}"\n' for role, column in ROLES.items())
    text = '[project]\nname = "x"\n[leads]\nsource = "leads.parquet"\ndate = "created"\n' + roles
    text += 'stages = ["mql", "sqo", "won"]\n[goals]\nsource = "goals.csv"\nsegment = "segment"\nregion = "region"\n'
    (tmp_path / "outlay.toml").write_text(text, encoding="utf-8")
    found = check_goals(load(tmp_path / "outlay.toml"))
    facts = dict(found.facts)
    assert (facts["Rows"], facts["Segments"], facts["Regions"]) == ("1", "large", "east")
    assert facts["Months"] == "2025-01 to 2025-01, 1"
    assert {finding.id for finding in found.findings} == {"G007"}  # eleven months of 2025 are missing


def test_money_changes_by_its_wins() -> None:
    # the sd of a log ratio of two sums of 50 wins each whose spread is 1: sqrt(2 * (1/50 + 1/50)) = 0.283
    low, high = change_interval((200.0, 100.0), (50.0, 50.0), 1.0, 0.9)
    assert low == pytest.approx(2 * np.exp(-1.645 * 0.2828) - 1, rel=1e-3)
    assert high == pytest.approx(2 * np.exp(1.645 * 0.2828) - 1, rel=1e-3)

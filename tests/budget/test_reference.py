"""The window on the timeline, and the plan to compare with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget import BoundSection, PlanSection, optimize
from budget.problem import largest_window, pose
from outlay.errors import ConfigError, PlanError
from outlay.response import load_response, save_response
from tests.budget.synthetic import free, make_response, posed


def test_last_is_the_last_periods_in_their_order():
    response = make_response(channels=2)
    reference = posed(response, free(periods=13)).reference
    last = response.spend[-13:, 0, :]
    assert reference.totals == pytest.approx(last.sum(axis=0), abs=0.01)
    assert reference.flighting == pytest.approx(last / last.sum(axis=0))
    assert "2023-11-27 to 2024-02-19" in reference.words


def test_last_year_is_the_same_weeks_52_weeks_before():
    response = make_response(channels=2, periods=60)
    problem = posed(response, free(periods=4, reference="last_year"))
    # The window starts at position 60, so the reference starts at 60 - 52 = 8.
    assert problem.reference.totals == pytest.approx(response.spend[8:12, 0, :].sum(axis=0), abs=0.01)
    with pytest.raises(PlanError) as caught:
        posed(make_response(periods=40), free(periods=4, reference="last_year"))
    assert caught.value.id == "P009"


def test_last_year_of_months_goes_back_twelve():
    response = make_response(channels=2, periods=24, period_days=30)
    problem = posed(response, free(periods=3, reference="last_year"))
    assert problem.reference.totals == pytest.approx(response.spend[12:15, 0, :].sum(axis=0), abs=0.01)


def test_reference_is_rescaled_to_the_budget_and_says_so():
    response = make_response(channels=3)
    own = posed(response, free()).reference
    halved = posed(response, free(budget=round(own.budget / 2, 2))).reference
    assert halved.totals == pytest.approx(own.totals / 2, abs=0.02)
    assert round(halved.totals.sum(), 2) == halved.budget
    assert [finding.id for finding in own.findings] == ["P051"]
    assert [finding.id for finding in halved.findings] == ["P052"]
    assert "-50.0%" in halved.findings[0].what


def test_reference_without_spend_is_refused():
    response = make_response(channels=2)
    spend = response.spend.copy()
    spend[-13:] = 0.0
    with pytest.raises(PlanError, match="spends nothing"):
        optimize(replace(response, spend=spend), PlanSection())


def test_channel_without_recent_spend_gets_even_timing_and_says_so():
    response = make_response(channels=3)
    spend = response.spend.copy()
    spend[-13:, :, 1] = 0.0
    problem = posed(replace(response, spend=spend), free())
    assert problem.reference.flighting[:, 1] == pytest.approx(np.full(13, 1 / 13))
    assert problem.reference.flighting.sum(axis=0) == pytest.approx(np.ones(3))
    note = next(finding for finding in problem.findings if finding.id == "P053")
    assert "ch1" in note.what


def test_file_with_totals(tmp_path):
    response = make_response(channels=2)
    (tmp_path / "plan.csv").write_text("channel,spend\nch1,3000\nch0,1000.50\n", encoding="utf-8")
    reference = pose(response, free(reference="plan.csv"), tmp_path).reference
    assert reference.totals.tolist() == [1000.50, 3000.0]
    assert reference.budget == 4000.50


def test_file_with_dates_gives_the_timing(tmp_path):
    response = make_response(channels=2)
    first, second = response.future_dates[:2]
    rows = [f"{first:%Y-%m-%d},ch0,100", f"{second:%Y-%m-%d},ch0,300", f"{first:%Y-%m-%d},ch1,50"]
    (tmp_path / "plan.csv").write_text("\n".join(["date,channel,spend", *rows]) + "\n", encoding="utf-8")
    reference = pose(response, free(reference="plan.csv", periods=2), tmp_path).reference
    assert reference.flighting.T.tolist() == [[0.25, 0.75], [1.0, 0.0]]


def test_file_without_groups_is_spread_like_the_last_periods(tmp_path):
    response = make_response(channels=2, groups=2)
    (tmp_path / "plan.csv").write_text("channel,spend\nch0,1000\nch1,500\n", encoding="utf-8")
    problem = pose(response, free(reference="plan.csv"), tmp_path)
    recent = response.spend[-13:].sum(axis=0)  # (G, C)
    assert problem.reference.totals[:2] == pytest.approx(1000 * recent[:, 0] / recent[:, 0].sum(), abs=0.01)
    note = next(finding for finding in problem.findings if finding.id == "P055")
    assert "as in the last 13 weeks before the window" in note.what


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kanal,spend\nch0,1\n", "column channel is missing"),
        ("channel,spend\nch0,-5\n", "no usable spend"),
        ("channel,spend\nch0,5\nch0,6\n", "stands there twice"),
    ],
)
def test_unusable_files(tmp_path, text, message):
    (tmp_path / "plan.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=message) as caught:
        pose(make_response(), free(reference="plan.csv"), tmp_path)
    assert caught.value.id == "P010"


def test_channel_missing_in_a_file_is_counted_as_zero_with_a_warning(tmp_path):
    (tmp_path / "plan.csv").write_text("channel,spend\nch0,1000\n", encoding="utf-8")
    problem = pose(make_response(channels=2), free(reference="plan.csv"), tmp_path)
    warning = next(finding for finding in problem.findings if finding.id == "P034")
    assert "ch1" in warning.what


def test_start_inside_the_data_knows_only_what_was_before():
    response = make_response(channels=2, periods=60)
    start = response.dates[40]
    problem = posed(response, free(start=start.date(), periods=6))
    assert problem.window.dates[0] == start
    assert problem.reference.totals == pytest.approx(response.spend[34:40, 0].sum(axis=0), abs=0.01)
    assert np.array_equal(problem.window.lead_in, response.exposure[37:40])
    later = replace(response, exposure=response.exposure.copy())
    later.exposure[40:] *= 7.0
    assert optimize(later, free(start=start.date(), periods=6)).table.equals(
        optimize(response, free(start=start.date(), periods=6)).table
    )


def test_gap_before_the_window_is_filled_with_last_year_and_warned_about():
    response = make_response(channels=2, periods=60, l_max=4)
    problem = posed(response, free(start=response.future_dates[5].date(), periods=6))
    # Positions 60 to 64 are the gap; 52 weeks before them are 8 to 12, and the lead-in holds the last three.
    expected = response.spend[10:13] / response.cost_per_exposure
    assert problem.window.lead_in == pytest.approx(expected)
    warning = next(finding for finding in problem.findings if finding.id == "P031")
    assert "5 weeks" in warning.what
    assert "one year before" in warning.what
    assert any("assumed" in sentence for sentence in problem.assumptions)


def test_gap_in_a_short_history_takes_the_mean_of_the_last_periods():
    response = make_response(channels=2, periods=30)
    problem = posed(response, free(start=response.future_dates[5].date(), periods=6))
    expected = response.spend[-13:].mean(axis=0) / response.cost_per_exposure
    assert problem.window.lead_in[-1] == pytest.approx(expected)


def test_lead_in_lowers_what_the_next_spend_brings():
    response = make_response(channels=1, half_saturation=np.full((40, 1), 0.7))
    quiet = replace(response, exposure=np.zeros_like(response.exposure))
    section = free(periods=4, budget=4_000.0)
    assert optimize(response, section).expected.mean < optimize(quiet, section).expected.mean


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"start": date(2023, 1, 1)}, "2023-01-02 to 2024-12-01"),  # 100 weeks from Monday 2 January 2023
        ({"start": date(2024, 12, 2)}, "any day of the first period"),
        ({"periods": 41}, "at most 40 weeks"),
    ],
)
def test_windows_outside_the_timeline(keys, message):
    with pytest.raises(PlanError, match=message) as caught:
        optimize(make_response(), free(**keys))
    assert caught.value.id == "P008"


def test_any_day_of_a_period_names_it():
    response = make_response(channels=2)  # weeks from Mondays
    for day, monday in (("2024-03-04", "2024-03-04"), ("2024-03-10", "2024-03-04"), ("2024-03-11", "2024-03-11")):
        window = posed(response, free(start=date.fromisoformat(day), periods=2)).window
        assert window.dates[0] == pd.Timestamp(monday), day
    # The last Sunday of the timeline still lies in its last week.
    assert posed(response, free(start=date(2024, 12, 1), periods=1)).window.first == 99


def test_dates_that_mark_the_end_of_a_week():
    """Weeks that are written by their Sunday begin on the Monday before."""
    sundays = pd.date_range("2023-01-08", periods=100, freq="7D")
    response = make_response(channels=2, dates=sundays[:60], future_dates=sundays[60:], date_marks="end")
    for day, sunday in (("2024-03-04", "2024-03-10"), ("2024-03-10", "2024-03-10"), ("2024-03-11", "2024-03-17")):
        window = posed(response, free(start=date.fromisoformat(day), periods=2)).window
        assert window.dates[0] == pd.Timestamp(sunday), day
    assert posed(response, free(start=date(2024, 12, 1), periods=1)).window.first == 99


def test_dates_that_mark_the_end_of_a_month(tmp_path):
    """31 January stands for January: 1 March asks for March, and so does any row of a plan file in March."""
    ends = pd.date_range("2022-01-31", periods=40, freq="ME")
    response = make_response(
        channels=2, periods=24, future=16, period_days=30, dates=ends[:24], future_dates=ends[24:], date_marks="end"
    )
    for day in ("2024-03-01", "2024-03-15", "2024-03-31"):
        assert posed(response, free(start=date.fromisoformat(day), periods=2)).window.dates[0] == ends[26], day
    rows = ["date,channel,spend", "2024-03-01,ch0,100", "2024-04-30,ch0,300", "2024-04-01,ch1,50"]
    (tmp_path / "plan.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    section = free(start=date(2024, 3, 31), periods=2, reference="plan.csv")
    assert pose(response, section, tmp_path).reference.flighting.T.tolist() == [[0.25, 0.75], [0.0, 1.0]]
    with pytest.raises(PlanError, match="2022-01-01 to 2025-04-30"):
        posed(response, free(start=date(2025, 5, 1)))


def radio(response, amount=10.0):
    """The response with a channel that could not be estimated: week i cost i times the amount."""
    return replace(response, unplanned=(("radio", tuple(amount * week for week in range(len(response.dates)))),))


def test_money_of_channels_without_an_estimate_is_told():
    response = radio(make_response(channels=2, periods=60))

    def told(base=Path(), **keys):
        findings = pose(response, free(periods=4, **keys), base).findings
        return next(finding for finding in findings if finding.id == "P039").what

    assert "radio 2,300 USD, spent from 2024-01-29 to 2024-02-19" in told()  # weeks 56 to 59
    assert "radio 380 USD, spent from 2023-02-27" in told(reference="last_year")  # weeks 8 to 11
    assert "outside of the plan and the budget" in told()


def test_money_beside_a_reference_file_is_that_of_the_last_periods(tmp_path):
    (tmp_path / "plan.csv").write_text("channel,spend\nch1,3000\nch0,1000\n", encoding="utf-8")
    response = radio(make_response(channels=2, periods=60))
    for periods, amount in ((2, "radio 1,170 USD"), (40, "radio 15,800 USD")):
        findings = pose(response, free(reference="plan.csv", periods=periods), tmp_path).findings
        assert amount in next(finding for finding in findings if finding.id == "P039").what


def test_the_plan_of_a_model_that_estimated_all_says_nothing_of_it():
    for response in (make_response(), radio(make_response(), amount=0.0)):  # no money ever, so none is outside
        assert "P039" not in {finding.id for finding in posed(response, free()).findings}


def test_a_rule_on_a_channel_without_an_estimate_is_refused_by_that_reason():
    with pytest.raises(ConfigError, match='could not estimate what money in "radio" brings') as caught:
        posed(radio(make_response()), free(bounds=(BoundSection(channel="radio", max=5.0),)))
    assert caught.value.id == "P016"


@pytest.mark.parametrize("lost", [False, True])
def test_no_paid_channel_to_plan(tmp_path, lost):
    """As a file, because that is how a plan meets a fit of organic channels only."""
    response = make_response(channels=2)
    names = ("half_saturation", "exponent", "coefficient", "scale", "exposure", "spend", "cost_per_exposure")
    empty = {name: getattr(response, name)[..., :0] for name in names} | {"weights": response.weights[:, :0]}
    organic = replace(response, channels=(), saturation=(), saturation_first=(), **empty)
    save_response(radio(organic) if lost else organic, tmp_path / "response.nc")
    with pytest.raises(PlanError, match="no paid channel to plan") as caught:
        optimize(load_response(tmp_path / "response.nc"), PlanSection())
    assert caught.value.id == "P015"
    assert ("could not estimate radio" in caught.value.what) == lost


def test_value_of_the_window_counts():
    response = make_response(channels=2)
    doubled = replace(response, value=response.value * 2.0)
    one, two = optimize(response, free()), optimize(doubled, free())
    assert two.expected.mean == pytest.approx(2 * one.expected.mean, rel=1e-6)
    assert any("worth 2" in sentence for sentence in two.assumptions)


def test_largest_window_is_the_largest_rolling_sum():
    spend = np.random.default_rng(0).uniform(0, 9, (30, 4))
    rolling = pd.DataFrame(spend).rolling(7).sum().max().to_numpy()
    assert largest_window(spend, 7) == pytest.approx(rolling)
    # A window longer than the history: 60 periods at the pace of the 30 seen.
    assert largest_window(spend, 60) == pytest.approx(spend.sum(axis=0) * 2)


def test_a_change_limit_around_nothing_is_told():
    """30 % of nothing is nothing: the channel stays at zero, and the plan says why."""
    response = make_response(channels=2)
    quiet = response.spend.copy()
    quiet[-13:, :, 1] = 0.0
    allocation = optimize(replace(response, spend=quiet), PlanSection(periods=13, max_change=0.3))
    assert allocation.table["spend"].iloc[1] == 0.0
    note = next(finding for finding in allocation.findings if finding.id == "P057")
    assert response.channels[1] in note.what


@pytest.mark.parametrize("year", [1, 9999])  # beyond what a timestamp in nanoseconds can hold
def test_a_start_of_another_age_is_refused_in_words(year: int) -> None:
    with pytest.raises(PlanError, match="outside of the periods") as caught:
        optimize(make_response(seed=1), PlanSection(start=date(year, 1, 1)))
    assert caught.value.id == "P008"

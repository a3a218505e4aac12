"""Forecasts: the model's own mean ahead, coverage of a future that really comes, and plans that say all or nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mmm.design import Design, make_design
from mmm.draws import MediaDraws
from mmm.future_spend import spend_ahead
from mmm.outlook import Outlook, outlook, residual_memory
from outlay.errors import ConfigError
from tests.mmm.fabricated import design_of, draws_of

GROUPS = ("north", "south")


def look(draws: MediaDraws, table: pd.DataFrame | None = None, periods: int | None = 6, **more: float) -> Outlook:
    return outlook(draws, spend_ahead(draws.design, table, periods), 0.9, 3, **more)


def plan_of(design: Design, n: int, amount: float = 500.0, groups: tuple[str | None, ...] = (None,)) -> pd.DataFrame:
    dates = design.future.dates[:n]
    names = ("tv", "search", "radio", "video")
    cells = [(date, name, group, amount) for date in dates for name in names for group in groups]
    table = pd.DataFrame(cells, columns=["date", "channel", "group", "spend"])
    return table if groups != (None,) else table.drop(columns="group")


@pytest.mark.parametrize("likelihood", ["normal", "log"])
def test_the_expected_outcome_is_that_of_history_going_on(likelihood: str) -> None:
    """The forecast, against the model's mean of a longer history: baseline columns times terms, and all exposure."""
    draws = draws_of(design_of(groups=GROUPS, likelihood=likelihood), 8)
    design, panel, n = draws.design, draws.design.panel, 6
    found = look(draws)
    for g, name in enumerate(GROUPS):
        columns = design.raw_terms[panel.n_periods : panel.n_periods + n, g] - design.centre[g]
        mu = draws.intercept[:, g, None] + draws.terms[:, g] @ columns.T
        for c in range(5):
            again = design.future.repeats[:n]
            ahead = panel.spend[again, g, c] / design.future.cost_per_exposure[g, c] if c < 4 else None
            path = np.append(panel.exposure[:, g, c], panel.exposure[again, g, c] if ahead is None else ahead)
            seen = draws.contacts(g, c)
            reach, touches = panel.exposure[-52:, g, c], panel.contacts[-52:, g, c]
            usual = None if seen is None else np.append(seen, np.full(n, (reach * touches).sum() / reach.sum()))
            mu = mu + draws.coefficient[:, g, c, None] * draws.saturated(g, c, path, usual)[:, panel.n_periods :]
        expected = np.exp(mu + 0.5 * draws.sigma[:, g, None] ** 2) if likelihood == "log" else mu
        rows = found.by_period[found.by_period["group"] == name]
        np.testing.assert_allclose(rows["expected_mean"], expected.mean(0), rtol=1e-9)
        np.testing.assert_allclose(rows["baseline_mean"] + rows["media_mean"], rows["expected_mean"], rtol=1e-9)


def test_periods_and_groups_add_up() -> None:
    found = look(draws_of(design_of(groups=GROUPS), 8))
    for name in ("spend", "baseline_mean", "media_mean", "outcome_mean"):
        total = found.totals[name]
        assert total.iloc[1:].sum() == pytest.approx(total.iloc[0], rel=1e-9)
        whole = found.by_period[found.by_period["group"].isna()][name]
        assert whole.sum() == pytest.approx(total.iloc[0], rel=1e-9)
    channels = found.channels.groupby("group", dropna=False)["media_mean"].sum()
    assert channels.loc["north"] == pytest.approx(found.totals["media_mean"].iloc[1], rel=1e-9)


@pytest.mark.parametrize("likelihood", ["normal", "student_t", "log"])
def test_nine_in_ten_futures_lie_in_the_interval(likelihood: str) -> None:
    """Worlds drawn from the posterior itself, each with a future of its own: coverage of the total and of periods."""
    draws = draws_of(design_of(n=60, likelihood=likelihood), 400)
    design, rng, n = draws.design, np.random.default_rng(8), 4
    found = look(draws, periods=n)
    seen = found.by_period
    worlds = rng.integers(0, 400, 600)
    exact = [look(draws.take(np.array([w])), periods=n).by_period["expected_mean"].to_numpy() for w in worlds[:150]]
    inside, total = [], []
    for w, expected in zip(worlds[:150], exact, strict=True):
        for _ in range(10):
            if likelihood == "log":
                future = expected * np.exp(draws.sigma[w, 0] * rng.normal(size=n) - 0.5 * draws.sigma[w, 0] ** 2)
            elif likelihood == "student_t":
                assert draws.degrees is not None
                future = expected + draws.sigma[w, 0] * rng.standard_t(draws.degrees[w], n)
            else:
                future = expected + draws.sigma[w, 0] * rng.normal(size=n)
            inside.append((future >= seen["outcome_hdi_low"]) & (future <= seen["outcome_hdi_high"]))
            low, high = found.totals[["outcome_hdi_low", "outcome_hdi_high"]].iloc[0]
            total.append(low <= future.sum() <= high)
    assert design.panel.n_periods == 60
    # 150 worlds are independent: two and a half standard errors of sqrt(.9 x .1 / 150), 0.06, for sums that the worlds
    # share most of; the mean over periods moves less.
    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)
    assert np.mean(total) == pytest.approx(0.9, abs=0.06)


def test_the_interval_of_the_expected_outcome_is_without_noise() -> None:
    """One posterior draw: nothing is unknown about the expected outcome, and the noise is all there is."""
    draws = draws_of(design_of(), 1)
    total = look(draws, periods=9).totals.iloc[0]
    assert total["expected_hdi_high"] - total["expected_hdi_low"] == pytest.approx(0.0, abs=1e-6)
    # Nine independent periods: 3 sd, 3.29 of them wide; 4,000 draws make it good to a few per cent.
    width = total["outcome_hdi_high"] - total["outcome_hdi_low"]
    assert width == pytest.approx(3.29 * 3.0 * draws.sigma[0, 0], rel=0.06)


def test_the_probability_of_a_goal_is_that_of_the_outcome() -> None:
    draws = draws_of(design_of(), 40)
    middle = float(np.median(look(draws).outcome))
    assert look(draws, goal=middle).p_goal == pytest.approx(0.5, abs=0.01)
    assert look(draws).p_goal is None
    sure, hopeless = look(draws, goal=0.5 * middle), look(draws, goal=2.0 * middle)
    assert (sure.p_goal, hopeless.p_goal) == (1.0, 0.0)
    # Reached by the end of a period: never less likely with time, and at the end the goal's own probability.
    by = look(draws, goal=middle).by_period["p_goal"].to_numpy()
    assert (np.diff(by) >= 0).all()
    assert by[-1] == look(draws, goal=middle).p_goal


def test_a_plan_without_groups_is_split_as_last_year_and_says_so() -> None:
    draws = draws_of(design_of(groups=GROUPS), 4)
    found = look(draws, plan_of(draws.design, 3), None)
    last = draws.design.panel.spend[draws.design.future.repeats, :, 1].sum(0)
    search = found.plan[(found.plan["channel"] == "search") & (found.plan["group"] == "north")]["spend"]
    np.testing.assert_allclose(search, 500.0 * last[0] / last.sum(), rtol=1e-12)
    assert any("split over them" in line for line in found.assumptions)
    named = look(draws, plan_of(draws.design, 3, groups=GROUPS), None)
    assert not any("split over them" in line for line in named.assumptions)
    assert (named.plan[named.plan["channel"] == "search"]["spend"] == 500.0).all()


def test_periods_before_a_plan_are_those_of_last_year_and_told() -> None:
    draws = draws_of(design_of(), 4)
    table = plan_of(draws.design, 5)
    late = table[table["date"] >= draws.design.future.dates[2]]
    found = look(draws, late, None)
    spend = found.plan[found.plan["channel"] == "tv"]["spend"].to_numpy()
    again = draws.design.panel.spend[draws.design.future.repeats[:2], 0, 0]
    np.testing.assert_allclose(spend, [*again, 500.0, 500.0, 500.0])
    assert any(line.startswith("Spend before the plan begins") for line in found.assumptions)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t[~((t["channel"] == "search") & (t["date"] == t["date"].max()))], "search"),
        (lambda t: t.drop(columns="spend"), "spend"),
        (lambda t: t.replace({"channel": {"tv": "tvv"}}), "tvv"),
        (lambda t: t.assign(date=t["date"] - pd.Timedelta(days=700)), "go on until"),
        (lambda t: t.assign(spend=-1.0), "not an amount"),
        (lambda t: t.assign(spend=np.nan), "not an amount"),
        (lambda t: t.replace({"channel": {"tv": "mail"}}), "mail"),
    ],
)
def test_a_plan_that_leaves_something_open_is_refused(change, said: str) -> None:  # type: ignore[no-untyped-def]
    """Nothing that is not said counts as zero."""
    design = design_of()
    with pytest.raises(ConfigError, match=said) as refused:
        spend_ahead(design, change(plan_of(design, 3)), None)
    assert refused.value.id == "M023"


def test_a_future_beyond_the_assumed_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="58 weeks") as refused:  # 52 and the five of the carry-over can be spoken of
        spend_ahead(design_of(), None, 58)
    assert refused.value.id == "M024"


def test_noise_with_memory_is_told() -> None:
    """Residuals that walk: the forecast says that its total is too sure, and by how much."""
    design = design_of(n=120)
    draws = draws_of(design, 4, spread=0.0)
    assert look(draws).findings == () or residual_memory(draws) > 0.3
    rng, walk = np.random.default_rng(2), np.zeros(120)
    for t in range(1, 120):
        walk[t] = 0.8 * walk[t - 1] + rng.normal()
    kpi = design.panel.kpi + 200_000.0 * walk[:, None]
    slow = draws_of(make_design(replace(design.panel, kpi=kpi), design.section), 4, spread=0.0)
    found = look(slow)
    # A memory of 0.8, estimated from 115 residuals: sqrt(1.8 / 0.2) = 3.
    assert [finding.id for finding in found.findings] == ["M025"]
    assert residual_memory(slow) == pytest.approx(0.8, abs=0.15)

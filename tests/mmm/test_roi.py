"""Tables of returns: windows, groups, levers with a cost, immediate and carried over, all paid media at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.draws import MediaDraws
from mmm.link import expected_kpi
from mmm.returns import Returns, window_returns
from mmm.roi import lever_table, roi_table, total_table
from mmm.windows import scopes, window_rows, window_words
from outlay.errors import ConfigError
from tests.mmm.fabricated import design_of, draws_of

GROUPS = ("north", "south")


def asked(start: str, end: str, **section: object) -> tuple[MediaDraws, Returns]:
    draws = draws_of(design_of(**section), 12)
    return draws, window_returns(draws, window_rows(draws.design, start, end))


def scaled(draws: MediaDraws, rows: slice, factors: dict[int, float]) -> np.ndarray:
    """Expected outcome of history and the periods after it with some channels' exposure in some rows scaled, (S, G)."""
    design, panel = draws.design, draws.design.panel
    exposure = panel.exposure.copy()
    for c, factor in factors.items():
        exposure[rows, :, c] *= factor
    # The level stays where the data put it: only the exposure is another.
    changed = replace(draws, design=replace(design, panel=replace(panel, exposure=exposure)))
    changed.__dict__["media_mean"] = draws.media_mean
    span = slice(rows.start, min(rows.stop + design.l_max - 1, panel.n_periods + design.l_max - 1))
    value = np.concatenate([panel.value, design.future.value])[span]
    sums = []
    for g in range(panel.n_groups):
        if design.log:
            expected = expected_kpi(changed, g, span)
            assert expected is not None
        else:
            tail = np.zeros(design.l_max)
            expected = sum(
                changed.coefficient[:, g, c, None]
                * changed.saturated(
                    g,
                    c,
                    np.append(exposure[:, g, c], tail),
                    None if (seen := draws.contacts(g, c)) is None else np.append(seen, tail + 1.0),
                )[:, span]
                for c in range(panel.n_channels)
            )
        sums.append((expected * value[:, g]).sum(1))
    return np.stack(sums, axis=-1)


@pytest.mark.parametrize("likelihood", ["normal", "log"])
def test_returns_of_a_window_are_history_run_again_without_its_exposure(likelihood: str) -> None:
    """Every family, with spend before and after the window: the past cancels and the future is not touched."""
    draws, returns = asked("2022-06-01", "2022-10-31", groups=GROUPS, likelihood=likelihood)
    now = scaled(draws, returns.window, {})
    for c in range(5):
        without, more = (scaled(draws, returns.window, {c: factor}) for factor in (0.0, 1.01))
        # Sums of about 25 periods, good to 1e-12 of the outcome; the marginal one is a difference of 1 %.
        np.testing.assert_allclose(returns.incremental[:, :, c], now - without, rtol=1e-7)
        np.testing.assert_allclose(returns.extra[:, :, c], more - now, rtol=1e-5)
    off = scaled(draws, returns.window, dict.fromkeys(range(4), 0.0))
    np.testing.assert_allclose(returns.together.incremental, now - off, rtol=1e-7)


def test_windows_add_up_to_the_whole_where_effects_add_up() -> None:
    """Contribution is by calendar, so two halves make the whole; so do immediate and carried parts."""
    draws, first = asked("2022-02-07", "2022-09-30", groups=GROUPS)
    second = window_returns(draws, slice(first.window.stop, draws.design.panel.n_periods))
    whole = window_returns(draws)
    assert first.window.start == whole.window.start
    for name in ("contribution", "carried"):
        halves = getattr(first, name) + getattr(second, name)
        np.testing.assert_allclose(halves, getattr(whole, name), rtol=1e-9)


def test_immediate_and_carried_over_are_the_contribution() -> None:
    draws, returns = asked("2022-06-01", "2022-10-31")
    table = roi_table(draws, returns, 0.9).set_index("channel")
    added = table["immediate_mean"] + table["carried_mean"]
    np.testing.assert_allclose(added, table["contribution_mean"], rtol=1e-9)
    assert table.loc["search", "carried_mean"] == pytest.approx(0.0, abs=1e-6)  # no adstock, nothing to carry
    assert (table.loc[["tv", "radio", "video"], "carried_mean"] > 0).all()
    # The linear channel: what its own weight brings at once, draw by draw.
    mail = returns.carried[:, 0, 4] / returns.contribution[:, 0, 4]
    assert ((mail > 0) & (mail < 1)).all()


def test_a_lever_with_a_cost_has_a_return() -> None:
    """Linear from its reference: contribution is coefficient times distance, and the last unit returns the average."""
    draws, returns = asked("2022-06-01", "2022-10-31", groups=GROUPS)
    design, panel = draws.design, draws.design.panel
    k = next(k for k, term in enumerate(design.terms) if term.kind == "lever")
    depth = panel.levers[..., 0]
    table = lever_table(draws, returns, 0.9).set_index("group")
    north = table.loc["north"]
    sd = np.sqrt(np.square(depth[design.fit] - depth[design.fit].mean(0)).mean())
    distance = (depth[returns.window] - panel.lever_reference[0]) / sd
    by_hand = (draws.terms[:, 0, k] * distance[:, 0].sum()).mean()
    assert north["contribution_mean"] == pytest.approx(by_hand, rel=1e-9)
    assert north["spend"] == pytest.approx(4_000.0 * depth[returns.window, 0].sum(), rel=1e-9)
    assert north["roi_mean"] == pytest.approx(by_hand / north["spend"], rel=1e-9)
    assert north["mroi_mean"] == pytest.approx(north["roi_mean"], rel=1e-9)
    assert north["kind"] == "lever"


def test_a_lever_without_a_cost_has_a_contribution_only() -> None:
    levers = ({"name": "discount", "column": "discount"},)
    draws, returns = asked("2022-06-01", "2022-10-31", levers=levers)
    row = lever_table(draws, returns, 0.9).iloc[0]
    assert row["contribution_mean"] != 0
    assert np.isnan(row[["spend", "roi_mean", "mroi_mean"]].astype(float)).all()


def test_paid_media_at_once_are_less_than_their_sum_where_effects_multiply() -> None:
    """Each channel alone would claim what they bring together: (1 - e^-a)(1 - e^-b) is counted twice."""
    draws, returns = asked("2022-06-01", "2022-10-31", groups=GROUPS, likelihood="log")
    paid = draws.design.panel.paid
    assert (returns.together.contribution < returns.contribution[:, :, paid].sum(-1)).all()
    additive = asked("2022-06-01", "2022-10-31", groups=GROUPS)[1]
    np.testing.assert_allclose(additive.together.contribution, additive.contribution[:, :, paid].sum(-1), rtol=1e-12)


def test_totals_have_every_group() -> None:
    draws, returns = asked("2022-06-01", "2022-10-31", groups=GROUPS)
    table = total_table(draws, returns, 0.9)
    assert [None if group != group else group for group in table["group"]] == [None, *GROUPS]
    assert table["spend"].iloc[1:].sum() == pytest.approx(table["spend"].iloc[0], rel=1e-12)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2022-06-06", "2022-06-26", "2022-06-06", "2022-06-20"),  # a Monday to a Sunday: three whole weeks
        ("2022-06-08", "2022-06-08", "2022-06-06", "2022-06-06"),  # any day stands for its week
    ],
)
def test_a_day_stands_for_its_period(start: str, end: str, first: str, last: str) -> None:
    design = design_of()
    assert window_words(design, window_rows(design, start, end)) == (first, last)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2022-01-10", "2022-06-01"), ("2022-06-01", "2030-01-01"), ("2022-06-13", "2022-06-12"), ("2021-01-01", None)],
)
def test_a_window_outside_the_scored_periods_is_refused_by_their_span(start: str, end: str | None) -> None:
    design = design_of()
    with pytest.raises(ConfigError) as refused:
        window_rows(design, start, end)
    assert refused.value.id == "M020"
    if start != "2022-06-13":
        assert "2022-02-07 to 2023-05-01" in refused.value.what  # 70 weeks from 2022-01-03, the first five warm up


def test_a_group_or_one_value_of_a_group_column() -> None:
    panel = design_of(groups=GROUPS).panel
    assert scopes(panel, "south")[0][1].tolist() == [1]
    with pytest.raises(ConfigError, match="south") as refused:
        scopes(panel, "soth")
    assert refused.value.id == "M021"
    with pytest.raises(ConfigError):
        scopes(design_of().panel, "north")  # a national model has no groups

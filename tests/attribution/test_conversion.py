"""The conversion model as a user meets it: rates of groups, the lead mix, what is kept, what is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.conversion import ConversionModel, FittedConversion
from attribution.conversion_checks import check_trust
from attribution.conversion_links import links_of
from attribution.leads import LeadCells
from outlay.errors import ConfigError, DataError, RunError
from outlay.trust import Trust
from tests.attribution.cells_worlds import about, section, some, world

SIZES = {"segment": 3, "channel": 4, "region": 2, "period": 15}


@cache
def fitted() -> FittedConversion:
    made = world(20_000, SIZES, seed=3)
    return ConversionModel(made.cells, section(draws=250, tune=200), about()).fit()


@cache
def preview() -> FittedConversion:
    return ConversionModel(world(20_000, SIZES, seed=3).cells, section(), about()).preview()


def with_counts(cells: LeadCells, **changes: Any) -> LeadCells:
    return replace(cells, **changes)


def ids(found: FittedConversion) -> set[str]:
    return {finding.id for finding in found.findings}


def test_rates_are_the_lead_weighted_mean_of_cells() -> None:
    # by hand from the draws: sigmoid of every cell of the window, weighted by its leads
    found = fitted()
    cells, part = found.cells, found.parts[0]
    kept = cells.code("period") >= 3  # 15 months from January 2024: the last 12 begin in April
    codes, leads = cells.codes[kept], cells.reached[kept, 0]
    places = part.link.places(cells.dims, codes, [len(cells.levels[dim]) for dim in cells.dims])
    eta = part.fixed + part.effects[:, places].sum(axis=2)
    rate = 1 / (1 + np.exp(-eta))
    got = found.draws(("segment",))
    for k in range(3):
        own = codes[:, 0] == k
        expected = rate[:, own] @ leads[own] / leads[own].sum()
        np.testing.assert_allclose(got.reach[:, k, 1], expected, rtol=1e-12)
        assert got.leads[k] == leads[own].sum()
    assert found.window == ("2024-04", "2026-06")
    assert "2024-04 to 2026-06" in got.mix


def test_reach_is_a_product_and_worth_its_end_times_the_value() -> None:
    draws = fitted().draws(("segment", "channel"))
    assert draws.reach.shape == (1000, 12, 3)
    assert (draws.reach[..., 0] == 1).all()
    assert (np.diff(draws.reach, axis=2) < 0).all()
    np.testing.assert_allclose(draws.worth, draws.reach[..., -1] * draws.value)
    assert list(draws.labels.columns) == ["segment", "channel"]
    assert tuple(draws.labels.iloc[1]) == ("segment 01", "channel 02")  # the last dimension is the fastest


@pytest.mark.parametrize("by", [("segment",), ("period",), ("segment", "region"), ("region", "period")])
def test_groups_add_up_to_everything(by: tuple[str, ...]) -> None:
    found = fitted()
    parts, whole = found.draws(by), found.draws(())
    if "period" in by:  # every period has its own leads, those before the window too
        whole_reach = parts.reach[..., -1] @ parts.leads / parts.leads.sum()
        assert parts.leads.sum() == found.cells.reached[:, 0].sum()
        assert np.isfinite(whole_reach).all()
        return
    np.testing.assert_allclose(parts.reach[..., 1] @ parts.leads / parts.leads.sum(), whole.reach[:, 0, 1])
    np.testing.assert_allclose(parts.worth @ parts.leads / parts.leads.sum(), whole.worth[:, 0])


def test_a_combination_without_leads_takes_everybodys_mix() -> None:
    made = world(20_000, {"segment": 3, "channel": 4, "region": 2}, seed=3)
    cells = made.cells
    kept = ~((cells.code("segment") == 2) & (cells.code("channel") == 0))
    cells = some(cells, kept)
    found = ConversionModel(cells, section(), about()).preview()
    draws = found.draws(("segment", "channel"))
    assert draws.leads[8] == 0
    assert (draws.leads[np.arange(12) != 8] > 0).all()
    part = found.parts[0]
    mix = np.bincount(cells.code("region"), cells.reached[:, 0])
    codes = np.array([[2, 0, 0], [2, 0, 1]])
    eta = part.fixed + part.effects[:, part.link.places(cells.dims, codes, [3, 4, 2])].sum(axis=2)
    np.testing.assert_allclose(draws.reach[:, 8, 1], (1 / (1 + np.exp(-eta))) @ mix / mix.sum(), rtol=1e-12)


def test_fewer_draws_are_the_same_ones_everywhere() -> None:
    some, more = fitted().draws(("segment",), 10), fitted().draws(("segment", "channel"), 10)
    every = fitted().draws(("segment",)).reach
    assert some.reach.shape[0] == more.reach.shape[0] == 10
    places = np.linspace(0, 999, 10).round().astype(int)
    np.testing.assert_array_equal(some.reach, every[places])


def test_tables_have_raw_counts_of_the_same_leads() -> None:
    found = fitted()
    table = found.rates(("segment",), "sqo")
    cells = found.cells
    own = (cells.code("segment") == 0) & (cells.code("period") >= 3)
    assert table["trials"][0] == cells.trials[own, 0].sum()
    assert table["raw"][0] == cells.successes[own, 0].sum() / cells.trials[own, 0].sum()
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()
    ends = found.rates(("segment",), "end to end")
    assert ends["trials"].isna().all()  # leads at the end over all leads would count young leads as lost


def test_what_is_better_sums_to_one() -> None:
    table = fitted().tables()["beats"]
    both = table.merge(table, left_on=["segment", "against"], right_on=["against", "segment"])
    np.testing.assert_allclose(both["rate_x"] + both["rate_y"], 1.0)


def test_drivers_share_the_variance() -> None:
    effects = fitted().tables()["effects"]
    shares = effects.drop_duplicates(["stage", "term"]).groupby("stage")["share"].sum()
    np.testing.assert_allclose(shares.to_numpy(), 1.0)
    for term in ("segment", "channel"):
        ratios = effects[(effects["stage"] == "sqo") & (effects["term"] == term)]["ratio"]
        assert np.log(ratios).sum() == pytest.approx(0, abs=0.05)  # medians of effects that sum to zero, nearly


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    found = fitted()
    found.save(tmp_path)
    again = FittedConversion.load(tmp_path)
    one, two = found.draws(("segment", "channel")), again.draws(("segment", "channel"))
    np.testing.assert_array_equal(one.reach, two.reach)
    np.testing.assert_array_equal(one.value, two.value)
    assert again.findings == found.findings
    assert again.trust == found.trust
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)


def test_a_damaged_fit_is_refused(tmp_path: Path) -> None:
    preview().save(tmp_path)
    (tmp_path / "fitted.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be read"):
        FittedConversion.load(tmp_path)
    (tmp_path / "fitted.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(RunError, match="its format is 99"):
        FittedConversion.load(tmp_path)


def test_a_preview_says_so() -> None:
    found = preview()
    assert found.is_preview
    assert found.trust is None
    assert "V009" in ids(found)
    assert "V009" not in ids(fitted())


def test_a_preview_is_near_the_posterior() -> None:
    one, two = fitted().draws(("segment", "channel")).reach, preview().draws(("segment", "channel")).reach
    # with 1,700 leads a cell both are ruled by the data: a third of a posterior deviation is more than ever seen
    np.testing.assert_array_less(np.abs(one.mean(0) - two.mean(0))[:, 1:], 0.35 * one.std(0)[:, 1:])


def test_the_same_seed_gives_the_same_draws() -> None:
    cells = world(500, {"segment": 2, "channel": 3}, seed=1).cells
    one, two = (ConversionModel(cells, section(draws=20, tune=50, chains=2), about()).fit() for _ in range(2))
    other = ConversionModel(cells, section(draws=20, tune=50, chains=2), about(seed=9)).fit()
    np.testing.assert_array_equal(one.draws(()).reach, two.draws(()).reach)
    assert not np.array_equal(one.draws(()).reach, other.draws(()).reach)


def test_no_lead_with_its_time_is_an_error() -> None:
    cells = world(500, {"segment": 2}).cells
    none = cells.trials.copy()
    none[:, 1] = 0
    with pytest.raises(DataError) as refused:
        ConversionModel(with_counts(cells, trials=none), section(), about())
    assert [finding.id for finding in refused.value.findings] == ["V001"]
    assert "won" in refused.value.findings[0].where


def test_few_conversions_are_told() -> None:
    found = ConversionModel(world(400, {"segment": 2}, rates=(0.05, 0.5)).cells, section(), about()).preview()
    told = [finding for finding in found.findings if finding.id == "V002"]
    assert any("sqo" in finding.where for finding in told)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_outcome_only_is_told_and_fitted(share: float) -> None:
    cells = world(400, {"segment": 3}, rates=(0.3,), values=False).cells
    found = ConversionModel(with_counts(cells, successes=share * cells.trials), section(), about()).preview()
    assert "V003" in ids(found)
    mean = found.draws(()).reach[:, 0, 1].mean()
    assert abs(mean - share) < 0.05


def test_a_level_without_leads_and_one_with_hardly_any_are_told() -> None:
    cells = world(5000, {"segment": 4, "channel": 5}, rates=(0.3,), values=False).cells
    trials, successes = cells.trials.copy(), cells.successes.copy()
    trials[cells.code("segment") == 3] = 0
    successes[cells.code("segment") == 3] = 0
    small = cells.code("channel") == 4
    trials[small], successes[small] = 0, 0
    trials[np.flatnonzero(small)[0]] = 1
    found = ConversionModel(with_counts(cells, trials=trials, successes=successes), section(), about()).preview()
    told = {finding.id: finding for finding in found.findings if finding.id in ("V004", "V005")}
    assert "segment 04" in told["V004"].what
    assert "channel 05" in told["V005"].what


def test_too_few_periods_are_told() -> None:
    found = ConversionModel(world(5000, {"segment": 2, "period": 3}).cells, section(), about()).preview()
    assert "V006" in ids(found)
    assert "V006" not in ids(preview())


def test_few_deals_and_values_of_two_kinds_are_told() -> None:
    cells = world(300, {"segment": 3}, rates=(0.3, 0.2)).cells
    assert "V007" in ids(ConversionModel(cells, section(), about()).preview())
    # half of the deals 100 and half 100,000: logarithms of spread 3.5, whose log-normal mean is 20 times too high
    big = world(20_000, {"segment": 2}, rates=(0.5, 0.5)).cells
    n = big.value_count
    logs = np.log([100.0, 100_000.0])
    two = with_counts(
        big, value_sum=n * 50_050.0, value_log_sum=n * logs.mean(), value_log_square=n * np.square(logs).mean()
    )
    assert "V008" in ids(ConversionModel(two, section(), about()).preview())
    assert "V008" not in ids(preview())


def test_leads_without_values_have_rates_and_no_money() -> None:
    found = ConversionModel(world(2000, {"segment": 2}, values=False).cells, section(), about()).preview()
    assert not found.has_values
    assert np.isnan(found.draws(("segment",)).value).all()
    assert "value_per_lead" not in found.tables()
    assert "value" not in found.tables()["beats"]


def test_a_failed_gate_names_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ConversionModel(world(500, {"segment": 2}).cells, section(draws=5, tune=20, chains=2), about()).fit()
    assert isinstance(found.trust, Trust)
    assert not found.trust.passed  # ten draws cannot have 400 effective ones
    (finding,) = check_trust(found)
    assert finding.id == "V010"
    assert "draws" in finding.repair


def test_the_gate_looks_at_every_reported_number() -> None:
    from attribution.conversion_trust import reported

    names = {name for name, _ in reported(fitted())}
    assert "rate of end to end, segment x channel segment 01 x channel 01" in names
    assert "value per lead, all" in names
    assert "spread of segment_x_channel, won" in names
    assert len(names) == len(list(reported(fitted())))  # no name hides another


def test_a_kernel_that_cannot_run_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    import attribution.conversion_sample as module

    monkeypatch.setattr(module, "pointer_missing", lambda: "nutpie has no compiled module")
    cells = world(200, {"segment": 2}).cells
    with pytest.raises(ConfigError, match="no compiled module"):
        ConversionModel(cells, section(engine="kernel"), about()).fit()


def test_transitions_do_not_know_of_each_other() -> None:
    # the first transition's draws are the same whatever the second one's counts are
    cells = world(2000, {"segment": 3}, values=False).cells
    halved = cells.successes.copy()
    halved[:, 1] = np.floor(halved[:, 1] / 2)
    own = section(draws=20, tune=50, chains=2)
    one = ConversionModel(cells, own, about()).fit()
    two = ConversionModel(with_counts(cells, successes=halved), own, about()).fit()
    np.testing.assert_array_equal(one.draws(("segment",)).reach[..., 1], two.draws(("segment",)).reach[..., 1])
    assert len(links_of(cells)) == 2

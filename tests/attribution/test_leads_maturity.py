"""How long leads take, learnt in spite of truncation; what becomes of leads that have not had their time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from attribution.leads_cells import cells_from_frame
from attribution.leads_maturity import ALL, LEAST, Delays, learn
from attribution.leads_young import balanced
from outlay.errors import DataError
from tests.attribution.leads_made import ABOUT, as_arrow, leads, section


def by_product(delays: np.ndarray, ages: np.ndarray, horizon: int) -> list[float]:
    """F(t) as the product over later delays, straight from its definition."""
    part = []
    for t in range(horizon + 1):
        product = 1.0
        for s in range(t + 1, horizon + 1):
            came, at_risk = np.sum(delays == s), np.sum((delays <= s) & (ages >= s))
            product *= 1 - came / at_risk if at_risk else 1.0
        part.append(product)
    return part


def test_the_estimate_is_the_product_in_reverse_time() -> None:
    rng = np.random.default_rng(4)
    delays, ages = rng.integers(0, 30, 500), rng.integers(0, 60, 500)
    seen = delays <= ages
    delays, ages = delays[seen], ages[seen]
    found = learn(delays, ages, np.ones(len(delays), np.int64))
    assert found is not None
    np.testing.assert_allclose(found.part, by_product(delays, ages, found.horizon), atol=1e-12)


def test_without_truncation_it_is_the_distribution_of_the_delays() -> None:
    delays = np.repeat([0, 3, 7], [50, 30, 20])
    found = learn(delays, np.full(100, 50), np.ones(100, np.int64))
    assert found is not None
    np.testing.assert_allclose(found.part[[0, 2, 3, 6, 7, 50]], [0.5, 0.5, 0.8, 0.8, 1.0, 1.0])
    assert [found.quantile(part) for part in (0.5, 0.8, 0.95)] == [0, 3, 7]


def test_truncation_is_corrected() -> None:
    # Delays are geometric with mean 20; leads are seen at every age from 0 to 119. F(40) is 1 - (20/21)**41 = 0.865.
    # Among those seen, a plain distribution puts about 0.92 there.
    rng = np.random.default_rng(8)
    delays, ages = rng.geometric(1 / 21, 60_000) - 1, rng.integers(0, 120, 60_000)
    seen = delays <= ages
    found = learn(delays[seen], ages[seen], np.ones(seen.sum(), np.int64))
    assert found is not None
    # within 119 days: F(t) / F(119); the standard error at 40 days is near 0.003, by 20 simulations
    expected = (1 - (20 / 21) ** 41) / (1 - (20 / 21) ** 120)
    assert found.at(np.array([40]))[0] == pytest.approx(expected, abs=0.012)
    assert np.mean(delays[seen] <= 40) > expected + 0.03


def test_long_delays_that_few_could_show_do_not_spoil_the_short_ones() -> None:
    # One lead, the oldest, took 300 days: nobody else was old enough. Without a least number at risk its factor
    # 1 - 1/1 would make F zero at every shorter delay.
    delays, ages = np.append(np.full(99, 5), 300), np.append(np.full(99, 50), 300)
    found = learn(delays, ages, np.ones(100, np.int64))
    assert found is not None
    assert found.horizon < 300
    assert found.later == 1
    assert found.at(np.array([4, 5])).tolist() == [0.0, 1.0]


def test_too_few_conversions_teach_nothing() -> None:
    few = np.arange(LEAST - 1)
    assert learn(few, few + 5, np.ones(len(few), np.int64)) is None
    cells = cells_from_frame(as_arrow(leads(40)), section(), ABOUT)
    assert "L032" in {finding.id for finding in cells.findings}
    assert cells.maturity_days[1] == 0


def test_the_time_is_learnt_and_told() -> None:
    # sqo after floor(exponential(10)): 95 % by 29 days; won after floor(exponential(20)): by 59
    cells = cells_from_frame(as_arrow(leads(20_000, days=700)), section(), ABOUT)
    assert cells.maturity_days == pytest.approx((29, 59), abs=3)  # the error of a quantile of 5,000 delays is about 1
    told = [finding.what for finding in cells.findings if finding.id == "L030"]
    assert told[0].startswith(f"a lead has its time for sqo after {cells.maturity_days[0]:.0f} days: 95 % of those")


def test_leaving_young_leads_out_removes_most_of_the_bias_and_modelling_them_all_of_it() -> None:
    # Half of the leads reach sqo in the end. Over 60 days of creation with a mean delay of 10, counting everybody gives
    # about 0.5 (1 - 10 / 60) = 0.42.
    frame = as_arrow(leads(40_000, seed=11, days=60))
    rates = {}
    for name, changes in (("all", {"maturity_days": 0}), ("out", {}), ("model", {"maturity": "model"})):
        cells = cells_from_frame(frame, section(**changes), ABOUT)
        rates[name] = cells.successes[:, 0].sum() / cells.trials[:, 0].sum()
    assert rates["all"] == pytest.approx(0.42, abs=0.015)
    # beyond the 95 % quantile 2 % of conversions are still missing on average; standard error 0.0035 of 20,000 leads
    assert rates["out"] == pytest.approx(0.49, abs=0.015)
    # the delays are taken as known, which adds an error of about 0.004
    assert rates["model"] == pytest.approx(0.5, abs=0.02)


def test_modelled_leads_count_by_the_part_that_has_come() -> None:
    # 100 old leads: half take 2 days, half take 6. 40 leads seen 4 days after creation count as 40 x 0.5.
    old = [(date(2024, 1, 1), date(2024, 1, 3 + 4 * (k % 2))) for k in range(100)]
    young = [(date(2024, 2, 1), date(2024, 2, 3) if k < 10 else None) for k in range(40)]
    frame = pd.DataFrame(old + young, columns=["created", "sqo"])
    frame = frame.assign(lead=[f"L{k}" for k in range(140)], segment="s", region="r", channel="c", mql=frame["created"])
    asked = section(stages=("mql", "sqo"), value=None, maturity="model", as_of=date(2024, 2, 5))
    cells = cells_from_frame(as_arrow(frame.assign(won=None)), asked, ABOUT)
    assert cells.maturity_days == (6.0,)
    by = cells.frame().set_index("period")
    assert by["trials_sqo"].to_dict() == {"2024-01-01": 100.0, "2024-02-01": 20.0}
    assert by["successes_sqo"].to_dict() == {"2024-01-01": 100.0, "2024-02-01": 10.0}
    (told,) = (finding.what for finding in cells.findings if finding.id == "L035")
    assert told.startswith("40 leads younger than 6 days count as 20 for sqo")


def test_balancing_keeps_sums_and_leaves_no_cell_with_more_successes_than_trials() -> None:
    trials, successes = np.array([0.2, 3.0, 4.0, 0.5]), np.array([1.0, 1.0, 1.0, 0.0])
    found = balanced(trials, successes, np.array(["a", "a", "a", "b"]))
    # failures -0.8, 2 and 3 in a: 4.2 are spread over 2 and 3 as 1.68 and 2.52
    np.testing.assert_allclose(found, [1.0, 2.68, 3.52, 0.5])
    assert (found >= successes).all()
    assert found[:3].sum() == pytest.approx(trials[:3].sum())


def test_parts_are_those_within_the_stated_time() -> None:
    delays = Delays(np.array([0.2, 0.4, 0.8, 1.0]), 100, 0)
    assert delays.by(2, np.array([0, 1, 2, 9])).tolist() == [0.25, 0.5, 1.0, 1.0]
    assert delays.quantile(ALL) == 3


def test_modelling_needs_days() -> None:
    frame = leads().assign(won=lambda t: t["won"].notna())
    with pytest.raises(DataError) as caught:
        cells_from_frame(as_arrow(frame), section(maturity="model"), ABOUT)
    assert [finding.id for finding in caught.value.findings if finding.severity == "error"] == ["L034"]

"""Drift: the index by its definition, its band by what theory says, and a verdict that is seldom wrong."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.drift import EVERYBODY, SEGMENTS, Drift, DriftReference, compare, psi, reference
from segmentation.drift_chance import chance_of
from tests.segmentation.moving import mixed, preparation, segments

SHIFTED = (0.3, 0.5, 0.2)


def drift(before: int = 3000, after: int = 2000, seed: int = 1, **changed: object) -> Drift:
    then, now = mixed(before, 2 * seed), mixed(after, 2 * seed + 1, **changed)  # type: ignore[arg-type]
    return compare(reference(then, segments(then)), now, segments(now))


def row(found: Drift, feature: str, number: int = EVERYBODY) -> pd.Series:
    table = found.of(number)
    return table[table["feature"] == feature].iloc[0]


def test_index_is_its_definition() -> None:
    # (.3 - .5) log(.3 / .5) + (.7 - .5) log(.7 / .5) = .2 (log(5/3) + log(7/5)) = .2 log(7/3)
    assert psi(np.array([0.5, 0.5]), np.array([0.3, 0.7])) == pytest.approx(0.2 * np.log(7 / 3))


def test_index_of_a_category_is_by_hand() -> None:
    found = drift(before=4000, after=4000, shares=SHIFTED)
    then, now = mixed(4000, 2), mixed(4000, 3, shares=SHIFTED)
    counts = [np.bincount(rows.codes[:, 0], minlength=4) + 0.5 for rows in (then, now)]  # the fourth bin: missing
    p, q = (each / each.sum() for each in counts)
    assert row(found, "card")["psi"] == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def test_the_kept_reference_says_the_same() -> None:
    then, now = mixed(800, 1), mixed(500, 2, shift=0.5)
    kept = reference(then, segments(then), distance=np.ones(800), sureness=np.full(800, 0.5))
    again = DriftReference.from_dict(json.loads(json.dumps(kept.as_dict())))
    pd.testing.assert_frame_equal(compare(kept, now, segments(now)).table, compare(again, now, segments(now)).table)
    np.testing.assert_array_equal(again.edge, kept.edge)


@pytest.mark.parametrize(("bins", "n", "m"), [(2, 5000, 3000), (10, 5000, 5000), (10, 400, 8000)])
def test_expected_by_chance_is_that_of_theory(bins: int, n: int, m: int) -> None:
    # Yurdakul (2018): (B - 1)(1/n + 1/m), variance 2 (B - 1)(1/n + 1/m)^2; 400 draws tell the mean to 5 % (4 of
    # its standard errors for B = 2) and the variance to a quarter
    found = chance_of(np.full(bins, (n + m) / bins), n, m)
    each = 1 / n + 1 / m
    assert found.mean == pytest.approx((bins - 1) * each, rel=4 * np.sqrt(2 / (bins - 1) / 400))
    assert found.variance == pytest.approx(2 * (bins - 1) * each**2, rel=0.5)
    assert found.beyond(found.quantile(0.95)) == pytest.approx(0.05)


def test_a_shift_is_found_where_it_is() -> None:
    found = drift(shift=0.6, shares=SHIFTED)
    table = found.of()
    assert set(table.loc[table["beyond"], "feature"]) == {"spent", "card"}
    spent = row(found, "spent")
    # normals 0.6 sd apart: symmetric divergence 0.6^2 = 0.36, of which ten bins keep nine tenths or more
    assert 0.28 < spent["psi"] < 0.42
    assert spent["shift"] == pytest.approx(0.6, abs=0.1)  # 3 standard errors of sqrt(1/3000 + 1/2000)
    assert spent["what"].startswith("up 0.")
    assert row(found, "card")["what"].startswith(("gold 5", "silver 3", "gold 4"))
    assert row(found, "card", 2)["beyond"]


def test_sizes_of_segments_are_compared_too() -> None:
    then, now = mixed(3000, 1), mixed(3000, 2)
    kept = reference(then, segments(then))
    found = row(compare(kept, now, np.where(segments(now) == 2, np.arange(3000) % 5 // 4 + 1, 1)), SEGMENTS)
    assert found["beyond"]
    assert found["size"] == "large"
    assert found["kind"] == "segment"


def test_missing_cells_are_a_bin_of_their_own() -> None:
    then, now = mixed(3000, 1), mixed(3000, 2)
    now.numbers[:1500, 1] = np.nan
    now.codes[:600, 0] = -1
    found = compare(reference(then, segments(then)), now, segments(now))
    assert row(found, "visits")["what"].startswith("(missing) 5.")
    assert row(found, "card")["what"] == "(missing) 0.0 % -> 20.0 %"


def test_bins_are_named_in_original_units() -> None:
    rows = mixed(1000, 1)
    kept = reference(rows, segments(rows), preparation=preparation())
    spent = next(each for each in kept.features if each.name == "spent")
    border = f"{np.quantile(rows.numbers[:, 0], 0.1):,.4g}"
    assert spent.levels[0] == f"up to {border}"
    assert spent.levels[1].startswith(f"{border} to ")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**16))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    then, now = mixed(300, 5), mixed(200, 6)
    kept = reference(then, segments(then))
    order, other = (np.random.default_rng([seed, n]).permutation(n) for n in (200, 300))
    shuffled = reference(then.take(other), segments(then)[other])
    mine = compare(kept, now, segments(now)).table
    theirs = compare(shuffled, now.take(order), segments(now)[order]).table
    pd.testing.assert_frame_equal(mine, theirs, rtol=1e-9)  # means are sums in another order


def test_weights_stand_for_customers_and_not_for_more_of_them() -> None:
    # Weights of 3 for everybody change no share, and tell as much as the rows that there are (Kish).
    plain, heavy = (
        compare(reference(then, segments(then)), now, segments(now)).table
        for then, now in ((mixed(500, 1), mixed(400, 2)), (mixed(500, 1, weight=3.0), mixed(400, 2, weight=3.0)))
    )
    pd.testing.assert_series_equal(plain["psi"], heavy["psi"])
    pd.testing.assert_series_equal(plain["high"], heavy["high"])
    np.testing.assert_allclose(heavy["customers_now"], 3 * plain["customers_now"])


def test_a_segment_without_customers_now_is_left_out() -> None:
    then, now = mixed(300, 1), mixed(200, 2)
    found = compare(reference(then, segments(then)), now, np.ones(200, np.int64))
    assert set(found.table["number"]) == {0, 1}


def test_same_question_same_answer() -> None:
    pd.testing.assert_frame_equal(drift().table, drift().table)


@pytest.mark.slow
def test_nothing_changed_is_seldom_called_a_change() -> None:
    # 18 indices at once, of small segments too: at most 5 % of tables may call any of them beyond chance. In 300
    # tables more than 26 would come with a probability of 0.2 % if 5 % were right (binomial).
    alarms = sum(drift(before=600, after=400, seed=seed).table["beyond"].any() for seed in range(300))
    assert alarms <= 26


@pytest.mark.slow
def test_the_band_holds_what_chance_makes() -> None:
    # The 95 % limit: of 300 x 18 indices about 5 % lie above; they come from 300 independent tables, so 4 to 6.5 % is
    # more than 3 standard errors (0.3 points, allowing for the indices of a table to go together).
    found = pd.concat([drift(before=600, after=400, seed=seed).table for seed in range(300)])
    assert 0.035 < (found["psi"] > found["high"]).mean() < 0.065

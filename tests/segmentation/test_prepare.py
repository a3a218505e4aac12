"""How customers are compared: limits, scales, levels; told, kept as JSON, and applied to other rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlay.errors import ConfigError, DataError
from segmentation.customers import Customers
from segmentation.customers_read import customers_from_frame, read_customers
from segmentation.prepare import prepare
from segmentation.prepare_fields import OTHER, NumberField, Preparation
from tests.segmentation.customer_tables import ABOUT, customers, section


def read(frame: pd.DataFrame, **changes: Any) -> Customers:
    return customers_from_frame(frame, section(**changes), ABOUT)


def field_of(preparation: Preparation, name: str) -> NumberField:
    return next(field for field in preparation.numbers if field.name == name)


def told(preparation: Preparation, id: str) -> str:
    return " ".join(finding.what for finding in preparation.findings if finding.id == id)


def test_limits_are_quantiles_of_those_who_have_a_value() -> None:
    frame = customers()
    preparation = prepare(read(frame), section(clean={"tails": 0.05}))
    spend = field_of(preparation, "spend")
    assert (spend.low, spend.high) == tuple(np.nanquantile(frame["spend"], [0.05, 0.95]))
    outside = ((frame["spend"] < spend.low) | (frame["spend"] > spend.high)).sum()
    assert f"spend {outside} " in told(preparation, "K017")
    # the table itself keeps what was written
    np.testing.assert_array_equal(read(frame).frame["spend"], frame["spend"])


def test_numbers_are_centred_and_of_unit_spread_and_gaps_stay() -> None:
    known = read(customers())
    rows, findings = prepare(known, section()).apply(known)
    assert findings == ()
    assert rows.numbers.dtype == np.float32
    assert rows.numbers.flags.c_contiguous
    # float32 holds seven digits
    np.testing.assert_allclose(np.nanmean(rows.numbers, axis=0, dtype=float), 0, atol=1e-6)
    np.testing.assert_allclose(np.nanstd(rows.numbers, axis=0, dtype=float), 1, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(rows.numbers[:, 1]), known.frame["spend"].isna())


def test_a_skewed_number_is_compared_by_its_logarithm() -> None:
    """A lognormal with sigma 1 has skewness 6; that of its logarithm is 0. Ages are even from 18 to 80."""
    preparation = prepare(read(customers(3000)), section())
    spend, age = field_of(preparation, "spend"), field_of(preparation, "age")
    assert spend.log
    assert spend.offset == 0
    assert not age.log
    assert "spend (skew" in told(preparation, "K019")
    assert not field_of(prepare(read(customers(3000)), section(clean={"skew": "none"})), "spend").log


def test_zeros_of_a_skewed_number_keep_their_distance_finite() -> None:
    frame = customers(3000)
    frame.loc[::4, "spend"] = 0.0
    spend = field_of(prepare(read(frame), section()), "spend")
    assert spend.log
    assert spend.offset == np.quantile(np.clip(frame["spend"], spend.low, spend.high)[lambda v: v > 0], 0.1)
    assert np.isfinite(spend.scaled(np.array([0.0, 1.0]))).all()


def test_the_choice_of_scale_does_not_depend_on_the_unit() -> None:
    """The same money in cents gives the same scaled numbers."""
    frame = customers(1000)
    frame.loc[::7, "spend"] = 0.0
    euros, cents = read(frame), read(frame.assign(spend=frame["spend"] * 100))
    a, _ = prepare(euros, section()).apply(euros)
    b, _ = prepare(cents, section()).apply(cents)
    np.testing.assert_allclose(a.numbers, b.numbers, atol=1e-5)


@given(
    log=st.booleans(),
    offset=st.floats(0.1, 10),
    centre=st.floats(-5, 5),
    scale=st.floats(0.1, 5),
    value=st.floats(0, 100),
)
def test_back_in_original_units(log: bool, offset: float, centre: float, scale: float, value: float) -> None:
    field = NumberField("x", "", -np.inf, np.inf, log, offset if log else 0.0, centre, scale)
    assert field.in_units(field.scaled(np.array([value]))) == pytest.approx([value], rel=1e-9, abs=1e-9)


def test_rare_levels_become_one_and_a_single_one_keeps_its_name() -> None:
    frame = customers(1000)
    frame.loc[:4, "region"] = ["Atlantis", "Atlantis", "Mordor", "Mordor", "Mordor"]
    preparation = prepare(read(frame), section())
    region = preparation.categories[0]
    assert region.levels[-1] == OTHER
    assert set(region.other) == {"Atlantis", "Mordor"}
    assert "2 levels of 5 customers (0.5%)" in told(preparation, "K020")
    rows, _ = preparation.apply(read(frame))
    assert (rows.codes[:5, 0] == region.levels.index(OTHER)).all()
    frame.loc[:4, "region"] = "Mordor"
    assert "Mordor" in prepare(read(frame), section()).categories[0].levels
    kept = prepare(read(frame), section(clean={"rare": 0.0})).categories[0]
    assert OTHER not in kept.levels


def test_levels_are_those_of_the_customers_whatever_their_order() -> None:
    frame = customers()
    a = prepare(read(frame), section())
    b = prepare(read(frame.sample(frac=1, random_state=3)), section())
    assert a.categories == b.categories
    for one, other in zip(a.numbers, b.numbers, strict=True):
        assert (one.low, one.high, one.log) == (other.low, other.high, other.log)
        # sums in another order: the last digits
        assert (one.centre, one.scale) == pytest.approx((other.centre, other.scale), rel=1e-12)


def test_a_level_that_was_never_seen_is_neutral_and_told() -> None:
    preparation = prepare(read(customers()), section())
    new = customers(20, seed=5)
    new.loc[[2, 5], "region"] = "Narnia"
    new.loc[9, "region"] = None
    rows, findings = preparation.apply(customers_from_frame(new, section(), ABOUT, like=preparation))
    assert np.flatnonzero(rows.codes[:, 0] == -1).tolist() == [2, 5, 9]
    (finding,) = [finding for finding in findings if finding.id == "K021"]
    assert '"Narnia"' in finding.what
    assert "2 customers" in finding.what
    assert "rows 3, 6" in finding.where


def test_new_rows_far_outside_the_limits_are_told() -> None:
    """Spend in another currency: four in five values lie above the old limit."""
    preparation = prepare(read(customers()), section())
    new = customers(100, seed=5).assign(spend=lambda t: t["spend"] * 100)
    _, findings = preparation.apply(customers_from_frame(new, section(), ABOUT, like=preparation))
    assert next(finding.where for finding in findings if finding.id == "K018").startswith("DataFrame, column spend")


def test_numbers_that_say_the_same_are_told() -> None:
    frame = customers().assign(cents=lambda t: t["spend"] * 100, tired=lambda t: 100 - t["age"])
    (finding,) = (each for each in prepare(read(frame), section()).findings if each.id == "K011")
    assert "spend and cents (correlation 1.00)" in finding.what
    assert "age and tired (correlation -1.00)" in finding.what
    assert "ignore" in finding.repair


def test_a_category_of_nothing_but_rare_levels_is_told() -> None:
    frame = customers(1000).assign(shop=lambda t: [f"shop {k % 200}" for k in range(len(t))])
    preparation = prepare(read(frame), section())
    assert preparation.categories[-1].levels == (OTHER,)
    assert "no other level is left" in told(preparation, "K020")


def test_kept_as_json_it_does_the_same() -> None:
    known = read(customers())
    for clean in ({}, {"outliers": "keep"}):
        preparation = prepare(known, section(clean=clean))
        again = Preparation.from_dict(json.loads(json.dumps(preparation.as_dict(), allow_nan=False)))
        assert (again.numbers, again.categories) == (preparation.numbers, preparation.categories)
        a, _ = preparation.apply(known)
        b, _ = again.apply(known)
        np.testing.assert_array_equal(a.numbers, b.numbers)
        np.testing.assert_array_equal(a.codes, b.codes)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_weight_is_so_many_rows(seed: int) -> None:
    """Spread, levels and limits of weighted rows are those of rows that are written so often."""
    rng = np.random.default_rng(seed)
    frame = customers(60, seed=seed).assign(weight=rng.integers(1, 4, 60).astype(float))
    often = frame.loc[frame.index.repeat(frame["weight"].astype(int))].assign(weight=1.0)
    often = often.assign(cid=[f"D{k}" for k in range(len(often))])
    clean = {"outliers": "keep", "skew": "none"}  # quantiles of few rows are defined in more than one way
    a = prepare(read(frame, weight="weight"), section(clean=clean))
    b = prepare(read(often, weight="weight"), section(clean=clean))
    for one, other in zip(a.numbers, b.numbers, strict=True):
        assert (one.centre, one.scale) == pytest.approx((other.centre, other.scale), rel=1e-9)
    assert [field.levels for field in a.categories] == [field.levels for field in b.categories]


def test_outliers_are_told_with_their_line() -> None:
    frame = customers()
    frame.loc[41, "age"] = 9999.0
    assert any(
        finding.id == "K018" and "row 42" in finding.where and "9,999" in finding.what
        for finding in prepare(read(frame, clean={"bounds": {"age": (0, 99_999)}}), section()).findings
    )
    flagged = prepare(read(frame, clean={"bounds": {"age": (0, 99_999)}}), section(clean={"outliers": "flag"}))
    assert np.isinf(field_of(flagged, "age").high)
    assert "kept as they are" in told(flagged, "K018")
    assert not told(flagged, "K017")
    assert not prepare(read(frame), section(clean={"outliers": "keep", "skew": "none"})).findings


def test_weights_of_features_are_kept_and_have_to_be_of_features() -> None:
    known = read(customers())
    rows, _ = prepare(known, section(clusters={"weights": {"spend": 2.0, "region": 0.5}})).apply(known)
    assert rows.number_weights.tolist() == [1.0, 2.0, 1.0]
    assert rows.category_weights.tolist() == [0.5, 1.0]
    with pytest.raises(ConfigError, match="spnd"):
        prepare(known, section(clusters={"weights": {"spnd": 2.0}}))


def test_a_column_without_a_cell_in_new_rows_is_neutral() -> None:
    preparation = prepare(read(customers()), section())
    new = customers(10, seed=4).assign(spend=np.nan)
    rows, _ = preparation.apply(customers_from_frame(new, section(), ABOUT, like=preparation))
    assert np.isnan(rows.numbers[:, 1]).all()
    with pytest.raises(DataError) as caught:
        customers_from_frame(new.drop(columns="spend"), section(), ABOUT, like=preparation)
    assert [finding.id for finding in caught.value.findings] == ["D006"]


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_unit_of_a_number_does_not_change_its_spread(unit) -> None:
    frame = customers()
    plain, other = (
        prepare(customers_from_frame(table, section(), ABOUT), section()).numbers[0]
        for table in (frame, frame.assign(age=frame["age"] * unit))
    )
    assert (plain.name, other.name) == ("age", "age")
    assert other.scale == pytest.approx(plain.scale * unit)  # squares of such numbers are infinite or nothing


def test_the_scale_does_not_hang_on_the_first_rows() -> None:
    """1,200 who spent nothing before 800 who did: the thousand first say nothing about the others."""
    spent = np.r_[np.zeros(1_200), np.random.default_rng(1).lognormal(3.0, 1.5, 800)]
    frame = customers(2_000).assign(spend=spent)
    found = [field_of(prepare(read(rows), section()), "spend") for rows in (frame, frame.iloc[::-1])]
    assert found[0].log
    assert found[0].log == found[1].log


def test_a_text_among_codes_was_never_seen(tmp_path: Path) -> None:
    frame = customers().assign(code=lambda t: np.arange(len(t)) % 3)
    codes = section(source="c.csv", categorical=("code",))
    frame.to_csv(tmp_path / "c.csv", index=False)
    learnt = prepare(read_customers(codes, ABOUT, tmp_path), codes)
    frame.head(3).assign(code=["X", "1.0", "2"]).to_csv(tmp_path / "c.csv", index=False)
    rows, findings = learnt.apply(read_customers(codes, ABOUT, tmp_path, like=learnt))
    at = rows.categorical.index("code")
    assert [("", *rows.levels[at])[code + 1] for code in rows.codes[:, at]] == ["", "1", "2"]
    assert "X" in next(finding.what for finding in findings if finding.id == "K021")

"""Rates of segments by protected columns."""

from __future__ import annotations

import numpy as np
import pytest

from outlay.errors import ConfigError
from segmentation.bias import bias
from tests.segmentation.customers_made import customers_of, section_of

NAMES = {1: "gold", 2: "rest"}


def test_rates_and_ratios_by_hand() -> None:
    # of 100 men 40 are gold, of 100 women 20: ratio one half
    sex = np.repeat(["m", "f"], 100)
    numbers = np.concatenate([np.repeat([1, 2], [40, 60]), np.repeat([1, 2], [20, 80])])
    customers = customers_of({"x": np.arange(200.0)}, others={"sex": sex.astype(object)})
    found = bias(customers, numbers, section_of(protected=["sex"]), 0.9, NAMES)
    gold = found.table[found.table["outcome"] == "gold"].set_index("level")
    assert gold.loc["f", ["rate", "ratio"]].tolist() == pytest.approx([0.2, 0.5])
    assert gold.loc["m", "best"]
    assert gold.loc["f", "ratio_high"] < 0.8
    # one finding for all segments: the lowest ratio is that of gold (0.5); among the rest 60 / 80 = 0.75 may be chance
    assert [finding.id for finding in found.findings] == ["K066"]
    assert "20.0% of f against 40.0% of m" in found.findings[0].what


def test_other_rates_are_told_apart_from_segments() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(["a", "b"], 500)
    top = (rng.random(1000) < np.where(group == "a", 0.2, 0.05)).astype(float)
    top[:7] = np.nan
    customers = customers_of({"x": np.arange(1000.0)}, others={"group": group.astype(object)})
    numbers = np.tile([1, 2], 500)
    found = bias(customers, numbers, section_of(protected=["group"]), 0.9, NAMES, {"top tenth": top})
    rows = found.table[found.table["outcome"] == "top tenth"]
    assert rows["number"].isna().all()
    assert rows["customers"].sum() == 993
    # segments alternate: the same rate in both groups, and nothing to tell
    assert [finding.what.split(":")[0] for finding in found.findings] == ["top tenth"]


def test_missing_cells_are_a_level() -> None:
    group = np.array(["a"] * 50 + ["b"] * 50 + [None] * 40, dtype=object)
    customers = customers_of({"x": np.arange(140.0)}, others={"group": group})
    found = bias(customers, np.tile([1, 2], 70), section_of(protected=["group"]), 0.9, NAMES)
    assert set(found.table["level"]) == {"a", "b", "(missing)"}


def test_numbers_are_told_in_bands_and_rare_levels_together() -> None:
    rng = np.random.default_rng(2)
    ages, town = rng.integers(18, 90, 400).astype(float), np.where(np.arange(400) < 5, "x", "y")
    town[:2] = "z"
    third = np.where(np.arange(400) % 3 == 0, "w", town)
    customers = customers_of({"x": np.arange(400.0)}, others={"age": ages, "town": third.astype(object)})
    found = bias(customers, np.tile([1, 2], 200), section_of(protected=["age", "town"]), 0.9, NAMES)
    assert found.table[found.table["column"] == "age"]["level"].nunique() == 4
    assert set(found.table[found.table["column"] == "town"]["level"]) == {"w", "y", "(rare levels)"}
    assert [finding.id for finding in found.findings].count("K068") == 2


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="there is no column 'sex'"):
        bias(customers_of({"x": np.arange(9.0)}), np.ones(9, dtype=int), section_of(protected=["sex"]), 0.9, NAMES)


def test_nothing_protected_gives_an_empty_table() -> None:
    found = bias(customers_of({"x": np.arange(9.0)}), np.ones(9, dtype=int), section_of(), 0.9, NAMES)
    assert found.table.empty
    assert found.findings == ()

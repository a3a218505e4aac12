"""Drivers: what goes with value is found on customers not learnt from, and chance is called chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outlay.errors import ConfigError
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.customers_made import SPENT
from segmentation.drivers import Drivers, drivers
from segmentation.drivers_learn import explained, learn, poisson_deviance
from segmentation.drivers_table import driver_table, value_parts
from tests.segmentation.customers_made import customers_of, section_of

NAMES = {1: "a", 2: "b"}
N = 1500


def made(seed: int = 1, n: int = N) -> Customers:
    """Value with mean exp(3 + 0.8 income + 0.5 if north): noise and shoe size say nothing."""
    rng = np.random.default_rng(seed)
    income, shoe = rng.normal(size=n), rng.normal(40, 3, n)
    region = rng.choice(["north", "south"], n)
    mean = np.exp(3 + 0.8 * income + 0.5 * (region == "north"))
    value = mean * rng.gamma(4, 0.25, n)
    income[:30] = np.nan
    return customers_of(
        {"income": income, "shoe": shoe},
        {"region": region},
        others={"part": value / 2, "segment": 1.0 + (rng.random(n) < 0.5)},
        value=value,
        units={"income": "EUR"},
    )


def section(**keys: object) -> CustomersSection:
    return section_of(value="part", drivers={"features": ["income", "shoe", "region", "part"]}, **keys)


@pytest.fixture(scope="module")
def found() -> Drivers:
    customers = made()
    result = drivers(customers, customers.frame["segment"].to_numpy(dtype=int), section(), NAMES, 1, 0.9)
    assert result is not None
    return result


def test_what_matters_is_found_and_what_does_not_is_not(found: Drivers) -> None:
    overall = found.importance[found.importance["number"].isna()].set_index("feature")
    assert overall.index.tolist()[:2] == ["income", "region"]
    assert overall.loc["income", "low"] > overall.loc["region", "high"] > 0
    # shoe size says nothing: what shuffling it does on unseen customers is noise around nothing, or less where the
    # trees took it up; 2 % of the differences is ten times what was seen
    assert abs(overall.loc["shoe", "importance"]) < 0.02
    assert set(found.importance["unit"]) == {"share"}


def test_importance_of_effects_that_add_up_is_their_part_of_the_variation() -> None:
    # value = 2 a + b + noise with variances 4, 1 and 1: parts 4/6 and 1/6 (Gregorutti et al. 2017, proposition 1).
    # Negative values, so that the loss is the squared error.
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 6000))
    customers = customers_of({"a": a, "b": b}, value=2 * a + b + rng.normal(size=6000), value_name="profit")
    result = drivers(customers, np.ones(6000, dtype=int), section_of(), {1: "all"}, 1, 0.9)
    assert result is not None
    part = result.importance[result.importance["number"].isna()].set_index("feature")["importance"]
    # trees shrink towards the mean and give steps for lines: a few per cent less
    assert part["a"] == pytest.approx(4 / 6, abs=0.06)
    assert part["b"] == pytest.approx(1 / 6, abs=0.03)
    r2 = result.metrics[result.metrics["number"].isna() & (result.metrics["measure"] == "R2")].iloc[0]
    # 5 / 6 is the most that anybody could predict
    assert 0.78 < r2["value"] < 5 / 6 + 0.01
    assert "deviance explained" not in set(result.metrics["measure"])


def test_curves_are_in_money_and_centred(found: Drivers) -> None:
    curve = found.partial[found.partial["feature"] == "income"]
    assert set(curve["unit"]) == {"EUR"}
    assert np.average(curve["effect"], weights=curve["customers"]) == pytest.approx(0, abs=1e-6)
    at = np.interp([-1.0, 1.0], curve["x"], curve["effect"])
    # mean over regions exp(3) (exp(0.5) + 1) / 2 = 26.6 at income 0, times exp(0.8) or exp(-0.8): 59.2 - 11.9 = 47.2
    assert at[1] - at[0] == pytest.approx(47.2, rel=0.15)
    assert ((curve["low"] <= curve["effect"]) & (curve["effect"] <= curve["high"])).all()
    region = found.partial[found.partial["feature"] == "region"].set_index("level")["effect"]
    # E[exp(0.8 income)] = exp(0.32): exp(3.32) (exp(0.5) - 1) = 17.9
    assert region["north"] - region["south"] == pytest.approx(17.9, rel=0.2)


def test_parts_of_the_value_are_no_drivers_and_told(found: Drivers) -> None:
    assert "part" not in set(found.importance["feature"])
    told = [finding for finding in found.findings if finding.id == "K059"]
    assert len(told) == 1
    assert told[0].what.endswith(": part")


def test_a_column_that_is_value_by_another_name_is_none() -> None:
    customers = made(n=300)
    twin = customers_of(
        {"income": customers.frame["income"].to_numpy(), "copy": np.log(customers.value)}, value=customers.value
    )
    table, told = driver_table(twin, section_of(), np.arange(300), np.asarray(twin.value))
    assert table.features == ("income",)
    assert "copy" in told[0].what


def test_orders_times_their_mean_are_what_was_spent() -> None:
    rng = np.random.default_rng(1)
    columns = {name: rng.random(50) for name in ("frequency", "monetary", "items", "recency")}
    customers = customers_of(columns, value=columns["frequency"] * columns["monetary"], value_name=SPENT)
    assert value_parts(customers, section_of()) == ("frequency", "monetary", "items")


def test_chance_is_called_chance() -> None:
    rng = np.random.default_rng(3)
    customers = customers_of({"x": rng.normal(size=600), "y": rng.normal(size=600)}, value=rng.lognormal(size=600))
    result = drivers(customers, np.ones(600, dtype=int), section_of(), NAMES, 1, 0.9)
    assert result is not None
    assert "K060" in [finding.id for finding in result.findings]
    assert "may be chance" in " ".join(result.sentences)


def test_what_is_said_is_association(found: Drivers) -> None:
    said = " ".join(found.sentences)
    assert "Most of it goes with income (" in said
    assert "These are associations" in said


def test_within_a_segment_what_tells_segments_apart_counts_for_nothing() -> None:
    rng = np.random.default_rng(4)
    numbers = np.repeat([1, 2], 400)
    tier = numbers.astype(float)
    income = rng.normal(size=800)
    customers = customers_of({"tier": tier, "income": income}, value=np.exp(tier + 0.5 * income))
    result = drivers(customers, numbers, section_of(), NAMES, 1, 0.9)
    assert result is not None
    part = result.importance.set_index(["number", "feature"])["importance"]
    overall = result.importance[result.importance["number"].isna()].set_index("feature")["importance"]
    assert overall["tier"] > 0.1
    assert part[1, "tier"] == 0.0


def test_same_seed_same_numbers_and_sampling_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import segmentation.drivers as module

    monkeypatch.setattr(module, "SAMPLE", 400)
    customers = made(n=600)
    numbers = np.ones(600, dtype=int)
    one, two = (drivers(customers, numbers, section(), NAMES, 5, 0.9) for _ in range(2))
    assert one is not None
    assert two is not None
    pd.testing.assert_frame_equal(one.importance, two.importance)
    pd.testing.assert_frame_equal(one.partial, two.partial)
    assert one.facts["customers"] == 400
    assert "400 of 600" in next(finding.what for finding in one.findings if finding.id == "K058")


def test_predictions_do_not_depend_on_the_number_of_threads() -> None:
    from threadpoolctl import threadpool_limits

    customers = made(n=600)
    table, _ = driver_table(customers, section(), np.arange(600), np.asarray(customers.value))
    said = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            said.append(learn(table, np.asarray(customers.value), np.ones(600), np.zeros(600, np.intp), 1).predicted)
    assert (said[0] == said[1]).all()


def test_too_few_give_no_drivers() -> None:
    result = drivers(made(n=80), np.ones(80, dtype=int), section(), NAMES, 1, 0.9)
    assert result is not None
    assert result.importance.empty
    assert "K061" in [finding.id for finding in result.findings]


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="there is no column 'incom'"):
        drivers(made(n=200), np.ones(200, dtype=int), section_of(drivers={"features": ["incom"]}), NAMES, 1, 0.9)


def test_explained_by_hand_and_its_interval() -> None:
    y = np.array([0.0, 1.0, 2.0, 3.0])
    base, loss = (y - 1.5) ** 2, np.full(4, 0.25)
    # total of squares 5, of errors 1: R2 = 0.8
    assert explained(loss, base, np.ones(4), 0.9).value == pytest.approx(0.8)
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        x = rng.normal(size=400)
        z = x + rng.normal(size=400)
        each = explained((z - x) ** 2, z**2, np.ones(400), 0.9)
        held += each.low <= 0.5 <= each.high  # var(x) / var(z) = 1 / 2
    # 300 intervals of 90 %: standard error 0.017, three of them
    assert held / 300 == pytest.approx(0.9, abs=0.052)


def test_deviance_of_nothing_spent() -> None:
    # y log(y / m) is nothing at y = 0: the deviance is twice the prediction
    assert poisson_deviance(np.array([0.0, 2.0]), np.array([3.0, 2.0])).tolist() == [6.0, 0.0]

"""The association of a programme with value: exact against its definition, right on average, and told for what it "
"is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from outlay.errors import ConfigError, DataError
from segmentation.config import CustomersSection
from segmentation.customers import Customers
from segmentation.drivers import drivers
from segmentation.effects import EffectFound, effect_of, robustness
from segmentation.effects_data import compared, covariates_of
from segmentation.effects_stats import EffectData, log_marginal, posterior_of, squares_of
from tests.segmentation.customers_made import customers_of, section_of

NAMES = {1: "first", 2: "second", 3: "third", 4: "fourth"}


def made(seed: int, n: int = 1200, effects: tuple[float, ...] = (0.1, 0.3, 0.5), confounded: bool = True) -> Customers:
    """Log value = 4 + segment + 0.5 income + effect of the segment for participants + noise of 0.6.

    Participants have more income, so that they spend more without the programme too.
    """
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, len(effects), n)
    income = rng.normal(size=n)
    part = (rng.random(n) < 1 / (1 + np.exp(-(income if confounded else 0 * income)))).astype(float)
    log = 4 + 0.4 * segment + 0.5 * income + np.array(effects)[segment] * part + rng.normal(0, 0.6, n)
    return customers_of(
        {"income": income},
        others={"club": part, "in_segment": segment + 1.0},
        value=np.exp(log),
        units={"income": "EUR"},
    )


def section(**drivers_keys: object) -> CustomersSection:
    return section_of(value="sales", drivers={"features": ["income"], "programmes": ["club"], **drivers_keys})


def found_in(customers: Customers, seed: int = 1, level: float = 0.9) -> EffectFound:
    numbers = customers.frame["in_segment"].to_numpy(dtype=np.intp)
    return effect_of(customers, numbers, section(), NAMES, level, seed)


def small_data(k: int = 3, n: int = 60) -> EffectData:
    rng = np.random.default_rng(3)
    place = np.arange(n) % k
    part = (rng.random(n) < 0.4).astype(float)
    y = 2 + place + 0.5 * part + rng.normal(size=n)
    weight = rng.uniform(0.5, 1.5, n)
    ratio = np.array([0.8, 1.0, 1.3])[:k]
    return EffectData(y, part, place, rng.normal(size=(n, 2)), weight, k, ratio, 1.0)


def test_the_marginal_density_is_that_of_the_definition() -> None:
    # log p(y | v, s) = log p(y, theta | v, s) - log p(theta | y, v, s) at any theta whatever (Bayes' rule), with
    # p(y, theta) from the PyMC model: its density of everything less those of spread and sigma, which are given here
    import pymc as pm

    from segmentation.model_effect import build_model

    data = small_data()
    model = build_model(data)
    logp = model.compile_logp(jacobian=False)
    squares = squares_of(data)
    rng = np.random.default_rng(5)
    for spread, sigma in ((0.2, 0.9), (0.7, 1.4)):
        marginal, mean, precision = log_marginal(data, squares, spread, sigma)
        theta = mean + rng.normal(0, 0.1, len(mean))
        effect, common = theta[-data.k :], 0.3
        point = {
            # the sums count y from its mean, and so do their intercepts
            "intercept": theta[: data.k] + data.centre,
            "beta": theta[data.k : -data.k],
            "effect": effect,
            "common": common,
            "spread_log__": math.log(spread),
            "log_sigma": math.log(sigma),
        }
        joint = float(logp(point)) - float(pm.logp(pm.HalfNormal.dist(data.reach / 2), spread).eval())
        # the common effect is integrated out there: given the effects it is normal with this precision and mean
        own = data.k / spread**2 + 1 / data.reach**2
        at = effect.sum() / spread**2 / own
        joint -= 0.5 * math.log(own / (2 * math.pi)) - 0.5 * own * (common - at) ** 2
        away = theta - mean
        _, determinant = np.linalg.slogdet(precision / (2 * math.pi))
        conditional = 0.5 * determinant - 0.5 * away @ precision @ away
        # intercepts have a prior of 10 scales about the mean of y in both
        assert joint - conditional == pytest.approx(marginal, abs=1e-6)


@pytest.mark.slow
def test_draws_are_those_of_the_sampler() -> None:
    from outlay.sampling import SamplerSettings, sample
    from segmentation.model_effect import build_model

    customers = made(2, n=400)
    who, _ = compared(customers, section(), "club")
    data = who.data(customers.frame["in_segment"].to_numpy(dtype=np.intp)[who.rows] - 1, 3)
    exact = posterior_of(data, 20_000, 1)
    drawn = sample(build_model(data), SamplerSettings(draws=2000, tune=1000, chains=4, seed=4))
    effect = drawn.values["effect"].reshape(-1, 3)
    # 8,000 correlated draws, effective size about 3,000 where the spread is small: the error of a mean is 0.02 of the
    # posterior's standard deviation, that of a standard deviation 1.5 %. 0.1 and 8 % are five times that: a false alarm
    # is rarer than one in a million
    sd = exact.effects.std(axis=0)
    assert np.abs(effect.mean(axis=0) - exact.effects.mean(axis=0)) / sd == pytest.approx(0, abs=0.1)
    assert effect.std(axis=0) / sd == pytest.approx(1, abs=0.08)
    assert np.median(drawn.values["spread"]) == pytest.approx(float(np.median(exact.spread)), rel=0.15)


def test_an_effect_is_found_where_participants_would_spend_more_anyway() -> None:
    found = found_in(made(1, n=6000)).table
    # participants have 0.8 more income or so, which alone is worth 0.4 of log value: unadjusted, the first segment's
    # effect of exp(0.1) - 1 = 11 % would look like 60 %. Its standard error is 0.6 / sqrt(2000 / 4) = 0.027: four of it
    truth = np.expm1([0.1, 0.3, 0.5])
    estimate = found["effect"].to_numpy(dtype=float)[1:]
    assert np.log1p(estimate) == pytest.approx(np.log1p(truth), abs=0.11)
    assert list(found["number"].isna()) == [True, False, False, False]
    assert set(found["unit"]) == {"share"}
    # the row over all: 0.3 on average of three segments of one size
    assert np.log1p(found["effect"].iloc[0]) == pytest.approx(0.3, abs=0.07)


def test_small_segments_borrow_from_the_others() -> None:
    rng = np.random.default_rng(4)
    customers = made(4, n=900, effects=(0.3, 0.3, 0.3))
    frame = customers.frame
    few = (frame["in_segment"] == 3) & (rng.random(len(frame)) < 0.93)
    kept = np.flatnonzero(~few.to_numpy())
    part = frame.iloc[kept].reset_index(drop=True)
    fewer = customers_of(
        {"income": part["income"].to_numpy()},
        others={"club": part["club"].to_numpy(), "in_segment": part["in_segment"].to_numpy()},
        value=customers.value[kept],
    )
    who, _ = compared(fewer, section(), "club")
    place = part["in_segment"].to_numpy(dtype=np.intp) - 1
    alone = who.data(np.where(place == 2, 0, 1), 2)
    assert (place == 2).sum() < 40  # about 21 of 300 are left
    pooled = posterior_of(who.data(place, 3), 4000, 1).effects[:, 2]
    # on its own the small segment's standard error is 2 x 0.6 / sqrt(21) = 0.26; borrowing narrows it by a fifth
    own = place == 2
    x = np.column_stack([np.ones(own.sum()), who.part[own]])
    rest = alone.y[own] - x @ np.linalg.lstsq(x, alone.y[own], rcond=None)[0]
    error = np.sqrt(rest.var() * np.linalg.inv(x.T @ x)[1, 1])
    assert pooled.std() < 0.8 * error


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held, count = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(1000 + seed)
        truth = rng.normal(0.2, 0.2, 4)
        found = found_in(made(seed, n=800, effects=tuple(truth)), level=0.8).table.iloc[1:]
        inside = (found["low"] <= np.expm1(truth)) & (np.expm1(truth) <= found["high"])
        held, count = held + int(inside.sum()), count + 4
    # 240 intervals of 80 %, four of a data set little dependent: standard error 0.026; three of them, false alarm 0.3 %
    assert held / count == pytest.approx(0.8, abs=0.08)


def test_money_where_many_spent_nothing() -> None:
    rng = np.random.default_rng(7)
    n = 3000
    part = (rng.random(n) < 0.5).astype(float)
    value = np.where(rng.random(n) < 0.3, 0.0, 50 + 20 * part + rng.normal(0, 10, n))
    customers = customers_of(
        {"income": rng.normal(size=n)}, others={"club": part, "in_segment": np.ones(n)}, value=value
    )
    found = found_in(customers).table
    assert set(found["unit"]) == {"EUR"}
    # 0.7 of them spend 20 more: 14, with a standard error of 2 x 30 / sqrt(3000) = 1.1
    assert found["effect"].iloc[0] == pytest.approx(14, abs=4.4)


def test_few_without_spending_are_left_out_and_told() -> None:
    customers = made(5)
    value = np.array(customers.value)
    value[:20] = 0.0
    value[20] = np.nan
    other = customers_of(
        {"income": customers.frame["income"].to_numpy()},
        others={name: customers.frame[name].to_numpy() for name in ("club", "in_segment")},
        value=value,
    )
    found = found_in(other)
    told = [finding for finding in found.findings if finding.id == "K065"]
    assert [finding.what.split(" ")[0] for finding in told] == ["1", "20"]
    assert "line 22" in told[0].where  # the header is line 1
    assert found.table["customers"].iloc[0] == 1200 - 21


def test_a_hidden_cause_that_would_do_it() -> None:
    # t = 4.18 with 783 free rows is the running example of Cinelli and Hazlett (2020, table 1): robustness value 13.9 %
    t, free = 4.18, 783
    draws = np.random.default_rng(1).standard_normal(400_000)
    draws = (draws - draws.mean()) / draws.std() + t
    assert robustness(draws, free) == pytest.approx(0.139, abs=0.0005)


def test_sentences_tell_association_from_cause() -> None:
    said = " ".join(found_in(made(1)).sentences)
    assert "A typical customer with club spends" in said
    assert "90% interval" in said
    assert "That is an association and not what the programme brings" in said
    assert "left out by lot" in said


def test_rows_that_hardly_count_make_no_effect_robust() -> None:
    """Weights: the robustness value is that of the customers who count, and not of all rows."""
    table = made(4, 1200)
    counts = np.arange(1200) < 300
    weighed = replace(table, weight=np.where(counts, 1.0, 1e-9))
    few = replace(table, frame=table.frame[counts], value=table.value[counts], ids=table.ids[counts])  # type: ignore[index]
    few = replace(few, lines=table.lines[counts], weight=table.weight[counts])
    first, second = (float(found_in(each).facts["hidden_cause"]) for each in (weighed, few))
    assert first == pytest.approx(second, rel=0.1)


def test_same_seed_same_effect_and_rows_in_any_order() -> None:
    customers = made(6, n=600)
    one, two = found_in(customers), found_in(customers)
    assert one.table.equals(two.table)
    order = np.random.default_rng(1).permutation(600)
    frame = customers.frame.iloc[order]
    turned = customers_of(
        {"income": frame["income"].to_numpy()},
        others={name: frame[name].to_numpy() for name in ("club", "in_segment")},
        value=customers.value[order],
    )
    # sums in another order differ in the last digits, the draws with them
    again = found_in(turned).table
    assert again["effect"].to_numpy(dtype=float) == pytest.approx(one.table["effect"].to_numpy(dtype=float), rel=1e-6)


def test_segments_made_from_value_are_told() -> None:
    customers = made(1)
    spent = customers_of(
        {"income": customers.frame["income"].to_numpy(), "sales": np.array(customers.value)},
        others={name: customers.frame[name].to_numpy() for name in ("club", "in_segment")},
        value=customers.value,
    )
    ids = [finding.id for finding in found_in(spent).findings]
    assert "K062" in ids
    assert "K062" not in [finding.id for finding in found_in(customers).findings]


def test_few_participants_are_told() -> None:
    customers = made(1, n=600)
    part = customers.frame["club"].to_numpy().copy()
    part[customers.frame["in_segment"].to_numpy() == 2] = 0
    few = customers_of(
        {"income": customers.frame["income"].to_numpy()},
        others={"club": part, "in_segment": customers.frame["in_segment"].to_numpy()},
        value=customers.value,
    )
    told = [finding.what for finding in found_in(few).findings if finding.id == "K064"]
    assert told == [f"of segment second 0 took part in club and {int((few.frame['in_segment'] == 2).sum())} did not"]


@pytest.mark.parametrize("values", [[0.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
def test_a_programme_is_0_or_1(values: list[float]) -> None:
    n = 200
    customers = customers_of(
        {"income": np.arange(float(n))},
        others={"club": np.tile(values, n // 2), "in_segment": np.ones(n)},
        value=np.arange(1.0, n + 1),
    )
    with pytest.raises(DataError, match="K063"):
        found_in(customers)


def test_a_programme_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="there is no column 'clup'"):
        effect_of(
            made(1), np.ones(1200, dtype=np.intp), section_of(value="sales", drivers={"effect": "clup"}), NAMES, 0.9, 1
        )


def test_too_few_in_all_give_no_effect() -> None:
    customers = made(1, n=600)
    part = np.zeros(600)
    part[:9] = 1.0
    few = customers_of(
        {"income": customers.frame["income"].to_numpy()},
        others={"club": part, "in_segment": np.ones(600)},
        value=customers.value,
    )
    found = found_in(few)
    assert found.table.empty
    assert [finding.id for finding in found.findings] == ["K061"]


def test_weights_narrow_nothing_that_rows_do_not() -> None:
    # every row stands for 100 customers: the interval is that of the rows, not of 100 times as many
    customers = made(8, n=600)
    heavy = customers_of(
        {"income": customers.frame["income"].to_numpy()},
        others={name: customers.frame[name].to_numpy() for name in ("club", "in_segment")},
        value=customers.value,
        weight=np.full(600, 100.0),
    )
    one, hundred = found_in(customers).table, found_in(heavy).table
    assert hundred["low"].to_numpy(dtype=float) == pytest.approx(one["low"].to_numpy(dtype=float), rel=1e-6)
    assert hundred["customers"].iloc[0] == 60_000


def test_covariates_have_no_holes() -> None:
    from segmentation.drivers_table import DriverTable

    rng = np.random.default_rng(2)
    numbers, codes = rng.lognormal(0, 2, 300), rng.integers(0, 3, 300).astype(float)
    numbers[:30], codes[5:15] = np.nan, np.nan
    table = DriverTable(("a", "b"), np.column_stack([numbers, codes]), {"b": ("x", "y", "z")})
    matrix, names = covariates_of(table, "c")
    # a number, its square, its holes; two of three levels, and their holes
    assert matrix.shape == (300, 6)
    assert np.isfinite(matrix).all()
    assert matrix.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert names == ("a", "b")


def test_drivers_without_a_value_are_none() -> None:
    customers = customers_of({"income": np.arange(50.0)})
    assert drivers(customers, np.ones(50, dtype=int), section_of(), NAMES, 1, 0.9) is None

"""The densities of lifetime value: against PyMC, integrals, published values, and under changes of unit and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import digamma as scipy_digamma
from scipy.special import hyp2f1, roots_jacobi
from scipy.stats import gamma as gamma_law
from scipy.stats import norm

from segmentation.clv_cells import group, money_cells, purchase_cells
from segmentation.clv_mode import Fused, find_mode, fused_of, natural, start_of
from segmentation.clv_pack import pack_money, pack_purchases
from segmentation.clv_priors import Priors
from tests.segmentation.buyers import buyers, cdnow, purchases_at

PRIORS = Priors(alpha=15.0, beta=15.0, v=25.0)
CENTRES = {
    "bg_nbd": np.array([-0.3, 2.1, -0.6, 0.5]),
    "pareto_nbd": np.array([-0.6, 2.3, -0.5, 2.4]),
    "gamma_gamma": np.array([1.8, 1.0, 2.7]),
}
"""Unbounded parameters in the middle of where posteriors are; the tests go 0.7 standard normal from there."""

FLAT = Priors(r=1e9, s=1e9, alpha=1e9, beta=1e9, p=1e9, q=1e9, v=1e9)
"""Weibull priors so wide that the density is the likelihood, times 2 log(parameter) each."""


def density(model: str, priors: Priors = PRIORS, n: int = 400, unit: float = 7.0, money: float = 1.0) -> Fused:
    """The kernel's density of simulated customers."""
    rows = buyers(n, 5)
    x, last, age = (rows[name].to_numpy() for name in ("frequency", "recency", "age"))
    if model == "gamma_gamma":
        own = x > 0
        return fused_of(pack_money(money_cells(x[own], money * rows["monetary"].to_numpy()[own]), priors))
    return fused_of(pack_purchases(purchase_cells(x, last / unit, age / unit), model, priors))


def places(model: str, n: int = 6) -> np.ndarray:
    """Points around the middle."""
    return CENTRES[model] + 0.7 * np.random.default_rng(11).standard_normal((n, len(CENTRES[model])))


def pymc_coordinates(model: str, at: np.ndarray) -> tuple[np.ndarray, float]:
    """Where PyMC has the same parameters, logit(phi) and log(kappa - 1), and the logarithm of how they stretch."""
    if model != "bg_nbd":
        return at, 0.0
    w, u = at[2:]
    phi, omega = norm.cdf(w), norm.cdf(-u)  # kappa = 1 / omega
    stretch = norm.logpdf(w) - np.log(phi * (1 - phi)) + norm.logpdf(u) - np.log(omega * (1 - omega))
    return np.r_[at[:2], np.log(phi / (1 - phi)), np.log(1 / omega - 1)], float(stretch)


@pytest.mark.parametrize("model", CENTRES)
def test_kernel_is_the_definition(model: str) -> None:
    from segmentation.model_clv import build_money, build_purchases

    rows = buyers(400, 5)
    x, last, age = (rows[name].to_numpy() for name in ("frequency", "recency", "age"))
    if model == "gamma_gamma":
        built = build_money(money_cells(x[x > 0], rows["monetary"].to_numpy()[x > 0]), PRIORS)
    else:
        built = build_purchases(purchase_cells(x, last / 7, age / 7), model, PRIORS)
    logp = built.compile_fn(built.logp(), mode="FAST_COMPILE")
    names = [variable.name for variable in built.value_vars]
    fused = density(model)
    apart = []
    for at in places(model):
        theirs, stretch = pymc_coordinates(model, at)
        apart.append(fused(at)[0] - stretch - float(logp(dict(zip(names, theirs, strict=True)))))
    # the same up to a constant; 1e-8 is the rounding of sums of some thousand nats
    np.testing.assert_allclose(apart, apart[0], rtol=0, atol=1e-8)


@pytest.mark.parametrize("model", CENTRES)
def test_gradient(model: str) -> None:
    fused, step = density(model), 1e-5
    for at in places(model):
        slope = [
            (fused(at + own)[0] - fused(at - own)[0]) / (2 * step) for own in step * np.eye(len(at))
        ]  # error step^2 f''' / 6 + rounding 1e-12 |f| / step: about 1e-7 of the gradient
        np.testing.assert_allclose(fused(at)[1], slope, rtol=1e-6, atol=1e-6 * np.abs(slope).max())


def one(model: str, customer: tuple[float, float, float], at: np.ndarray) -> float:
    """Likelihood of a customer at unbounded parameters, without the priors."""
    x, last, age = (np.array([value]) for value in customer)
    fused = fused_of(pack_purchases(purchase_cells(x, last, age), model, FLAT))
    prior = 2.0 * at.sum()
    if model == "bg_nbd":
        prior = 2.0 * at[:2].sum() - 0.5 * (at[2:] @ at[2:])
    return float(np.exp(fused(at)[0] - prior))


@pytest.mark.parametrize("customer", [(0.0, 0.0, 8.0), (1.0, 3.0, 8.0), (4.0, 7.5, 8.0)])
def test_bg_nbd_is_the_integral_over_customers(customer: tuple[float, float, float]) -> None:
    x, last, age = customer
    at = np.array([0.2, 1.5, -0.4, 0.9])
    p = natural("bg_nbd", at)

    # over the chance to leave: polynomials in it, for which Gauss and Jacobi's rule is exact
    nodes, weights = roots_jacobi(20, p["b"] - 1.0, p["a"] - 1.0)
    leave, weights = 0.5 * (nodes + 1.0), weights / weights.sum()
    stay, left = weights @ (1 - leave) ** x, weights @ (leave * (1 - leave) ** max(x - 1, 0)) if x > 0 else 0.0

    def at_rate(rate: float) -> float:
        known = stay * np.exp(-rate * age) + left * np.exp(-rate * last)
        return float(rate**x * known * gamma_law.pdf(rate, p["r"], scale=1 / p["alpha"]))

    found, _ = quad(at_rate, 0, np.inf, epsabs=0, epsrel=1e-11)
    assert one("bg_nbd", customer, at) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("alpha", [3.0, 40.0])  # below and above beta: two branches of the series
@pytest.mark.parametrize("customer", [(0.0, 0.0, 8.0), (1.0, 3.0, 8.0), (30.0, 7.5, 8.0)])
def test_pareto_nbd_is_the_integral_over_the_time_of_leaving(
    alpha: float, customer: tuple[float, float, float]
) -> None:
    x, last, age = customer
    r, s, beta = 0.7, 0.6, 12.0

    def leaves(y: float) -> float:
        return float(s * (alpha + y) ** -(r + x) * (beta + y) ** -(s + 1))

    whole = (alpha + age) ** -(r + x) * (beta + age) ** -s + quad(leaves, last, age, epsabs=0, epsrel=1e-12)[0]
    head = np.exp(np.sum(np.log(r + np.arange(int(x)))))  # gamma(r + x) / gamma(r)
    expected = head * alpha**r * beta**s * whole  # Fader and Hardie 2005, before the integral is solved
    assert one("pareto_nbd", customer, np.log([r, alpha, s, beta])) == pytest.approx(expected, rel=1e-10)


@given(st.floats(0.01, 60), st.floats(0.01, 8), st.floats(0, 0.995))
def test_series_is_gauss_function(d: float, more: float, z: float) -> None:
    from segmentation.kernel_clv_math import falling_series

    k, out = d + more, np.empty(4)
    falling_series(d, k, z, out)
    # S = 2F1(1, d; k + 1; z): its terms are (d)_n / (k + 1)_n z^n. scipy keeps 9 digits near z = 1
    assert np.exp(out[0]) == pytest.approx(hyp2f1(1.0, d, k + 1.0, z), rel=1e-8)
    near = np.empty(4)
    for place, (a, b, c) in enumerate([(1e-6, 0, 0), (0, 1e-6, 0), (0, 0, 1e-6)], start=1):
        falling_series(d + a, k + b, z + c, near)
        size = 1.0 + abs(out[place])
        assert (near[0] - out[0]) / 1e-6 == pytest.approx(out[place], abs=3e-3 * size**2)  # a one-sided difference


@given(st.floats(1e-3, 1e6))
def test_digamma(x: float) -> None:
    from segmentation.kernel_clv_math import digamma

    assert digamma(x) == pytest.approx(float(scipy_digamma(x)), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("model", CENTRES)
def test_units_only_move_the_scale(model: str) -> None:
    """Days for weeks, cents for dollars: the same posterior, with alpha, beta or v in the other unit."""
    other = Priors(alpha=7 * PRIORS.alpha, beta=7 * PRIORS.beta, v=100 * PRIORS.v)
    first, second = density(model), density(model, other, unit=1.0, money=100.0)
    move = {"bg_nbd": (0, 1, 0, 0), "pareto_nbd": (0, 1, 0, 1), "gamma_gamma": (0, 0, 1)}[model]
    factor = np.log(100.0 if model == "gamma_gamma" else 7.0)
    apart = [first(at)[0] - second(at + factor * np.array(move))[0] for at in places(model)]
    np.testing.assert_allclose(apart, apart[0], rtol=0, atol=1e-8)


@given(st.permutations(range(40)), st.lists(st.integers(1, 4), min_size=40, max_size=40))
def test_order_and_grouping_change_nothing(order: list[int], times: list[int]) -> None:
    rows = buyers(40, 9)
    x, last, age = (rows[name].to_numpy() for name in ("frequency", "recency", "age"))
    weighted = purchase_cells(x, last, age, np.array(times, float))
    shuffled = np.repeat(np.array(order), np.array(times)[order])
    row_by_row = purchase_cells(x[shuffled], last[shuffled], age[shuffled])
    for name in ("frequency", "recency", "age", "weight"):
        np.testing.assert_array_equal(getattr(weighted, name), getattr(row_by_row, name))
    for model in ("bg_nbd", "pareto_nbd"):
        first, second = (fused_of(pack_purchases(cells, model, PRIORS)) for cells in (weighted, row_by_row))
        assert first(CENTRES[model])[0] == second(CENTRES[model])[0]


def test_groups_are_those_of_pandas() -> None:
    rng = np.random.default_rng(3)
    columns = [rng.integers(0, 4, 300).astype(float) for _ in range(3)]
    first, of = group(*columns)
    table = np.column_stack(columns)
    np.testing.assert_array_equal(table[first][of], table)
    assert len(first) == len(np.unique(table, axis=0))


PUBLISHED = {
    # Fader, Hardie and Lee (2005), "Counting your customers the easy way", table 2: both models on the 1/10 sample
    "bg_nbd": ((0.243, 4.414, 0.793, 2.426), -9582.4),
    "pareto_nbd": ((0.553, 10.578, 0.606, 11.669), -9595.0),
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_cdnow(model: str) -> None:
    """Without priors the mode is the published maximum, to the digits that are printed."""
    rows = purchases_at(cdnow(), "1997-09-30")
    assert (len(rows), rows["frequency"].sum()) == (2357, 2457)
    x, last, age = (rows[name].to_numpy() for name in ("frequency", "recency", "age"))
    buffer = pack_purchases(purchase_cells(x, last / 7, age / 7), model, FLAT)

    def likelihood(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = fused_of(buffer)(at)
        prior, slope = 2.0 * at.sum(), np.full(4, 2.0)
        if model == "bg_nbd":
            prior, slope = 2.0 * at[:2].sum() - 0.5 * (at[2:] @ at[2:]), np.r_[2.0, 2.0, -at[2:]]
        return value - prior, gradient - slope

    mode = find_mode(likelihood, start_of(pack_purchases(purchase_cells(x, last / 7, age / 7), model, PRIORS)))
    parameters, log_likelihood = PUBLISHED[model]
    # printed with three decimals, from a maximum that is flat to 0.01 nats
    np.testing.assert_allclose(list(natural(model, mode.centre).values()), parameters, atol=2e-3)
    assert mode.value == pytest.approx(log_likelihood, abs=0.06)


def test_cdnow_money() -> None:
    """Fader and Hardie (2013), "The Gamma-Gamma model of monetary value": p, q and v on 946 repeat buyers."""
    rows = purchases_at(cdnow(), "1997-09-30")
    own = (rows["frequency"] > 0).to_numpy()
    cells = money_cells(rows["frequency"].to_numpy()[own], rows["monetary"].to_numpy()[own])
    assert own.sum() == 946
    flat = fused_of(pack_money(cells, FLAT))

    def likelihood(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = flat(at)
        return value - 2.0 * at.sum(), gradient - 2.0

    mode = find_mode(likelihood, np.array([1.0, 1.0, 2.0]))
    np.testing.assert_allclose(list(natural("gamma_gamma", mode.centre).values()), (6.25, 3.74, 15.44), atol=0.01)

"""What customers will do: against closed forms, published examples, integrals and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy.integrate import quad
from scipy.special import hyp2f1, roots_jacobi

from outlay.summary import hdi_bounds
from segmentation import clv_future
from segmentation.clv_future import Draws, Horizon, class_moments, predict
from tests.segmentation.buyers import buyers

BG = np.array([0.243, 4.414, 0.793, 2.426])
PARETO = np.array([0.553, 10.578, 0.606, 11.669])
"""Published parameters of CDNOW in weeks (Fader, Hardie and Lee 2005, table 2)."""


def customer(x: float, last: float, age: float, mean: float = np.nan) -> tuple[np.ndarray, ...]:
    """One customer as arrays."""
    return tuple(np.array([value], float) for value in (x, last, age, mean))


def closed_bg(p: np.ndarray, x: float, last: float, age: float, t: float) -> float:
    """Fader, Hardie and Lee (2005), equation 10."""
    r, alpha, a, b = p
    head = (a + b + x - 1) / (a - 1)
    tail = ((alpha + age) / (alpha + age + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    gone = a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x) if x > 0 else 0.0
    return float(head * (1 - tail) / (1 + gone))


def closed_pareto(p: np.ndarray, x: float, last: float, age: float, t: float) -> tuple[float, float]:
    """Fader and Hardie (2005), "A note on deriving the Pareto/NBD model", equation 41, by quadrature."""
    r, alpha, s, beta = p
    stays = (alpha + age) ** -(r + x) * (beta + age) ** -s
    left = quad(lambda y: s * (alpha + y) ** -(r + x) * (beta + y) ** -(s + 1), last, age, epsabs=0, epsrel=1e-12)[0]
    alive = stays / (stays + left)
    many = (r + x) * (beta + age) / ((alpha + age) * (s - 1)) * (1 - ((beta + age) / (beta + age + t)) ** (s - 1))
    return float(alive), float(alive * many)


def test_published_example() -> None:
    """Fader, Hardie and Lee's spreadsheet note on BG/NBD (2005): x = 2, t_x = 30.43, T = 38.86: 1.226."""
    found = predict(customer(2, 30.43, 38.86), Draws("bg_nbd", BG[None], None), Horizon(39.0), 0.9, None)
    assert found.rows[1, 0, 0] == pytest.approx(1.226, abs=5e-4)


HISTORIES = [(0.0, 0.0, 38.86), (2.0, 30.43, 38.86), (30.0, 38.0, 39.0), (120.0, 38.5, 39.0), (1.0, 0.5, 0.6)]


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("t", [1.0, 39.0, 520.0])
def test_closed_forms(history: tuple[float, float, float], t: float) -> None:
    bg = predict(customer(*history), Draws("bg_nbd", BG[None], None), Horizon(t), 0.9, None)
    # scipy's Gauss function has some ten digits left where its argument is near 1
    assert bg.rows[1, 0, 0] == pytest.approx(closed_bg(BG, *history, t), rel=1e-8)
    pareto = predict(customer(*history), Draws("pareto_nbd", PARETO[None], None), Horizon(t), 0.9, None)
    alive, many = closed_pareto(PARETO, *history, t)
    assert pareto.rows[0, 0, 0] == pytest.approx(alive, rel=1e-9)
    assert pareto.rows[1, 0, 0] == pytest.approx(many, rel=1e-9)


def test_no_pole_where_a_is_one() -> None:
    """The closed form divides by a - 1; here a = 1 is like its neighbours."""
    near = [
        predict(customer(2, 30, 39), Draws("bg_nbd", np.array([[0.3, 5.0, a, 2.0]]), None), Horizon(50.0), 0.9, None)
        for a in (1.0 - 1e-6, 1.0, 1.0 + 1e-6)
    ]
    low, middle, high = (found.rows[1, 0, 0] for found in near)
    assert middle == pytest.approx(0.5 * (low + high), rel=1e-9)


@pytest.mark.parametrize("p", [(0.3, 4.0, 0.8, 2.4), (0.3, 4.0, 20.0, 60.0), (0.5, 0.5, 100.0, 300.0)])
@pytest.mark.parametrize("history", [(0.0, 0.0, 1.0), (3.0, 4.9, 5.0), (100.0, 109.0, 110.0)])
def test_customers_who_leave_alike(p: tuple[float, ...], history: tuple[float, float, float]) -> None:
    """Expected purchases integrated over the chance to leave, however little customers differ in it."""
    r, alpha, a, b = p
    x, _, age = history
    nodes, weights = roots_jacobi(80, b + x - 1.0, a - 1.0)
    leave = 0.5 * (nodes + 1.0)
    many = (1.0 - (1.0 + leave * 520.0 / (alpha + age)) ** -(r + x)) / leave
    found = predict(customer(*history), Draws("bg_nbd", np.array([p]), None), Horizon(520.0), 0.9, None).rows
    assert found[1, 0, 0] / found[0, 0, 0] == pytest.approx(weights @ many / weights.sum(), rel=1e-8)


@pytest.mark.parametrize(("model", "p"), [("bg_nbd", BG), ("pareto_nbd", PARETO)])
def test_discount_is_the_integral(model: str, p: np.ndarray) -> None:
    """Discounted purchases are the integral of the rate of purchases, which is the slope of their number."""
    history, length, decline = (3.0, 25.0, 38.0), 52.0, 0.004
    draws = Draws(model, p[None], np.array([[6.0, 4.0, 15.0]]))
    own = predict(customer(*history, 30.0), draws, Horizon(length, decline), 0.9, None)
    nodes, weights = leggauss(40)
    times = 0.5 * length * (nodes + 1)

    def many(t: float) -> float:
        return closed_bg(p, *history, t) if model == "bg_nbd" else closed_pareto(p, *history, t)[1]

    # by parts: integral of e^(-dt) dN = e^(-dL) N(L) + d integral of e^(-dt) N(t) dt
    whole = np.exp(-decline * length) * many(length)
    whole += (
        decline * 0.5 * length * sum(w * np.exp(-decline * t) * many(t) for w, t in zip(weights, times, strict=True))
    )
    value = 6.0 * (15.0 + 3 * 30.0) / (6.0 * 3 + 4.0 - 1.0)  # Fader and Hardie 2013, equation 5
    assert own.rows[2, 0, 0] == pytest.approx(value, rel=1e-12)
    assert own.rows[3, 0, 0] == pytest.approx(whole * value, rel=1e-8)


def test_without_money_of_its_own_a_customer_is_valued_as_the_population() -> None:
    draws = Draws("bg_nbd", BG[None], np.array([[6.0, 4.0, 15.0]]))
    some = tuple(np.array(column, float) for column in ([0, 2, 2], [0, 9, 9], [20, 20, 20], [np.nan, np.nan, -3.0]))
    found = predict((some[0], some[1], some[2], some[3]), draws, Horizon(52.0), 0.9, None)
    np.testing.assert_allclose(found.rows[2, 0], 6.0 * 15.0 / 3.0)  # p v / (q - 1)


def posterior(model: str, draws: int = 40) -> Draws:
    """Draws around the published parameters."""
    rng = np.random.default_rng(2)
    around = (BG if model == "bg_nbd" else PARETO) * np.exp(0.05 * rng.standard_normal((draws, 4)))
    return Draws(model, around, np.array([6.0, 4.0, 15.0]) * np.exp(0.05 * rng.standard_normal((draws, 3))))


def history(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows = buyers(n, seed)
    x, last, age, mean = (rows[name].to_numpy() for name in ("frequency", "recency", "age", "monetary"))
    return x, last / 7, age / 7, mean


@pytest.mark.parametrize("model", ["bg_nbd", "pareto_nbd"])
def test_parts_change_nothing(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.random.default_rng(4).integers(-1, 3, 300)
    whole = predict(history(300), posterior(model), Horizon(52.0, 0.002), 0.9, numbers)
    monkeypatch.setattr(clv_future, "PART", 7)
    parts = predict(history(300), posterior(model), Horizon(52.0, 0.002), 0.9, numbers)
    # a series has as many terms as the youngest customer of its part needs: equal to what it leaves out
    np.testing.assert_allclose(parts.rows, whole.rows, rtol=1e-10)
    np.testing.assert_allclose(parts.sums, whole.sums, rtol=1e-10)


@given(st.permutations(range(25)))
def test_order_of_customers(order: list[int]) -> None:
    columns = history(25)
    first = predict(columns, posterior("bg_nbd"), Horizon(52.0), 0.9, None)
    x, last, age, mean = (column[order] for column in columns)
    second = predict((x, last, age, mean), posterior("bg_nbd"), Horizon(52.0), 0.9, None)
    np.testing.assert_array_equal(first.rows[:, :, order], second.rows)


def test_sums_are_those_of_customers_one_by_one() -> None:
    columns, draws = history(60), posterior("pareto_nbd")
    alone = predict(columns, draws, Horizon(26.0, 0.001), 0.9, np.arange(60))
    together = predict(columns, draws, Horizon(26.0, 0.001), 0.9, np.arange(60) % 3)
    for g in range(3):
        np.testing.assert_allclose(together.sums[g], alone.sums[g::3].sum(axis=0), rtol=1e-12)
    measures = alone.sums[:, :4]  # variances come after them
    np.testing.assert_allclose(measures.mean(axis=2).T, alone.rows[:, 0], rtol=1e-12)
    low, high = hdi_bounds(np.moveaxis(measures, 2, 0), 0.9)
    np.testing.assert_allclose(alone.rows[:, 1], low.T, rtol=1e-12)
    np.testing.assert_allclose(alone.rows[:, 2], high.T, rtol=1e-12)


@given(
    st.sampled_from(["normal", "lognormal", "exponential", "two", "constant"]),
    st.floats(0.5, 0.99),
    st.integers(2, 400),
)
def test_interval_is_the_house_interval(kind: str, level: float, draws: int) -> None:
    from segmentation.kernel_clv_future import summary

    rng = np.random.default_rng(draws)
    made = {
        "normal": rng.normal(size=draws),
        "lognormal": rng.lognormal(sigma=2, size=draws),
        "exponential": -rng.exponential(size=draws),
        "two": rng.integers(0, 2, draws).astype(float),
        "constant": np.ones(draws),
    }[kind]
    out = np.empty(3)
    summary(made, clv_future._interval(draws, level), out, tuple(np.empty(draws) for _ in range(3)))
    low, high = hdi_bounds(made, level)
    assert (out[1], out[2]) == (float(low), float(high))
    assert out[0] == pytest.approx(made.mean(), rel=1e-12, abs=1e-12)


def test_chance_of_totals_against_simulation() -> None:
    """Purchases and their worth of newcomers, 100,000 of them: variances to 5 standard errors, 1 in 1,000,000."""
    n, t, decline = 100_000, 104.0, 0.002
    p, q, v = 6.0, 6.5, 20.0
    draws = Draws("pareto_nbd", PARETO[None], np.array([[p, q, v]]))
    found = predict(customer(0, 0, 1e-9), draws, Horizon(t, decline), 0.9, np.zeros(1, np.int64), chance=True)
    variances = found.sums[0, 4:, 0]
    rng = np.random.default_rng(5)
    rate, gone = rng.gamma(PARETO[0], 1 / PARETO[1], n), rng.exponential(1 / rng.gamma(PARETO[2], 1 / PARETO[3], n))
    many = rng.poisson(rate * np.minimum(gone, t))
    who = np.repeat(np.arange(n), many)
    when = rng.random(len(who)) * np.minimum(gone, t)[who]
    paid = rng.gamma(p, 1 / rng.gamma(q, 1 / v, n)[who])
    worth = np.bincount(who, paid * np.exp(-decline * when), n)
    for told, seen in zip(variances, (many.astype(float), worth), strict=True):
        error = np.sqrt(((seen - seen.mean()) ** 2).var() / n)
        assert seen.var() == pytest.approx(told, abs=5 * error)
        assert told > 1.5 * seen.mean() * (paid.mean() if seen is worth else 1.0)  # far more than Poisson's
    assert not predict(customer(0, 0, 1e-9), draws, Horizon(t), 0.9, np.zeros(1, np.int64)).sums[0, 4:].any()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["bg_nbd", "pareto_nbd"])
def test_moments_against_simulation(model: str) -> None:
    """Mean and variance of the purchases to come of customers with a history; each 4.4 standard errors: 1 in 20,000."""
    rng, n, t = np.random.default_rng(8), 400_000, 26.0
    x, last, age = 3.0, 25.0, 30.0
    p = BG if model == "bg_nbd" else PARETO
    kinds = np.zeros(1, np.int64)
    columns = tuple(np.array([value]) for value in (x, last, age))
    mean, variance = class_moments((columns[0], columns[1], columns[2]), Draws(model, p[None], None), t, kinds)
    alive = predict(customer(x, last, age), Draws(model, p[None], None), Horizon(t), 0.9, None).rows[0, 0, 0]
    rate = rng.gamma(p[0] + x, 1 / (p[1] + age), n)
    stays = rng.random(n) < alive
    if model == "bg_nbd":
        came, left = rng.poisson(rate * t), rng.geometric(rng.beta(p[2], p[3] + x, n))
        many = np.where(stays, np.minimum(came, left), 0)
    else:
        gone = rng.exponential(1 / rng.gamma(p[2], 1 / (p[3] + age), n))
        many = np.where(stays, rng.poisson(rate * np.minimum(gone, t)), 0)
    assert many.mean() == pytest.approx(mean[0, 0], abs=4.4 * many.std() / np.sqrt(n))
    error = np.sqrt((((many - many.mean()) ** 2).var()) / n)
    assert many.var() == pytest.approx(variance[0, 0], abs=4.4 * error)

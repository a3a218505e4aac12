"""Adstock and saturation on arrays, held against PyMC-Marketing 1.3.0 to 1e-10.

The golden numbers were made with pymc-marketing 1.3.0 by its ``geometric_adstock``, ``delayed_adstock``,
``weibull_adstock``, ``logistic_saturation``, ``tanh_saturation``, ``hill_function``, ``michaelis_menten`` and
``root_saturation``, called as :func:`their_adstock` and :func:`their_saturation` below do. The tests of the library
itself ask them again, on random inputs.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outlay.transforms import ADSTOCKS, LOG3, SATURATIONS, Bend, adstock_weights, carry_over, saturated_adstock

X = np.array([0.0, 1.0, 2.5, 0.0, 4.0, 0.3])

# Half-life 1.6 periods, shape 1.3, four lags.
CARRIED = {
    "none": X.tolist(),
    "geometric": [
        0.0, 0.4270775871695981, 1.34461952189722, 0.871877890976122, 2.2736532166001604, 1.5269076240790702
    ],
    "delayed": [
        0.0, 0.21511338866891622, 0.869533668367679, 1.1270730360601107, 1.7601362857938198, 1.7801319791673678
    ],
    "weibull": [
        0.0, 0.5322176641758349, 1.6635801890030264, 0.9673363786693238, 2.4657364248551548, 1.491809413506507
    ],
    "weibull_cdf": [
        0.0, 0.4963211160884895, 1.5814949167684178, 0.9866335899078865, 2.3506261320281268, 1.5818735505763613
    ],
}  # fmt: skip
# Half-saturation 1.7, exponent 0.6.
SATURATED = {
    "logistic": [0.0, 0.31232644983856483, 0.6683765883186269, 0.0, 0.8597759876921567, 0.0966338892061512],
    "tanh": [0.0, 0.31232644983856483, 0.6683765883186268, 0.0, 0.8597759876921567, 0.09663388920615117],
    "hill": [0.0, 0.4210713482639939, 0.5575926190694013, 0.0, 0.6256030967741447, 0.2610032558863884],
    "michaelis_menten": [0.0, 0.37037037037037035, 0.5952380952380952, 0.0, 0.7017543859649122, 0.15],
    "root": [0.0, 1.0, 1.7328621078878659, 0.0, 2.2973967099940698, 0.4855933748302038],
    "none": X.tolist(),
}

HALVING = sorted(set(SATURATIONS) - {"root", "none"})
"""Families with a most, and so with a half of it."""

DECAYING = sorted(set(ADSTOCKS) - {"none"})

half_lives = st.floats(0.05, 60.0)
shapes = st.floats(0.2, 8.0)
lags = st.integers(1, 30)
exponents = st.floats(0.2, 4.0)


def test_every_family_has_its_golden_numbers():
    assert set(CARRIED) == set(ADSTOCKS)
    assert set(SATURATED) == set(SATURATIONS)


@pytest.mark.parametrize("family", sorted(ADSTOCKS))
def test_adstock_is_pymc_marketings(family):
    assert carry_over(X, adstock_weights(family, 1.6, 1.3, 4)) == pytest.approx(CARRIED[family], abs=1e-10)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
def test_saturation_is_pymc_marketings(family):
    assert SATURATIONS[family].value(X, 1.7, 0.6) == pytest.approx(SATURATED[family], abs=1e-10)


@pytest.mark.parametrize("family", sorted(ADSTOCKS))
@given(half_lives, shapes, lags)
def test_weights_are_shares(family, half_life, shape, l_max):
    weights = adstock_weights(family, half_life, shape, l_max)
    assert weights.shape == (l_max,)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert l_max > 1 or weights.tolist() == [1.0]


@pytest.mark.parametrize("family", ["geometric", "weibull_cdf"])
@given(half_lives, shapes, lags)
def test_weights_fall_where_there_is_no_peak(family, half_life, shape, l_max):
    assert (np.diff(adstock_weights(family, half_life, shape, l_max)) <= 0).all()


@pytest.mark.parametrize("family", sorted(ADSTOCKS))
@pytest.mark.parametrize("half_life", [1e-300, 1e-3, 1.0, 1e3, 1e300, np.inf])
@pytest.mark.parametrize("shape", [1e-6, 0.3, 1.0, 40.0, 1e4])
def test_weights_are_numbers_at_the_ends(family, half_life, shape):
    """Warnings are errors here, so this also says that nothing overflows on the way."""
    for l_max in (1, 2, 13, 52):
        weights = adstock_weights(family, half_life, shape, l_max)
        assert np.isfinite(weights).all()
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        assert (weights >= 0).all()


def test_rows_of_draws_broadcast():
    half_life, shape = np.array([[1.0], [3.0]]), np.array([0.5, 2.0, 4.0])
    for family in ADSTOCKS:
        rows = adstock_weights(family, half_life, shape, 6)
        assert rows.shape == (2, 3, 6)
        assert np.array_equal(rows[1, 2], adstock_weights(family, 3.0, 4.0, 6))


def test_half_of_a_geometric_effect_is_left_after_a_half_life():
    weights = adstock_weights("geometric", 3.0, 0.0, 10)
    assert weights[3] / weights[0] == pytest.approx(0.5)
    assert weights[6] / weights[0] == pytest.approx(0.25)


def test_a_delayed_effect_peaks_at_its_shape_and_has_halved_a_half_life_from_there():
    weights = adstock_weights("delayed", 2.0, 4.0, 10)
    assert weights.argmax() == 4
    assert weights[[2, 6]] / weights[4] == pytest.approx([0.5, 0.5])
    # A half-life far above l_max spreads the effect evenly; one far below keeps it at the nearest lag to the peak.
    assert adstock_weights("delayed", 1e9, 4.0, 10) == pytest.approx(np.full(10, 0.1), abs=1e-12)
    assert adstock_weights("delayed", 1e-9, 4.3, 10) == pytest.approx(np.eye(10)[4], abs=1e-12)
    assert adstock_weights("delayed", 1.0, 50.0, 3).argmax() == 2


def test_the_half_life_of_the_weibulls_is_their_median():
    for shape in (0.7, 1.0, 2.5):
        scale, t = 3.0 / np.log(2) ** (1 / shape), np.arange(9.0)
        left = np.exp(-((t / scale) ** shape))
        assert left[3] == pytest.approx(0.5)
        density = (shape / scale) * (t[1:] / scale) ** (shape - 1) * left[1:]
        above = density - density.min()
        assert adstock_weights("weibull", 3.0, shape, 8) == pytest.approx(above / above.sum(), abs=1e-12)
        survival = np.cumprod(left[:8])
        assert adstock_weights("weibull_cdf", 3.0, shape, 8) == pytest.approx(survival / survival.sum(), abs=1e-12)


def test_weibull_weights_without_a_difference_are_equal():
    """The density is that of one lag, or the same at all of them: nothing to subtract its smallest value from."""
    assert adstock_weights("weibull", 2.0, 3.0, 1).tolist() == [1.0]
    assert adstock_weights("weibull", np.inf, 1.0, 4).tolist() == [0.25] * 4
    # Nearly equal is a straight fall to zero (1 - t / T to first order), which plain subtraction would lose in noise.
    falling = np.array([3.0, 2.0, 1.0, 0.0]) / 6.0
    assert adstock_weights("weibull", 1e12, 1.0, 4) == pytest.approx(falling, abs=1e-9)


@given(st.integers(1, 12), st.integers(1, 30), st.integers(0, 99))
def test_carry_over_is_the_sum_over_lags(l_max, periods, seed):
    rng = np.random.default_rng(seed)
    x, weights = rng.exponential(size=(3, periods)), rng.dirichlet(np.ones(l_max), size=3)

    def naive(series, w):
        return [sum(w[lag] * series[t - lag] for lag in range(min(l_max, t + 1))) for t in range(periods)]

    shared = np.array([naive(x[0], w) for w in weights])
    own = np.array([naive(series, w) for series, w in zip(x, weights, strict=True)])
    # Sums of at most 12 numbers near one.
    assert carry_over(x[0], weights) == pytest.approx(shared, abs=1e-12)
    assert carry_over(x, weights) == pytest.approx(own, abs=1e-12)


@pytest.mark.parametrize("family", HALVING)
@given(st.floats(1e-3, 1e3), exponents)
def test_families_share_the_meaning_of_the_half_saturation(family, k, s):
    assert SATURATIONS[family].value(k, k, s) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.floats(0.05, 20.0), exponents)
def test_more_is_never_less(family, one, other, k, s):
    value = SATURATIONS[family].value
    assert value(0.0, k, s) == 0.0
    assert value(min(one, other), k, s) <= value(max(one, other), k, s)
    assert family in ("root", "none") or value(other, k, s) <= 1.0


@pytest.mark.parametrize("family", sorted(SATURATIONS))
@given(st.floats(0.05, 20.0), st.floats(0.05, 20.0), exponents)
def test_slope_is_the_finite_difference(family, x, k, s):
    saturation, step = SATURATIONS[family], 1e-5 * x
    difference = saturation.value(x + step, k, s) - saturation.value(x - step, k, s)
    # A central difference errs by step^2 times the third derivative (1e-10 relative, times a few powers of s and of
    # x / k), and by rounding of values of at most about one (1e-16) over the step.
    room = 1e-15 * max(1.0, float(saturation.value(x, k, s))) / step
    assert saturation.slope(x, k, s) == pytest.approx(difference / (2 * step), rel=1e-5, abs=room)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
@given(st.floats(0.01, 30.0), st.floats(0.01, 30.0), st.floats(0.05, 20.0), exponents)
def test_concave_says_whether_the_slope_only_falls(family, one, other, k, s):
    saturation = SATURATIONS[family]
    if saturation.concave(s):
        steep, flat = (saturation.slope(x, k, s) for x in sorted((one, other)))
        assert flat <= steep * (1 + 1e-12)
    else:
        # An exponent clearly above one has a slope that rises somewhere below the half-saturation.
        assume(s > 1.01)
        assert saturation.slope(1e-6 * k, k, s) < saturation.slope(1e-3 * k, k, s)


def test_concave_is_said_per_exponent():
    s = np.array([0.5, 1.0, 1.001])
    for family in ("hill", "root"):
        assert SATURATIONS[family].concave(s).tolist() == [True, True, False], family
    for family in ("michaelis_menten", "logistic", "tanh", "none"):
        assert SATURATIONS[family].concave(s).all(), family


def test_slopes_at_zero():
    """They are the limits: infinite below an exponent of one, zero above."""
    s = np.array([0.5, 1.0, 2.0])
    assert SATURATIONS["hill"].slope(0.0, 4.0, s).tolist() == [np.inf, 0.25, 0.0]
    assert SATURATIONS["root"].slope(0.0, 4.0, s[:2]).tolist() == [np.inf, 1.0]
    assert SATURATIONS["michaelis_menten"].slope(0.0, 4.0, s) == pytest.approx(0.25)
    assert SATURATIONS["tanh"].slope(0.0, 4.0, s) == pytest.approx(LOG3 / 8)
    assert SATURATIONS["none"].slope(0.0, 4.0, s).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("family", sorted(SATURATIONS))
@pytest.mark.parametrize("k", [1e-200, 1e-3, 1e3, 1e200])
@pytest.mark.parametrize("s", [1e-3, 0.5, 1.0])
def test_values_are_numbers_at_the_ends(family, k, s):
    x = np.array([0.0, 1e-200, 1e-3, 1.0, 1e3, 1e200])
    value, slope = SATURATIONS[family].value(x, k, s), SATURATIONS[family].slope(x, k, s)
    assert np.isfinite(value).all()
    assert not np.isnan(slope).any()
    assert (slope >= 0).all()
    assert (np.diff(value) >= 0).all()


def test_a_steep_hill_is_a_step():
    assert SATURATIONS["hill"].value(np.array([0.0, 0.99, 1.01]), 1.0, 1e5).tolist() == [0.0, 0.0, 1.0]
    assert SATURATIONS["hill"].slope(np.array([0.0, 0.9, 1.1]), 1.0, 1e5).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("family", sorted(SATURATIONS))
def test_saturation_before_and_after_the_adstock(family, first):
    rng = np.random.default_rng(4)
    weights, k, s = rng.dirichlet(np.ones(3), 2), np.array([0.7, 2.0]), np.array([0.6, 1.0])
    ours = saturated_adstock(X, weights, Bend(family, k, s, first))
    bent = SATURATIONS[family].value
    for draw in range(2):
        if first:
            expected = carry_over(bent(X, k[draw], s[draw]), weights[draw])
        else:
            expected = bent(carry_over(X, weights[draw]), k[draw], s[draw])
        assert ours[draw] == pytest.approx(expected, abs=1e-13)


def test_reach_carries_over_with_its_saturated_frequency():
    reach, frequency = np.array([2.0, 0.0, 1.0]), np.array([3.0, 0.0, 1.0])
    bend = Bend("hill", np.array([1.0]), np.array([2.0]), first=True)
    got = saturated_adstock(frequency, np.array([[0.75, 0.25]]), bend, reach)
    # By hand: hill(3) = 9/10 and hill(1) = 1/2, so reach x hill is 1.8, 0, 0.5.
    assert got[0] == pytest.approx([1.35, 0.45, 0.375], abs=1e-14)
    with pytest.raises(ValueError, match="before the adstock"):
        saturated_adstock(frequency, np.ones((1, 1)), Bend("hill", np.ones(1), np.ones(1)), reach)


def their_adstock(transformers, family, x, half_life, shape, l_max):
    from pytensor.xtensor import as_xtensor

    given_x, keys = as_xtensor(x, dims=("date",)), {"l_max": l_max, "dim": "date", "normalize": True}
    if family == "geometric":
        return transformers.geometric_adstock(given_x, alpha=2 ** (-1 / half_life), **keys).values.eval()
    if family == "delayed":
        alpha = 2 ** (-1 / half_life**2)
        return transformers.delayed_adstock(given_x, alpha=alpha, theta=shape, **keys).values.eval()
    lam, form = half_life / np.log(2) ** (1 / shape), {"weibull": "PDF", "weibull_cdf": "CDF"}[family]
    return transformers.weibull_adstock(given_x, lam=lam, k=shape, type=form, **keys).values.eval()


def their_saturation(transformers, family, x, k, s):
    from pytensor.xtensor import as_xtensor

    # Arrays, because PyTensor takes a bare 0.5 for a float32 and the whole curve with it.
    given_x, k, s = as_xtensor(x, dims=("date",)), np.array(k), np.array(s)
    theirs = {
        "logistic": lambda: transformers.logistic_saturation(given_x, lam=np.log(3) / k),
        "tanh": lambda: transformers.tanh_saturation(given_x, b=1.0, c=k / np.arctanh(0.5)),
        "hill": lambda: transformers.hill_function(given_x, s, k),
        "michaelis_menten": lambda: transformers.michaelis_menten(given_x, 1.0, k),
        "root": lambda: transformers.root_saturation(given_x, s),
        "none": lambda: given_x,
    }[family]()
    return theirs.values.eval()


@pytest.mark.parametrize("family", DECAYING)
def test_the_librarys_adstock_agrees_on_random_inputs(family):
    transformers = pytest.importorskip("pymc_marketing.mmm.transformers")
    rng = np.random.default_rng(0)
    x = rng.exponential(3.0, 40)
    for half_life, shape, l_max in ((0.4, 0.6, 3), (1.9, 1.0, 6), (6.5, 3.3, 13)):
        ours = carry_over(x, adstock_weights(family, half_life, shape, l_max))
        assert ours == pytest.approx(their_adstock(transformers, family, x, half_life, shape, l_max), abs=1e-10)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
def test_the_librarys_saturation_agrees_on_random_inputs(family):
    transformers = pytest.importorskip("pymc_marketing.mmm.transformers")
    x = np.concatenate([[0.0], np.random.default_rng(1).exponential(3.0, 40)])
    for k, s in ((0.2, 0.5), (1.3, 1.0), (7.0, 0.9)):
        ours = SATURATIONS[family].value(x, k, s)
        assert ours == pytest.approx(their_saturation(transformers, family, x, k, s), abs=1e-10)

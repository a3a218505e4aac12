"""Adstock and saturation on arrays, held against PyMC-Marketing 1.3 to 1e-10.

The golden numbers were made with pymc-marketing 1.3.0 by::

    from pytensor.xtensor import as_xtensor
    from pymc_marketing.mmm.transformers import geometric_adstock, hill_function, logistic_saturation

    x = as_xtensor(np.array([0.0, 1.0, 2.5, 0.0, 4.0, 0.3]), dims=("date",))
    geometric_adstock(x, alpha=0.6, l_max=4, dim="date", normalize=True).values.eval()
    logistic_saturation(x, lam=np.log(3) / 1.7).values.eval()
    hill_function(x, 1.0, 1.7).values.eval()

The last test asks the library itself, on random inputs.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlay.transforms import LOG3, SATURATIONS, carry_over, geometric_weights, retention

X = np.array([0.0, 1.0, 2.5, 0.0, 4.0, 0.3])
CARRIED = [0.0, 0.45955882352941174, 1.4246323529411764, 0.8547794117647058, 2.3511029411764706, 1.488970588235294]
SATURATED = {
    "logistic": [0.0, 0.31232644983856483, 0.6683765883186269, 0.0, 0.8597759876921567, 0.0966338892061512],
    "hill": [0.0, 0.37037037037037035, 0.5952380952380952, 0.0, 0.7017543859649122, 0.14999999999999997],
}


def test_geometric_adstock_is_pymc_marketings():
    assert carry_over(X, geometric_weights(np.array(0.6), 4)) == pytest.approx(CARRIED, abs=1e-10)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
def test_saturation_is_pymc_marketings(family):
    assert SATURATIONS[family].value(X, np.array(1.7)) == pytest.approx(SATURATED[family], abs=1e-10)


def test_retention_of_one_half_life_is_one_half():
    assert retention(np.array([1.0, 2.0])) == pytest.approx([0.5, np.sqrt(0.5)])


@given(st.floats(0.0, 0.99), st.integers(1, 20))
def test_weights_sum_to_one_and_fall(alpha, l_max):
    weights = geometric_weights(np.array(alpha), l_max)
    assert weights.sum() == pytest.approx(1.0)
    assert (np.diff(weights) <= 0).all()


@given(st.integers(1, 12), st.integers(1, 30), st.integers(0, 99))
def test_carry_over_is_the_sum_over_lags(l_max, periods, seed):
    rng = np.random.default_rng(seed)
    x, weights = rng.exponential(size=periods), geometric_weights(rng.uniform(0, 0.9, 3), l_max)
    naive = [[sum(w[lag] * x[t - lag] for lag in range(min(l_max, t + 1))) for t in range(periods)] for w in weights]
    assert carry_over(x, weights) == pytest.approx(np.array(naive), abs=1e-12)


@pytest.mark.parametrize("family", sorted(SATURATIONS))
@given(st.floats(0.0, 50.0), st.floats(0.1, 20.0))
def test_families_share_the_meaning_of_the_half_saturation(family, x, k):
    saturation = SATURATIONS[family]
    assert saturation.value(np.array(0.0), np.array(k)) == 0.0
    assert saturation.value(np.array(k), np.array(k)) == pytest.approx(0.5)
    step = 1e-4 * k
    above, below = saturation.value(np.array(x + step), np.array(k)), saturation.value(np.array(x), np.array(k))
    # The secant over a step lies between the slopes at its ends, because the families are concave.
    assert saturation.slope(np.array(x), np.array(k)) >= (above - below) / step - 1e-9 / k
    assert saturation.slope(np.array(x + step), np.array(k)) <= (above - below) / step + 1e-9 / k


def test_the_library_itself_agrees_on_random_inputs():
    # Imports PyMC-Marketing, which takes seconds: one test, all functions.
    transformers = pytest.importorskip("pymc_marketing.mmm.transformers")
    from pytensor.xtensor import as_xtensor

    rng = np.random.default_rng(0)
    x = rng.exponential(3.0, 40)
    given_x = as_xtensor(x, dims=("date",))
    for alpha, l_max, k in zip(rng.uniform(0, 0.95, 3), (1, 6, 13), rng.uniform(0.2, 8.0, 3), strict=True):
        theirs = transformers.geometric_adstock(given_x, alpha=alpha, l_max=l_max, dim="date", normalize=True)
        assert carry_over(x, geometric_weights(np.array(alpha), l_max)) == pytest.approx(
            theirs.values.eval(), abs=1e-10
        )
        theirs = transformers.logistic_saturation(given_x, lam=LOG3 / k)
        assert SATURATIONS["logistic"].value(x, np.array(k)) == pytest.approx(theirs.values.eval(), abs=1e-10)
        theirs = transformers.hill_function(given_x, 1.0, k)
        assert SATURATIONS["hill"].value(x, np.array(k)) == pytest.approx(theirs.values.eval(), abs=1e-10)

"""Series against each other: inflation and correlation by hand, and rows against parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmm.baseline import free_columns
from mmm.checks_design import few_rows, inflation, parameter_count, standardised
from mmm.design import make_design
from outlay.findings import Finding
from tests.mmm.panels import ids, panel, section, table


def correlated(r: float, n: int = 400) -> NDArray[np.float64]:
    """Three series; the sample correlation of the first two is exactly r, the third is orthogonal."""
    rng = np.random.default_rng(5)
    basis, _ = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, 3))]))
    first, other, third = basis[:, 1:].T
    return np.column_stack([first, r * first + np.sqrt(1 - r * r) * other, third])


@pytest.mark.parametrize("r", [0.0, 0.5, 0.9, 0.99])
def test_inflation_of_two_series_is_one_over_one_minus_r_squared(r: float) -> None:
    factors = inflation(standardised(correlated(r)[:, None, :]))
    assert factors == pytest.approx([1 / (1 - r * r)] * 2 + [1.0], rel=1e-9)


def test_inflation_agrees_with_the_regression_that_defines_it() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(120, 1, 5)) @ rng.normal(size=(5, 5))
    flat = x[:, 0, :] - x[:, 0, :].mean(0)
    expected = []
    for index in range(5):
        rest = np.delete(flat, index, axis=1)
        residual = flat[:, index] - rest @ np.linalg.lstsq(rest, flat[:, index], rcond=None)[0]
        expected.append((flat[:, index] ** 2).sum() / (residual**2).sum())
    assert inflation(standardised(x)) == pytest.approx(expected, rel=1e-8)


def test_an_exact_sum_of_two_others_is_infinite_and_leaves_the_rest_alone() -> None:
    x = correlated(0.0)
    media = np.column_stack([x, x[:, 0] + x[:, 1]])
    factors = inflation(standardised(media[:, None, :]))
    assert np.isinf(factors[[0, 1, 3]]).all()
    assert factors[2] == pytest.approx(1.0)


def test_a_sum_is_found_though_no_pair_is_collinear() -> None:
    frame = table().assign(mail=lambda t: t["tv_grp"] / t["tv_grp"].std() + t["search"] / t["search"].std())
    channels = [{"name": name, "spend": name} for name in ("tv_grp", "search", "mail")]
    found = ids(panel(frame, channels=channels).findings)
    assert "D136" in found
    assert "D135" not in found  # each part has a correlation near 0.7 with the sum


def test_groups_of_different_size_make_no_correlation() -> None:
    # Both channels are larger in the larger group; within a group they are independent.
    frame = table(groups=("a", "b"))
    frame.loc[frame["geo"] == "b", ["tv", "tv_grp", "search"]] *= 100.0
    assert np.corrcoef(frame["tv_grp"], frame["search"])[0, 1] > 0.6
    made = panel(frame, group="geo")
    media = standardised(made.exposure)
    assert abs(media[:, 0] @ media[:, 1]) < 0.2
    assert "D135" not in ids(made.findings)


def test_scale_does_not_matter() -> None:
    x = correlated(0.95)
    one, other = standardised(x[:, None, :]), standardised((x * [1e-9, 1e12, 1.0])[:, None, :])
    assert one == pytest.approx(other, abs=1e-9)


def test_a_series_that_never_changes_is_zero() -> None:
    x = correlated(0.5)
    x[:, 2] = 7.0
    assert not standardised(x[:, None, :])[:, 2].any()


def test_parameters_are_counted_by_hand() -> None:
    # 2 channels x (coefficient, half-saturation, retention) = 6; control, event, lever = 3; level, trend, noise = 3;
    # yearly cycle of order 4 = 8
    assert parameter_count(panel(table()), section()) == 20
    grouped = panel(table(groups=("a", "b")), group="geo")
    # one more coefficient per channel, one more level and one more noise
    assert parameter_count(grouped, section(group="geo")) == 24
    assert parameter_count(panel(table()), section(trend=False, seasonality=0)) == 11
    assert parameter_count(panel(table(51)), section()) == 12  # less than a year, so no cycle


@pytest.mark.parametrize(
    ("channel", "unknowns"),
    [
        ({"adstock": "none", "saturation": "none"}, 1),  # the coefficient
        ({"adstock": "geometric", "saturation": "tanh"}, 3),  # half-life, half-saturation
        ({"adstock": "delayed"}, 4),  # and the delay
        ({"adstock": "weibull_cdf", "slope": "free"}, 5),  # and the exponent
        ({"adstock": "none", "saturation": "root"}, 2),  # its exponent
        ({"adstock": "none", "slope": 2.0}, 2),  # a stated slope is not unknown
    ],
)
def test_a_channel_has_the_unknowns_of_its_curves(channel: dict[str, Any], unknowns: int) -> None:
    bare: dict[str, Any] = {"controls": [], "events": [], "levers": [], "trend": False, "seasonality": 0}
    keys = bare | {"channels": [{"name": "tv", "spend": "tv", **channel}]}
    assert parameter_count(panel(table(), **keys), section(**keys)) == unknowns + 2  # level and noise


@pytest.mark.parametrize("freq, n", [("7D", 104), ("7D", 52), ("7D", 51), ("D", 400), ("D", 100), ("MS", 30)])
@pytest.mark.parametrize("keys", [{}, {"seasonality": 2, "trend": False}, {"holidays": "US"}])
def test_the_columns_counted_are_those_of_the_model(freq: str, n: int, keys: dict[str, Any]) -> None:
    made = panel(table(n, freq=freq), **keys)
    terms = make_design(made, section(**keys)).terms
    weekdays = sum(term.name.startswith("weekday") for term in terms)
    # Seven weekdays from their mean are six unknowns.
    assert free_columns(made, section(**keys)) == len(terms) - (weekdays > 0)


def test_rows_against_parameters() -> None:
    # 12 parameters besides the cycle, and two for each of its orders; l_max = 8 leaves 96 of 104 rows
    def found(order: int) -> list[Finding]:
        return few_rows(panel(table()), section(l_max=8, seasonality=order))

    assert found(6) == []  # 24 parameters have four rows each
    assert ids(found(7)) == ["D156"]
    assert ids(found(42)) == ["D156"]  # 96 parameters
    assert ids(found(43)) == ["D139"]
    assert "96 scored rows for about 98 parameters" in found(43)[0].what

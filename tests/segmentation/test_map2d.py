"""The map: principal axes of mixed data, told by what makes them."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.map2d import POINTS, map_of
from segmentation.mixed import Mixed


def mixed(numbers: np.ndarray, codes: np.ndarray | None = None, levels: tuple[tuple[str, ...], ...] = ()) -> Mixed:
    n, p = numbers.shape
    held = np.empty((n, 0), np.int32) if codes is None else codes.astype(np.int32)
    return Mixed(
        np.ascontiguousarray(numbers, dtype=np.float32),
        np.ascontiguousarray(held),
        levels,
        np.ones(n),
        tuple(f"x{j}" for j in range(p)),
        tuple(f"c{j}" for j in range(held.shape[1])),
        np.ones(p),
        np.ones(held.shape[1]),
    )


def test_numbers_alone_give_principal_components() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4))
    found = map_of(mixed(x), np.ones(500, dtype=int), 1)
    scaled = (x - x.mean(0)) / x.std(0)
    values = np.linalg.svd(scaled, compute_uv=False) ** 2 / 500
    assert found.shares == pytest.approx(values[:2] / 4, abs=1e-6)
    # a score has the variance of its axis
    assert found.points["x"].var(ddof=0) == pytest.approx(values[0], rel=1e-5)


def test_categories_alone_give_correspondence_analysis() -> None:
    # two categories of two levels each that agree in 80 %: the indicators' axes have inertias 1 + r and 1 - r, r = 0.6
    a = np.repeat([0, 0, 1, 1], [40, 10, 10, 40])
    b = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    rows = mixed(np.empty((100, 0)), np.column_stack([a, b]), (("u", "v"), ("y", "z")))
    found = map_of(rows, np.ones(100, dtype=int), 1)
    assert found.shares == pytest.approx((0.8, 0.2), abs=1e-9)


def test_axes_are_told_by_what_makes_them() -> None:
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=800)
    x = np.column_stack([hidden, -hidden, rng.normal(size=800)]) + rng.normal(0, 0.2, (800, 3))
    found = map_of(mixed(x), np.ones(800, dtype=int), 1)
    first = found.axes[found.axes["axis"] == "x"].set_index("feature")
    # reliability 1 / 1.04: the correlation of an indicator with the axis is near 1, and signs differ
    assert abs(first.loc["x0", "correlation"]) > 0.97
    assert first.loc["x0", "correlation"] * first.loc["x1", "correlation"] < 0
    assert first["contribution"].sum() == pytest.approx(1)
    assert found.sentences[0].startswith("From left to right: more x")
    assert "of the variation" in found.sentences[0]


def test_centres_are_means_of_all_and_points_a_sample() -> None:
    rng = np.random.default_rng(3)
    numbers = rng.integers(1, 4, 5000)
    x = rng.normal(size=(5000, 3)) + numbers[:, None]
    found = map_of(mixed(x), numbers, 1)
    assert len(found.points) == POINTS
    assert found.centres["customers"].sum() == 5000
    sampled = found.points.groupby("number")[["x", "y"]].mean().to_numpy()
    # about 670 points a segment of variance below 4: standard error below 0.08, four of them
    assert sampled == pytest.approx(found.centres[["x", "y"]].to_numpy(), abs=0.32)
    # segments lie on one line: the plane shows all that lies between them
    assert found.between > 0.99
    assert found.findings == ()


def test_missing_cells_stand_at_the_centre_and_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    x, codes = rng.normal(size=(300, 3)), rng.integers(-1, 3, (300, 1))
    x[rng.random((300, 3)) < 0.1] = np.nan
    rows = mixed(x, codes, (("a", "b", "c"),))
    numbers = rng.integers(1, 3, 300)
    order = rng.permutation(300)
    one, two = map_of(rows, numbers, 1), map_of(rows.take(order), numbers[order], 1)
    assert np.isfinite(one.points[["x", "y"]].to_numpy()).all()
    assert two.centres[["x", "y"]].to_numpy() == pytest.approx(one.centres[["x", "y"]].to_numpy(), abs=1e-9)
    assert map_of(rows, numbers, 1).points.equals(one.points)


def test_a_map_that_hides_segments_says_so() -> None:
    # segments differ in the third direction, which has the least variance
    rng = np.random.default_rng(5)
    numbers = np.repeat([1, 2], 400)
    hidden = rng.normal(size=(800, 2))
    x = np.column_stack([hidden, hidden, np.where(numbers == 1, -1.0, 1.0)]) + rng.normal(0, 0.1, (800, 5))
    assert [finding.id for finding in map_of(mixed(x), numbers, 1).findings] == ["K069"]


def test_one_feature_makes_a_line() -> None:
    found = map_of(mixed(np.arange(50.0)[:, None]), np.repeat([1, 2], 25), 1)
    assert found.shares == pytest.approx((1.0, 0.0))
    assert (found.points["y"] == 0).all()

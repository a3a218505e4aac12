"""The latent-class mixture: likelihood, EM, prior, missing cells, BIC."""

import json
from dataclasses import replace
from math import exp, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.config import ClustersSection
from segmentation.match import adjusted_rand, contingency
from segmentation.mixture import Mixture, fit_mixture, free_parameters
from segmentation.mixture_em import FLOOR, Parameters, Prior, _Pass, climb
from segmentation.prototypes_columns import Columns
from tests.segmentation.mixed_rows import mixed, planted, with_holes

SECTION = ClustersSection(method="mixture", starts=4)


def some_parameters(rng, k, p, sizes) -> Parameters:
    levels = [rng.dirichlet(np.ones(size), k) for size in sizes]
    return Parameters(
        rng.dirichlet(np.ones(k)),
        rng.normal(size=(k, p)),
        rng.uniform(0.3, 2, (k, p)),
        np.hstack([np.zeros((k, 0)), *levels]),
    )


def brute(rows, at: Parameters):
    """Density of every row in every cluster times its share, (N, K), cell by cell."""
    offsets = np.cumsum([0, *(len(v) for v in rows.levels)])
    out = np.zeros((rows.n, at.k))
    for i in range(rows.n):
        for c in range(at.k):
            found = at.share[c]
            for j, x in enumerate(rows.numbers[i].astype(float)):
                if not np.isnan(x):
                    v = at.variances[c, j]
                    found *= exp(-((x - at.means[c, j]) ** 2) / (2 * v)) / sqrt(2 * pi * v)
            for j, code in enumerate(rows.codes[i]):
                if code >= 0:
                    found *= at.levels[c, offsets[j] + code]
            out[i, c] = found
    return out


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 30),
    p=st.integers(0, 3),
    q=st.integers(0, 3),
    k=st.integers(1, 4),
    holes=st.sampled_from([0.0, 0.3]),
)
def test_the_likelihood_and_the_membership_are_those_of_plain_loops(seed, n, p, q, k, holes) -> None:
    rng = np.random.default_rng(seed)
    sizes = [2, 3, 4][:q]
    codes = np.array([rng.integers(0, size, n) for size in sizes]).reshape(q, n).T
    rows = mixed(rng.normal(size=(n, p)), codes, sizes)
    rows = with_holes(replace(rows, weight=rng.uniform(0.5, 2, n)), holes, seed)
    at = some_parameters(rng, k, p, sizes)
    expected = brute(rows, at)
    columns = Columns.of(rows)
    found = _Pass(columns, at)
    assert found.log_likelihood == pytest.approx(float(rows.weight @ np.log(expected.sum(1))), rel=1e-10, abs=1e-10)
    belongs = expected / expected.sum(1, keepdims=True)
    np.testing.assert_allclose(found.mass, rows.weight @ belongs, rtol=1e-9)
    model = Mixture(at, columns.offsets, np.ones(p, bool), np.ones(q, bool))
    given_rows = model.assign(rows)
    np.testing.assert_allclose(given_rows.membership, belongs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(given_rows.membership.sum(1), 1.0, rtol=1e-12)
    own = expected[np.arange(n), given_rows.labels] / at.share[given_rows.labels]
    np.testing.assert_allclose(given_rows.distance, -np.log(own), rtol=1e-9, atol=1e-9)


def test_one_step_is_that_of_plain_sums() -> None:
    rng = np.random.default_rng(5)
    rows = with_holes(planted(60, 3, 5, apart=1.0)[0], 0.2, 5)
    rows = replace(rows, weight=rng.uniform(0.5, 2, 60))
    at, columns = some_parameters(rng, 2, 3, [3] * 4), Columns.of(rows)
    prior = Prior.of(columns)
    found = _Pass(columns, at).step(columns, at, prior)
    joint = brute(rows, at)
    belongs = rows.weight[:, None] * joint / joint.sum(1, keepdims=True)
    x, there = rows.numbers[:, 1].astype(float), ~np.isnan(rows.numbers[:, 1])
    mine = belongs[there, 0]
    mean = np.average(x[there], weights=mine)
    assert found.means[0, 1] == pytest.approx(mean, rel=1e-10)
    # half a customer of the prior (one over two clusters), with the variance among all
    spread = (mine @ (x[there] - mean) ** 2 + 0.5 * prior.variances[1]) / (mine.sum() + 0.5)
    assert found.variances[0, 1] == pytest.approx(spread, rel=1e-9)
    assert found.share[0] == pytest.approx((belongs[:, 0].sum() + 0.5) / (rows.weight.sum() + 1))
    code = rows.codes[:, 2]
    level = (belongs[code == 1, 0].sum() + 0.5 * prior.levels[7]) / (belongs[code >= 0, 0].sum() + 0.5)
    assert found.levels[0, 7] == pytest.approx(level, rel=1e-9)
    np.testing.assert_allclose(found.levels.reshape(2, 4, 3).sum(2), 1.0, rtol=1e-12)


@given(seed=st.integers(0, 10_000), k=st.integers(1, 4))
def test_em_never_falls(seed, k) -> None:
    rows = with_holes(planted(150, 3, seed, apart=1.0)[0], 0.15, seed)
    rows = replace(rows, weight=np.random.default_rng(seed).uniform(0.5, 2, 150))
    columns = Columns.of(rows)
    path = np.array(climb(columns, some_parameters(np.random.default_rng(seed), k, 3, [3] * 4), Prior.of(columns)).path)
    assert (np.diff(path) >= -1e-8).all()
    assert np.isfinite(path).all()


def test_weights_are_repeated_rows() -> None:
    rows, _ = planted(80, 3, seed=3, apart=1.0)
    times = np.random.default_rng(1).integers(1, 4, 80)
    start = some_parameters(np.random.default_rng(2), 3, 3, [3] * 4)
    sides = (replace(rows, weight=times.astype(float)), rows.take(np.repeat(np.arange(80), times)))
    one, other = (climb(Columns.of(each), start, Prior.of(Columns.of(each)), limit=20) for each in sides)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10)
    np.testing.assert_allclose(one.parameters.levels, other.parameters.levels, rtol=1e-8)


def test_parameters_of_a_planted_mixture_are_recovered() -> None:
    rng = np.random.default_rng(7)
    n, share = 20_000, np.array([0.5, 0.3, 0.2])
    truth = rng.choice(3, n, p=share)
    means, sds = np.array([[0.0, 2.0], [2.0, 0.0], [-2.0, -2.0]]), np.array([[0.5, 1.0], [1.0, 0.5], [0.7, 0.7]])
    chance = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8]])
    numbers = rng.normal(means[truth], sds[truth])
    codes = (rng.random(n)[:, None] > chance[truth].cumsum(1)).sum(1)[:, None]
    found = fit_mixture(with_holes(mixed(numbers, codes, [3]), 0.1, 1), SECTION, 3, 1)
    at = found.model.parameters  # largest first, as the truth is
    # Standard errors: a share sqrt(.25 / 20000) = .0035, a mean 1 / sqrt(.9 * 4000) = .017, a level .008: five of each.
    np.testing.assert_allclose(at.share, share, atol=0.018)
    np.testing.assert_allclose(at.means, means, atol=0.085)
    np.testing.assert_allclose(np.sqrt(at.variances), sds, atol=0.06)
    np.testing.assert_allclose(at.levels, chance, atol=0.04)
    assert adjusted_rand(contingency(found.labels, truth, 3, 3)) > 0.8
    # Membership is honest: of rows put somewhere with probability p, p belong there (0.5 % is five standard errors).
    right = (found.labels == truth).mean()
    assert found.assignment.sureness.mean() == pytest.approx(right, abs=0.018)


def test_bic_counts_free_parameters_and_finds_the_number_of_clusters() -> None:
    assert free_parameters(3, 2, np.array([0, 3, 5])) == 2 + 3 * (4 + 2 + 1)
    rows, _ = planted(2_000, 3, seed=1, apart=2.0)
    found = {k: fit_mixture(rows, SECTION, k, 1) for k in (1, 2, 3, 4)}
    bic = {k: each.facts["bic"] for k, each in found.items()}
    assert min(bic, key=bic.__getitem__) == 3
    each = found[3]
    assert bic[3] == pytest.approx(2 * each.cost + each.facts["parameters"] * log(2_000))
    assert each.cost == pytest.approx(-each.facts["log_likelihood"])


def test_a_level_that_a_cluster_lacks_is_improbable_and_not_impossible() -> None:
    numbers = np.r_[np.zeros(50), np.full(50, 5.0)][:, None] + np.linspace(-1, 1, 100)[:, None]
    rows = mixed(numbers, np.repeat([0, 1], 50)[:, None], [2])
    model = fit_mixture(rows, SECTION, 2, 1).model
    odd = mixed([[0.0]], [[1]], [2])
    found = model.assign(odd)
    assert np.isfinite(found.distance).all()
    assert 0 < model.parameters.levels.min() < 0.02


def test_a_number_without_spread_in_a_cluster_is_held_at_the_floor_and_told() -> None:
    rng = np.random.default_rng(1)
    numbers = np.r_[np.zeros(500), rng.normal(5, 1, 500)][:, None]
    rows = mixed(numbers, np.zeros((1000, 0)), [])
    found = fit_mixture(rows, SECTION, 2, 1)
    least = found.model.parameters.variances.min()
    assert least == pytest.approx(FLOOR * float(numbers.var()), rel=1e-3)
    assert [f.id for f in found.findings] == ["K045"]


def test_unknown_rows_get_the_shares_and_new_levels_are_neutral() -> None:
    rows, _ = planted(500, 3, seed=2)
    model = fit_mixture(rows, SECTION, 3, 1).model
    unknown = model.assign(mixed(np.full((1, 3), np.nan), np.full((1, 4), -1), [3] * 4))
    np.testing.assert_allclose(unknown.membership[0], model.parameters.share, rtol=1e-12)


def test_weights_other_than_nothing_and_one_are_told_and_nothing_leaves_a_feature_out() -> None:
    rows, _ = planted(500, 3, seed=2)
    half = replace(rows, number_weights=np.array([0.5, 1, 1]))
    assert [f.id for f in fit_mixture(half, SECTION, 3, 1).findings] == ["K039"]
    off = replace(rows, number_weights=np.array([0.0, 1, 1]), category_weights=np.array([1, 1, 1, 0.0]))
    found = fit_mixture(off, SECTION, 3, 1)
    assert found.findings == ()
    assert found.model.parameters.means.shape == (3, 2)
    other = replace(off, numbers=np.c_[off.numbers[:, :1] + 9, off.numbers[:, 1:]].astype(np.float32))
    assert (found.model.assign(other).labels == found.labels).all()


def test_a_model_is_kept_as_json() -> None:
    for rows in (planted(300, 3, seed=2)[0], mixed(planted(300, 3, seed=2)[0].numbers, np.zeros((300, 0)), [])):
        model = fit_mixture(rows, SECTION, 3, 1).model
        kept = Mixture.from_dict(json.loads(json.dumps(model.as_dict())))
        assert (kept.assign(rows).membership == model.assign(rows).membership).all()
        order = np.array([2, 0, 1])
        np.testing.assert_allclose(
            model.reordered(order).assign(rows).membership, model.assign(rows).membership[:, order], rtol=1e-9
        )


def test_the_same_seed_gives_the_same_clusters() -> None:
    rows, _ = planted(1_500, 3, seed=4, apart=1.0)
    small = SECTION.model_copy(update={"sample": 400})
    one, two = (fit_mixture(rows, small, 3, 1) for _ in range(2))
    assert one.model.as_dict() == two.model.as_dict()
    order = np.random.default_rng(0).permutation(1_500)
    again = fit_mixture(rows.take(order), SECTION, 3, 1)
    assert adjusted_rand(contingency(again.labels, fit_mixture(rows, SECTION, 3, 1).labels[order], 3, 3)) > 0.99

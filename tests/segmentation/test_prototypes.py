"""k-prototypes: Huang's cost, starts, steps, missing cells, weights, gamma; invariances."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.config import ClustersSection
from segmentation.match import adjusted_rand, contingency
from segmentation.prototypes import Prototypes, fit_prototypes, gamma_of, spread_by_type
from segmentation.prototypes_columns import BLOCK, Columns, edges_of
from segmentation.prototypes_lloyd import Centres, Costs, _reseeded, at_rows, distances_to, lloyd, seeds, starts
from tests.segmentation.mixed_rows import brute_distances, mixed, planted, with_holes

SECTION = ClustersSection()


def rand(one, other) -> float:
    return adjusted_rand(contingency(np.asarray(one), np.asarray(other), int(max(one)) + 1, int(max(other)) + 1))


def costs_of(rows, gamma=0.5) -> Costs:
    return Costs(rows.number_weights, gamma * rows.category_weights)


# --- against kmodes ---

I = np.arange(60)  # noqa: E741
GROUP = I % 3
PEER = mixed(
    np.stack([GROUP * 2.0 + (I * 7 % 11) / 8, (2 - GROUP) * 1.5 + (I * 5 % 13) / 16], 1),
    np.stack([(GROUP + (I % 5 == 0)) % 4, (I * I // 7) % 3, np.where(I % 4 == 0, (I // 4) % 3, GROUP)], 1),
    [4, 3, 3],
)
# kmodes 0.12.2: KPrototypes(3, init="Cao", n_init=1, random_state=1, gamma=...).fit(X, categorical=[2, 3, 4]), its
# gamma, cost_ and cluster_centroids_; the last with sample_weight=1 + I % 4. labels_ are 2 - GROUP in all three.
KMODES = [
    (
        0.7266706964097831,
        40.35235365107176,
        [[4.63125, 0.390625], [2.58125, 1.8625], [0.66875, 3.375]],
        np.ones(60),
    ),
    (2.0, 88.73886718749999, [[4.63125, 0.390625], [2.58125, 1.8625], [0.66875, 3.375]], np.ones(60)),
    (
        0.7266706964097831,
        110.45050081203375,
        [
            [4.480769230769231, 0.3641826923076923],
            [2.841666666666667, 2.0930555555555554],
            [0.6580188679245284, 3.1804245283018866],
        ],
        1.0 + I % 4,
    ),
]
KMODES_MODES = [[2, 0, 2], [1, 0, 1], [0, 2, 0]]


@pytest.mark.parametrize(("gamma", "cost", "means", "weight"), KMODES)
def test_the_cost_is_that_of_kmodes_on_the_same_labels(gamma, cost, means, weight) -> None:
    rows = replace(PEER, weight=np.asarray(weight, float))
    columns, start = Columns.of(rows), Centres(np.array(means), np.array(KMODES_MODES, np.int16))
    first = lloyd(columns, costs_of(rows, gamma), start, limit=1)
    assert (first.labels == 2 - GROUP).all()
    # The data are eighths and sixteenths, exact in float32: what differs is the order of the sums.
    assert first.cost == pytest.approx(cost, rel=1e-12)
    if weight[1] == 1:  # kmodes ended there, so that Lloyd's steps must not leave it either
        ended = lloyd(columns, costs_of(rows, gamma), start)
        assert (ended.labels == first.labels).all()
        assert ended.cost == pytest.approx(cost, rel=1e-12)


@pytest.mark.parametrize(("gamma", "cost", "means", "weight"), KMODES)
def test_ten_starts_are_never_worse_than_kmodes(gamma, cost, means, weight) -> None:
    rows = replace(PEER, weight=np.asarray(weight, float))
    found = fit_prototypes(rows, ClustersSection(gamma=gamma), 3, 1)
    assert found.cost <= cost * (1 + 1e-12)


def test_gamma_is_that_of_kmodes() -> None:
    found = gamma_of(Columns.of(PEER), None)
    assert found.value == pytest.approx(KMODES[0][0], rel=1e-12)
    assert "half the mean standard deviation" in found.reason
    assert gamma_of(Columns.of(PEER), 2.5).value == 2.5
    assert "project file" in gamma_of(Columns.of(PEER), 2.5).reason
    assert gamma_of(Columns.of(mixed(np.zeros((5, 0)), np.zeros((5, 1)), [1])), None).value == 1.0


# --- against plain loops ---


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 40),
    p=st.integers(0, 4),
    q=st.integers(0, 4),
    k=st.integers(1, 5),
    holes=st.sampled_from([0.0, 0.3]),
)
def test_distances_are_those_of_plain_loops(seed, n, p, q, k, holes) -> None:
    rng = np.random.default_rng(seed)
    rows = mixed(rng.normal(size=(n, p)), rng.integers(0, 3, (n, q)), [3] * q)
    rows = replace(rows, number_weights=rng.uniform(0, 2, p), category_weights=rng.uniform(0, 2, q))
    rows = with_holes(rows, holes, seed)
    means, modes = rng.normal(size=(k, p)), rng.integers(-1, 3, (k, q)).astype(np.int16)
    expected = brute_distances(rows, means, modes, 0.7)
    columns, costs = Columns.of(rows), costs_of(rows, 0.7)
    np.testing.assert_allclose(distances_to(columns, costs, Centres(means, modes)), expected.T, rtol=1e-12, atol=1e-12)
    model = Prototypes(means, modes, costs.number, costs.mismatch, 0.7, ())
    found = model.assign(rows)
    np.testing.assert_allclose(found.distance, expected.min(1), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(expected[np.arange(n), found.labels], expected.min(1), rtol=1e-12, atol=1e-12)
    if k > 1:
        one, two = np.sort(expected, 1)[:, :2].T
        sure = np.where(two > 0, 1 - one / np.where(two > 0, two, 1), 0)
        np.testing.assert_allclose(found.sureness, sure, rtol=1e-9, atol=1e-9)


@given(seed=st.integers(0, 10_000), holes=st.sampled_from([0.0, 0.2]))
def test_where_steps_end_centres_are_means_and_modes_of_their_rows(seed, holes) -> None:
    rows = with_holes(planted(120, 3, seed, apart=0.8)[0], holes, seed)
    rows = replace(rows, weight=np.random.default_rng(seed).uniform(0.5, 2, rows.n))
    columns, costs = Columns.of(rows), costs_of(rows)
    found = starts(columns, costs, 4, 1, seed)[0]
    assert found.moved == 0
    own = brute_distances(rows, found.centres.means, found.centres.modes, 0.5)
    assert found.cost == pytest.approx(float(rows.weight @ own.min(1)), rel=1e-10)
    for c in range(4):
        mine = found.labels == c
        for j in range(rows.numbers.shape[1]):
            known = mine & ~np.isnan(rows.numbers[:, j])
            if known.any():
                mean = np.average(rows.numbers[known, j].astype(float), weights=rows.weight[known])
                assert found.centres.means[c, j] == pytest.approx(mean, rel=1e-9, abs=1e-9)
        for j in range(rows.codes.shape[1]):
            known = mine & (rows.codes[:, j] >= 0)
            if known.any():
                held = np.bincount(rows.codes[known, j], weights=rows.weight[known])
                assert held[found.centres.modes[c, j]] >= held.max() - 1e-9


@given(seed=st.integers(0, 10_000))
def test_every_step_lowers_the_cost(seed) -> None:
    rows = with_holes(planted(150, 3, seed, apart=0.5)[0], 0.1, seed)
    columns, costs = Columns.of(rows), costs_of(rows)
    start = seeds(columns, costs, 5, np.random.default_rng(seed))
    path = [lloyd(columns, costs, start, limit=steps).cost for steps in range(1, 8)]
    assert (np.diff(path) <= 1e-9).all()


# --- what must not matter ---


def test_planted_segments_are_found_and_found_again_in_any_order() -> None:
    rows, truth = planted(3_000, 4, seed=2, apart=3.0)
    found = fit_prototypes(rows, SECTION, 4, 7)
    # Means three spreads apart in three numbers: an error of the best rule is a few in a thousand.
    assert rand(found.labels, truth) > 0.98
    order = np.random.default_rng(1).permutation(rows.n)
    again = fit_prototypes(rows.take(order), SECTION, 4, 7)
    assert rand(again.labels, found.labels[order]) == 1.0
    assert again.cost == pytest.approx(found.cost, rel=1e-12)


def test_the_order_of_columns_does_not_matter() -> None:
    rows, _ = planted(2_000, 3, seed=4)
    turned = mixed(rows.numbers[:, ::-1], rows.codes[:, ::-1], [3, 3, 3, 3])
    one, other = (fit_prototypes(each, SECTION, 3, 1) for each in (rows, turned))
    assert rand(one.labels, other.labels) == 1.0
    assert other.cost == pytest.approx(one.cost, rel=1e-12)


@given(seed=st.integers(0, 10_000))
def test_names_of_levels_do_not_matter(seed) -> None:
    rows, _ = planted(300, 3, seed=3)
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.permutation(3)[rows.codes[:, j]] for j in range(4)], 1)
    other = mixed(rows.numbers, codes, [3, 3, 3, 3])
    one, two = (fit_prototypes(each, SECTION, 3, 1) for each in (rows, other))
    assert rand(one.labels, two.labels) == 1.0


def test_the_same_seed_gives_the_same_clusters_and_another_seed_the_same_partition() -> None:
    rows, _ = planted(2_500, 3, seed=5)
    small = ClustersSection(sample=500)
    one, two, other = (fit_prototypes(rows, small, 3, seed) for seed in (1, 1, 2))
    assert one.labels.tobytes() == two.labels.tobytes()
    assert one.model.as_dict() == two.model.as_dict()
    assert rand(one.labels, other.labels) == 1.0


_THREADS = """
import sys, hashlib, numpy as np
from tests.segmentation.mixed_rows import planted
from segmentation.config import ClustersSection
from segmentation.clusterers import fit_clusters
rows, _ = planted(40_000, 3, seed=6, apart=0.7)
for method in ("kprototypes", "mixture"):
    found = fit_clusters(rows, ClustersSection(method=method, sample=2_000, starts=4), 4, 3)
    print(found.cost.hex(), hashlib.sha256(found.labels.tobytes()).hexdigest())
"""


def test_the_number_of_threads_does_not_change_a_bit() -> None:
    """40,000 rows are three blocks: with three threads each is summed by another."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _THREADS],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "NUMBA_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "3")
    }
    assert len(said) == 1
    assert len(edges_of(40_000)) == 4


def test_blocks_depend_on_the_rows_alone() -> None:
    assert edges_of(10).tolist() == [0, 10]
    assert len(edges_of(10_000_000)) - 1 <= 64
    assert edges_of(2 * BLOCK + 1).tolist() == [0, BLOCK, 2 * BLOCK, 2 * BLOCK + 1]


# --- weights, missing cells, unseen levels ---


@given(seed=st.integers(0, 10_000))
def test_weights_are_repeated_rows(seed) -> None:
    rows, _ = planted(80, 3, seed=seed, apart=1.0)
    rows = with_holes(rows, 0.1, seed)
    times = np.random.default_rng(seed).integers(1, 4, rows.n)
    weighted, repeated = replace(rows, weight=times.astype(float)), rows.take(np.repeat(np.arange(rows.n), times))
    start = at_rows(Columns.of(rows), [0, 30, 60])
    one = lloyd(Columns.of(weighted), costs_of(rows), start)
    other = lloyd(Columns.of(repeated), costs_of(rows), start)
    assert one.cost == pytest.approx(other.cost, rel=1e-10)
    assert (np.repeat(one.labels, times) == other.labels).all()
    np.testing.assert_allclose(Columns.of(weighted).mean, Columns.of(repeated).mean, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(Columns.of(weighted).variance, Columns.of(repeated).variance, rtol=1e-9)
    assert gamma_of(Columns.of(weighted), None).value == pytest.approx(gamma_of(Columns.of(repeated), None).value)


def test_a_feature_of_weight_zero_does_not_exist() -> None:
    rows, _ = planted(400, 3, seed=8)
    rng = np.random.default_rng(1)
    noisy = mixed(
        np.c_[rows.numbers, 5 * rng.normal(size=400)],
        np.c_[rows.codes, rng.integers(0, 2, 400)],
        [3, 3, 3, 3, 2],
        number_weights=[1, 1, 1, 0],
        category_weights=[1, 1, 1, 1, 0],
    )
    section = ClustersSection(gamma=0.5)
    assert fit_prototypes(noisy, section, 3, 1).cost == pytest.approx(fit_prototypes(rows, section, 3, 1).cost)


def test_missing_cells_pull_nowhere_and_rows_go_by_what_is_left() -> None:
    rows, truth = planted(3_000, 3, seed=9, apart=3.0)
    found = fit_prototypes(with_holes(rows, 0.15, 2), SECTION, 3, 1)
    # Seven cells, of which one is missing on average, still tell nearly all.
    assert rand(found.labels, truth) > 0.93
    model = found.model
    unknown = mixed(np.full((1, 3), np.nan), np.full((1, 4), -1), [3, 3, 3, 3])
    given_row = model.assign(unknown)
    assert given_row.labels[0] == 0
    assert given_row.sureness[0] == 0.0
    assert given_row.distance[0] == 0.0


def test_an_unseen_level_is_neutral() -> None:
    rows, truth = planted(1_000, 3, seed=10, apart=3.0)
    model = fit_prototypes(rows, SECTION, 3, 1).model
    some = rows.take(np.arange(50))
    novel = mixed(some.numbers, np.full_like(some.codes, -1), [3, 3, 3, 3])
    numbers_only = Prototypes(
        model.means, model.modes, model.number_cost, np.zeros_like(model.mismatch_cost), model.gamma, model.shares
    )
    assert (model.assign(novel).labels == numbers_only.assign(some).labels).all()
    assert truth[0] == truth[49]


# --- clusters that lose their rows, starts, k = 1 ---


def test_an_empty_cluster_is_begun_anew_at_the_row_that_costs_most() -> None:
    rows = mixed(np.r_[np.zeros(10), 1.0, 9.0][:, None], np.zeros((12, 0)), [])
    columns = Columns.of(rows)
    start = Centres(np.array([[0.0], [100.0]]), np.zeros((2, 0), np.int16))  # nobody is near 100
    found = lloyd(columns, costs_of(rows), start)
    assert found.reseeded == 1
    assert found.labels.tolist() == [0] * 11 + [1]  # by hand: the nine is alone, ten zeros and the one have mean 1/11
    assert found.cost == pytest.approx(10 / 11)


def test_empty_clusters_are_begun_at_the_rows_that_cost_most_in_turn() -> None:
    values = np.array([0.0, 0.0, 1.0, 9.0, 9.5, -6.0])[:, None]
    rows = replace(mixed(values, np.zeros((6, 0)), []), weight=np.array([1, 1, 1, 1, 1, 3.0]))
    centres = Centres(np.zeros((3, 1)), np.zeros((3, 0), np.int16))
    found = _reseeded(Columns.of(rows), costs_of(rows), centres, np.array([1, 2]))
    # by hand: costs at 0 are 0, 0, 1, 81, 90.25 and 3 x 36 = 108; after -6 was taken, 9.5 costs most
    assert found.means[:, 0].tolist() == [0.0, -6.0, 9.5]


def test_every_row_a_cluster_of_its_own_costs_nothing() -> None:
    rows, _ = planted(12, 3, seed=1)
    found = fit_prototypes(rows, SECTION, 12, 1)
    assert found.cost == pytest.approx(0.0, abs=1e-12)
    assert sorted(found.labels) == list(range(12))


def test_one_cluster_is_the_mean_and_its_cost_the_spread() -> None:
    rows, _ = planted(500, 3, seed=1)
    found = fit_prototypes(rows, SECTION, 1, 1)
    columns = Columns.of(rows)
    assert found.cost == pytest.approx(sum(spread_by_type(columns, found.model.costs)), rel=1e-9)
    np.testing.assert_allclose(found.model.means[0], rows.numbers.astype(float).mean(0), atol=1e-9)
    assert (found.assignment.sureness == 1.0).all()
    assert found.facts["explained"] == pytest.approx(0.0, abs=1e-9)


def test_starts_are_drawn_apart() -> None:
    """k-means++ takes a row with probability in proportion to its cost: three far groups get a seed each."""
    rows = mixed(np.repeat([0.0, 100.0, 200.0], 50)[:, None], np.zeros((150, 0)), [])
    columns = Columns.of(rows)
    for seed in range(20):
        found = seeds(columns, costs_of(rows), 3, np.random.default_rng(seed))
        assert sorted(found.means[:, 0]) == [0.0, 100.0, 200.0]


# --- what is told ---


def test_facts_say_what_the_cost_is_made_of() -> None:
    rows, _ = planted(800, 3, seed=11)
    found = fit_prototypes(rows, SECTION, 3, 1)
    facts = found.facts
    own = brute_distances(rows, found.model.means, found.model.modes, 0.0).min(1).sum()
    assert facts["cost_numbers"] + facts["cost_categories"] == pytest.approx(found.cost)
    by_label = brute_distances(rows, found.model.means, np.full_like(found.model.modes, -1), 1.0)
    assert facts["cost_numbers"] == pytest.approx(by_label[np.arange(800), found.labels].sum(), rel=1e-9)
    assert own <= facts["cost_numbers"]
    assert len(facts["starts"]) == 10
    assert json.loads(json.dumps(facts)) == facts


def test_a_type_that_decides_alone_is_told() -> None:
    rows, _ = planted(400, 3, seed=1)
    told = {f.id for f in fit_prototypes(rows, ClustersSection(gamma=1000.0), 3, 1).findings}
    assert told == {"K033"}
    assert not fit_prototypes(rows, SECTION, 3, 1).findings
    many = mixed(np.tile(rows.numbers, (1, 30)), rows.codes[:, :1], [3])  # 90 numbers, and a category like each of them
    assert not fit_prototypes(many, SECTION, 3, 1).findings


def test_a_model_is_kept_as_json_and_labels_as_before() -> None:
    rows, _ = planted(400, 3, seed=12)
    model = fit_prototypes(rows, SECTION, 3, 1).model
    kept = Prototypes.from_dict(json.loads(json.dumps(model.as_dict())))
    assert kept.as_dict() == model.as_dict()
    assert (kept.assign(rows).labels == model.assign(rows).labels).all()
    order = np.array([2, 0, 1])
    turned = model.reordered(order).assign(rows).labels
    assert (order[turned] == model.assign(rows).labels).all()

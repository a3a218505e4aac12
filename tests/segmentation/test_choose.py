"""Choosing k: silhouettes, stability, elbow, the rule and its words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_samples

from outlay.errors import DataError
from segmentation.choose import choose_k, elbow
from segmentation.choose_rule import recommend
from segmentation.clusterers import fit_clusters
from segmentation.config import ClustersSection
from segmentation.prototypes_columns import Columns, drawn_rows
from segmentation.silhouette import silhouette, silhouette_values
from segmentation.stability import stability
from tests.segmentation.mixed_rows import brute_distances, mixed, planted, with_holes

QUICK = ClustersSection(bootstraps=8, candidates=(2, 5), starts=4)


@given(seed=st.integers(0, 10_000), k=st.integers(2, 5), holes=st.sampled_from([0.0, 0.2]))
def test_silhouettes_are_scikit_learns_on_the_matrix_of_distances(seed, k, holes) -> None:
    rows = with_holes(planted(45, 3, seed, apart=1.0)[0], holes, seed)
    rows = replace(rows, category_weights=np.array([1.0, 2.0, 0.0, 0.5]))
    labels = np.random.default_rng(seed).integers(0, k, 45)
    labels[:k] = np.arange(k)
    matrix = brute_distances(rows, rows.numbers.astype(float), rows.codes, 0.5)
    np.fill_diagonal(matrix, 0.0)
    found = silhouette_values(Columns.of(rows), labels, k, rows.number_weights, 0.5 * rows.category_weights)
    expected = silhouette_samples(matrix, labels, metric="precomputed")
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_a_silhouette_of_a_sample_is_near_that_of_all() -> None:
    rows, truth = planted(3_000, 3, seed=1)
    every, some = silhouette(rows, truth, 3, 1), silhouette(rows, truth, 3, 1, most=600)
    assert abs(every.mean - some.mean) < 5 * some.error  # one in two million by chance
    assert 0 < every.error < some.error
    assert every.by_cluster.shape == (3,)
    assert np.isnan(silhouette(rows, np.zeros(3_000, int), 1, 1).mean)


def test_rows_are_drawn_alike_and_keep_their_weight() -> None:
    rows, _ = planted(2_000, 3, seed=1)
    heavy = replace(rows, weight=np.r_[np.full(200, 20.0), np.ones(1_800)])
    found = drawn_rows(heavy, 100, 1)
    # 10 of 100 expected, standard deviation 3; drawn by weight it would be 69, and weights would count twice
    assert (found < 200).sum() < 25
    assert len(np.unique(found)) == 100
    assert sorted(drawn_rows(rows, 5_000, 1)) == list(range(2_000))


@given(seed=st.integers(0, 10_000))
def test_a_weight_is_so_many_rows_in_a_silhouette(seed) -> None:
    rows, truth = planted(40, 3, seed, apart=1.0)
    times = np.random.default_rng(seed).integers(1, 4, 40)
    once = silhouette(replace(rows, weight=times.astype(float)), truth, 3, 1, gamma=0.5)
    every = silhouette(rows.take(np.repeat(np.arange(40), times)), np.repeat(truth, times), 3, 1, gamma=0.5)
    assert once.mean == pytest.approx(every.mean, abs=1e-9)
    np.testing.assert_allclose(once.by_cluster, every.by_cluster, atol=1e-9)


def test_weights_count_once_in_the_choice() -> None:
    """A share of the customers is that of their weights, also where candidates are judged on a sample."""
    rows, truth = planted(4_000, 2, seed=3, apart=4.0)
    heavy = replace(rows, weight=np.where(truth == 0, 9.0, 1.0))
    section = ClustersSection(bootstraps=0, candidates=(2, 2), starts=2, sample=1_000)
    expected = np.bincount(truth, heavy.weight).min() / heavy.weight.sum()
    found = choose_k(heavy, section, 1).table["smallest_share"].iloc[0]
    assert found == pytest.approx(expected, abs=0.03)  # 0.1; weights that count twice make 0.012


def test_real_clusters_come_back_and_a_split_one_does_not() -> None:
    rows, _ = planted(900, 3, seed=2, apart=3.0)
    labels = fit_clusters(rows, QUICK, 3, 1).labels
    real = stability(rows, labels, QUICK, 3, 1)
    assert real.low > 0.9
    assert (real.resamples, real.customers) == (8, 900)
    split = fit_clusters(rows, QUICK, 5, 1).labels
    assert stability(rows, split, QUICK, 5, 1).low < 0.75
    assert np.isnan(stability(rows, labels, QUICK.model_copy(update={"bootstraps": 0}), 3, 1).mean)


def test_stability_is_the_same_again() -> None:
    rows, _ = planted(400, 3, seed=2, apart=1.0)
    labels = fit_clusters(rows, QUICK, 3, 1).labels
    one, two = (stability(rows, labels, QUICK, 3, 1) for _ in range(2))
    assert one.by_cluster.tobytes() == two.by_cluster.tobytes()
    assert one.mean == pytest.approx(one.by_cluster @ np.bincount(labels) / 400)


def test_the_elbow_is_where_a_line_bends() -> None:
    found = elbow(np.arange(2.0, 9.0), np.array([100.0, 60, 20, 18, 16, 14, 12]))
    assert found.argmax() == 2
    assert (found[0], found[-1]) == (0.0, 0.0)
    assert found[2] == pytest.approx(80 / 88 - 2 / 6)
    assert elbow(np.array([2.0, 3.0]), np.array([5.0, 4.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("method", ["kprototypes", "mixture"])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_planted_number_is_recommended(method, k) -> None:
    rows, _ = planted(1_000, k, seed=k, apart=2.5)
    section = QUICK.model_copy(update={"method": method})
    told: list[tuple[int, int]] = []
    found = choose_k(rows, section, 1, lambda done, total: told.append((done, total)))
    assert found.k == k
    assert found.reason.startswith(f"{k} segments: ")
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found.table["k"].tolist() == [2, 3, 4, 5]
    assert found.table.loc[found.table["chosen"], "k"].tolist() == [k]
    assert found.table["bic"].isna().all() == (method == "kprototypes")


def test_the_ceiling_and_different_customers_limit_what_is_tried() -> None:
    rows, _ = planted(500, 4, seed=1)
    found = choose_k(rows, QUICK.model_copy(update={"ceiling": 3}), 1)
    assert found.table["k"].tolist() == [2, 3]
    assert "K044" in {f.id for f in found.findings}
    three = mixed(np.repeat([0.0, 1.0, 5.0], 20)[:, None], np.zeros((60, 0)), [])
    assert choose_k(three, QUICK, 1).table["k"].tolist() == [2, 3]
    with pytest.raises(DataError) as refusal:
        choose_k(rows, QUICK.model_copy(update={"ceiling": 1}), 1)
    assert refusal.value.id == "K047"


def table(**columns) -> pd.DataFrame:
    size = len(columns["k"])
    blank = {"silhouette_error": 0.01, "bic": np.nan, "stability_low": 0.9, "smallest_share": 0.1, "elbow": 0.0}
    return pd.DataFrame({**{name: [value] * size for name, value in blank.items()}, **columns})


def test_the_rule_takes_the_finest_stable_split_up_to_the_elbow() -> None:
    """Numbers as of a shop's customers: the silhouette falls with k, the elbow is at 4, and 5 does not come back."""
    section = ClustersSection()
    shape, bend, low = [0.53, 0.49, 0.39, 0.33], [0.0, 0.40, 0.43, 0.34], [0.99, 0.99, 0.98, 0.70]
    found = recommend(table(k=[2, 3, 4, 5], silhouette=shape, elbow=bend, stability_low=low), section)
    assert (found.k, found.allowed) == (4, (True,) * 4)
    assert "The clearest split is 2 (silhouette 0.53 against 0.39)" in found.reason
    past = recommend(table(k=[2, 3, 4, 5], silhouette=shape, elbow=bend), section)
    assert past.k == 4  # 5 comes back too, and lies past the elbow
    weak = recommend(table(k=[2, 3, 4, 5], silhouette=[0.53, 0.49, 0.2, 0.2], elbow=bend), section)
    assert weak.k == 3  # four would run into each other
    two = recommend(table(k=[2, 3], silhouette=[0.6, 0.3], elbow=[0.0, 0.0], stability_low=[0.9, 0.65]), section)
    assert (two.k, two.why[1]) == (2, "allowed")


def test_the_rule_leaves_out_what_is_small_or_does_not_come_back() -> None:
    section = ClustersSection()
    best = recommend(table(k=[2, 3, 4], silhouette=[0.3, 0.5, 0.4]), section)
    assert (best.allowed, best.why[best.k - 2]) == ((True, True, True), "chosen")
    small = recommend(table(k=[2, 3], silhouette=[0.3, 0.5], smallest_share=[0.2, 0.01]), section)
    assert (small.k, small.why[1]) == (2, "a segment of 1.0%")
    shaky = recommend(table(k=[2, 3], silhouette=[0.3, 0.5], stability_low=[0.8, 0.5]), section)
    assert (shaky.k, shaky.allowed) == (2, (True, False))
    assert shaky.why[1] == "a segment that does not come back (0.50)"
    by_bic = recommend(table(k=[2, 3], silhouette=[0.5, 0.3], bic=[900.0, 800.0]), ClustersSection(method="mixture"))
    assert by_bic.k == 3
    assert "lowest BIC" in by_bic.reason
    none = recommend(table(k=[2, 3], silhouette=[0.5, 0.3], stability_low=[0.4, 0.5]), section)
    assert (none.k, none.allowed) == (3, (False, False))
    assert none.reason.startswith("No number of segments meets every condition")
    unknown = recommend(table(k=[2, 3], silhouette=[0.5, 0.3], stability_low=[np.nan, np.nan]), section)
    assert unknown.k == 2
    assert "stability was not asked for" in unknown.reason


def test_noise_is_told_to_be_noise() -> None:
    rng = np.random.default_rng(1)
    rows = mixed(rng.normal(size=(600, 8)), rng.integers(0, 4, (600, 6)), [4] * 6)
    found = choose_k(rows, QUICK, 1)
    assert {"K040", "K042"} <= {f.id for f in found.findings}
    assert not found.table["allowed"].any()


@pytest.mark.parametrize("method", ["kprototypes", "mixture", "kmeans", "minibatch", "gaussian", "agglomerative"])
def test_two_customers_can_be_told_apart(method) -> None:
    """Every other resample holds one of them alone."""
    two = mixed([[0.0], [1.0]], np.zeros((2, 0)), [])
    assert choose_k(two, QUICK.model_copy(update={"method": method}), 1).k == 2


def test_the_cost_of_a_customer_does_not_hang_on_the_unit_of_weights() -> None:
    rows, _ = planted(200, 2, seed=1)
    section = QUICK.model_copy(update={"method": "gaussian", "bootstraps": 0, "candidates": (2, 2)})
    one, other = (choose_k(some, section, 1).table["cost"] for some in (rows, replace(rows, weight=np.full(200, 5.0))))
    assert other.iloc[0] == pytest.approx(one.iloc[0])

"""Labels matched between runs."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from segmentation.match import adjusted_rand, contingency, match_labels


@given(seed=st.integers(0, 10_000), k=st.integers(1, 6))
def test_other_numbers_for_the_same_clusters_are_undone(seed, k) -> None:
    rng = np.random.default_rng(seed)
    before = np.r_[np.arange(k), rng.integers(0, k, 50)]
    after = rng.permutation(k)[before]
    found = match_labels(before, after, k, k)
    place = np.empty(k, int)
    place[found.order] = np.arange(k)
    assert (place[after] == before).all()
    assert found.partner.tolist() == list(range(k))
    assert found.kept == 1.0
    assert found.ari == pytest.approx(1.0)


@given(seed=st.integers(0, 10_000), k=st.integers(2, 5))
def test_no_other_pairing_shares_more(seed, k) -> None:
    """Against every permutation; the criterion is the sum of Jaccard similarities."""
    rng = np.random.default_rng(seed)
    before, after = rng.integers(0, k, 200), rng.integers(0, k, 200)
    after = np.where(rng.random(200) < 0.8, before, after)  # so that all pairs count as the same
    found = match_labels(before, after, k, k)
    table = contingency(before, after, k, k)
    jaccard = table / (table.sum(1)[:, None] + table.sum(0)[None, :] - table)
    best = max(sum(jaccard[i, p[i]] for i in range(k)) for p in itertools.permutations(range(k)))
    if (found.partner >= 0).all():
        ours = sum(jaccard[old, found.order[new]] for new, old in enumerate(found.partner))
        assert ours == pytest.approx(best)


def test_a_new_cluster_comes_last_and_has_no_partner() -> None:
    before = np.repeat([0, 1], 100)
    after = np.r_[np.full(90, 1), np.full(10, 0), np.full(95, 2), np.full(5, 0)]
    found = match_labels(before, after, 2, 3)
    assert found.order.tolist() == [1, 2, 0]
    assert found.partner.tolist() == [0, 1, -1]
    assert found.kept == pytest.approx(185 / 200)
    row = found.overlap.query("before == 0 and after == 0").iloc[0]
    assert (row["customers"], row["share_before"], row["share_after"], row["matched"]) == (90, 0.9, 1.0, True)
    assert row["jaccard"] == pytest.approx(0.9)


def test_a_cluster_that_went_leaves_the_others_in_their_order() -> None:
    before, after = np.repeat([0, 1, 2], 50), np.repeat([1, 1, 0], 50)
    found = match_labels(before, after, 3, 2)
    # cluster 1 of now holds all of 0 and 1: half of it either way, so that the Jaccard similarity is 1/2
    assert found.partner.tolist() in ([0, 2], [1, 2])
    assert found.order.tolist() == [1, 0]


def test_clusters_without_half_in_common_are_not_the_same() -> None:
    rng = np.random.default_rng(1)
    found = match_labels(rng.integers(0, 4, 4_000), rng.integers(0, 4, 4_000), 4, 4)
    assert found.partner.tolist() == [-1] * 4  # chance overlap: a Jaccard similarity of 1/7
    assert found.order.tolist() == [0, 1, 2, 3]
    assert abs(found.ari) < 0.01


def test_customers_of_one_run_alone_do_not_count() -> None:
    found = match_labels(np.array([0, 0, 1, 1, -1, -1]), np.array([1, 1, 0, -1, 0, 0]), 2, 2)
    assert found.overlap["customers"].sum() == 3
    assert found.kept == 1.0
    with pytest.raises(ValueError, match="in both runs"):
        match_labels(np.array([0, -1]), np.array([-1, 0]), 1, 1)


@given(seed=st.integers(0, 10_000))
def test_the_rand_index_is_scikit_learns(seed) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
    assert adjusted_rand(contingency(one, other, 4, 3)) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)


def test_pairs_that_are_not_the_same_do_not_decide() -> None:
    """32 of 58 customers in common is the only pair above a third; the two others, 13 of 45 each, add up to more."""
    table = np.array([[32, 13], [13, 0]])
    before, after = (np.repeat(side.ravel(), table.ravel()) for side in np.indices(table.shape))
    assert match_labels(before, after, 2, 2).partner.tolist() == [0, -1]

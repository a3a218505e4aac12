"""Every method behind one interface, and what cannot be clustered."""

import json
from dataclasses import replace

import numpy as np
import pytest

from outlay.errors import DataError
from segmentation.catalogue import CATALOGUE
from segmentation.clusterers import MOST_LEVELS, check_rows, distinct_rows, fit_clusters, model_from_dict
from segmentation.clusterers_matrix import Encoding
from segmentation.config import ClustersSection
from segmentation.match import adjusted_rand, contingency
from tests.segmentation.mixed_rows import mixed, planted, with_holes

METHODS = ("kprototypes", "mixture", "kmeans", "minibatch", "gaussian", "agglomerative")


def section(method: str, **more) -> ClustersSection:
    return ClustersSection(method=method, starts=3, **more)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_planted_segments_and_is_kept_as_json(method) -> None:
    rows, truth = planted(900, 3, seed=1, apart=3.0)
    found = fit_clusters(rows, section(method), 3, 1)
    assert adjusted_rand(contingency(found.labels, truth, 3, 3)) > 0.95
    assert (found.k, found.model.method) == (3, method)
    assert json.loads(json.dumps(dict(found.facts))) == dict(found.facts)
    kept = model_from_dict(json.loads(json.dumps(found.model.as_dict())))
    again = kept.assign(rows)
    assert (again.labels == found.labels).all()
    np.testing.assert_allclose(again.sureness, found.assignment.sureness, rtol=1e-9)
    assert ((again.sureness >= 0) & (again.sureness <= 1)).all()
    sizes = np.bincount(found.labels, minlength=3)
    assert sizes.argmax() == 0
    order = np.array([2, 0, 1])
    assert (order[found.model.reordered(order).assign(rows).labels] == found.labels).all()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_the_same_again(method) -> None:
    rows, _ = planted(500, 3, seed=2, apart=1.0)
    one, two = (fit_clusters(rows, section(method), 4, 5) for _ in range(2))
    assert one.model.as_dict() == two.model.as_dict()
    assert one.labels.tobytes() == two.labels.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_missing_cells_and_says_what_it_did(method) -> None:
    rows, truth = planted(900, 3, seed=3, apart=3.5)
    found = fit_clusters(with_holes(rows, 0.05, 1), section(method), 3, 1)
    assert adjusted_rand(contingency(found.labels, truth, 3, 3)) > 0.85
    assert ("K037" in {f.id for f in found.findings}) == (method not in ("kprototypes", "mixture"))
    unknown = found.model.assign(mixed(np.full((2, 3), np.nan), np.full((2, 4), -1), [3] * 4))
    assert np.isfinite(unknown.distance).all()


def test_distances_in_the_matrix_are_those_of_prototypes() -> None:
    """Between two rows: squared differences, and gamma times the weight for every category that differs."""
    rows = mixed([[0.0, 1.0], [2.0, 1.5]], [[0, 1], [1, 1]], [2, 3], number_weights=[1, 2], category_weights=[3, 1])
    encoding, _ = Encoding.of(rows, 0.5)
    one, other = encoding.matrix(rows).astype(float)
    assert ((one - other) ** 2).sum() == pytest.approx(1 * 4 + 2 * 0.25 + 0.5 * 3, rel=1e-6)


def test_empty_cells_are_filled_with_means_and_shares() -> None:
    rows = mixed([[1.0], [3.0], [np.nan]], [[0], [1], [-1]], [2])
    encoding, _ = Encoding.of(rows, 2.0)
    assert encoding.matrix(rows)[2].tolist() == [2.0, 0.5, 0.5]


def test_agglomerative_and_gaussian_say_that_they_saw_a_sample() -> None:
    rows, truth = planted(5_000, 3, seed=3, apart=3.0)
    for method, sample in (("agglomerative", 20_000), ("gaussian", 1_000)):
        found = fit_clusters(rows, section(method, sample=sample), 3, 1)
        assert "K038" in {f.id for f in found.findings}
        assert adjusted_rand(contingency(found.labels, truth, 3, 3)) > 0.95


def refused(rows, k=2) -> list[str]:
    with pytest.raises(DataError) as refusal:
        fit_clusters(rows, ClustersSection(), k, 1)
    return [finding.id for finding in refusal.value.findings]


def test_what_cannot_be_clustered_is_refused_with_its_place() -> None:
    assert refused(mixed(np.zeros((10, 1)), np.zeros((10, 1)), [1])) == ["K030"]  # one distinct row
    assert refused(mixed(np.arange(3.0)[:, None], np.zeros((3, 0)), []), k=4) == ["K030"]  # k above the rows
    assert refused(mixed(np.zeros((5, 0)), np.zeros((5, 0)), [])) == ["K032"]
    assert refused(mixed(np.arange(5.0)[:, None], np.zeros((5, 1)), [MOST_LEVELS + 1])) == ["K031"]
    assert refused(mixed(np.full((5, 2), np.nan), np.zeros((5, 0)), [])) == ["K030"]  # nothing is known at all


def test_customers_of_whom_nothing_is_known_are_told() -> None:
    rows, _ = planted(100, 3, seed=1)
    rows.numbers[:4], rows.codes[:4] = np.nan, -1
    found = fit_clusters(rows, ClustersSection(), 3, 1)
    (told,) = [f for f in found.findings if f.id == "K036"]
    assert told.what.startswith("4 of 100 customers")


def test_different_rows_are_counted_up_to_what_is_enough() -> None:
    rows = mixed(np.r_[np.zeros(2_000), 1.0, 2.0][:, None], np.zeros((2_002, 1)), [1])
    assert distinct_rows(rows, 3) == 3
    assert distinct_rows(rows, 10) == 3
    assert distinct_rows(rows.take(np.arange(2_000)), 2) == 1


def test_an_unknown_method_is_no_model() -> None:
    with pytest.raises(ValueError, match="nobody"):
        model_from_dict({"method": "nobody"})


def test_every_finding_has_an_entry() -> None:
    mine = [f"K{number:03d}" for number in (30, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47)]
    assert set(mine) <= set(CATALOGUE)


def test_only_features_that_count_make_customers_differ() -> None:
    rows, _ = planted(50, 2, seed=1)
    same = replace(rows, numbers=np.zeros_like(rows.numbers), category_weights=np.zeros(4))
    same.numbers[::2] = -0.0  # the same number in other bits
    assert distinct_rows(same, 5) == 1
    with pytest.raises(DataError) as refusal:
        check_rows(same, 2)
    assert refusal.value.id == "K030"
    with pytest.raises(DataError) as refusal:
        check_rows(replace(rows, number_weights=np.zeros(3), category_weights=np.zeros(4)), 2)
    assert refusal.value.id == "K032"


def test_the_number_of_threads_does_not_change_a_bit_of_a_cost() -> None:
    """Sums over 40,000 customers: BLAS shares those of a product out to its threads."""
    from threadpoolctl import threadpool_limits

    rows, _ = planted(40_000, 3, seed=1, apart=1.0)
    costs = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            costs.add(fit_clusters(rows, section("kmeans"), 3, 1).cost)
    assert len(costs) == 1


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_does_not_matter(method) -> None:
    """Kinds that overlap, so that starts end in several optima: draws hang on what rows hold, not on where they are."""
    rows, _ = planted(1_500, 3, seed=1, apart=0.8, right=0.5)
    order = np.random.default_rng(1).permutation(rows.n)
    one, other = (fit_clusters(some, section(method), 4, 1) for some in (rows, rows.take(order)))
    assert other.cost == pytest.approx(one.cost, rel=1e-9)
    assert (other.labels == one.labels[order]).mean() > 0.999  # a row on a border may fall to either side

"""Every finding of clusters, from customers that bring it about."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import segmentation.mixture
import segmentation.prototypes
from outlay.errors import DataError
from outlay.findings import Finding
from segmentation._entries_clusters import ENTRIES
from segmentation.choose import choose_k
from segmentation.clusterers import MOST_LEVELS, fit_clusters
from segmentation.config import ClustersSection
from segmentation.mixed import Mixed
from tests.segmentation.mixed_rows import mixed, planted, with_holes

PLAIN = ClustersSection(starts=3, bootstraps=4, candidates=(2, 4), gamma=0.5)


def fit(rows: Mixed, k: int = 3, **changes) -> tuple[Finding, ...]:
    return fit_clusters(rows, PLAIN.model_copy(update=changes), k, 1).findings


def choose(rows: Mixed, **changes) -> tuple[Finding, ...]:
    return choose_k(rows, PLAIN.model_copy(update=changes), 1).findings


def noise() -> Mixed:
    rng = np.random.default_rng(1)
    return mixed(rng.normal(size=(400, 8)), rng.integers(0, 4, (400, 6)), [4] * 6)


def unknown() -> Mixed:
    rows, _ = planted(100, 3, seed=1)
    rows.numbers[:4], rows.codes[:4] = np.nan, -1
    return rows


def spike() -> Mixed:
    numbers = np.r_[np.zeros(300), np.random.default_rng(1).normal(5, 1, 300)]
    return mixed(numbers[:, None], np.zeros((600, 0)), [])


def weightless() -> Mixed:
    """Three customers differ, and one of the three stands for nobody."""
    rows = mixed(np.r_[np.zeros(5), np.full(5, 4.0), 9.0][:, None], np.zeros((11, 0)), [])
    return replace(rows, weight=np.r_[np.ones(10), 0.0])


ROWS, _ = planted(300, 3, seed=1)
STOPS: dict[str, tuple[Callable[[], object], str]] = {
    "K030": (lambda: fit(mixed(np.zeros((9, 1)), np.zeros((9, 1)), [1]), 2), "only 1 of the 9 customers"),
    "K031": (lambda: fit(mixed(np.arange(9.0)[:, None], np.zeros((9, 1)), [MOST_LEVELS + 1])), "32,001"),
    "K032": (lambda: fit(mixed(np.zeros((9, 0)), np.zeros((9, 0)), [])), "no feature"),
    "K047": (lambda: choose(ROWS, ceiling=1), "the ceiling is 1"),
}
SAID: dict[str, tuple[Callable[[], tuple[Finding, ...]], str]] = {
    "K033": (lambda: fit(ROWS, gamma=1e4), "a category sets customers"),
    "K036": (lambda: fit(unknown()), "4 of 100 customers"),
    "K037": (lambda: fit(with_holes(ROWS, 0.1, 1), method="kmeans"), "empty cells were filled"),
    "K038": (lambda: fit(ROWS, method="gaussian", sample=200), "200 of 300 customers"),
    "K039": (lambda: fit(replace(ROWS, number_weights=np.array([2.0, 1, 1])), method="mixture"), "number 0"),
    "K040": (lambda: choose(noise()), "No number of segments"),
    "K041": (lambda: choose(ROWS, candidates=(2, 3)), "3 segments are recommended"),
    "K042": (lambda: choose(noise()), "silhouette"),
    "K044": (lambda: choose(ROWS, ceiling=3), "4 segments were not tried"),
    "K045": (lambda: fit(spike(), 2, method="mixture"), "number 0"),
    "K046": (lambda: fit(weightless()), "1 of 3 clusters"),
}
SHORTENED = {"K034": ("kprototypes", segmentation.prototypes), "K043": ("mixture", segmentation.mixture)}


@pytest.mark.parametrize("id", STOPS)
def test_what_cannot_be_is_refused(id) -> None:
    make, words = STOPS[id]
    with pytest.raises(DataError) as refusal:
        make()
    [finding] = refusal.value.findings
    assert (finding.id, finding.severity) == (id, "error")
    assert words in finding.what
    assert finding.where
    assert finding.repair


@pytest.mark.parametrize("id", SAID)
def test_what_makes_segments_doubtful_is_told(id) -> None:
    make, words = SAID[id]
    found = {finding.id: finding for finding in make()}
    assert id in found
    assert words in found[id].what
    assert found[id].where


@pytest.mark.parametrize("id", SHORTENED)
def test_a_fit_that_was_cut_short_is_told(id, monkeypatch: pytest.MonkeyPatch) -> None:
    method, module = SHORTENED[id]
    monkeypatch.setattr(module, "LIMIT", 1)
    rows, _ = planted(300, 3, seed=1, apart=0.5)
    told = [finding.id for finding in fit(rows, 4, method=method, sample=100)]
    assert told == [id]


def test_good_customers_bring_nothing() -> None:
    for method in ("kprototypes", "mixture", "kmeans", "gaussian", "agglomerative"):
        assert fit(ROWS, method=method) == ()
    assert choose(ROWS) == ()


def test_every_finding_is_met_and_explained() -> None:
    assert set(ENTRIES) == {*STOPS, *SAID, *SHORTENED}
    for entry in ENTRIES.values():
        assert len(entry.repair) >= 20
        assert entry.meaning.endswith(".")

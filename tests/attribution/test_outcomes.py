"""Outcomes of several classes: counts, probabilities that are not re-weighted, and decisions by cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution.config import LeadsSection, OutcomesSection
from attribution.outcomes import chain, fit_outcomes, model_outcomes, read_outcomes
from attribution.outcomes_decide import decisions_table, matrix_of, thresholds_table
from outlay.errors import DataError
from tests.attribution.cells_worlds import about, world

SHARES = {"none": 0.929, "video": 0.040, "demo": 0.018, "trial": 0.009, "call": 0.004}
"""Of the five digital actions of a real study: 46470/2016/898/421/195."""

CLASSES = tuple(SHARES)


def leads(n: int = 20_000, seed: int = 1) -> pd.DataFrame:
    """Leads of two segments and three channels; the second segment has twice the odds of anything but `none`."""
    rng = np.random.default_rng(seed)
    segment, channel = rng.integers(0, 2, n), rng.integers(0, 3, n)
    p = np.array(list(SHARES.values()))
    tilted = p * np.where(np.arange(5) > 0, 2.0, 1.0)
    both = np.stack([p, tilted / tilted.sum()])
    drawn = (rng.random(n)[:, None] > np.cumsum(both[segment], axis=1)).sum(axis=1)
    return pd.DataFrame(
        {
            "created": pd.Timestamp("2025-01-01"),
            "mql": 1,
            "won": (rng.random(n) < 0.1).astype(int),
            "segment": np.array(["a", "b"])[segment],
            "channel": np.array(["x", "y", "z"])[channel],
            "action": np.array(CLASSES)[np.minimum(drawn, 4)],
        }
    )


def section(tmp_path: Path, frame: pd.DataFrame, **outcomes: object) -> LeadsSection:
    frame.to_parquet(tmp_path / "leads.parquet")
    return LeadsSection.model_validate(
        {
            "source": "leads.parquet",
            "date": "created",
            "stages": ("mql", "won"),
            "segment": "segment",
            "channel": "channel",
            "as_of": "2025-06-30",
            "outcomes": {"column": "action"} | outcomes,
        }
    )


def test_counts_are_those_of_the_table(tmp_path: Path) -> None:
    frame = leads()
    own = section(tmp_path, frame)
    assert own.outcomes is not None
    cells, classes, found = read_outcomes(own, own.outcomes, about(), tmp_path)
    assert classes == CLASSES  # the most frequent first
    assert found == ()
    counts = frame["action"].value_counts()
    left = cells.reached.sum(axis=0)
    assert left[0] == len(frame)
    for k, name in enumerate(CLASSES[:-1]):
        assert left[k] - left[k + 1] == counts[name]


def test_probabilities_sum_to_one_and_hold_the_truth(tmp_path: Path) -> None:
    own = section(tmp_path, leads())
    found = model_outcomes(own, about(), tmp_path, preview=True)
    assert found is not None
    p = found.probabilities(("segment",))
    np.testing.assert_allclose(p.sum(axis=2), 1.0, rtol=1e-12)
    truth = np.array(list(SHARES.values()))
    # ten thousand leads: a class of 40 has a standard error of 16 %; 4.5 of them, a false alarm in 150,000 runs
    np.testing.assert_array_less(np.abs(p.mean(0)[0] - truth), 4.5 * np.sqrt(truth / 10_000))
    # rare classes stay rare: a re-weighted model would give each of five classes about a fifth
    assert p[:, 0, 4].mean() < 0.01


def test_the_gate_judges_the_classes_too(tmp_path: Path) -> None:
    own = section(tmp_path, leads(3000))
    own = own.model_copy(update={"sampling": own.sampling.model_copy(update={"draws": 100, "tune": 100})})
    found = model_outcomes(own, about(), tmp_path)
    assert found is not None
    assert found.trust is not None
    assert "classes" in found.tables()
    assert "decisions" not in found.tables()  # no costs are stated


def test_empty_outcomes_and_rare_classes_are_told(tmp_path: Path) -> None:
    frame = leads(2000)
    frame.loc[:99, "action"] = None
    own = section(tmp_path, frame)
    assert own.outcomes is not None
    _, _, found = read_outcomes(own, own.outcomes, about(), tmp_path)
    told = {finding.id: finding.what for finding in found}
    assert "100 leads" in told["V021"]
    assert "call" in told["V020"]


def test_one_class_is_an_error(tmp_path: Path) -> None:
    own = section(tmp_path, leads(500).assign(action="none"))
    with pytest.raises(DataError) as refused:
        model_outcomes(own, about(), tmp_path)
    assert refused.value.findings[0].id == "V023"


def test_a_project_without_outcomes_has_none(tmp_path: Path) -> None:
    own = section(tmp_path, leads(500)).model_copy(update={"outcomes": None})
    assert model_outcomes(own, about(), tmp_path) is None


def test_ties_go_by_name() -> None:
    cells = world(100, {"segment": 2}, values=False).cells
    frame = pd.DataFrame({"segment": "segment 01", "outcome_class": ["b", "a", "c"], "leads": [50, 50, 60]})
    made, classes, _ = chain(frame, cells, "leads.parquet")
    assert classes == ("c", "a", "b")
    np.testing.assert_array_equal(made.reached, [[160, 100, 50]])


def outcomes(**more: object) -> OutcomesSection:
    return OutcomesSection.model_validate({"column": "action"} | more)


def test_costs_of_missing_and_wasting_make_a_matrix() -> None:
    costs = matrix_of(outcomes(missed={"demo": 90, "call": 200}, wasted=5), ("none", "demo", "call"))
    # rows are actions; a demo action on a call lead is wasted, and the call is missed on top
    np.testing.assert_array_equal(costs, [[0, 90, 200], [5, 0, 205], [5, 95, 0]])


def test_a_threshold_follows_from_the_costs() -> None:
    costs = matrix_of(outcomes(missed={"demo": 90, "call": 200}, wasted=10), ("none", "demo", "call"))
    assert costs is not None
    table = thresholds_table(costs, ("none", "demo", "call"), "none").set_index("action")
    # acting pays where p x 90 > (1 - p) x 10: p > 0.1
    assert table.loc["demo", "threshold"] == pytest.approx(0.1)
    assert table.loc["call", "threshold"] == pytest.approx(10 / 210)


def test_the_action_of_least_expected_cost_is_taken() -> None:
    costs = np.array([[0.0, 90.0], [10.0, 0.0]])
    draws = np.array([[[0.95, 0.05], [0.8, 0.2]], [[0.93, 0.07], [0.85, 0.15]], [[0.89, 0.11], [0.7, 0.3]]])
    table = decisions_table(draws, costs, ("none", "demo"), ("a", "b"))
    assert list(table["action"]) == ["none", "demo"]  # 7.7 % against 21.7 %, and the threshold is 10 %
    assert table["cost"][0] == pytest.approx(90 * (0.05 + 0.07 + 0.11) / 3)
    assert table["sure"][0] == pytest.approx(2 / 3)  # one draw of three is above the threshold
    assert table["sure"][1] == 1.0


@pytest.mark.parametrize(
    "more",
    [
        {"missed": {"demo": 1, "demos": 2}, "wasted": 1},
        {"missed": {"demo": 1}, "wasted": 1},
        {"costs": {"none": {"none": 0, "demo": 1}}},
        {"default": "nothing"},
    ],
)
def test_costs_that_do_not_fit_the_classes_are_an_error(more: dict[str, object]) -> None:
    with pytest.raises(DataError) as refused:
        matrix_of(outcomes(**more), ("none", "demo", "call"))
    assert {finding.id for finding in refused.value.findings} == {"V022"}


def test_costs_are_written_one_way() -> None:
    with pytest.raises(ValueError, match="either costs or missed"):
        outcomes(missed={"a": 1}, wasted=1, costs={"a": {"a": 0}})
    with pytest.raises(ValueError, match="belong together"):
        outcomes(missed={"a": 1})


def test_decisions_are_in_the_tables(tmp_path: Path) -> None:
    missed = {"video": 10, "demo": 200, "trial": 300, "call": 2000}
    own = section(tmp_path, leads(), missed=missed, wasted=3)
    assert own.outcomes is not None
    read = read_outcomes(own, own.outcomes, about(), tmp_path)
    tables = fit_outcomes(read, own, about(), preview=True).tables()
    assert len(tables["decisions"]) == 6  # two segments by three channels
    assert set(tables["thresholds"]["action"]) == set(missed)
    assert tables["classes"].groupby(["dimension", "level"])["mean"].sum().round(9).eq(1).all()

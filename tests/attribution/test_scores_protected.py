"""Protected columns of leads: not learnt from, and told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attribution.config_score import ScoreSection
from attribution.scores_protected import protected_table


def scores(
    group: np.ndarray, top: np.ndarray, probability: np.ndarray, outcome: np.ndarray, kind: str = "test"
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": np.arange(len(group)),
            "set": kind,
            "grade": np.where(top, "A", "D"),
            "probability": probability,
            "outcome": outcome,
        }
    )


def made(seed: int = 1, n: int = 2000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two groups: 40 % and 20 % graded A or B; the second converts at 30 % where 20 % is said."""
    rng = np.random.default_rng(seed)
    group = np.repeat(["m", "f"], n // 2)
    top = rng.random(n) < np.where(group == "m", 0.4, 0.2)
    outcome = (rng.random(n) < np.where(group == "m", 0.2, 0.3)).astype(float)
    return scores(group, top, np.full(n, 0.2), outcome), pd.DataFrame({"gender": group.astype(object)})


def test_rates_ratios_and_calibration() -> None:
    frame, protected = made()
    table, findings = protected_table(frame, protected, 0.9, "leads.csv")
    rows = table.set_index("level")
    top = frame["grade"].isin(["A", "B"]).to_numpy()
    assert rows.loc["m", "rate"] == pytest.approx(top[:1000].mean())
    assert rows.loc["f", "ratio"] == pytest.approx(top[1000:].mean() / top[:1000].mean())
    # 30 % of 1,000 came where 20 % was said: seven standard errors outside
    assert not rows.loc["f", "inside"]
    assert rows.loc["f", "predicted"] == pytest.approx(0.2)
    assert [finding.id for finding in findings] == ["S026", "S027"]
    assert findings[0].where == "leads.csv, column gender"


def test_open_leads_have_rates_and_no_calibration() -> None:
    frame, protected = made()
    frame = frame.assign(set="open", outcome=np.nan)
    table, findings = protected_table(frame, protected, 0.9)
    assert table["observed"].isna().all()
    assert table["inside"].isna().all()
    assert [finding.id for finding in findings] == ["S026"]


def test_groups_alike_give_no_finding() -> None:
    # intervals of 90 % on two levels: a fixed seed, so that the test always says the same
    rng = np.random.default_rng(5)
    n = 4000
    group = rng.choice(["m", "f"], n)
    frame = scores(group, rng.random(n) < 0.3, np.full(n, 0.2), (rng.random(n) < 0.2).astype(float))
    _, findings = protected_table(frame, pd.DataFrame({"gender": group.astype(object)}), 0.9)
    assert findings == []


def test_numbers_in_bands_and_empty_cells() -> None:
    frame, _ = made()
    ages = np.arange(2000.0)
    ages[:50] = np.nan
    table, findings = protected_table(frame, pd.DataFrame({"age": ages}), 0.9)
    assert len(table) == 5
    assert "(missing)" in set(table["level"])
    assert findings[0].id == "S028"


def test_a_protected_column_is_no_feature() -> None:
    with pytest.raises(ValueError, match="age is protected"):
        ScoreSection(features=("age", "visits"), protected=("age",))
    with pytest.raises(ValueError, match="age is protected"):
        ScoreSection(keep=("age",), protected=("age",))

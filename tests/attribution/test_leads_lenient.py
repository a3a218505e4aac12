"""Tables with gaps: stages that were skipped count as reached, won leads without a value stay out of values."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.leads import LeadCells
from attribution.leads_cells import cells_from_frame, read_cells
from attribution.leads_frame import lead_rows
from outlay.errors import DataError
from tests.attribution.leads_made import ABOUT, STAGES, as_arrow, leads, section

LENIENT: dict[str, Any] = {"skipped_stages": "reached", "missing_value": "leave_out"}


def gaps() -> pd.DataFrame:
    """The first twelve won leads: six without sqo, three without mql and sqo, three without a value."""
    frame = as_arrow(leads(600))
    won = np.flatnonzero(frame["won"].notna())[:12]
    frame.loc[won[:9], "sqo"] = pd.NaT
    frame.loc[won[6:9], "mql"] = pd.NaT
    frame.loc[won[9:], "amount"] = np.nan
    return frame


def counts(cells: LeadCells) -> list[np.ndarray]:
    return [getattr(cells, name).sum(axis=0) for name in ("reached", "trials", "successes")]


def test_skipped_stages_count_as_if_they_had_been_written() -> None:
    whole = cells_from_frame(as_arrow(leads(600)), section(maturity_days=0), ABOUT)
    found = cells_from_frame(gaps(), section(maturity_days=0, **LENIENT), ABOUT)
    for ours, theirs in zip(counts(found), counts(whole), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert found.value_count.sum() == whole.value_count.sum() - 3
    assert (found.successes <= found.trials).all()
    assert (found.trials <= found.reached[:, :-1]).all()


def test_the_age_of_a_skipped_stage_counts_from_the_last_known_day() -> None:
    # as_of day 100, maturity 30: days that are known decide, of the skipping leads mql on day 60 and on day 80
    day = [pd.Timestamp("2025-01-01") + pd.Timedelta(days=k) for k in range(101)]
    frame = pd.DataFrame(
        {
            "lead": ["a", "b", "c", "d"],
            "created": [day[50], day[70], day[10], day[10]],
            "mql": [day[60], day[80], day[20], day[20]],
            "sqo": [pd.NaT, pd.NaT, day[75], day[60]],
            "won": [day[90], day[90], day[90], pd.NaT],
            "amount": [1.0, 1.0, 1.0, np.nan],
        }
    )
    names: dict[str, Any] = {"segment": None, "region": None, "channel": None}
    names |= {"as_of": date(2025, 4, 11), "maturity_days": 30}
    cells = cells_from_frame(frame, section(**names, **LENIENT), ABOUT)
    # sqo to won: a (mql on day 60) and d (sqo on day 60) had 30 days, b (80) and c (75) had not
    assert cells.trials.sum(axis=0).tolist() == [3.0, 2.0]
    assert cells.successes.sum(axis=0).tolist() == [3.0, 1.0]


def test_no_delay_is_learnt_from_a_day_that_is_not_known() -> None:
    told = [
        finding.what for finding in cells_from_frame(gaps(), section(**LENIENT), ABOUT).findings if finding.id == "L030"
    ]
    frame = gaps()
    for text, (start, end) in zip(told, (("mql", "sqo"), ("sqo", "won")), strict=True):
        assert f"learnt from {int((frame[start].notna() & frame[end].notna()).sum()):,} delays" in text


@pytest.mark.parametrize("changes", [{}, {"maturity": "model"}, {"as_of": date(2024, 8, 1)}])
def test_files_count_as_frames_do(changes: dict[str, Any], tmp_path: Path) -> None:
    gaps().to_parquet(tmp_path / "leads.parquet")
    gaps().to_csv(tmp_path / "leads.csv", index=False)
    expected = cells_from_frame(gaps(), section(**LENIENT, **changes), ABOUT)
    for source in ("leads.parquet", "leads.csv"):
        found = read_cells(section(source=source, **LENIENT, **changes), ABOUT, tmp_path)
        for ours, theirs in zip(counts(found), counts(expected), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)  # sums in another order


def test_days_are_compared_across_a_skipped_stage() -> None:
    frame = gaps()
    row = np.arange(len(frame)) == np.flatnonzero(frame["won"].notna())[0]
    frame["mql"] = frame["mql"].where(~row, frame["created"] + pd.Timedelta(days=1))
    frame["won"] = frame["won"].where(~row, frame["created"])
    with pytest.raises(DataError) as caught:
        cells_from_frame(frame, section(**LENIENT), ABOUT)
    assert [finding.id for finding in caught.value.findings if finding.severity == "error"] == ["L004"]
    assert "won before mql" in str(caught.value)


def test_a_column_without_any_cell_has_no_type_and_is_read_as_empty(tmp_path: Path) -> None:
    # pandas writes such a column with the type null
    frame = as_arrow(leads(600)).assign(won=None, amount=None, channel=None, note=None)
    frame.to_parquet(tmp_path / "leads.parquet")
    for cells in (read_cells(section(), ABOUT, tmp_path), cells_from_frame(frame, section(), ABOUT)):
        assert cells.reached.sum(axis=0)[2] == 0
        assert cells.levels["channel"] == ("(missing)",)
    assert lead_rows(section(), ABOUT, tmp_path, ["note"]).frame["x_note"].isna().all()


def test_rows_of_a_csv_file_without_features(tmp_path: Path) -> None:
    leads(600).to_csv(tmp_path / "leads.csv", index=False)
    rows = lead_rows(section(source="leads.csv", score="score"), ABOUT, tmp_path)
    assert rows.features == ()
    assert rows.frame[[f"stage_{j}" for j in range(len(STAGES))]].sum().tolist()[0] == 600

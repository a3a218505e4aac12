"""Leads row by row: in the order of the file, typed alike from text and from Parquet, strict about features."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution.leads_frame import lead_rows, rows_from_frame
from attribution.leads_table import open_leads
from outlay.errors import DataError
from tests.attribution.leads_made import ABOUT, as_arrow, leads, section


def table() -> pd.DataFrame:
    """Leads in no order of days, with features of three kinds."""
    frame = leads(300).sample(frac=1.0, random_state=3).reset_index(drop=True)
    sizes = [None if k % 10 == 0 else float(k) for k in range(300)]
    return frame.assign(size=sizes, industry=["a", "b c", None] * 100, since=frame["created"])


def test_text_and_parquet_give_the_same_leads_in_the_order_of_the_file(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "leads.csv", index=False)
    as_arrow(table()).assign(since=pd.to_datetime(table()["since"])).to_parquet(tmp_path / "leads.parquet")
    text, typed = (lead_rows(section(source=f"leads.{kind}"), ABOUT, tmp_path) for kind in ("csv", "parquet"))
    assert text.features == typed.features == ("score", "size", "industry", "since")
    pd.testing.assert_frame_equal(text.frame, typed.frame)
    assert typed.frame["id"].tolist() == table()["lead"].tolist()
    assert (text.word, text.rows[:3].tolist()) == ("line", [2, 3, 4])  # the header is line 1
    assert (typed.word, typed.rows[:3].tolist()) == ("row", [1, 2, 3])
    kinds = typed.frame[["x_size", "x_industry", "x_since"]].dtypes.astype(str).to_dict()
    assert kinds == {"x_size": "float64", "x_industry": "str", "x_since": "datetime64[ns]"}


def test_only_leads_of_that_day_and_what_they_had_reached(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "leads.csv", index=False)
    asked = section(source="leads.csv", as_of=date(2024, 5, 1))
    rows = lead_rows(asked, ABOUT, tmp_path, ["size"])
    expected = table()[table()["created"] <= date(2024, 5, 1)]
    assert rows.frame["id"].tolist() == expected["lead"].tolist()
    np.testing.assert_array_equal(rows.frame["x_size"], expected["size"].astype(float))
    assert rows.frame["stage_1"].tolist() == [day is not None and day <= date(2024, 5, 1) for day in expected["sqo"]]
    assert rows.frame["day_1"].notna().tolist() == rows.frame["stage_1"].tolist()
    assert rows.rows.tolist() == (expected.index + 2).tolist()
    assert (rows.frame["age_days"] == (pd.Timestamp(2024, 5, 1) - rows.frame["created"]).dt.days).all()


def test_a_feature_that_looks_like_numbers_must_be_numbers(tmp_path: Path) -> None:
    frame = table().astype({"size": object})
    frame.loc[250, "size"] = "N/A"
    # beyond the first thousand rows nothing would tell what the column is; here all rows are looked at first
    pd.concat([table()] * 4 + [frame]).assign(lead=range(1500)).to_csv(tmp_path / "leads.csv", index=False)
    with pytest.raises(DataError) as caught:
        lead_rows(section(source="leads.csv"), ABOUT, tmp_path, ["size"])
    (finding,) = (finding for finding in caught.value.findings if finding.severity == "error")
    assert (finding.id, "line 1452" in finding.where) == ("D021", True)


def test_a_feature_may_be_named_like_a_normalised_column() -> None:
    frame = as_arrow(table()).rename(columns={"size": "value", "industry": "stage_1"})
    rows = rows_from_frame(frame, section(), ABOUT, ["value", "stage_1"])
    assert rows.frame["stage_1"].dtype == bool
    assert rows.frame["x_stage_1"].dropna().unique().tolist() == ["a", "b c"]
    assert rows.frame["x_value"].max() == 299


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    as_arrow(table()).to_parquet(tmp_path / "leads.parquet")
    with pytest.raises(DataError, match='there is no column "sice"'):
        lead_rows(section(), ABOUT, tmp_path, ["sice"])


def test_the_raw_table_holds_the_columns_of_the_source_and_the_row(tmp_path: Path) -> None:
    as_arrow(table()).to_parquet(tmp_path / "leads.parquet")
    with open_leads(section(), ABOUT, tmp_path) as opened:
        found = opened.relation.backend.to_pyarrow(opened.raw).to_pandas()
    assert found["outlay_row"].tolist() == list(range(1, 301))
    assert found["industry"].dropna().tolist() == table()["industry"].dropna().tolist()

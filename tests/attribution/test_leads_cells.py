"""Counts by cell: equal to a loop over leads, whatever the order of rows and columns, and honest about young leads."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.leads import MISSING_LEVEL, LeadCells
from attribution.leads_cells import cells_from_frame, read_cells
from outlay.errors import ConfigError
from tests.attribution.leads_made import ABOUT, FIRST, STAGES, as_arrow, as_counts, counted_by_hand, leads, section

DIMS = {"segment": "segment", "region": "region", "channel": "channel"}
NAMES = ["a", "b ", " b", "", None, "Long name"]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Some leads in a sensible order of days, with empty and padded names among them."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 120),
                st.one_of(st.none(), st.integers(0, 40)),
                st.one_of(st.none(), st.integers(0, 60)),
                st.sampled_from(NAMES),
                st.sampled_from(["north", "south"]),
                st.floats(0.01, 1e6),
            ),
            min_size=1,
            max_size=40,
        )
    )
    found = []
    for k, (born, to_sqo, to_won, name, region, amount) in enumerate(rows):
        created = FIRST + timedelta(days=born)
        sqo = None if to_sqo is None else created + timedelta(days=to_sqo)
        won = None if sqo is None or to_won is None else sqo + timedelta(days=to_won)
        found.append((f"L{k}", created, created, sqo, won, name, region, "search", amount if won else np.nan))
    names = ["lead", "created", *STAGES, "segment", "region", "channel", "amount"]
    return pd.DataFrame(found, columns=names)


def close(left: dict[tuple[str, ...], list[float]], right: dict[tuple[str, ...], list[float]]) -> None:
    assert left.keys() == right.keys()
    for key, numbers in left.items():
        assert numbers == pytest.approx(right[key], rel=1e-12)  # sums of floats in another order


def padded(frame: pd.DataFrame) -> pd.DataFrame:
    """Leads of 30 years ago in numbers, so that every transition of a small random table has somebody in it."""
    old = leads(60, seed=3).assign(lead=lambda t: "old" + t["lead"])
    old = old.drop(columns="score")
    for name in ("created", *STAGES):
        old[name] = [None if day is None else day - timedelta(days=3000) for day in old[name]]
    return pd.concat([frame.astype(object), old.astype(object)], ignore_index=True).assign(
        amount=lambda t: t["amount"].astype(float)
    )


@settings(max_examples=20)  # an example takes a third of a second
@given(tables(), st.integers(0, 130), st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_counts_equal_a_loop_over_leads(frame: pd.DataFrame, seen: int, maturity: tuple[int, int]) -> None:
    as_of, whole = FIRST + timedelta(days=seen), padded(frame)
    cells = cells_from_frame(as_arrow(whole), section(as_of=as_of, maturity_days=maturity), ABOUT)
    close(as_counts(cells), counted_by_hand(whole, DIMS, as_of, maturity))


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    frame = as_arrow(leads())
    straight = cells_from_frame(frame, section(score="score"), ABOUT)
    other = frame.sample(frac=1.0, random_state=7)[list(reversed(frame.columns))]
    shuffled = cells_from_frame(other, section(score="score"), ABOUT)
    assert straight.levels == shuffled.levels
    np.testing.assert_array_equal(straight.codes, shuffled.codes)
    np.testing.assert_array_equal(straight.trials, shuffled.trials)
    np.testing.assert_array_equal(straight.successes, shuffled.successes)
    np.testing.assert_allclose(straight.value_log_square, shuffled.value_log_square, rtol=1e-12)
    assert straight.maturity_days == shuffled.maturity_days


def written(frame: pd.DataFrame, path: Path) -> str:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        as_arrow(frame).to_parquet(path)
    return path.name


def same(left: LeadCells, right: LeadCells) -> None:
    assert left.levels == right.levels
    assert left.maturity_days == right.maturity_days
    assert left.young == right.young
    for name in ("codes", "reached", "trials", "successes", "value_count"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    for name in ("value_sum", "value_log_sum", "value_log_square"):
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-12)


def test_a_csv_file_a_parquet_file_and_a_frame_are_counted_alike(tmp_path: Path) -> None:
    frame = leads()
    found = [
        read_cells(section(source=written(frame, tmp_path / name), score="score"), ABOUT, tmp_path)
        for name in ("leads.csv", "leads.parquet")
    ]
    same(*found)
    same(found[0], cells_from_frame(as_arrow(frame), section(score="score"), ABOUT))


def flags(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    reached = {name: frame[name].notna() for name in STAGES}
    words: dict[str, Any] = {
        "truth": reached,
        "numbers": {name: made.astype(int) for name, made in reached.items()},
        "floats": {name: made.astype(float) for name, made in reached.items()},
    }
    return frame.assign(**words[kind])


@pytest.mark.parametrize("kind", ["truth", "numbers", "floats"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_stages_of_0_and_1_are_counted_like_days(tmp_path: Path, kind: str, suffix: str) -> None:
    frame = leads()
    flagged = section(source=written(flags(frame, kind), tmp_path / f"leads{suffix}"), maturity_days=0)
    expected = cells_from_frame(as_arrow(frame), section(maturity_days=0), ABOUT)
    found = read_cells(flagged, ABOUT, tmp_path)
    np.testing.assert_array_equal(found.successes, expected.successes)
    np.testing.assert_array_equal(found.reached, expected.reached)


def test_days_with_a_time_and_other_notations_are_days(tmp_path: Path) -> None:
    frame = leads()
    stamps = frame.assign(sqo=[None if day is None else f"{day}T17:05:09Z" for day in frame["sqo"]])
    stamps["created"] = [day.strftime("%d.%m.%Y") for day in frame["created"]]
    found = read_cells(section(source=written(stamps, tmp_path / "leads.csv")), ABOUT, tmp_path)
    same(found, cells_from_frame(as_arrow(frame), section(), ABOUT))


def hand_made() -> pd.DataFrame:
    """Four leads seen on the 31st of January 2024, in one cell each."""
    rows = [
        ("old, won", date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 11), 100.0),
        ("old, sqo", date(2024, 1, 1), date(2024, 1, 21), None, np.nan),
        ("young, sqo", date(2024, 1, 25), date(2024, 1, 26), None, np.nan),
        ("young", date(2024, 1, 31), None, None, np.nan),
    ]
    frame = pd.DataFrame(rows, columns=["lead", "created", "sqo", "won", "amount"])
    return as_arrow(frame.assign(mql=frame["created"], segment=frame["lead"], region="r", channel="c"))


def test_young_leads_are_in_neither_trials_nor_successes() -> None:
    # sqo: 10 days from mql (creation), so the two of January 25 and 31 are left out, the one with sqo as well;
    # won: 15 days from sqo, so the lead of January 1 with sqo on the 21st is 10 days old and left out
    cells = cells_from_frame(hand_made(), section(maturity_days=(10, 15), as_of=date(2024, 1, 31)), ABOUT)
    found = cells.frame().set_index("segment")
    assert found["trials_sqo"].to_dict() == {"old, won": 1, "old, sqo": 1, "young, sqo": 0, "young": 0}
    assert found["successes_sqo"].to_dict() == {"old, won": 1, "old, sqo": 1, "young, sqo": 0, "young": 0}
    assert found["trials_won"].to_dict() == {"old, won": 1, "old, sqo": 0, "young, sqo": 0, "young": 0}
    assert found["reached_sqo"].sum() == 3
    assert cells.young == (2, 2)
    told = [finding.what for finding in cells.findings if finding.id == "L033"]
    assert told == [
        "2 of 4 leads at mql are left out of the rate of sqo: younger than 10 days on 2024-01-31",
        "2 of 3 leads at sqo are left out of the rate of won: younger than 15 days on 2024-01-31",
    ]


def test_a_lead_on_its_last_day_of_waiting_is_young_and_the_day_after_is_not() -> None:
    # created on the 1st, seen on the 31st: 30 days old
    for days, trials in ((30, 2), (31, 0)):
        # 31 days leave nobody, which is an error of its own; two leads of two years ago keep the table valid
        old = hand_made().head(1).assign(created=pd.Timestamp(2022, 1, 1), mql=pd.Timestamp(2022, 1, 1), lead="x")
        frame = pd.concat([hand_made(), old.assign(segment="x")], ignore_index=True)
        cells = cells_from_frame(frame, section(maturity_days=(days, 0), as_of=date(2024, 1, 31)), ABOUT)
        assert cells.trials[:, 0].sum() == trials + 1


def test_what_came_after_as_of_was_not_known() -> None:
    cells = cells_from_frame(hand_made(), section(maturity_days=0, as_of=date(2024, 1, 20)), ABOUT)
    found = cells.frame().set_index("segment")
    assert set(found.index) == {"old, won", "old, sqo"}
    assert found["reached_sqo"].to_dict() == {"old, won": 1, "old, sqo": 0}
    ids = [finding.id for finding in cells.findings]
    assert ids.count("L012") == 1  # two leads created later
    assert ids.count("L013") == 1  # one sqo later
    assert cells.rows == 4


def test_as_of_is_the_latest_day_and_told() -> None:
    cells = cells_from_frame(hand_made(), section(maturity_days=0), ABOUT)
    assert cells.as_of == date(2024, 1, 31)
    assert [finding.what for finding in cells.findings if finding.id == "L011"] == [
        "no as_of is stated: the table is taken to be of 2024-01-31, the latest day in it"
    ]


def test_empty_names_are_a_level_of_their_own_and_the_last_one() -> None:
    frame = as_arrow(leads()).assign(persona=["x", None, " "] * 200)
    cells = cells_from_frame(frame, section(persona="persona"), ABOUT)
    assert cells.levels["persona"] == ("x", MISSING_LEVEL)
    by = cells.frame().groupby("persona")["reached_mql"].sum()
    assert by.to_dict() == {"x": 200, MISSING_LEVEL: 400}


def test_periods_have_no_gaps_and_are_first_days() -> None:
    frame = as_arrow(leads())
    frame = frame[frame["created"].dt.month != 4]
    by_month = cells_from_frame(frame, section(), ABOUT)
    assert by_month.levels["period"] == tuple(f"2024-{month:02d}-01" for month in range(1, 11))
    weeks = cells_from_frame(frame, section(period="week"), ABOUT).levels["period"]
    assert all(date.fromisoformat(week).weekday() == 0 for week in weeks)
    assert cells_from_frame(frame, section(period="quarter"), ABOUT).levels["period"][0] == "2024-01-01"


def test_bands_hold_equal_parts_and_lie_in_order() -> None:
    frame = as_arrow(leads(2000)).assign(score=np.arange(2000.0))
    cells = cells_from_frame(frame, section(score="score", score_bands=4), ABOUT, dims=["band"])
    # quarters of 0 ... 1999; an edge belongs to the band below it
    assert cells.levels["band"] == ("up to 499", "over 499 to 999", "over 999 to 1499", "over 1499")
    assert cells.reached[:, 0].tolist() == [500, 500, 500, 500]


def test_bands_of_broken_scores_are_quantiles_too() -> None:
    frame = as_arrow(leads(2000)).assign(score=np.random.default_rng(5).normal(size=2000))
    cells = cells_from_frame(frame, section(score="score"), ABOUT, dims=["band"])
    np.testing.assert_allclose(cells.reached[:, 0], 400, atol=1)  # interpolated edges


def test_equal_scores_stay_together_and_missing_ones_are_a_band() -> None:
    frame = as_arrow(leads(1000)).assign(score=[0.0] * 700 + [1.0, 2.0] * 100 + [np.nan] * 100)
    cells = cells_from_frame(frame, section(score="score"), ABOUT, dims=["band"])
    # of 900 scores the fifths are at 180, 360, 540 and 720: 0, 0, 0 and 1
    assert cells.levels["band"] == ("up to 0", "over 0 to 1", "over 1", MISSING_LEVEL)
    assert cells.reached[:, 0].tolist() == [700, 100, 100, 100]
    ids = {finding.id for finding in cells.findings}
    assert {"L024", "L027"} <= ids


def test_dims_are_those_asked_for_and_no_others() -> None:
    frame = as_arrow(leads())
    cells = cells_from_frame(frame, section(), ABOUT, dims=["channel"])
    assert cells.dims == ("channel",)
    assert cells.n_cells == 3
    with pytest.raises(ConfigError, match="no column for persona, band"):
        cells_from_frame(frame, section(), ABOUT, dims=["persona", "band"])


def test_leads_without_a_file_have_a_fingerprint_of_their_counts() -> None:
    frame = as_arrow(leads())
    one, again = (cells_from_frame(frame, section(), ABOUT).fingerprint for _ in range(2))
    other = cells_from_frame(frame.iloc[1:], section(), ABOUT).fingerprint
    assert len(one) == 64
    assert one == again != other


def test_known_segments_keep_their_order_and_unknown_ones_follow() -> None:
    cells = cells_from_frame(as_arrow(leads()), section(segments=("small", "enterprise")), ABOUT)
    assert cells.levels["segment"] == ("small", "enterprise", "public")


def test_whole_numbers_that_went_through_floats_name_levels_as_written() -> None:
    frame = as_arrow(leads()).assign(segment=[1.0, 2.0, np.nan] * 200)
    assert cells_from_frame(frame, section(), ABOUT).levels["segment"] == ("1", "2", MISSING_LEVEL)


def test_columns_may_have_any_name() -> None:
    frame = as_arrow(leads()).rename(
        columns={"segment": "band", "amount": "created at", "lead": "outlay_row", "sqo": "x y"}
    )
    changed = section(segment="band", value="created at", id="outlay_row", stages=("mql", "x y", "won"))
    close(
        as_counts(cells_from_frame(as_arrow(leads()), section(), ABOUT)),
        _as(cells_from_frame(frame, changed, ABOUT)),
    )


def _as(cells: LeadCells) -> dict[tuple[str, ...], list[float]]:
    frame = cells.frame().rename(columns=lambda name: name.replace("x y", "sqo"))
    numbers = [name for name in frame.columns if name not in cells.dims]
    order = ["reached_mql", "reached_sqo", "reached_won", "trials_sqo", "successes_sqo", "trials_won", "successes_won"]
    assert set(order) <= set(numbers)
    order += ["value_count", "value_sum", "value_log_sum", "value_log_square"]
    return {tuple(row[dim] for dim in cells.dims): [float(row[n]) for n in order] for row in frame.to_dict("records")}

"""Every data fault that a media panel can have: its id, the row and column it names, and whether it stops the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.catalogue import CATALOGUE
from mmm.design import make_design
from tests.mmm.panels import ids, only, panel, refused, section, table


def put(frame: pd.DataFrame, column: str, row: int, value: object) -> pd.DataFrame:
    """The table with one cell replaced."""
    if isinstance(value, str):
        frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


def drop(*rows: int, groups: tuple[str, ...] = ()) -> Callable[[], pd.DataFrame]:
    return lambda: table(groups=groups).drop(index=list(rows)).reset_index(drop=True)


def with_row(frame: pd.DataFrame, **cells: object) -> pd.DataFrame:
    """The table with its last row repeated at the end, changed."""
    return pd.concat([frame, frame.tail(1).assign(**cells)], ignore_index=True)


def test_the_table_that_all_faults_start_from_is_clean() -> None:
    # Otherwise a fault below might be found for another reason.
    assert ids(panel(table()).findings) == ["D156"] or panel(table()).findings == ()


def before_the_kpi(n: int, groups: tuple[str, ...] = (), only: str = "") -> pd.DataFrame:
    """The table with n periods of media history, in all groups or one."""
    frame = table(groups=groups)
    early = (frame["date"] < frame["date"].unique()[n]) & (frame["geo"].eq(only) if only else True)
    return frame.assign(sales=frame["sales"].where(~early))


def reached() -> pd.DataFrame:
    """The table with reach and frequency of tv."""
    rng = np.random.default_rng(3)
    return table().assign(people_tv=lambda t: t["tv_grp"] * 50.0, often=1.0 + rng.gamma(2.0, 1.0, 104))


def stores() -> pd.DataFrame:
    """Two stores in each of two regions."""
    parts = [
        table(60, (geo,)).assign(store=store) for geo, store in (("a", "s1"), ("a", "s2"), ("b", "s3"), ("b", "s4"))
    ]
    return pd.concat(parts, ignore_index=True)


GEO: dict[str, Any] = {"group": "geo"}
RF: dict[str, Any] = {"channels": [{"name": "tv", "spend": "tv", "reach": "people_tv", "frequency": "often"}]}
UNITS: dict[str, Any] = {"kpi_type": "units", "value_per_kpi": "worth"}

# name: (table, changes of the section, id, words that must stand in the place or the problem)
STOPS: dict[str, tuple[Callable[[], pd.DataFrame], dict[str, Any], str, list[str]]] = {
    "nan spend": (lambda: put(table(), "tv", 17, np.nan), {}, "D020", ["column tv", "row 17", "2023-05-01"]),
    "nan kpi": (lambda: put(table(), "sales", 1, np.nan), {}, "D020", ["column sales", "row 1"]),
    "nan kpi at the end": (lambda: put(table(), "sales", 103, np.nan), {}, "D020", ["column sales", "row 103"]),
    "no kpi at all": (lambda: table().assign(sales=np.nan), {}, "D020", ["column sales", "rows 0-103"]),
    "kpi that begins later in one group": (
        lambda: before_the_kpi(9, groups=("a", "b"), only="b"),
        GEO,
        "D020",
        ["column sales", "rows 104-112", "9 numbers of KPI missing"],
    ),
    "history with a hole in its control": (
        lambda: put(before_the_kpi(9), "price", 4, np.nan),
        {},
        "D020",
        ["column price", "row 4"],
    ),
    "control empty beyond the history": (
        lambda: before_the_kpi(9).assign(price=lambda t: t["price"].where(t.index > 9)),
        {},
        "D020",
        ["column price", "row 9"],  # the rows of the history are no fault
    ),
    "media history without its media": (
        lambda: before_the_kpi(9).assign(tv=lambda t: t["tv"].where(t.index > 8)),
        {},
        "D020",
        ["column tv", "rows 0-8"],
    ),
    "too little after the history": (
        lambda: before_the_kpi(95),
        {},
        "D117",
        ["104 weeks", "first 95", "periods without a KPI", "leaves 9"],
    ),
    "log of nothing": (
        lambda: put(table(), "sales", 60, 0.0),
        {"likelihood": "log"},
        "D128",
        ["column sales", "row 60", "1 row", "2024-02-26"],
    ),
    "reach without frequency": (
        lambda: put(reached(), "often", 12, 0.0),
        RF,
        "D129",
        ["people_tv and often", "row 12"],
    ),
    "frequency without reach": (
        lambda: put(reached(), "people_tv", 12, 0.0),
        RF,
        "D129",
        ["row 12", "people_tv of zero and often above zero"],
    ),
    "negative reach": (lambda: put(reached(), "people_tv", 7, -1.0), RF, "D108", ["column people_tv", "reach of tv"]),
    "negative frequency": (lambda: put(reached(), "often", 7, -1.0), RF, "D108", ["column often", "frequency of tv"]),
    "missing frequency": (lambda: put(reached(), "often", 7, np.nan), RF, "D020", ["column often", "row 7"]),
    "one column twice as group": (lambda: table(groups=("a", "b")), {"group": ["geo", "geo"]}, "D121", ["column geo"]),
    "no name in the second group column": (
        lambda: put(stores(), "store", 5, None),
        {"group": ["geo", "store"]},
        "D040",
        ["geo or store", "row 5"],
    ),
    "combinations with different dates": (
        lambda: stores().drop(index=range(10)).reset_index(drop=True),
        {"group": ["geo", "store"]},
        "D115",
        ["group a / s1"],
    ),
    "population changes in a combination": (
        lambda: put(stores(), "people", 3, 5.0),
        {"group": ["geo", "store"], "population": "people"},
        "D120",
        ["a / s1 from 5 to 1,000"],
    ),
    "nan control": (lambda: put(table(), "price", 5, np.nan), {}, "D020", ["column price", "row 5"]),
    "infinite exposure": (lambda: put(table(), "tv_grp", 9, np.inf), {}, "D025", ["column tv_grp", "row 9"]),
    "text spend": (lambda: put(table(), "search", 3, "n/a"), {}, "D021", ["column search", "row 3", '"n/a"']),
    "thousands dots": (lambda: put(table(), "tv", 3, "1.234.567"), {}, "D021", ["column tv", '"1.234.567"']),
    "no date": (lambda: put(table(), "date", 4, pd.NaT), {}, "D030", ["column date", "row 4"]),
    "mixed date formats": (
        lambda: put(table().assign(date=lambda t: t["date"].dt.strftime("%Y-%m-%d")), "date", 4, "30/01/2023"),
        {},
        "D033",
        ["row 4", "30/01/2023"],
    ),
    "no group name": (lambda: put(table(groups=("a", "b")), "geo", 2, None), GEO, "D040", ["column geo", "row 2"]),
    "negative spend": (
        lambda: put(table(), "tv", 17, -12_345.0),
        {},
        "D107",
        ["column tv", "row 17", "EUR -12,345", "2023-05-01"],
    ),
    "negative lever cost": (
        lambda: put(table().assign(cost=5.0), "cost", 2, -1.0),
        {"levers": [{"name": "discount", "column": "depth", "cost": "cost"}]},
        "D107",
        ["column cost", "row 2", "lever discount"],
    ),
    "negative exposure": (lambda: put(table(), "tv_grp", 8, -3.0), {}, "D108", ["column tv_grp", "row 8"]),
    "negative value": (lambda: put(table(), "worth", 8, -3.0), UNITS, "D109", ["column worth", "row 8"]),
    "missing value": (lambda: put(table(), "worth", 8, np.nan), UNITS, "D020", ["column worth", "row 8"]),
    "repeated date": (lambda: with_row(table()), {}, "D110", ["rows 103-104", "2024-12-23"]),
    "repeated date in a group": (
        lambda: with_row(table(groups=("a", "b"))),
        GEO,
        "D110",
        ["rows 207-208", "2024-12-23 in b"],
    ),
    "gap": (drop(30, 31), {}, "D111", ["2 weeks missing", "2023-07-31 to 2023-08-07"]),
    "gap in a group": (drop(134, groups=("a", "b")), GEO, "D111", ["group b", "2023-07-31"]),
    "days among weeks": (
        lambda: with_row(table(), date=pd.Timestamp("2023-03-08")),
        {},
        "D112",
        ["row 104", "one week apart", "2023-03-08"],
    ),
    "weeks among days": (
        lambda: pd.concat([table(200, freq="D"), table(8, start="2023-07-27")], ignore_index=True),
        {},
        "D112",
        # the daily rows end on 20 July, so the first weekly row is a week after them
        ["rows 200-207", "one day apart"],
    ),
    "a weekly group among daily ones": (
        lambda: pd.concat([table(80, ("a", "b"), freq="D"), table(9, ("c",))], ignore_index=True),
        GEO,
        "D112",
        ["rows 160-168", "one day apart"],
    ),
    "another weekday": (
        lambda: put(table(), "date", 40, pd.Timestamp("2023-10-10")),
        {},
        "D113",
        ["row 40", "Monday", "Tuesday"],
    ),
    "part of a week": (
        lambda: with_row(table(), date=pd.Timestamp("2025-01-02")),
        {},
        "D114",
        ["row 104", "2025-01-02", "part of a week"],
    ),
    "part of a month": (
        lambda: with_row(table(36, freq="MS", start="2022-01-01"), date=pd.Timestamp("2025-01-17")),
        {},
        "D114",
        ["row 36", "2025-01-17", "part of a month"],
    ),
    "ragged": (
        lambda: table(groups=("a", "b")).drop(index=range(104, 110)).reset_index(drop=True),
        GEO,
        "D115",
        ["group b", "b has 2023-02-13 to 2024-12-23"],
    ),
    "no rows": (lambda: table().head(0), {}, "D004", ["no rows"]),
    # an eighth of 12 weeks warms up; 52 of 60 do where l_max says so
    "few rows": (lambda: table(12), {}, "D117", ["12 weeks", "leaves 11 to learn from, and 12 are the least"]),
    "few rows for l_max": (lambda: table(60), {"l_max": 52}, "D117", ["60 weeks", "first 52", "leaves 8 to learn"]),
    "l_max beyond the data": (lambda: table(30), {"l_max": 40}, "D117", ["30 weeks", "first 40", "leaves 0 to learn"]),
    "one date": (lambda: table(1), {}, "D117", ["1 date"]),
    "four-week blocks": (lambda: table(freq="28D"), {}, "D118", ["28 days apart"]),
    "kpi in the date column": (table, {"kpi": "date"}, "D121", ["column date", "date and as KPI"]),
    "fortnights": (lambda: table(freq="14D"), {}, "D118", ["14 days apart"]),
    "population of zero": (
        lambda: put(table(groups=("a", "b")), "people", 3, 0.0),
        {**GEO, "population": "people"},
        "D119",
        ["column people", "row 3"],
    ),
    "population missing": (
        lambda: put(table(groups=("a", "b")), "people", 3, np.nan),
        {**GEO, "population": "people"},
        "D020",
        ["column people", "row 3"],
    ),
    "population changes": (
        lambda: put(table(groups=("a", "b")), "people", 3, 1_100.0),
        {**GEO, "population": "people"},
        "D120",
        ["column people", "a from 1,000 to 1,100"],
    ),
    "column in two roles": (table, {"controls": ["sales"]}, "D121", ["column sales", "KPI and as control"]),
    "spend of two channels": (
        table,
        {"channels": [{"name": "tv", "spend": "tv"}, {"name": "video", "spend": "tv"}]},
        "D121",
        ["spend of tv and as spend of video"],
    ),
    "unknown country": (table, {"holidays": "usa"}, "D122", ["'usa'"]),
    "unknown region": (table, {"holidays": "DE-XX"}, "D122", ["DE has no region 'XX'"]),
    "channel of nothing": (
        table,
        {"channels": [{"name": "tv", "spend": "tv"}, {"name": "mail"}]},
        "D123",
        ["channel mail", "neither"],
    ),
    "group of one row": (
        lambda: with_row(table(groups=("a", "b")), geo="c"),
        GEO,
        "D124",
        ["row 208", "c"],
    ),
    "event of years": (lambda: put(table(), "event", 6, 2023.0), {}, "D125", ["column event", "row 6", "2,023"]),
    "damaged number": (lambda: put(table(), "sales", 6, 1e300), {}, "D127", ["column sales", "row 6", "1e+300"]),
    "weeks that change their day": (
        lambda: table().assign(date=lambda t: t["date"].where(t.index < 60, t["date"] + pd.Timedelta("3D"))),
        {},
        "D113",
        ["rows 60-103", "Monday", "Thursday"],
    ),
    "blank text": (lambda: put(table(), "search", 3, " "), {}, "D020", ["column search", "row 3"]),
    "constant kpi": (lambda: table().assign(sales=5.0), {}, "D126", ["column sales", "104 rows"]),
    "absent column": (lambda: table().rename(columns={"tv_grp": "tv_grps"}), {}, "D006", ['no column "tv_grp"']),
}


@pytest.mark.parametrize("name", STOPS)
def test_fault_stops_the_work_and_names_its_place(name: str) -> None:
    make, changes, id, words = STOPS[name]
    finding = only(refused(make(), **changes), id)
    assert finding.repair
    for word in words:
        assert word in f"{finding.where}: {finding.what}"


ALONE = {
    "another weekday",
    "part of a week",
    "part of a month",
    "days among weeks",
    "weeks among days",
    "a weekly group among daily ones",
    "no date",
    "mixed date formats",
    "gap",
    "gap in a group",
    "weeks that change their day",
    "blank text",
    "damaged number",
    "ragged",
    "repeated date",
    "text spend",
    "no group name",
    "group of one row",
}


@pytest.mark.parametrize("name", sorted(ALONE))
def test_fault_is_told_once_and_not_as_another(name: str) -> None:
    # A row on the wrong day must not be told as a gap too, nor text as a missing number.
    make, changes, id, _ = STOPS[name]
    assert ids(refused(make(), **changes)) == [id]


def scaled(column: str, rows: slice, factor: float) -> pd.DataFrame:
    frame = table()
    frame.loc[frame.index[rows], column] *= factor
    return frame


def visits() -> pd.DataFrame:
    """The control follows the media of this and earlier weeks, and the KPI follows it."""
    frame, rng = table(156), np.random.default_rng(4)
    frame["search"] = frame["search"].ewm(alpha=0.5).mean()  # budgets change slowly
    carried = frame["search"].ewm(alpha=0.5).mean()
    visits = (carried - carried.mean()) / carried.std() + 0.3 * rng.standard_normal(len(frame))
    return frame.assign(price=10.0 + visits, sales=frame["sales"] + 6_000.0 * visits)


def cut_off() -> pd.DataFrame:
    frame = table()
    frame.loc[frame.index[-1], ["sales", "tv", "tv_grp", "search"]] *= 0.05
    return frame


# name: (table, changes of the section, id, severity, words)
WARNS: dict[str, tuple[Callable[[], pd.DataFrame], dict[str, Any], str, str, list[str]]] = {
    "constant channel": (lambda: table().assign(search=40.0), {}, "D130", "warning", ["channel search", "104 weeks"]),
    "zero channel": (lambda: table().assign(search=0.0), {}, "D131", "warning", ["channel search", "zero in all"]),
    "spend without exposure": (
        lambda: table().assign(tv=100.0, tv_grp=lambda t: np.where(t.index < 45, 0.0, t["tv_grp"])),
        {},
        "D132",
        "warning",
        # 45 weeks x 100 of 104 x 100
        ["channel tv", "EUR 4,500", "43.3 %", "45 weeks", "2023-01-02 to 2023-11-06"],
    ),
    "exposure without spend": (
        lambda: put(table(), "tv", 7, 0.0),
        {},
        "D133",
        "warning",
        ["channel tv", "1 week (2023-02-20)"],
    ),
    "cost jump": (
        # 2024 has its first row at 52; exposures counted ten times as high raise the cost ratio by ten
        lambda: scaled("tv_grp", slice(0, 52), 10.0),
        {},
        "D134",
        "warning",
        ["channel tv", "in 2023", "in 2024"],
    ),
    "collinear pair": (
        lambda: table().assign(search=lambda t: 2.0 * t["tv_grp"] + 1.0),
        {},
        "D135",
        "warning",
        ["tv and search (1.00)"],
    ),
    "inflation": (
        lambda: table().assign(search=lambda t: 2.0 * t["tv_grp"] + 1.0),
        {},
        "D136",
        "warning",
        ["tv (an exact combination of the others)"],
    ),
    "control copies media": (
        lambda: table().assign(price=lambda t: 3.0 - t["search"]),
        {},
        "D137",
        "warning",
        ["control price", "search (-1.00)"],
    ),
    "declared mediator": (table, {"mediators": ["price"]}, "D138", "warning", ["control price"]),
    "fewer rows than parameters": (
        lambda: table(30).assign(**{f"z{i}": np.random.default_rng(i).normal(size=30) for i in range(25)}),
        {"controls": [f"z{i}" for i in range(25)]},
        "D139",
        "warning",
        ["27 scored rows"],  # an eighth of 30 weeks warms up
    ),
    "last period looks cut off": (cut_off, {}, "D142", "warning", ["2024-12-23"]),
    "zero kpi": (lambda: put(table(), "sales", 3, 0.0), {}, "D143", "warning", ["1 row", "2023-01-23"]),
    "kpi near zero": (
        lambda: table().assign(sales=lambda t: t["sales"] - t["sales"].mean()),
        {},
        "D144",
        "warning",
        ["column sales"],
    ),
    "negative kpi": (lambda: put(table(), "sales", 3, -5.0), {}, "D145", "note", ["1 row", "2023-01-23"]),
    "one group": (lambda: table(groups=("north",)), GEO, "D146", "note", ["group north"]),
    "groups alike": (lambda: table(groups=("North", "north ")), GEO, "D147", "warning", ["'North'", "'north'"]),
    "event never": (lambda: table().assign(event=0.0), {}, "D148", "warning", ["event event"]),
    "constant lever": (lambda: table().assign(depth=0.3), {}, "D149", "warning", ["lever discount"]),
    "constant control": (lambda: table().assign(price=9.0), {}, "D150", "warning", ["control price", "all 104 weeks"]),
    "lever that differs between groups only": (
        lambda: table(groups=("a", "b")).assign(depth=lambda t: np.where(t["geo"] == "a", 0.1, 0.3)),
        GEO,
        "D149",
        "warning",
        ["lever discount", "between groups", "104 weeks"],
    ),
    "control that moves before the scored rows only": (
        lambda: table().assign(price=lambda t: np.where(t.index < 13, t["price"], 9.0)),
        {},
        "D150",
        "warning",
        ["control price", "only in the first 13 weeks"],
    ),
    "event before the scored rows only": (
        lambda: table().assign(event=lambda t: (t.index == 5).astype(float)),
        {},
        "D148",
        "warning",
        ["event event", "only in the first 13 weeks"],
    ),
    "no season": (lambda: table(51), {}, "D163", "note", ["51 weeks", "no season in the model"]),
    "no season though stated": (lambda: table(51), {"seasonality": 2}, "D163", "note", ["although seasonality = 2"]),
    "some holidays once": (
        # from 2 January 2023 to 29 December 2024 there is one New Year's Day and two of all others
        table,
        {"holidays": "US"},
        "D164",
        "note",
        ["in the model: Martin Luther King Jr. Day", "fewer than twice in the data: New Year's Day"],
    ),
    "leading zeros": (
        lambda: scaled("depth", slice(0, 13), 0.0),
        {},
        "D151",
        "warning",
        ["lever discount", "first 13 weeks", "2023-04-03"],
    ),
    "reference never seen": (
        table,
        {"levers": [{"name": "discount", "column": "depth", "reference": 0.0}]},
        "D159",
        "warning",
        ["lever discount", "its reference is 0, and its values lie from 0.1"],
    ),
    "partial event": (lambda: put(table(), "event", 6, 0.4), {}, "D152", "note", ["event event"]),
    "twin controls": (
        lambda: table().assign(other=lambda t: 5.0 * t["price"]),
        {"controls": ["price", "other"]},
        "D153",
        "warning",
        ["control price and control other"],
    ),
    "no holiday twice": (lambda: table(30), {"holidays": "US"}, "D154", "note", ["US"]),
    "hardly ever on": (
        lambda: table().assign(search=lambda t: np.where(t.index < 3, t["search"], 0.0)),
        {},
        "D155",
        "warning",
        ["channel search", "3 weeks of 104"],
    ),
    "media dearer than sales": (lambda: scaled("sales", slice(0, None), 0.001), {}, "D157", "warning", ["EUR"]),
    "another size": (lambda: scaled("search", slice(0, 52), 100.0), {}, "D158", "warning", ["channel search"]),
    "media history": (
        lambda: before_the_kpi(20),
        {},
        "D165",
        "note",
        # 20 weeks from 2 January; l_max is 13, so the first week with a KPI is scored
        ["column sales", "first 20 weeks (2023-01-02 to 2023-05-15)", "first scored week is 2023-05-22", "not used"],
    ),
    "short media history": (
        lambda: before_the_kpi(3, groups=("a", "b")),
        GEO,
        "D165",
        "note",
        [
            "first 3 weeks",
            "first scored week is 2023-04-03, because l_max is 13 and 10 weeks with a KPI warm up as well",
        ],
    ),
    "nested groups": (
        stores,
        {"group": ["store", "geo"]},
        "D166",
        "note",
        ["columns store and geo", "nested: each store belongs to one geo (4 groups in 2 of geo)"],
    ),
    "crossed groups": (
        lambda: stores().assign(store=lambda t: t["store"].replace({"s3": "s1", "s4": "s2"})),
        {"group": ["geo", "store"]},
        "D166",
        "note",
        ["crossed: 2 of geo by 2 of store, 4 groups"],
    ),
    "crossed groups with gaps": (
        lambda: stores().assign(store=lambda t: t["store"].replace({"s3": "s1"})),
        {"group": ["geo", "store"]},
        "D166",
        "note",
        ["crossed: 2 of geo by 3 of store, 4 groups; 2 of the 6 combinations do not occur and are no groups"],
    ),
    "two columns of one dimension": (
        lambda: stores().assign(country="x"),
        {"group": ["country", "store"]},
        "D166",
        "note",
        ["one dimension of 4 groups"],
    ),
    "fewer contacts than people": (
        lambda: put(reached(), "often", 12, 0.4),
        RF,
        "D167",
        "warning",
        ["column often", "row 12", "the lowest is 0.4 on 2023-03-27"],
    ),
    "control that follows media": (
        visits,
        {},
        "D168",
        "warning",
        ["control price", "follows search of earlier weeks"],
    ),
}


@pytest.mark.parametrize("name", WARNS)
def test_fault_warns_and_goes_on(name: str) -> None:
    make, changes, id, severity, words = WARNS[name]
    finding = only(panel(make(), **changes).findings, id)
    assert finding.severity == severity
    for word in words:
        assert word in f"{finding.where}: {finding.what}"


def test_rows_after_today_warn() -> None:
    findings = panel(table(), today=date(2024, 12, 10)).findings
    # Mondays 16 and 23 December lie after the 10th; the week of the 9th has begun.
    assert "2 weeks after today, 2024-12-10: 2024-12-16 to 2024-12-23" in only(findings, "D140").what


def test_a_week_that_has_begun_is_noted() -> None:
    finding = only(panel(table(), today=date(2024, 12, 25)).findings, "D141")
    assert "2024-12-29" in finding.what  # the Sunday after Monday 23 December


def test_a_week_dated_by_its_last_day_is_over_on_that_day() -> None:
    findings = panel(table(), today=date(2024, 12, 24), date_marks="end").findings
    assert not {"D140", "D141"} & set(ids(findings))


def test_every_fault_is_told_at_once() -> None:
    frame = put(put(put(table(), "tv", 3, np.nan), "search", 9, -1.0), "price", 5, np.inf).drop(index=50)
    assert {"D020", "D107", "D025", "D111"} <= set(ids(refused(frame)))


def test_every_row_of_a_fault_is_named() -> None:
    frame = table()
    rows = [3, 4, 5, 40, 99]
    frame.loc[rows, "tv"] = np.nan
    assert "rows 3-5, 40, 99" in only(refused(frame), "D020").where


def test_text_is_not_told_again_as_a_missing_number() -> None:
    assert ids(refused(put(table(), "search", 3, "n/a"))) == ["D021"]


FINE: dict[str, Callable[[], pd.DataFrame]] = {
    "unsorted": lambda: table().sample(frac=1.0, random_state=1),
    "daily": lambda: table(400, freq="D"),
    "month starts": lambda: table(48, freq="MS", start="2021-01-01"),
    "month ends": lambda: table(48, freq="ME", start="2021-01-01"),
    "mid-month": lambda: table(48, freq="MS", start="2021-01-01").assign(
        date=lambda t: t["date"] + pd.Timedelta("14D")
    ),
    "53-week years": lambda: table(170, start="2020-01-06"),  # 2020 has ISO week 53
    "whole numbers": lambda: table().astype({"tv": int, "search": int}),
    "date text in ISO form": lambda: table().assign(date=lambda t: t["date"].dt.strftime("%Y-%m-%d")),
}


def test_a_frequency_of_one_that_was_divided_is_one() -> None:
    frame = reached()
    frame["often"] = np.where(np.arange(104) % 2 == 0, 1.0 - 1e-9, frame["often"])
    assert "D167" not in ids(panel(frame, **RF).findings)


@pytest.mark.parametrize("name", FINE)
def test_what_is_fine_brings_no_warning(name: str) -> None:
    frame = FINE[name]()
    assert set(ids(panel(frame).findings)) <= {"D156"}


@pytest.mark.parametrize("freq, n", [("7D", 52), ("D", 365), ("MS", 13)])
def test_a_year_is_enough_for_a_season(freq: str, n: int) -> None:
    # 12 months are one period short of the 12 scored ones that are the least.
    made = panel(table(n, freq=freq), seasonality=2)
    assert "D163" not in ids(made.findings)
    names = {term.name for term in make_design(made, section(seasonality=2)).terms}
    assert {"season sin1", "season cos2"} <= names


def test_no_season_is_no_finding_where_none_is_wanted() -> None:
    assert "D163" not in ids(panel(table(51), seasonality=0).findings)


@pytest.mark.parametrize("freq, n", [("7D", 13), ("MS", 13), ("D", 13), ("7D", 24)])
def test_short_data_that_the_model_can_take_are_not_refused(freq: str, n: int) -> None:
    # An eighth of 13 periods is 1, which leaves the 12 that are the least.
    frame = table(n, freq=freq)
    assert len(make_design(panel(frame), section()).y) == n - n // 8


def test_the_first_rows_of_a_logarithm_are_not_scored() -> None:
    # l_max is 13, so a KPI of zero in the 13th row is never read
    found = ids(panel(put(table(), "sales", 12, 0.0), likelihood="log").findings)
    assert "D128" not in found
    assert "D143" in found


def test_whatever_only_the_kpi_needs_may_be_empty_in_the_history() -> None:
    frame = before_the_kpi(20).assign(cost=2.0)
    empty = frame["sales"].isna()
    columns = ["price", "event", "depth", "worth", "cost"]
    frame[columns] = frame[columns].where(~empty)
    levers = [{"name": "discount", "column": "depth", "cost": "cost"}]
    made = panel(frame, **UNITS, levers=levers)
    assert made.history == 20
    assert set(ids(made.findings)) <= {"D156", "D165"}


def test_what_the_table_says_of_the_history_changes_nothing() -> None:
    # Full or empty, levers, controls and events before the KPI are not looked at: not by a check, not by a reference.
    frame = before_the_kpi(20)
    wild = frame.assign(price=lambda t: t["price"].where(t.index >= 20, 1e6))
    wild = wild.assign(depth=lambda t: t["depth"].where(t.index >= 20, -9.0))
    one, other = panel(frame), panel(wild)
    assert one.findings == other.findings
    np.testing.assert_array_equal(one.controls, other.controls)
    assert other.lever_reference[0] == frame["depth"][20:].min()


def test_every_id_of_the_rows_and_media_is_tested() -> None:
    tested = {case[2] for case in STOPS.values()} | {case[2] for case in WARNS.values()}
    elsewhere = {"D140", "D141", "D156", "D160", "D161", "D162"}  # above, and in tests/mmm
    own = {id for id in CATALOGUE if id.startswith("D")}
    assert own == {id for id in tested | elsewhere if id in CATALOGUE}
    # the others are the table reader's, used for a DataFrame as for a file
    assert tested - own == {"D004", "D006", "D020", "D021", "D025", "D030", "D033", "D040"}


def test_every_entry_helps() -> None:
    for id in (id for id in CATALOGUE if id.startswith("D")):
        entry = CATALOGUE[id]
        # two sentences at least on why it matters, one on what to do
        assert len(entry.meaning) > 80, id
        assert len(entry.repair) > 20, id
    assert section().kpi == "sales"


def test_the_guide_tells_every_id_as_the_program_does() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "data-checks.md").read_text(encoding="utf-8")
    for id, entry in CATALOGUE.items():
        if id.startswith("D"):
            assert f"| {id} | {entry.title} | {entry.meaning} | {entry.repair} |" in guide, id

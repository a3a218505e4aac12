"""Every fault that a table of customers or of purchases can have: its id, its place, and whether it stops the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outlay.errors import ConfigError, DataError
from outlay.findings import Finding
from segmentation._entries_customers import ENTRIES
from segmentation.customers_bought import customers_of_purchase_frame
from segmentation.customers_read import customers_from_frame
from segmentation.prepare import prepare
from tests.segmentation.customer_tables import ABOUT, bought, customers, purchases, section

N = 300
type Table = Callable[[], pd.DataFrame]


def put(column: str, value: object, *rows: int, start: Table = customers) -> Table:
    """The table with some cells replaced, row 1 being the first."""

    def made() -> pd.DataFrame:
        frame = start()
        if column not in frame:
            frame[column] = None
        if isinstance(value, str) or value is None:
            frame[column] = frame[column].astype("str").where(frame[column].notna(), None)
        frame.loc[[row - 1 for row in rows], column] = value
        return frame

    return made


def adding(column: str, values: object, start: Table = customers) -> Table:
    return lambda: start().assign(**{column: values})


def first(n: int, **fixed: object) -> Table:
    return lambda: customers().head(n).assign(**fixed)


DAYS = [f"2024-01-{k % 28 + 1:02d}" for k in range(N)]
CODES = [str(k) if k % 4 else "unknown" for k in range(N)]
BAD_DAY = [*DAYS[:6], "2024-02-31", *DAYS[7:]]
SWAPPED = [f"{k % 12 + 1:02d}/{k % 7 + 1:02d}/2024" for k in range(N)]

# name: (table, changes of the section, id, words that must stand in the place or the problem)
STOPS: dict[str, tuple[Table, dict[str, Any], str, list[str]]] = {
    "no usable column": (lambda: customers()[["cid"]], {}, "K001", ["no column is left"]),
    "only ids and free text": (
        lambda: customers()[["cid"]].assign(note=[f"called on day {k}" for k in range(N)]),
        {"id": None},
        "K001",
        ["cid: an id", "note: an id or free text"],
    ),
    "one different row": (
        lambda: pd.concat([customers().head(1)] * 5).assign(cid=list("abcde")),
        {},
        "K004",
        ["5 customers", "no column in which two differ", "age, spend, since, region, opted_in"],
    ),
    "one row": (first(1), {}, "K004", ["1 customer"]),
    "numbers and words": (adding("code", CODES), {}, "K005", ["column code", "225 cells of 300", '"unknown"']),
    "a number among objects": (adding("code", [1, "a"] * (N // 2)), {}, "D027", ["column code", "several kinds"]),
    "a feature without a cell": (
        adding("empty", np.nan),
        {"features": ("empty", "age")},
        "K006",
        ["column empty", "not one cell"],
    ),
    "a response without a cell": (
        adding("empty", np.nan),
        {"campaigns": {"responses": ("empty",)}},
        "K006",
        ["column empty", "not one cell"],
    ),
    "an id as a feature": (customers, {"id": None, "features": ("cid", "age")}, "K008", ["column cid", "an id"]),
    "a numbered id as a feature": (
        adding("customer_id", np.arange(N) * 3.0),
        {"features": ("customer_id", "age")},
        "K008",
        ["column customer_id", "each once"],
    ),
    "a day that is none": (adding("d", BAD_DAY), {}, "D031", ["column d", "row 7", '"2024-02-31"']),
    "day or month first": (adding("d", SWAPPED), {}, "D032", ["column d", "%d/%m/%Y", "%m/%d/%Y"]),
    "words named as days": (adding("d", "soon"), {"date": ("d",)}, "D031", ["column d", '"soon"', "300 cells"]),
    "another age": (adding("d", pd.Timestamp("1850-01-01")), {"date": ("d",)}, "D037", ["column d"]),
    "words named as numbers": (customers, {"numeric": ("region",)}, "D021", ["column region", "text in place"]),
    "money with a sign": (adding("m", [f"${k + 1},000" for k in range(N)]), {}, "D026", ["column m", '"$1,000"']),
    "an infinite number": (put("age", np.inf, 3), {}, "D025", ["column age", "row 3"]),
    "ids twice": (put("cid", "C0001", 9, 20), {}, "K002", ["column cid", "rows 2, 9, 20", "1 id", "C0001"]),
    "ids missing": (put("cid", None, 4), {}, "K003", ["column cid", "row 4", "1 customer without an id"]),
    "no id at all": (adding("cid", None), {}, "K003", ["column cid", "not one cell"]),
    "a gap that is refused": (
        lambda: customers().assign(spend=1.0 + np.arange(N), age=lambda t: t["age"].where(t.index != 4)),
        {"clean": {"missing": "refuse"}},
        "K014",
        ["column age", "row 5", "1 cell"],
    ),
    "a response of 2": (
        lambda: customers().assign(opted_in=lambda t: t["opted_in"].where(t.index != 4, 2.0)),
        {"campaigns": {"responses": ("opted_in",)}},
        "K022",
        ["column opted_in", "row 5", '"2.0"'],
    ),
    "a weight of 0": (adding("w", [0.0] + [1.0] * (N - 1)), {"weight": "w"}, "K028", ["column w", "row 1"]),
    "a weight that is missing": (
        adding("w", [np.nan] + [1.0] * (N - 1)),
        {"weight": "w"},
        "K028",
        ["column w", "row 1"],
    ),
    "bounds of names": (customers, {"clean": {"bounds": {"region": (0, 1)}}}, "D027", ["column region", "names"]),
    "a column that is not there": (customers, {"features": ("aeg",)}, "D006", ['no column "aeg"']),
    "a list as a named column": (
        lambda: customers().assign(tags=[["a"]] * N),
        {"features": ("tags",)},
        "D027",
        ["column tags", "array"],
    ),
    "no rows": (first(0), {}, "D004", ["no rows"]),
}


def _tells(found: list[Finding], words: list[str]) -> None:
    assert found
    text = " ".join(f"{finding.where} {finding.what}" for finding in found)
    assert [word for word in words if word not in text] == [], text
    assert all(finding.repair for finding in found)


@pytest.mark.parametrize("name", STOPS)
def test_a_fault_of_customers_that_stops_the_work(name: str) -> None:
    table, changes, id, words = STOPS[name]
    with pytest.raises(DataError) as caught:
        customers_from_frame(table(), section(**changes), ABOUT)
    _tells([each for each in caught.value.findings if each.severity == "error" and each.id == id], words)


def rare() -> pd.DataFrame:
    frame = customers()
    frame.loc[[0, 1], "region"] = ["YOLO", "Absurd"]
    return frame


FREE_TEXT = [f"{k % 250} hours" for k in range(N)]  # 250 texts among 300: most come once

SAID: dict[str, tuple[Table, dict[str, Any], str, list[str]]] = {
    "an empty column": (adding("empty", np.nan), {}, "K007", ["column empty"]),
    "an id without a name": (customers, {"id": None}, "K009", ["cid (an id or free text"]),
    "free text": (adding("note", FREE_TEXT), {}, "K009", ["note (free text"]),
    "a list": (lambda: customers().assign(tags=[["a"]] * N), {}, "K009", ["tags (holds array"]),
    "constants": (adding("z", 3.0), {}, "K010", ["1 column", "z (3)"]),
    "numbers with two values": (customers, {}, "K011", ["opted_in", "as categories"]),
    "programmes": (customers, {"drivers": {"programmes": ("opted_in",)}}, "K011", ["opted_in", "programmes"]),
    "an impossible year": (
        adding("year_birth", [1893.0] + [1980.0 + k % 20 for k in range(N - 1)]),
        {},
        "K012",
        ["column year_birth", "row 1", "1 value", "1893", "counts as missing"],
    ),
    "outside its bounds": (
        put("age", -1.0, 4, 6),
        {"clean": {"bounds": {"age": (0.0, 100.0)}}},
        "K012",
        ["column age", "rows 4, 6", "2 values", "its bounds"],
    ),
    "an impossible age": (put("age", 233.0, 4), {}, "K012", ["column age", "row 4", "0 to 120"]),
    "gaps": (customers, {}, "K013", ["column spend", f"of {N} without a value"]),
    "gaps in two columns": (put("age", np.nan, 4), {}, "K013", ["age 1", "spend "]),
    "the day of the table": (customers, {}, "K015", ["no as_of is stated", "latest day"]),
    "days ahead": (
        adding("ends", pd.Timestamp("2124-01-01") + pd.to_timedelta(np.arange(N) % 9, "D")),
        {"as_of": date(2024, 12, 1)},
        "K016",
        ["column ends", "300 customers", "below zero"],
    ),
    "pulled in": (customers, {}, "K017", ["age ", "spend "]),
    "far from all others": (put("spend", 1e9, 4), {}, "K018", ["column spend", "row 4", "1,000,000,000"]),
    "a log scale": (customers, {}, "K019", ["spend (skew"]),
    "rare levels": (rare, {}, "K020", ["column region", "rows 1, 2", "2 levels of 2 customers", "Absurd, YOLO"]),
    "padded names": (put("region", " north", 4), {}, "D041", ["column region", "row 4", "1 name with spaces"]),
    "padded names in two columns": (
        lambda: customers().assign(region=lambda t: t["region"] + " ", cid=lambda t: t["cid"] + " "),
        {},
        "D041",
        ["cid 300", "region 300"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_of_customers_and_goes_on(name: str) -> None:
    table, changes, id, words = SAID[name]
    asked = section(**changes)
    read = customers_from_frame(table(), asked, ABOUT)
    found = [each for each in (*read.findings, *prepare(read, asked).findings) if each.id == id]
    assert all(each.severity != "error" for each in found)
    _tells(found, words)


SECONDS = purchases()["when"].astype("datetime64[s]").astype("int64").astype(float)


def unknown(*rows: int) -> Table:
    return put("who", None, *rows, start=purchases)


BOUGHT_STOPS: dict[str, tuple[Table, dict[str, Any], dict[str, Any], str, list[str]]] = {
    "nobody's purchase": (unknown(3), {}, {}, "K023", ["column who", "row 3", "1 row of 1,500", "with EUR "]),
    "seconds without a unit": (adding("when", SECONDS, purchases), {}, {}, "K025", ["column when", "between 1,70"]),
    "numbers of no unit": (adding("when", 12.0, purchases), {}, {}, "K025", ["column when", "between 12 and 12"]),
    "no purchase": (adding("price", 0.0, purchases), {}, {}, "K029", ["1,500 rows", "none is a purchase"]),
    "none by then": (purchases, {}, {"as_of": date(2020, 1, 1)}, "K029", ["none is a purchase by 2020-01-01"]),
    "no day": (put("when", pd.NaT, 3, start=purchases), {}, {}, "D030", ["column when", "row 3", "1 cell"]),
    "a day of another age": (
        put("when", pd.Timestamp("1850-01-01"), 3, start=purchases),
        {},
        {},
        "D037",
        ["column when", "row 3"],
    ),
    "a day that is none": (
        lambda: purchases().assign(when=["soon", *purchases()["when"].dt.strftime("%Y-%m-%d")[1:]]),
        {},
        {},
        "D031",
        ["column when", "row 1", '"soon"'],
    ),
    "an amount that is none": (
        lambda: purchases().assign(price=["free", *purchases()["price"].astype("str")[1:]]),
        {},
        {},
        "D021",
        ["column price", "row 1", '"free"'],
    ),
    "an infinite amount": (
        put("price", np.inf, 3, start=purchases),
        {},
        {},
        "D025",
        ["quantity x price", "row 3", "1 infinite amount"],
    ),
    "truth as a price": (adding("price", True, purchases), {}, {}, "D027", ["column price", "not numbers"]),
    "a column that is not there": (purchases, {"order": "ordr"}, {}, "D006", ['no column "ordr"']),
    "a feature that purchases do not make": (
        purchases,
        {},
        {"features": ("recency", "colour")},
        "D006",
        ['no feature "colour"'],
    ),
    "no rows": (lambda: purchases().head(0), {}, {}, "K029", ["0 rows"]),
    "one customer": (
        lambda: purchases().assign(who="C1"),
        {},
        {},
        "K004",
        ["1 customer", "recency, frequency, monetary, tenure"],
    ),
}


@pytest.mark.parametrize("name", BOUGHT_STOPS)
def test_a_fault_of_purchases_that_stops_the_work(name: str) -> None:
    table, transactions, changes, id, words = BOUGHT_STOPS[name]
    with pytest.raises(DataError) as caught:
        customers_of_purchase_frame(table(), bought(transactions, **changes), ABOUT)
    _tells([each for each in caught.value.findings if each.severity == "error" and each.id == id], words)


def test_the_unit_of_days_is_proposed() -> None:
    with pytest.raises(DataError) as caught:
        customers_of_purchase_frame(purchases().assign(when=SECONDS), bought(), ABOUT)
    assert 'date_unit = "s"' in caught.value.findings[0].repair


def only_returns() -> pd.DataFrame:
    frame = purchases()
    mine = frame["who"] == frame["who"].iloc[0]
    return frame.assign(quantity=frame["quantity"].abs().where(~mine, -frame["quantity"].abs()))


BOUGHT_SAID: dict[str, tuple[Table, dict[str, Any], dict[str, Any], str, list[str]]] = {
    "nobody's purchases are left out": (
        unknown(3, 5),
        {"without_customer": "leave_out"},
        {},
        "K024",
        ["column who", "rows 3, 5", "2 rows of 1,500 (0.1%)", "left out"],
    ),
    "returns": (purchases, {}, {}, "K026", ["quantity x price", "returns", "subtracted", "with an amount of 0"]),
    "returns left out": (purchases, {"returns": "leave_out"}, {}, "K026", ["left out"]),
    "a quantity and a price below nothing": (
        lambda: purchases().assign(**{n: purchases()[n].mask(np.arange(1500) == 2, -3) for n in ("quantity", "price")}),
        {},
        {},
        "K026",
        ["1 row with both a quantity and a price below 0, counted as bought"],
    ),
    "a blank amount": (put("price", np.nan, 3, start=purchases), {}, {}, "K026", ["1 row without an amount"]),
    "who only sent back": (only_returns, {}, {}, "K027", ["1 customer of", "returns or free rows only"]),
    "after the day": (purchases, {}, {"as_of": date(2024, 6, 1)}, "K016", ["column when", "after 2024-06-01"]),
    "in the future": (
        put("when", pd.Timestamp("2150-01-01"), 3, start=purchases),
        {},
        {},
        "K016",
        ["column when", "row 3", "1 row after"],
    ),
    "the day of the table": (purchases, {}, {}, "K015", ["no as_of is stated"]),
}


@pytest.mark.parametrize("name", BOUGHT_SAID)
def test_what_is_said_of_purchases_and_goes_on(name: str) -> None:
    table, transactions, changes, id, words = BOUGHT_SAID[name]
    read = customers_of_purchase_frame(table(), bought(transactions, **changes), ABOUT)
    _tells([each for each in read.findings if each.id == id], words)


def test_several_errors_are_told_together() -> None:
    frame = customers().assign(cid=lambda t: t["cid"].where(t.index != 3, None), w=[0.0] + [1.0] * (N - 1))
    with pytest.raises(DataError) as caught:
        customers_from_frame(frame, section(weight="w", campaigns={"responses": ("region",)}), ABOUT)
    assert {each.id for each in caught.value.findings if each.severity == "error"} == {"K003", "K022", "K028"}


def test_the_repair_of_an_unknown_weight_names_the_features() -> None:
    asked = section(clusters={"weights": {"aeg": 2.0}})
    with pytest.raises(ConfigError) as caught:
        prepare(customers_from_frame(customers(), asked, ABOUT), asked)
    assert "age" in caught.value.repair


def test_every_entry_is_met_by_a_test() -> None:
    """K021 is of rows that come later: tests/segmentation/test_prepare.py."""
    met = {each[-2] for table in (STOPS, SAID, BOUGHT_STOPS, BOUGHT_SAID) for each in table.values()}
    assert set(ENTRIES) - met == {"K021"}

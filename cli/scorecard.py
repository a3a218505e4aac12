"""The scorecard: what is shown of it, in the terminal and in a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.scorecard_words import (
    between,
    changed,
    counted,
    has_word,
    how_counted,
    label_of,
    measure_word,
    month_word,
    rows_word,
    short_month,
    year_word,
)
from cli.terminal import emit, print_table, wrap
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    import pandas as pd

    from attribution.document_scorecard import BridgeRow, MonthRow, OriginRow, ScorecardOutput, YearRow
    from attribution.scorecard_question import Question
    from outlay.findings import Finding
    from outlay.runs import Run

TABLES = ("months", "year", "history", "rates", "origin", "bridge")
_ROLES = ("segment", "sub_segment", "region", "sub_region")


def tables_of(run: Run) -> dict[str, pd.DataFrame]:
    """The tables of a scorecard run; one that has no rows is empty."""
    import pandas as pd

    kept = run.manifest["files"]
    return {name: run.table(name) if f"tables/{name}.parquet" in kept else pd.DataFrame() for name in TABLES}


def shown(
    run: str | None,
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    findings: Sequence[Finding],
    question: Question,
) -> ScorecardOutput:
    """The rows of a scorecard that answer a question: the parts, and first of all their whole."""
    from attribution.document_scorecard import (
        BridgeRow,
        HistoryRow,
        MonthRow,
        OriginRow,
        RateRow,
        ScorecardOutput,
        YearRow,
    )
    from outlay.document import FindingRow, documents

    view, whole = question.view(facts["roles"]), tuple(question.fixed)

    def of(name: str, views: Sequence[tuple[str, ...]]) -> pd.DataFrame:
        return _chosen(tables[name], views, question)

    return ScorecardOutput(
        run=run,
        month=_day(facts["month"]),
        as_of=_day(facts["as_of"]),
        running=None if facts["running"] is None else _day(facts["running"]),
        year=_day(facts["year"]),
        counted_by=facts["counted_by"],
        pace=facts["pace"],
        currency=facts["currency"],
        hdi=facts["hdi"],
        stages=list(facts["stages"]),
        rows=documents(of("months", (whole, view)), MonthRow),
        years=documents(of("year", (whole, view)), YearRow),
        rates=documents(of("rates", (whole, view)), RateRow),
        origins=documents(of("origin", (whole,)), OriginRow),
        bridge=documents(_bridge(tables["bridge"], view, question), BridgeRow),
        history=documents(of("history", (whole, view)), HistoryRow),
        findings=[FindingRow.of(finding) for finding in findings],
    )


def _day(value: object) -> str:
    return str(value)[:10]


def _chosen(table: pd.DataFrame, views: Sequence[tuple[str, ...]], question: Question) -> pd.DataFrame:
    """Rows of some views inside what is drilled into, the whole first."""
    import numpy as np
    import pandas as pd

    if table.empty:
        return table
    named = np.column_stack([np.asarray(table[role] != "") for role in _ROLES])
    keep = np.ones(len(table), dtype=bool)
    for role, level in question.fixed.items():
        keep &= np.asarray(table[role] == level)
    if question.measure is not None and "measure" in table:
        keep &= np.asarray(table["measure"] == question.measure)
    found = []
    for view in dict.fromkeys(views):
        wanted = np.array([role in view for role in _ROLES])
        found.append(table[keep & (named == wanted).all(axis=1)])
    return pd.concat(found, ignore_index=True)


def _bridge(table: pd.DataFrame, view: tuple[str, ...], question: Question) -> pd.DataFrame:
    """The split over the parts that are shown; nothing where one level is drilled into, which no split is made for."""
    if table.empty or question.fixed:
        return table.iloc[:0]
    rows = table[table["by"] == " x ".join(view)]
    return rows if question.measure is None else rows[rows["measure"] == question.measure]


def csv_frame(result: ScorecardOutput) -> pd.DataFrame:
    """One row per part and measure: month, running month, and year side by side."""
    import pandas as pd

    years = {(row.measure, _key(row)): row for row in result.years}
    rows = []
    for row in result.rows:
        year = years.get((row.measure, _key(row)))
        more = {} if year is None else year.model_dump(exclude={"measure", *_ROLES, "year", "through"})
        rows.append({**row.model_dump(), **{f"year_{name}": value for name, value in more.items()}})
    return pd.DataFrame(rows)


def _key(row: Any) -> tuple[str, ...]:
    return tuple(getattr(row, role) for role in _ROLES)


def show(result: ScorecardOutput, question: Question) -> None:
    """Print the scorecard: a table for each measure, rates, origins, and why measures changed."""
    emit(wrap(how_counted(result)))
    emit("")
    for number, measure in enumerate(dict.fromkeys(row.measure for row in result.rows)):
        if number:
            emit("")
        print_table(measure_table(result, measure, question))
    for table in (rates_table(result, question), origin_table(result), bridge_table(result)):
        if table is not None:
            emit("")
            print_table(table)


def measure_table(result: ScorecardOutput, measure: str, question: Question) -> TextTable:
    """One measure of every part: month, running month and year."""
    rows = [row for row in result.rows if row.measure == measure and row.month == result.month]
    running = {_key(row): row for row in result.rows if row.measure == measure and row.month != result.month}
    years = {_key(row): row for row in result.years if row.measure == measure}
    goals = any(row.goal is not None for row in rows)
    title = f"{measure_word(result, measure)}, {month_word(result)}"
    to_date = bool(rows) and rows[0].kind == "to_date"
    columns = [Column(rows_word(question), False), Column(short_month(result.month))]
    columns += [Column(f"Against\n{_before(result)}")]
    if goals:
        columns += [Column("Goal", optional=2), Column("Of\npace" if to_date else "Of\ngoal")]
        columns += [Column("P(goal)", optional=4)] if any(_open(row) for row in rows) else []
    if running:
        columns += _so_far_columns(short_month(result.running or ""), goals=goals, optional=3)
    if years:
        columns += _so_far_columns(year_word(result), goals=goals, optional=0)
        columns += [Column(f"{year_word(result)} ends at\n({100 * result.hdi:g}%)", optional=5)]
    cells = []
    for row in rows:
        month = [label_of(row, question), counted(row.counted, row.to_come, row.measure), changed(row)]
        month += _goal_cells(row, rows) if goals else []
        now = _so_far(running.get(_key(row)), goals=goals) if running else []
        year = years.get(_key(row))
        money = row.measure == "value"
        ends = _so_far(year, goals=goals)
        ends.append("" if year is None else between(year.ends_low, year.ends_high, money=money))
        cells.append((*month, *now, *(ends if years else [])))
    few = any(" to " in changed(row) for row in rows)
    caption = (
        [f"Against {_before(result)}: where few are counted, the change's {100 * result.hdi:g}% interval."]
        if few
        else []
    )
    return TextTable(title, columns, cells[1:] or cells, cells[0] if len(cells) > 1 else None, caption=caption)


def _so_far_columns(name: str, *, goals: bool, optional: int) -> list[Column]:
    columns = [Column(f"{name}\nso far", optional=max(optional, 1))]
    if goals:
        columns += [Column("Of\npace", optional=optional), Column(f"P({name})", optional=optional)]
    return columns


def _so_far(row: MonthRow | YearRow | None, *, goals: bool) -> list[str]:
    """What has come of a month or a year, beside the goal by now, and the chance of its goal."""
    if row is None:
        return [""] * (3 if goals else 1)
    so_far = counted(row.counted, row.to_come, row.measure)
    against = ["", ""] if row.goal is None else [style.percent(row.pace, 0), style.chance(row.p_goal)]
    return [so_far, *(against if goals else [])]


def _goal_cells(row: MonthRow, rows: Sequence[MonthRow]) -> list[str]:
    opened = any(_open(each) for each in rows)
    if row.goal is None:
        return [""] * (3 if opened else 2)
    cells = [has_word(row.goal, money=row.measure == "value"), style.percent(row.pace, 0)]
    return [*cells, style.chance(row.p_goal)] if opened else cells


def _open(row: MonthRow) -> bool:
    """Whether the month's end is not known yet."""
    return row.p_goal not in (None, 0.0, 1.0)


def _before(result: ScorecardOutput) -> str:
    import pandas as pd

    return f"{pd.Timestamp(result.month) - pd.DateOffset(months=1):%b}"


def rates_table(result: ScorecardOutput, question: Question) -> TextTable | None:
    """Rates between stages of every part."""
    if question.measure is not None or not result.rates:
        return None
    steps = list(dict.fromkeys((row.of, row.to, row.month) for row in result.rates))
    keys = list(dict.fromkeys(_key(row) for row in result.rates))
    found = {(_key(row), row.of): row for row in result.rates}
    cells = []
    for key in keys:
        rows = [found.get((key, of)) for of, _, _ in steps]
        label = label_of(next(row for row in rows if row is not None), question)
        cells.append((label, *("" if row is None else rate_cell(row) for row in rows)))
    columns = [Column(rows_word(question), False)]
    columns += [Column(f"{of} -> {to}\n({short_month(month)})") for of, to, month in steps]
    caption = [
        f"Of leads created in the month named, the latest whose leads all had their time, with {100 * result.hdi:g}% "
        "intervals (Jeffreys). Rates that rest on few are told as counts."
    ]
    return TextTable("Rates between stages", columns, cells[1:] or cells, cells[0] if len(cells) > 1 else None, caption)


def rate_cell(row: Any) -> str:
    """A rate with its interval, or the counts where they are few."""
    if not row.trials:
        return style.MISSING
    return style.rate_of(row.successes, row.trials, row.rate_low, row.rate_high)


def origin_table(result: ScorecardOutput) -> TextTable | None:
    """What each origin brought."""
    if not result.origins:
        return None
    measures = list(dict.fromkeys(row.measure for row in result.origins))
    found = {(row.origin, row.measure): row for row in result.origins}
    cells = [
        (origin, *(origin_cell(found.get((origin, measure))) for measure in measures))
        for origin in dict.fromkeys(row.origin for row in result.origins)
    ]
    columns = [Column("Made by", False), *(Column(measure) for measure in measures)]
    return TextTable(f"Contribution by origin: {month_word(result)}", columns, cells)


def origin_cell(row: OriginRow | None) -> str:
    """What an origin brought, and its share; the share's interval where it rests on few."""
    if row is None:
        return ""
    number = counted(row.counted, None, row.measure)
    if row.share is None:
        return number
    if row.share_low is not None and row.share_high is not None and style.few(row.counted or 0.0, row.whole or 0.0):
        return f"{number} ({style.percent(row.share_low, 0)[:-1]} to {style.percent(row.share_high, 0)})"
    return f"{number} ({style.percent(row.share, 0)})"


def bridge_table(result: ScorecardOutput) -> TextTable | None:
    """Why measures changed from the month before."""
    wholes = [row for row in result.bridge if not any(_key(row))]
    if not wholes:
        return None
    columns = [
        Column("Measure", False),
        Column(f"{_before(result)}"),
        Column(f"{short_month(result.month)[:3]}"),
        Column("Change"),
        Column("Volume"),
        Column("Mix"),
        Column("Rate"),
        *([Column("Other", optional=1)] if any(abs(row.other or 0.0) > 0 for row in wholes) else []),
    ]
    cells = [_bridge_cells(row, len(columns) == 8) for row in wholes]
    caption = [
        f"Volume: more or fewer leads. Mix: other shares of each {wholes[0].by} in them. Rate: what each makes of a "
        "lead. They add up to the change."
    ]
    return TextTable("Why measures changed", columns, cells, None, caption)


def _bridge_cells(row: BridgeRow, other: bool) -> tuple[str, ...]:
    money = row.measure == "value"

    def signed(x: float | None) -> str:
        whole = x is not None and x == round(x)
        text = style.number(x) if money else style.amount(x) if whole or abs(x or 0.0) >= 10 else style.number(x, 2)
        return "0" if abs(x or 0.0) < 1e-9 * max(abs(row.after or 0.0), 1.0) else style.signed(text)

    before, after = row.before or 0.0, row.after or 0.0
    effects = [row.volume, row.mix, row.rate, *([row.other] if other else [])]
    ends = [has_word(before, money=money), has_word(after, money=money)]
    return (row.measure, *ends, signed(after - before), *(signed(each) for each in effects))

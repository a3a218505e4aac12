"""The scorecard's section of the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attribution.plots_scorecard import (
    BRIDGE_KEY,
    HISTORY_KEY,
    PROGRESS_KEY,
    plot_bridge,
    plot_history,
    plot_progress,
)
from cli.report.story import Chart, Exhibit, Story, Table, chart_of
from cli.scorecard import bridge_table, measure_table, origin_table, rates_table, shown, tables_of
from cli.scorecard_words import (
    changed,
    counted,
    has_word,
    how_counted,
    how_likely,
    label_of,
    measure_word,
    month_word,
    short_month,
    year_word,
)
from outlay import style
from outlay.text_table import TextTable

if TYPE_CHECKING:
    from attribution.document_scorecard import MonthRow, ScorecardOutput, YearRow
    from attribution.scorecard_question import Question
    from outlay.runs import Run

MOST_CHARTS = 8
"""Parts that get a chart of their own."""


def story(run: Run) -> Story:
    """What a scorecard run has to tell, by segment where leads have one, else by region."""
    from attribution.scorecard_question import Question
    from cli.fits import findings_of, mapping

    facts, tables = mapping(run, "scorecard.json"), tables_of(run)
    question = Question()
    result = shown(run.id, tables, facts, findings_of(run), question)
    return Story(
        id="scorecard",
        nav="Scorecard",
        title=f"Scorecard: {month_word(result)}",
        text=(how_counted(result), how_likely(result)),
        exhibits=(
            *_progress(result, question),
            *(_measure(result, measure, question) for measure in _measures(result)),
            *_history(result, question),
            *_rates_and_origins(result, question),
            *_bridge(result),
            *_drill_down(tables, facts),
        ),
        assumptions=(how_likely(result),),
        run=run.id,
        learned=tuple(_learned(result)),
        advice=tuple(_advice(result, question)),
        certainty=tuple(_certainty(result)),
        findings=tuple(findings_of(run)),
        tiles=tuple(_tiles(result)),
    )


def _measures(result: ScorecardOutput) -> list[str]:
    return list(dict.fromkeys(row.measure for row in result.rows))


def _whole(rows: list[Any], measure: str) -> Any:
    """The row of everything together."""
    return next((row for row in rows if row.measure == measure and not _named(row)), None)


def _named(row: Any) -> bool:
    return any((row.segment, row.sub_segment, row.region, row.sub_region))


def page_table(table: TextTable) -> Table:
    """A table of the terminal on the page: every column, headers in one line."""
    headers = tuple((column.title.replace("\n", " "), column.numeric) for column in table.columns)
    return Table(headers, tuple(tuple(row) for row in table.rows), None if table.total is None else tuple(table.total))


def _progress(result: ScorecardOutput, question: Question) -> Iterator[Exhibit]:
    charts = []
    for measure in _measures(result):
        rows = [(label_of(row, question), row) for row in result.years if row.measure == measure and row.goal]
        if rows:
            label = f"{measure}: so far and expected, against the goal of {year_word(result)}"
            charts.append((measure_word(result, measure), chart_of(plot_progress(rows), label)))
    if charts:
        yield Exhibit(f"{year_word(result)} against its goals", key=PROGRESS_KEY, grid=tuple(charts))


def _measure(result: ScorecardOutput, measure: str, question: Question) -> Exhibit:
    table = measure_table(result, measure, question)
    return Exhibit(table.title, table=page_table(table), note=" ".join(table.caption), narrow=True)


def _history(result: ScorecardOutput, question: Question) -> Iterator[Exhibit]:
    """Months of everything by measure, and of each part for the stage after the first."""
    charts = []
    for measure in _measures(result):
        rows = [row for row in result.history if row.measure == measure and not _named(row)]
        charts.append((measure_word(result, measure), _history_chart(rows, measure_word(result, measure))))
    yield Exhibit("Month over month, all together", key=HISTORY_KEY, grid=tuple(charts))
    stage = result.stages[1]
    parts: dict[str, list[Any]] = {}
    for row in result.history:
        if row.measure == stage and _named(row):
            parts.setdefault(label_of(row, question), []).append(row)
    if parts:
        grid = tuple((name, _history_chart(rows, stage)) for name, rows in list(parts.items())[:MOST_CHARTS])
        cut = "" if len(parts) <= MOST_CHARTS else f"The first {MOST_CHARTS} of {len(parts)}."
        yield Exhibit(f"{stage}, month over month", key=HISTORY_KEY, grid=grid, note=cut)


def _history_chart(rows: list[Any], unit: str) -> Chart:
    return chart_of(plot_history(rows, unit), f"{unit} by month, with the goal")


def _rates_and_origins(result: ScorecardOutput, question: Question) -> Iterator[Exhibit]:
    for table in (rates_table(result, question), origin_table(result)):
        if table is not None:
            yield Exhibit(table.title, table=page_table(table), note=" ".join(table.caption), narrow=True)


def _bridge(result: ScorecardOutput) -> Iterator[Exhibit]:
    table = bridge_table(result)
    if table is None:
        return
    import pandas as pd

    month = pd.Timestamp(result.month)
    names = (f"{month - pd.DateOffset(months=1):%b}", f"{month:%b}")
    wholes = [row for row in result.bridge if not _named(row) and row.measure != result.stages[0]]
    grid = tuple(
        (
            measure_word(result, row.measure),
            chart_of(
                plot_bridge(row, names, measure_word(result, row.measure)),
                f"{row.measure}: change from {names[0]} to {names[1]} by volume, mix and rate",
            ),
        )
        for row in wholes
    )
    note = " ".join([*table.caption, "The charts' axes do not begin at zero, so that a small change can be seen."])
    yield Exhibit(table.title, key=BRIDGE_KEY, grid=grid, table=page_table(table), note=note, narrow=True)


def _drill_down(tables: Any, facts: Any) -> Iterator[Exhibit]:
    """Counts of the month from the whole down to the parts of parts: they add up exactly."""
    for role in ("segment", "region"):
        if f"sub_{role}" not in facts["roles"]:
            continue
        views = ((), (role,), (role, f"sub_{role}"))
        found = [_counts(tables["months"], view, facts["month"]) for view in views]
        yield Exhibit(
            f"{role.capitalize()}s and their parts, {short_month(str(facts['month'])[:10])}",
            table=_drill_table(found, role, facts),
            note="Counted by the day of the table; parts add up to their wholes.",
            narrow=True,
        )


def _counts(months: Any, view: tuple[str, ...], month: object) -> dict[tuple[str, str], dict[str, float]]:
    """Counts by measure of each part of a view, by the part and its part."""
    import pandas as pd

    roles = ("segment", "sub_segment", "region", "sub_region")
    rows = months[months["month"] == pd.Timestamp(str(month)[:10])]
    for role in roles:
        rows = rows[(rows[role] != "") == (role in view)]
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows.to_dict("records"):
        key = (str(row[view[0]]) if view else "", str(row[view[1]]) if len(view) > 1 else "")
        found.setdefault(key, {})[str(row["measure"])] = float(row["counted"])
    return found


def _drill_table(found: list[dict[tuple[str, str], dict[str, float]]], role: str, facts: Any) -> Table:
    measures = list(facts["measures"])

    def cells(row: dict[str, float]) -> tuple[str, ...]:
        return tuple(has_word(row.get(measure), money=measure == "value") for measure in measures)

    whole, parts, subs = found
    rows: list[tuple[str, ...]] = []
    for (part, _), row in parts.items():
        rows.append((part, "", *cells(row)))
        rows += [("", sub, *cells(under)) for (above, sub), under in subs.items() if above == part]
    units = [f"{measure} ({facts['currency']})" if measure == "value" else measure for measure in measures]
    headers = ((role.capitalize(), False), (f"Sub-{role}", False), *((unit, True) for unit in units))
    total = next(iter(whole.values()))
    return Table(headers, tuple(rows), ("all", "", *cells(total)))


def _learned(result: ScorecardOutput) -> Iterator[str]:
    told = []
    for measure in _measures(result):
        row: MonthRow | None = next(
            (r for r in result.rows if r.measure == measure and not _named(r) and r.month == result.month), None
        )
        if row is None:
            continue
        number = style.money(row.counted, result.currency) if measure == "value" else has_word(row.counted, money=False)
        of = [f"{style.percent(row.pace, 0)} of {'pace' if row.kind == 'to_date' else 'goal'}"] if row.pace else []
        against = [f"{changed(row)} on the month before"] if row.change is not None else []
        named = number if measure == "value" else f"{number} {measure}"
        told.append(f"{named} ({', '.join([*of, *against])})" if of or against else named)
    yield f"{month_word(result)} brought {', '.join(told)}."


def _main(result: ScorecardOutput) -> YearRow | None:
    """The year of the measure that comes last: money where there is any."""
    rows = [_whole(list(result.years), measure) for measure in reversed(_measures(result))]
    return next((row for row in rows if row is not None and row.goal is not None), None)


def _amount(result: ScorecardOutput, measure: str, x: float | None) -> str:
    return style.money(x, result.currency) if measure == "value" else f"{style.number(x)} {measure}"


def _advice(result: ScorecardOutput, question: Question) -> Iterator[str]:
    """Where the year's goal is at risk, and which part is the most behind."""
    main = _main(result)
    if main is None or main.p_goal is None:
        return
    ends = f"{_amount(result, main.measure, main.ends_low)} and {_amount(result, main.measure, main.ends_high)}"
    yield (
        f"{year_word(result)} reaches its goal of {_amount(result, main.measure, main.goal)} with probability "
        f"{style.chance(main.p_goal)}: it may end between {ends} ({100 * result.hdi:g}% interval)."
    )
    parts = [row for row in result.years if row.measure == main.measure and _named(row) and row.goal is not None]
    behind = sorted((row for row in parts if _missing(row) > 0), key=_missing, reverse=True)
    if behind and main.p_goal < 0.5:
        worst = behind[0]
        yield (
            f"The largest expected gap is in {label_of(worst, question)}: "
            f"{_amount(result, main.measure, _missing(worst))} below its goal by the year's end "
            f"(probability of the goal {style.chance(worst.p_goal)})."
        )


def _missing(row: YearRow) -> float:
    return (row.goal or 0.0) - (row.ends_mean or 0.0) if row.ends_mean is not None else 0.0


def _certainty(result: ScorecardOutput) -> Iterator[str]:
    ids = {finding.id for finding in result.findings}
    if "G012" in ids:
        yield (
            "Probabilities of goals know the level of the months so far and how it moved, but no season: fewer than 24 "
            "whole months of leads are too few to learn one."
        )
    if "G011" in ids:
        yield "Some stages have no days, so what young leads still become is not in the scorecard."


def _tiles(result: ScorecardOutput) -> Iterator[tuple[str, str, str]]:
    main = _main(result)
    if main is None:
        return
    label = f"{year_word(result)} so far: {main.measure}"
    number = counted(main.counted, None, main.measure)
    number = style.money(main.counted, result.currency) if main.measure == "value" else number
    yield label, number, f"{style.percent(main.pace, 0)} of pace; goal with probability {style.chance(main.p_goal)}"

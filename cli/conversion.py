"""``outlay convert`` on the terminal: rates, what a lead is worth, what drives conversion, who beats whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attribution.shown import rates_between
from cli.terminal import emit, print_table, say
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from attribution.document_conversion import ConvertOutput, EffectRow, RateRow
    from outlay.document import Document
    from outlay.runs import Run

PREVIEW_MARK = "  ** PREVIEW: AN APPROXIMATION **"
_SEGMENTS_ACROSS = 6
"""Segments up to which the matrix of who beats whom fits a terminal."""

_PERIODS = 6


def output_of(run: Run) -> ConvertOutput:
    """A conversion run as its document."""
    from attribution.document_conversion import ConvertOutput
    from cli.fits import findings_of, is_trusted, mapping, reasons, trust_checks
    from outlay.document import FindingRow

    facts = mapping(run, "model.json")
    preview = bool(facts["preview"])
    return ConvertOutput(
        run=run.id,
        folder=str(run.path),
        preview=preview,
        trusted=None if preview else is_trusted(run),
        reasons=[] if preview else reasons(run),
        checks=[] if preview else trust_checks(run),
        findings=[FindingRow.of(finding) for finding in findings_of(run)],
        engine=facts["engine"],
        engine_reason=facts["engine_reason"],
        hdi=facts["hdi"],
        currency=facts["currency"],
        mix=facts["mix"],
        **_tables(run),
    )


def _tables(run: Run) -> dict[str, list[Document]]:
    from attribution import document_conversion as rows
    from outlay.document import documents

    kinds: dict[str, type[Document]] = {
        "rates": rows.RateRow,
        "value_per_lead": rows.LeadValueRow,
        "values": rows.DealRow,
        "effects": rows.EffectRow,
        "movement": rows.PeriodRow,
        "beats": rows.BeatsRow,
        "shrinkage": rows.PairRow,
        "decisions": rows.DecisionRow,
        "thresholds": rows.ThresholdRow,
    }
    there = run.manifest["files"]
    found = {
        name: documents(run.table(name), kind) for name, kind in kinds.items() if f"tables/{name}.parquet" in there
    }
    if "tables/classes.parquet" in there:
        from outlay.exports import records

        found["classes"] = [rows.ClassRow(**row) for row in records(run.table("classes"))]
    return found


def show(result: ConvertOutput) -> None:
    """Print every table; prose goes to stderr."""
    mark = PREVIEW_MARK if result.preview else "" if result.trusted else "  ** DID NOT PASS THE TRUST GATE **"
    for dimension in ("all", "segment"):
        rows = [row for row in result.rates if row.dimension == dimension]
        if rows and (dimension != "all" or not any(row.dimension == "segment" for row in result.rates)):
            _rates(result, rows, f"Conversion by {dimension}" if dimension != "all" else "Conversion", mark)
    if any(row.dimension == "segment" for row in result.value_per_lead):
        _worth(result, "segment", mark)
    if any(row.dimension == "channel" for row in result.rates):
        _channels(result, mark)
    _drivers(result, mark)
    _beats(result, mark)
    _movement(result, mark)
    _classes(result, mark)
    if result.mix:
        say(result.mix)


def _print(table: TextTable) -> None:
    """A table with a blank line after it."""
    print_table(table)
    emit("")


def level(result: ConvertOutput) -> str:
    """``90% interval``."""
    return f"{style.percent(result.hdi, 0)} interval"


def money_between(low: float | None, high: float | None, currency: str) -> str:
    """An interval of money."""
    if low is None or high is None:
        return style.MISSING
    return f"{style.money(low, currency)} to {style.money(high, currency)}"


def step_name(row: RateRow) -> str:
    """``mql to sqo``."""
    return row.stage if row.stage == "end to end" else f"{row.after} to {row.stage}"


def _rates(result: ConvertOutput, rows: Sequence[RateRow], title: str, mark: str) -> None:
    named = rows[0].dimension != "all"
    columns = [Column("Step", False), Column("Rate"), Column(level(result)), Column("Raw"), Column("Counted", True, 1)]
    body, before = [], None
    for row in rows:
        counted = "" if row.trials is None else f"{style.amount(row.successes)} of {style.amount(row.trials)}"
        cells = [
            step_name(row),
            style.percent(row.mean),
            rates_between(row.low, row.high),
            style.percent(row.raw),
            counted,
        ]
        body.append([*([row.level if row.level != before else ""] if named else []), *cells])
        before = row.level
    if named:
        columns.insert(0, Column(rows[0].dimension.capitalize(), False))
    _print(TextTable(title + mark, columns, body))


def _worth(result: ConvertOutput, dimension: str, mark: str) -> None:
    currency = result.currency or ""
    columns = [
        Column(dimension.capitalize(), False),
        Column("Leads", True, 2),
        Column("Value per lead"),
        Column(level(result)),
        Column(f"Per {_last_stage(result)}", True, 1),
        Column(f"{level(result)} ", True, 1),
    ]
    body = [
        [
            row.level,
            style.amount(row.leads),
            style.money(row.mean, currency),
            money_between(row.low, row.high, currency),
            style.money(row.value, currency),
            money_between(row.value_low, row.value_high, currency),
        ]
        for row in result.value_per_lead
        if row.dimension == dimension
    ]
    _print(TextTable(f"What a lead is worth, by {dimension}{mark}", columns, body))


def _last_stage(result: ConvertOutput) -> str:
    return next(row.stage for row in reversed(result.rates) if row.stage != "end to end")


def _channels(result: ConvertOutput, mark: str) -> None:
    currency = result.currency or ""
    worth = {row.level: row for row in result.value_per_lead if row.dimension == "channel"}
    columns = [Column("Channel", False), Column("Leads", True, 1), Column("End to end"), Column(level(result))]
    if worth:
        columns += [Column("Value per lead"), Column(f"{level(result)} ", True, 2)]
    body = []
    for row in result.rates:
        if row.dimension != "channel" or row.stage != "end to end":
            continue
        cells = [row.level, style.amount(row.leads), style.percent(row.mean), rates_between(row.low, row.high)]
        if worth:
            own = worth[row.level]
            cells += [style.money(own.mean, currency), money_between(own.low, own.high, currency)]
        body.append(cells)
    _print(TextTable(f"By channel{mark}", columns, body))


def term_name(term: str) -> str:
    """A term in words."""
    return {"spread_segment": "spread by segment"}.get(term, term.replace("_x_", " x "))


def _drivers(result: ConvertOutput, mark: str) -> None:
    columns = [
        Column("Step", False),
        Column("Driver", False),
        Column("Share"),
        Column("Best level (odds)", False),
        Column("Worst level (odds)", False),
    ]
    body = []
    for (stage, term), rows in by_term(result).items():
        if stage == "value" or rows[0].share is None:
            continue
        ordered = sorted(rows, key=lambda row: row.ratio or 0.0)
        body.append([stage, term_name(term), style.percent(rows[0].share, 0), _odds(ordered[-1]), _odds(ordered[0])])
    caption = (
        "Share: part of the differences between leads that the driver makes. Odds against the average level's, "
        f"with {level(result)}s in --json.",
    )
    if body:
        _print(TextTable(f"What drives conversion{mark}", columns, body, caption=caption))


def by_term(result: ConvertOutput) -> dict[tuple[str, str], list[EffectRow]]:
    """Effects by step and term, the strongest term of a step first."""
    found: dict[tuple[str, str], list[EffectRow]] = {}
    for row in result.effects:
        found.setdefault((row.stage, row.term), []).append(row)
    stages = list(dict.fromkeys(stage for stage, _ in found))
    order = sorted(found, key=lambda key: (stages.index(key[0]), -(found[key][0].share or 0.0)))
    return {key: found[key] for key in order}


def _odds(row: EffectRow) -> str:
    return f"{row.level} x{style.ratio(row.ratio)}"


def _beats(result: ConvertOutput, mark: str) -> None:
    names = list(dict.fromkeys(row.segment for row in result.beats))
    if not names or len(names) > _SEGMENTS_ACROSS:
        return
    chances = {(row.segment, row.against): row for row in result.beats}
    body = [[a, *("" if a == b else style.chance(chances[a, b].rate) for b in names)] for a in names]
    columns = [Column("Segment", False), *(Column("beats\n" + name.replace("_", "_\n")) for name in names)]
    _print(TextTable(f"Probability that a segment converts better, end to end{mark}", columns, body))


def _movement(result: ConvertOutput, mark: str) -> None:
    periods = list(dict.fromkeys(row.period for row in result.movement))[-_PERIODS:]
    rows = [row for row in result.movement if row.period in periods and row.stage != "end to end"]
    if not rows:
        return
    stages = list(dict.fromkeys((row.after, row.stage) for row in rows))
    columns = [Column("Created from", False)]
    for k, (after, stage) in enumerate(stages):
        columns += [Column(f"{after} to {stage}"), Column(level(result) + " " * k, True, 1)]
    at = {(row.period, row.stage): row for row in rows}
    body = []
    for period in periods:
        own = [at[period, stage] for _, stage in stages]
        body.append(
            [period, *(text for row in own for text in (style.percent(row.mean), rates_between(row.low, row.high)))]
        )
    _print(TextTable(f"Movement: the last {len(periods)} periods{mark}", columns, body))


def _classes(result: ConvertOutput, mark: str) -> None:
    rows = [row for row in result.classes if row.dimension == "all"]
    if rows:
        columns = [Column("Outcome", False), Column("Probability"), Column(level(result)), Column("Leads")]
        body = [
            [row.klass, style.percent(row.mean), rates_between(row.low, row.high), style.amount(row.count)]
            for row in rows
        ]
        _print(TextTable(f"Outcomes{mark}", columns, body))
    currency = result.currency or ""
    if result.thresholds:
        columns = [Column("Action", False), Column("Saves"), Column("Wastes"), Column("Pays from a probability of")]
        body = [
            [
                row.action,
                style.money(row.missed, currency),
                style.money(row.wasted, currency),
                style.percent(row.threshold),
            ]
            for row in result.thresholds
        ]
        _print(TextTable(f"When to act{mark}", columns, body))
    if result.decisions:
        columns = [Column("Leads of", False), Column("Action", False), Column("Expected cost"), Column("Sure")]
        columns += [Column("Next best", False, 1), Column("Its cost", True, 1)]
        body = [
            [
                row.level,
                row.action,
                style.money(row.cost, currency),
                style.chance(row.sure),
                row.next,
                style.money(row.next_cost, currency),
            ]
            for row in result.decisions[:20]
        ]
        caption = (f"{len(result.decisions) - 20} more rows in --json.",) if len(result.decisions) > 20 else ()
        _print(TextTable(f"What to do with leads{mark}", columns, body, caption=caption))

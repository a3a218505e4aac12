"""What ``outlay attribute`` reads of media, and what it shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from attribution.document_journeys import AttributeOutput, CreditRow
    from attribution.journeys_run import Media
    from attribution.reconcile import MediaTotals
    from cli.wide import WideTable
    from mmm.media import FittedMedia
    from mmm.panel import MediaPanel
    from outlay.project import Project
    from outlay.runs import Run
    from outlay.text_table import TextTable

SHORT = {
    "first": "First",
    "last": "Last",
    "linear": "Linear",
    "position": "Posit.",
    "decay": "Decay",
    "markov_1": "Markov",
    "markov_2": "Mark. 2",
    "markov_3": "Mark. 3",
    "markov_4": "Mark. 4",
    "shapley_sum": "Shap.sum",
    "shapley_rate": "Shap.rate",
}
"""Headers of the models."""

LINES = {
    "outcome": "Outcome of the KPI",
    "tracked": "of it tracked: journeys end in it",
    "untracked": "of it untracked",
    "credited_media": "Credited by journeys to media channels",
    "credited_other": "Credited by journeys to other channels",
    "caused_media": "Caused by media, by the model",
    "baseline": "Baseline of the model",
    "over_credit": "Credited beyond what was caused",
}
"""What the lines of the bridge are called."""


def media_between(project: Project, root: Path) -> Media | None:
    """What is known of media between two days: of the latest fit that passed the trust gate, else of the table."""
    if "media" not in project.sections:
        return None

    def ask(start: date, end: date) -> MediaTotals | None:
        fitted = _latest_fit(root)
        if fitted is None:
            from cli.commands.check import read_panel

            return _of_panel(read_panel(project), start, end)
        return _of_fit(*fitted, start, end)

    return ask


def _latest_fit(root: Path) -> tuple[Run, FittedMedia] | None:
    from cli.fits import is_trusted
    from cli.terminal import say
    from outlay.runs import list_runs

    fits = [run for run in list_runs(root) if run.kind == "fit"] if root.is_dir() else []
    if not fits:
        return None
    if not is_trusted(fits[-1]):
        say(f"Run {fits[-1].id} did not pass the trust gate, so journeys are not compared with it.")
        return None
    from mmm.media import FittedMedia

    return fits[-1], FittedMedia.load(fits[-1].path)


def _rows(panel: MediaPanel, first: int, start: date, end: date) -> slice | None:
    """The periods that lie wholly between two days, give or take one."""
    day = timedelta(days=1)  # a table of touches rarely starts and ends at midnight
    begins = [_begin(panel, i) for i in range(panel.n_periods)]
    kept = [
        i
        for i in range(first, panel.n_periods)
        if begins[i] >= start - day and begins[i] + _length(panel, i) <= end + day
    ]
    return slice(kept[0], kept[-1] + 1) if kept else None


def _begin(panel: MediaPanel, row: int) -> date:
    """First day of a period."""
    day = panel.dates[row].date()
    frequency = panel.frequency
    if frequency.name == "weekly" and frequency.marks == "end":
        return date.fromordinal(day.toordinal() - 6)
    return date(day.year, day.month, 1) if frequency.name == "monthly" else date(day.year, day.month, day.day)


def _length(panel: MediaPanel, row: int) -> timedelta:
    begin = _begin(panel, row)
    if panel.frequency.name == "monthly":
        return date(begin.year + begin.month // 12, begin.month % 12 + 1, 1) - begin
    return timedelta(days=7 if panel.frequency.name == "weekly" else 1)


def _of_panel(panel: MediaPanel, start: date, end: date) -> MediaTotals | None:
    """Spend alone."""
    from attribution.reconcile import MediaTotals

    rows = _rows(panel, 0, start, end)
    if rows is None:
        return None
    last = rows.stop - 1
    return MediaTotals(
        channels=tuple(panel.channels),
        spend=_spend(panel, rows),
        start=_begin(panel, rows.start),
        end=_begin(panel, last) + _length(panel, last),
    )


def _spend(panel: MediaPanel, rows: slice) -> Any:
    import numpy as np

    return np.where(panel.paid, panel.spend[rows].sum((0, 1)), np.nan)


def _of_fit(run: Run, fitted: FittedMedia, start: date, end: date) -> MediaTotals | None:
    """Spend, outcome and draws of what each channel caused."""
    import numpy as np

    from attribution.reconcile import MediaTotals

    panel = fitted.design.panel
    rows = _rows(panel, fitted.design.fit.start, start, end)
    if rows is None:
        return None
    last = rows.stop - 1
    returns = fitted.returns_in(panel.dates[rows.start], panel.dates[last])
    kpi, value = panel.kpi[rows], panel.value[rows]
    units = panel.kpi_type == "units"
    plain = bool(np.all(value == 1.0))
    draws = returns.contribution if plain or not units else returns.units
    return MediaTotals(
        channels=tuple(panel.channels),
        spend=_spend(panel, rows),
        start=_begin(panel, rows.start),
        end=_begin(panel, last) + _length(panel, last),
        unit="conversions" if units else "value",
        contribution=draws.sum(1),
        outcome=float(np.nansum(kpi) if units else np.nansum(kpi * value)),
        run=run.id,
    )


def summarise(run: Run, segment: str | None = None, period: str | None = None) -> AttributeOutput:
    """The document of an attribute run; of one segment or period where asked."""
    import pandas as pd

    from attribution import document_journeys as out
    from cli.fits import findings_of, mapping
    from outlay.document import FindingRow, documents

    facts = mapping(run, "journeys.json")
    asked = {"segment": (segment, facts["segments"]), "period": (period, facts["periods"])}
    credits = run.table("credits")
    for column, (name, known) in asked.items():
        if name is not None:
            credits = credits[credits[column] == _known(column, name, known)]

    def table(name: str) -> pd.DataFrame:
        return run.table(name) if f"tables/{name}.parquet" in run.manifest["files"] else pd.DataFrame()

    named = ("currency", "hdi", "touches", "journeys", "conversions", "value", "first", "last", "model")
    beside = ("media_run", "media_unit", "media_start", "media_end")
    return out.AttributeOutput(
        run=run.id,
        folder=str(run.path),
        **{name: facts[name] for name in (*named, *beside)},
        credits=documents(credits, out.CreditRow),
        removal=documents(run.table("removal"), out.RemovalRow),
        costs=documents(run.table("costs"), out.CostRow),
        over_credit=documents(table("over_credit"), out.OverCreditRow),
        inside=documents(table("inside"), out.InsideRow),
        bridge=documents(table("bridge"), out.BridgeRow),
        assumptions=list(facts["assumptions"]),
        findings=[FindingRow.of(finding) for finding in findings_of(run)],
    )


def _known(column: str, name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    from outlay.errors import ConfigError

    if name in known:
        return name
    close = get_close_matches(name, known, n=1)
    meant = f'Did you mean "{close[0]}"? ' if close else ""
    there = f"The run has {', '.join(known)}." if known else f"[journeys] names no {column}."
    raise ConfigError(f'there is no {column} "{name}"', where=f"--{column}", repair=meant + there, id="J060")


def show(run: Run, result: AttributeOutput) -> None:
    """Print the tables; findings and prose go to stderr."""
    from cli.fits import findings_of
    from cli.terminal import emit, print_findings, print_table, say
    from cli.wide import print_wide

    emit("")
    print_wide(shares(result))
    for line in shares_notes(result):
        say(line)
    print_table(credited(result))
    if any(row.spend is not None for row in result.costs):
        print_table(costs(result))
    if result.over_credit:
        print_table(over_credit(result))
        print_table(bridge(result))
    print_findings(findings_of(run))
    for line in result.assumptions[:2]:
        say(line)
    say(f"Run {run.id} is in {run.path}")


def shares(result: AttributeOutput) -> WideTable:
    """Shares of all models side by side."""
    from cli.wide import WideTable

    rows, where = _first_cell(result)
    models = list(dict.fromkeys(row.model for row in rows))
    share = {(row.model, row.channel): row.share for row in rows}
    order = _order(rows, result.model)
    cells = [[style.percent(share[model, name], 1) for model in models] for name in order]
    title = f"Share of conversions by model{where}"
    return WideTable(title, "Channel", [SHORT[model] for model in models], order, cells)


def shares_notes(result: AttributeOutput) -> list[str]:
    """What the table of shares leaves unsaid: where its intervals are, and why a share can be below zero."""
    rows, _ = _first_cell(result)
    notes = ["Shares are exact for these touches; the intervals of every model are in --json and in the report."]
    if any((row.share or 0.0) < 0 for row in rows if row.model == "shapley_rate"):
        notes.append(
            "Shap.rate shares out the conversion rate: below zero, journeys with the channel convert less often than "
            "those of the others alone."
        )
    return notes


def _first_cell(result: AttributeOutput) -> tuple[list[CreditRow], str]:
    """The rows of the widest cell that the document has, and its name."""
    first = result.credits[0]
    rows = [row for row in result.credits if (row.segment, row.period) == (first.segment, first.period)]
    named = [name for name in (first.segment, first.period) if name is not None]
    return rows, f", {', '.join(named)}" if named else ""


def _order(rows: Sequence[CreditRow], model: str) -> list[str]:
    """Channels, the most credited first."""
    mine = [row for row in rows if row.model == model]
    return [row.channel for row in sorted(mine, key=lambda row: -(row.share or 0.0))]


def credited(result: AttributeOutput) -> TextTable:
    """What the chosen model credits, with intervals."""
    from attribution.credit import TITLES
    from outlay.text_table import Column, TextTable

    rows, where = _first_cell(result)
    mine = {row.channel: row for row in rows if row.model == result.model}
    level = f"{100 * result.hdi:g}%" if result.hdi else ""
    columns = [
        Column("Channel", False),
        Column("Share"),
        Column(f"{level} HDI"),
        Column("Conversions"),
        Column(f"{level} HDI", optional=1),
    ]
    valued = any(row.value is not None for row in rows)
    if valued:
        columns += [Column(f"Value\n({result.currency})"), Column(f"{level} HDI", optional=2)]
    body = []
    for name in _order(rows, result.model):
        row = mine[name]
        cells = [
            name,
            style.percent(row.share, 1),
            percents(row.share_hdi_low, row.share_hdi_high),
            style.number(row.conversions),
            style.between(row.conversions_hdi_low, row.conversions_hdi_high),
        ]
        if valued:
            cells += [style.number(row.value), style.between(row.value_hdi_low, row.value_hdi_high)]
        body.append(tuple(cells))
    return TextTable(f"\n{TITLES[result.model]}{where}", columns, body)


def percents(low: float | None, high: float | None) -> str:
    """An interval of shares: ``12.3 to 14.5%``."""
    return "" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f}%"


def costs(result: AttributeOutput) -> TextTable:
    """Credited return and cost of the chosen model."""
    from attribution.credit import TITLES
    from outlay.text_table import Column, TextTable

    level = f"{100 * result.hdi:g}%" if result.hdi else ""
    mine = [row for row in result.costs if row.model == result.model and row.spend is not None]
    valued = any(row.roi is not None for row in mine)
    columns = [
        Column("Channel", False),
        Column(f"Spend\n({result.currency})"),
        Column("Credited\nconversions", optional=2),
        Column(f"{result.currency} per\nconversion"),
        Column(f"{level} HDI", optional=1),
    ]
    if valued:
        columns += [Column("Credited\nROI"), Column(f"{level} HDI", optional=1)]
    body = []
    for row in sorted(mine, key=lambda row: -(row.spend or 0.0)):
        cells = [
            row.channel,
            style.number(row.spend),
            style.number(row.conversions),
            style.number(row.cpa_median),
            style.between(row.cpa_hdi_low, row.cpa_hdi_high),
        ]
        if valued:
            cells += [style.ratio(row.roi), style.ratio_between(row.roi_hdi_low, row.roi_hdi_high)]
        body.append(tuple(cells))
    when = f", {result.media_start} to {result.media_end}" if result.media_start else ""
    return TextTable(f"\nCost of credited conversions, {TITLES[result.model]}{when}", columns, body)


def over_credit(result: AttributeOutput) -> TextTable:
    """Each channel's credit beside what it caused."""
    from outlay.text_table import Column, TextTable

    level = f"{100 * result.hdi:g}%" if result.hdi else ""
    unit = f" ({result.currency})" if result.media_unit == "value" else ""
    columns = [
        Column("Channel", False),
        Column(f"Credited{unit}\nby journeys"),
        Column(f"{level} HDI", optional=3),
        Column(f"Caused{unit},\nby the model"),
        Column(f"{level} HDI", optional=2),
        Column("Credited\n/ caused"),
        Column(f"{level} HDI", optional=1),
        Column("P(over)"),
    ]
    body = [
        (
            row.channel,
            style.number(row.credited),
            style.between(row.credited_hdi_low, row.credited_hdi_high),
            style.number(row.incremental_mean),
            style.between(row.incremental_hdi_low, row.incremental_hdi_high),
            style.ratio(row.over_credit_median),
            style.ratio_between(row.over_credit_hdi_low, row.over_credit_hdi_high),
            style.percent(row.p_over, 0),
        )
        for row in sorted(result.over_credit, key=lambda row: -(row.over_credit_median or 0.0))
    ]
    note = "Above 1, journeys credit the channel with more than it caused; below 1, with less."
    return TextTable(f"\nJourneys beside the media-mix model, {_when(result)}", columns, body, None, [note])


def _when(result: AttributeOutput) -> str:
    return f"{result.media_start} to {result.media_end}"


def bridge(result: AttributeOutput) -> TextTable:
    """From the outcome to what is tracked, credited and caused."""
    from outlay.text_table import Column, TextTable

    level = f"{100 * result.hdi:g}%" if result.hdi else ""
    unit = result.currency if result.media_unit == "value" else "conversions"
    columns = [Column("", False), Column(unit), Column(f"{level} HDI", optional=1)]
    rows = [
        (LINES.get(row.line, row.line), style.number(row.mean), style.between(row.hdi_low, row.hdi_high))
        for row in result.bridge
    ]
    return TextTable(f"\nWhat is tracked, credited and caused, {_when(result)}", columns, rows)

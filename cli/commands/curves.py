"""``outlay curves``: how the outcome of each channel grows with its spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.options import DEFAULT_PROJECT, Debug, Force, Json, ProjectFile, RunRef

if TYPE_CHECKING:
    from cli.outputs.media import CurvesOutput
    from mmm.document import CurveRow
    from outlay.runs import Run
    from outlay.text_table import TextTable

POINTS_SHOWN = 6
"""Points of a curve in the terminal's table; ``--json`` has all."""


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    run: RunRef = None,
    force: Force = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show how outcome grows with spend, by channel."""
    from cli.fits import open_fit
    from cli.terminal import print_json

    result = summarise(open_fit(project, run, force=force))
    if as_json:
        print_json(result.document())
    else:
        show(result)


def summarise(run: Run) -> CurvesOutput:
    """The curves of a fit run."""
    from cli.fits import is_trusted, mapping
    from cli.outputs.answers import FrequencyRow
    from cli.outputs.media import CurvesOutput
    from mmm.document import CurveRow
    from outlay.document import documents

    reaching = "tables/frequency.parquet" in run.manifest["files"]
    model = mapping(run, "model.json")
    return CurvesOutput(
        run=run.id,
        trusted=is_trusted(run),
        currency=str(model["currency"]),
        outcome_unit=str(model["outcome_unit"]),
        hdi=float(model["hdi"]),
        rows=documents(run.table("curves"), CurveRow),
        frequency=documents(run.table("frequency"), FrequencyRow) if reaching else [],
    )


def show(result: CurvesOutput) -> None:
    """Print a few points of every curve, the current spend among them."""
    from cli.fits import untrusted_mark
    from cli.terminal import print_table
    from outlay import style
    from outlay.text_table import Column, TextTable

    panel = any(row.group is not None for row in result.rows)
    columns = [
        Column("Channel\nand group" if panel else "Channel", False),
        Column(f"Spend per\nperiod ({result.currency})"),
        Column(f"Outcome per\nperiod ({result.outcome_unit})"),
        Column(f"{100 * result.hdi:g}% HDI"),
        Column("", False),
    ]
    rows: list[tuple[str, ...]] = []
    for channel, group in dict.fromkeys((row.channel, row.group) for row in result.rows):
        points = _some([row for row in result.rows if (row.channel, row.group) == (channel, group)])
        heads = _heads(channel, (group or "all") if panel else "", len(points))
        for head, row in zip(heads, points, strict=True):
            note = "now" if row.is_current else "beyond" if row.extrapolated else ""
            interval = style.between(row.outcome_hdi_low, row.outcome_hdi_high)
            rows.append((head, style.number(row.spend), style.number(row.outcome_mean), interval, note))
    notes = [
        "Now: the mean of the last year. Beyond: more than any spend in the data, so the model's form decides there "
        "and not the data."
    ]
    print_table(
        TextTable(f"Response curves  (run {result.run}){untrusted_mark(result.trusted)}", columns, rows, None, notes)
    )
    if result.frequency:
        print_table(_frequency(result))


def _heads(channel: str, group: str, n: int) -> list[str]:
    """The first cells of a curve's rows: the channel, and its group in the row below, so that both are read whole."""
    if group and n == 1:
        return [f"{channel}, {group}"]
    heads = [channel, *([f"  {group}"] if group else [])]
    return [*heads, *[""] * (n - len(heads))]


def _frequency(result: CurvesOutput) -> TextTable:
    """The best contacts per person of reach and frequency channels."""
    from cli.fits import untrusted_mark
    from outlay import style
    from outlay.text_table import Column, TextTable

    level, whole = f"{100 * result.hdi:g}%", [row for row in result.frequency if row.group is None]
    columns = [
        Column("Channel", False),
        Column("Contacts\nnow"),
        Column("Best"),
        Column("Best by\ndraw"),
        Column(f"{level} HDI"),
        Column("Return there,\nnow = 1"),
        Column(f"{level} HDI", optional=1),
        Column("P(more\nis better)", optional=2),
        Column("", False),
    ]
    rows: list[tuple[str, ...]] = [
        (
            row.channel,
            style.ratio(row.current),
            style.ratio(row.best),
            style.ratio(row.optimal_mean),
            style.ratio_between(row.optimal_hdi_low, row.optimal_hdi_high),
            style.ratio(row.gain_mean),
            style.ratio_between(row.gain_hdi_low, row.gain_hdi_high),
            style.percent(row.p_more, 0),
            "beyond data" if row.extrapolated else "",
        )
        for row in whole
    ]
    if not any(row.extrapolated for row in whole):
        columns.pop()
        rows = [row[:-1] for row in rows]
    notes = ["Contacts per person reached that bring the most per money, at a constant cost per contact."]
    if len(whole) < len(result.frequency):
        notes.append("The groups share a curve and differ in their contacts now: --json has them.")
    title = f"Best frequency  (run {result.run}){untrusted_mark(result.trusted)}"
    return TextTable(title, columns, rows, None, notes)


def _some(points: list[CurveRow]) -> list[CurveRow]:
    step = max(len(points) // POINTS_SHOWN, 1)
    return [row for i, row in enumerate(points) if row.is_current or (i and i % step == 0) or i == len(points) - 1]

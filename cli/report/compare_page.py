"""The section on what changed since an earlier fit: sentences, a chart of returns before and after, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from budget.document import PlanOutput
from budget.words import outcome as planned
from cli.report.compare import Earlier, Moved
from cli.report.data import ReportData
from cli.report.parts import Table, chart_of
from cli.report.stored import stored
from cli.report.story import Exhibit
from cli.report.words import joined
from outlay import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

BEFORE, NOW = "#8A94A0", style.PAID_COLOUR
NAMED = 4
ROW_HEIGHT = 34


def learned(data: ReportData, earlier: Earlier) -> list[str]:
    """The main sentence of the section, for the summary."""
    lines = [f"Since the fit of {_day(earlier)}: {_causes(data, earlier)}"]
    real = [each for each in earlier.moved if not each.noise]
    told = [f"{each.channel} ({_from_to(each)})" for each in real if each.change.quantity == "roi"][:3]
    beyond = [each.channel for each in real if each.beyond]
    if not real:
        lines.append("No return moved by more than another seed would move it.")
    elif told:
        most = "The largest moves of ROI: " if len(real) > len(told) else "ROI moved: "
        lines.append(f"{most}{joined(told)}. {_beyond(beyond)}")
    return lines


def _beyond(names: Sequence[str]) -> str:
    if not names:
        return "All new means lie inside the intervals that were reported then."
    which = names if len(names) <= NAMED else [*names[:NAMED], f"{len(names) - NAMED} more"]
    verb = "lies" if len(names) == 1 else "lie"
    return f"The new mean of {joined(which)} {verb} outside the interval that was reported then."


def _from_to(each: Moved) -> str:
    return f"{style.ratio(each.change.before)} to {style.ratio(each.change.after)}"


def _day(earlier: Earlier) -> str:
    return f"{earlier.before.created:%Y-%m-%d %H:%M} UTC"


def _causes(data: ReportData, earlier: Earlier) -> str:
    """What is different about data and beliefs, in one sentence."""
    found, parts = earlier.data, []
    if found.added:
        parts.append(f"{_count(len(found.added), data.period)} came ({_span(found.added)})")
    if found.gone:
        parts.append(f"{_count(len(found.gone), data.period)} fell away ({_span(found.gone)})")
    if found.restated:
        names = list(dict.fromkeys(f"{each.kind} {each.name}" for each in found.restated))
        more = [f"{len(names) - NAMED} more series"] if len(names) > NAMED else []
        parts.append(f"older values of {joined([*names[:NAMED], *more])} were restated")
    if found.came:
        parts.append(f"new: {joined(list(found.came))}")
    if found.went:
        parts.append(f"gone: {joined(list(found.went))}")
    if earlier.beliefs:
        names = [each.key for each in earlier.beliefs]
        more = [f"{len(names) - NAMED} more keys"] if len(names) > NAMED else []
        parts.append(f"{joined([*names[:NAMED], *more])} changed in the project file")
    return "; ".join(parts) + "." if parts else "the same data under the same beliefs."


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _span(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def text(data: ReportData, earlier: Earlier) -> list[str]:
    """Paragraphs before the exhibits."""
    changes = earlier.changes
    lines = [
        f"This report's fit {earlier.after.id} beside the fit {earlier.before.id}, made {_day(earlier)}. Returns of "
        f"both are asked over the periods that both scored, {changes.window_start} to {changes.window_end}, so that "
        "none moves because other weeks are counted.",
        *learned(data, earlier),
    ]
    if not earlier.trusted:
        lines.append("The earlier fit did NOT pass the trust gate: another seed would have given other numbers.")
    if changes.unattributed:
        lines.append(f"Data and beliefs are not told apart: {changes.unattributed}.")
    return lines


def exhibits(data: ReportData, earlier: Earlier) -> tuple[Exhibit, ...]:
    """Returns, data, settings and plan, then and now."""
    return (
        _returns(data, earlier),
        *_data(data, earlier),
        *_settings(earlier),
        *_findings(earlier),
        *_plans(earlier),
        *_versions(earlier),
    )


def _returns(data: ReportData, earlier: Earlier) -> Exhibit:
    bought = [each for each in earlier.moved if each.change.quantity == "roi"]
    shown = bought or list(earlier.moved)
    chart = chart_of(moves_chart(shown, data), "Return of each channel before and now, with intervals")
    key = (("then", BEFORE, "dot"), ("now", NOW, "dot"), (f"{data.level} HDI", NOW, "line"))
    note = (
        '"Noise" is the standard error that another seed would move the difference by; within three of them a move is '
        "sampling noise. A new mean inside the interval of then contradicts nothing that was reported."
    )
    what = "Returns" if data.money else f"{data.unit} per {data.currency}"
    return Exhibit(f"{what} then and now, over the same {data.period}s", chart, moves_table(data, earlier), key, note)


def moves_table(data: ReportData, earlier: Earlier) -> Table:
    """One row per channel: then and now with intervals, the step, its noise and its cause."""
    headers = (
        ("Channel", False),
        ("Quantity", False),
        ("Then", True),
        (f"{data.level} HDI", True),
        ("Now", True),
        (f"{data.level} HDI", True),
        ("Change", True),
        ("Noise", True),
        ("More than noise", False),
        ("In the interval of then", False),
        ("Why", False),
    )
    rows = tuple(_row(each, data) for each in earlier.moved)
    return Table(headers, rows, None, frozenset(i for i, each in enumerate(earlier.moved) if each.beyond))


def _row(each: Moved, data: ReportData) -> tuple[str, ...]:
    roi = each.change.quantity == "roi"
    write, spread = (style.ratio, style.ratio_between) if roi else (style.number, style.between)
    cells = [each.channel, "ROI" if roi and data.money else each.change.quantity]
    for earlier in (True, False):
        low, mean, high = each.interval(earlier=earlier)
        cells += [write(mean), spread(low, high)]
    why = "noise" if each.noise else each.change.why
    step, noise = style.signed(write(each.change.change)), write(each.change.noise)
    return (*cells, step, noise, "no" if each.noise else "yes", "no" if each.beyond else "yes", why)


def moves_chart(moved: Sequence[Moved], data: ReportData) -> go.Figure:
    """Two dots with intervals for each channel, the earlier one above and grey."""
    import plotly.graph_objects as go

    rows = list(reversed(moved))
    figure = go.Figure()
    for earlier, colour, shift in ((True, BEFORE, 0.17), (False, NOW, -0.17)):
        told = list(_placed(rows, earlier=earlier))
        figure.add_scatter(
            x=[mean for _, _, mean, _ in told],
            y=[i + shift for i, *_ in told],
            mode="markers",
            marker={"size": 9, "color": colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - mean for _, _, mean, high in told],
                "arrayminus": [mean - low for _, low, mean, _ in told],
                "color": colour,
                "thickness": 2.5,
                "width": 0,
            },
            customdata=[(escape(rows[i].channel),) for i, *_ in told],
            hovertemplate=f"%{{customdata[0]}}, {'then' if earlier else 'now'}: %{{x:.3~g}}<extra></extra>",
        )
    unit = "ROI" if data.money else f"{data.unit} per {data.currency}"
    ticks = {"tickvals": list(range(len(rows))), "ticktext": [escape(each.channel) for each in rows]}
    return style.dressed(
        figure,
        height=90 + ROW_HEIGHT * max(len(rows), 2),
        showlegend=False,
        xaxis={"title": {"text": escape(unit)}, "rangemode": "tozero", "nticks": 8},
        yaxis={**ticks, "ticks": "", "showgrid": False, "zeroline": False, "range": [-0.6, len(rows) - 0.4]},
    )


def _placed(rows: Sequence[Moved], *, earlier: bool) -> Iterator[tuple[int, float, float, float]]:
    """Row, low end, mean and high end of each channel; without an interval both ends are the mean."""
    for i, each in enumerate(rows):
        low, mean, high = each.interval(earlier=earlier)
        if mean is not None:
            yield i, mean if low is None else low, mean, mean if high is None else high


def _data(data: ReportData, earlier: Earlier) -> Iterator[Exhibit]:
    found = earlier.data
    if not found.restated:
        return
    headers = (
        ("Series", False),
        ("Kind", False),
        ("Values restated", True),
        ("From", False),
        ("To", False),
        ("Sum of them then", True),
        ("Now", True),
        ("Change", True),
    )
    rows = tuple(
        (
            each.name,
            each.kind,
            style.amount(each.cells),
            each.first,
            each.last,
            "" if each.before is None else style.number(each.before),
            "" if each.after is None else style.number(each.after),
            _share(each.before, each.after),
        )
        for each in found.restated
    )
    note = (
        f"Values of {data.period}s that both fits have and that differ. Ask whoever keeps the table why they changed."
    )
    yield Exhibit("History that was restated", table=Table(headers, rows), note=note, narrow=True)


def _share(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return ""
    return style.change((after - before) / abs(before) if before else None)


def _settings(earlier: Earlier) -> Iterator[Exhibit]:
    if not earlier.settings:
        return
    headers = (("Key of the project file", False), ("Then", False), ("Now", False), ("Can move a return", False))
    rows = tuple(
        (each.key, each.before or "not set", each.after or "not set", "yes" if each.belief else "no")
        for each in earlier.settings
    )
    yield Exhibit("Settings that changed", table=Table(headers, rows), narrow=True)


def _findings(earlier: Earlier) -> Iterator[Exhibit]:
    every = [("new", each) for each in earlier.new_findings] + [("gone", each) for each in earlier.old_findings]
    if every:
        rows = tuple((word, each.id, each.where, stored(each.what)) for word, each in every)
        headers = (("", False), ("Id", False), ("Where", False), ("What", False))
        yield Exhibit("Warnings that came or went", table=Table(headers, rows))


def _plans(earlier: Earlier) -> Iterator[Exhibit]:
    before, now = earlier.plans
    if before is None or now is None:
        return
    old, new = (_per_period(plan) for plan in (before, now))
    headers = (
        ("Channel", False),
        (f"Then ({before.currency} per {before.period_unit})", True),
        (f"Now ({now.currency} per {now.period_unit})", True),
        ("Change", True),
    )
    names = [*new, *(name for name in old if name not in new)]
    rows = tuple(
        (
            name,
            style.amount(old[name]) if name in old else "",
            style.amount(new[name]) if name in new else "",
            _share(old.get(name), new.get(name)),
        )
        for name in names
    )
    totals = (sum(old.values()), sum(new.values()))
    total = ("total", style.amount(totals[0]), style.amount(totals[1]), _share(*totals))
    yield Exhibit(
        "The plan then and now", table=Table(headers, rows, total), note=_gains(before, now, earlier), narrow=True
    )


def _per_period(plan: PlanOutput) -> dict[str, float]:
    return {name: spend / plan.periods for name, spend in plan.by_channel()[1].items()}


def _gains(before: PlanOutput, now: PlanOutput, earlier: Earlier) -> str:
    """Windows and expected gains of both plans, and what a differing question means."""
    lines = []
    for word, plan in (("Then", before), ("Now", now)):
        gain = style.signed(planned(plan, plan.gain_mean))
        low, high = planned(plan, plan.gain_hdi_low), planned(plan, plan.gain_hdi_high)
        lines.append(
            f"{word}: {_count(plan.periods, plan.period_unit)} from {plan.start}, expected gain over the reference "
            f"plan {gain} ({low} to {high})."
        )
    asked = [each.key for each in earlier.settings if each.key.split(".")[0] == "plan"]
    if asked:
        lines.append(f"The question changed too: {joined(asked)}.")
    return " ".join(lines)


def _versions(earlier: Earlier) -> Iterator[Exhibit]:
    if earlier.versions:
        headers = (("Library", False), ("Then", False), ("Now", False))
        yield Exhibit("Versions that changed", table=Table(headers, earlier.versions), narrow=True)

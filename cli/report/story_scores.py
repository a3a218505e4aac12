"""The report's section on lead scores: what the model would have caught, for readers who run the business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.plots_scores import RULES_COLOUR, plot_calibration, plot_caught, plot_months
from cli.report.story import Exhibit, Story, Table, chart_of
from cli.scores import document_of, tables_of
from outlay import style

if TYPE_CHECKING:
    from attribution.document_scores import CaughtRow, ScoreOutput
    from outlay.runs import Run

_LEADS = 12


def story(run: Run) -> Story:
    """The section of one score run."""
    from cli.fits import findings_of, mapping

    found = document_of(run.id, tables_of(run), mapping(run, "score.json"), findings_of(run))
    return Story(
        id="scores",
        nav="Lead scores",
        title=f"Which leads to call first: the chance of {found.stage}",
        text=_text(found),
        exhibits=tuple(_exhibits(found)),
        assumptions=_assumptions(found),
        run=run.id,
        learned=_learned(found),
        advice=_advice(found),
        certainty=_certainty(found),
        findings=tuple(findings_of(run)),
        tiles=_tiles(found),
    )


def _top(found: ScoreOutput, by: str) -> tuple[float, float, float] | None:
    """Share caught in A and B with its interval."""
    for row in found.captures:
        if row.by == by and row.grade == "B" and row.caught is not None:
            return row.caught, row.caught_low or 0.0, row.caught_high or 0.0
    return None


def _text(found: ScoreOutput) -> tuple[str, ...]:
    since = f" created since {found.test_from}" if found.test_from else ""
    first = (
        f"The score learnt from {found.train:,} leads whose outcome was known, and was then checked on {found.test:,} "
        f"leads{since} that it had never seen. Every number below is about those: it shows what the score would have "
        f"done, had it been in use. Grade A is the best tenth of the leads, B the next fifth, then C, D and E."
    )
    return (first, *_event(found))


def _event(found: ScoreOutput) -> tuple[str, ...]:
    """Before and after the marketing event, in whole months; the month of the event itself is in neither."""
    if not found.event or not found.months:
        return ()
    month = found.event[:7]
    before = [row for row in found.months if row.month < month]
    after = [row for row in found.months if row.month > month]
    if not before or not after:
        return (f"The day of {found.event_name}, {found.event}, is not inside the months that were checked.",)
    said = [
        f"{when} the event, {_months_of(part)}, {_rate(part, found.hdi)} of the leads got to {found.stage}. Calling "
        f"grades A and B alone, three leads in ten, would have caught {_held(part, found.hdi)} of those"
        f"{_rules_held(part)}."
        for when, part in (("Before", before), ("After", after))
    ]
    return (
        f"The event is {found.event_name}, on {found.event}. {' '.join(said)} The month of the event is in neither. "
        "Other things may have changed at the same time: this is a comparison in time and no proof that the event "
        f"did it. Brackets hold {found.hdi:.0%} intervals.",
    )


def _months_of(rows: list[CaughtRow]) -> str:
    return rows[0].month if len(rows) == 1 else f"{rows[0].month} to {rows[-1].month}"


def _rules_held(rows: list[CaughtRow]) -> str:
    """What the same number of calls by the rules would have caught."""
    if any(row.rules_caught is None for row in rows):
        return ""
    hits = sum(row.converted for row in rows)
    share = sum(row.rules_caught or 0 for row in rows) / hits if hits else None
    return f", and as many calls by the rules {style.percent(share, 0)}" if share is not None else ""


def _rate(rows: list[CaughtRow], level: float) -> str:
    from outlay.summary import jeffreys

    hits, leads = sum(row.converted for row in rows), sum(row.leads for row in rows)
    low, high = (float(bound) for bound in jeffreys(float(hits), float(leads), level))
    return style.rate_of(hits, leads, low, high)


def _held(rows: list[CaughtRow], level: float) -> str:
    from outlay.summary import jeffreys

    caught, hits = sum(row.caught for row in rows), sum(row.converted for row in rows)
    low, high = (float(bound) for bound in jeffreys(float(caught), float(hits), level))
    return style.rate_of(caught, hits, low, high)


def _exhibits(found: ScoreOutput) -> list[Exhibit]:
    rules = any(row.by == "rules" for row in found.captures)
    key: tuple[tuple[str, ...], ...] = (("this score", style.PLAN_COLOUR),)
    key += (("the rule-based score", RULES_COLOUR),) if rules else ()
    exhibits = [
        Exhibit(
            title="What the grades would have caught",
            chart=chart_of(plot_caught(found), "Share of all conversions held by the best grades"),
            table=_captures(found),
            key=key,
            note=f"Bars: what calling these grades and nobody else would have caught, with {found.hdi:.0%} intervals.",
        )
    ]
    if found.months:
        legend = (
            ("in A and B", style.PLAN_COLOUR),
            ("in C to E", RULES_COLOUR),
            ("expected", style.ACTUAL_COLOUR, "diamond"),
        )
        note = f"Dashed line: {found.event_name}, {found.event}." if found.event else ""
        chart = chart_of(plot_months(found), "Leads that got there by month of creation, in grades A and B and others")
        exhibits.append(Exhibit("Month by month", chart, _months(found), legend, f"Graded within each month. {note}"))
    if any(row.by == "tenth" for row in found.calibration):
        chart = chart_of(plot_calibration(found), "Observed against predicted rates by tenths of the leads")
        note = "Each dot is a tenth of the leads. On the dashed line what was said is what came."
        if any(row.by == "segment" and not row.inside for row in found.calibration):
            note += " Shaded segments: what was said is outside the interval of what came."
        exhibits.append(Exhibit("Do the probabilities come true?", chart, _segments(found), note=note))
    if found.capacity:
        exhibits.append(
            Exhibit("What to hand over this week", table=_capacity(found), note="Best value per hour first.")
        )
    if found.leads and found.open:
        exhibits.append(
            Exhibit("The best open leads, and why", table=_leads(found), note=f"Reasons: {found.reasons_method}.")
        )
    return exhibits


def _captures(found: ScoreOutput) -> Table:
    rules = {row.grade: row for row in found.captures if row.by == "rules"}
    headers = [
        ("Grade", False),
        ("Leads", True),
        ("Got there", True),
        (f"Rate ({found.hdi:.0%})", True),
        ("Lift", True),
    ]
    headers += [("Rules' rate", True)] if rules else []
    rows = []
    for row in (row for row in found.captures if row.by == "score"):
        rate = style.rate_of(row.converted, row.leads, row.rate_low or 0.0, row.rate_high or 0.0)
        lift = style.MISSING if row.lift is None else f"x{row.lift:.2f}"
        cells = (row.grade, f"{row.leads:,}", f"{row.converted:,}", rate, lift)
        rows.append((*cells, style.percent(rules[row.grade].rate)) if rules else cells)
    return Table(tuple(headers), tuple(rows))


def _months(found: ScoreOutput) -> Table:
    rules = found.months[0].rules_caught is not None
    headers = [("Month", False), ("Leads", True), ("Got there", True), ("Expected", True)]
    headers += [(f"Caught in A and B ({found.hdi:.0%})", True)] + ([("Rules' A and B", True)] if rules else [])
    rows = []
    for row in found.months:
        caught = style.rate_of(row.caught, row.converted, row.caught_low or 0.0, row.caught_high or 0.0)
        cells = (row.month, f"{row.leads:,}", f"{row.converted:,}", style.number(row.expected), caught)
        rows.append((*cells, style.percent(row.rules_caught_share, 0)) if rules else cells)
    return Table(tuple(headers), tuple(rows))


def _segments(found: ScoreOutput) -> Table | None:
    rows = [row for row in found.calibration if row.by == "segment"]
    if not rows:
        return None
    headers = (("Segment", False), ("Leads", True), ("Said", True), (f"Came ({found.hdi:.0%})", True))
    cells = tuple(
        (
            row.name,
            f"{row.leads:,}",
            style.percent(row.predicted),
            style.rate_of(row.converted, row.leads, row.observed_low or 0.0, row.observed_high or 0.0),
        )
        for row in rows
    )
    return Table(headers, cells, weak=frozenset(i for i, row in enumerate(rows) if not row.inside))


def _capacity(found: ScoreOutput) -> Table:
    headers = [("Segment", False), ("Hours", True), ("Hand over", True), ("Of open", True), ("Down to", True)]
    headers += [("Expected", True), ("Expected of the rest", True)] + ([("Worth", True)] if found.priced else [])
    rows = []
    for row in found.capacity:
        last = f"{row.last_grade} ({style.percent(row.last_probability)})" if row.last_grade else style.MISSING
        cells = (
            *(row.segment or "all", style.number(row.hours), f"{row.handed:,}", f"{row.leads:,}", last),
            *(style.number(row.expected), style.number(row.left_expected)),
        )
        rows.append((*cells, style.money(row.worth, found.currency)) if found.priced else cells)
    return Table(tuple(headers), tuple(rows))


def _leads(found: ScoreOutput) -> Table:
    headers = (("Lead", False), ("Grade", False), ("Chance", True), ("Why", False), ("What it touched", False))
    rows = tuple(
        (lead.id, lead.grade, style.percent(lead.probability), lead.reasons, lead.history)
        for lead in found.leads[:_LEADS]
    )
    return Table(headers, rows)


def _learned(found: ScoreOutput) -> tuple[str, ...]:
    ours, rules = _top(found, "score"), _top(found, "rules")
    if ours is None:
        return ()
    said = f"The best 30 % of the leads (grades A and B) held {_percents(ours)} of those that got to {found.stage}"
    return (f"{said}; the rules' best 30 % held {_percents(rules)}." if rules else f"{said}.",)


def _percents(three: tuple[float, float, float]) -> str:
    return f"{three[0]:.0%} ({three[1]:.0%} to {three[2]:.0%})"


def _advice(found: ScoreOutput) -> tuple[str, ...]:
    if found.capacity:
        handed, hours = sum(row.handed for row in found.capacity), sum(row.hours or 0.0 for row in found.capacity)
        expected = sum(row.expected or 0.0 for row in found.capacity)
        return (
            f"Hand over {handed:,} of the open leads this week: that fills {hours:,.0f} seller hours, and about "
            f"{expected:,.0f} of them should get to {found.stage}.",
        )
    if found.threshold is not None:
        return (f"Work leads with a chance of {style.percent(found.threshold)} or more: below, a call costs more.",)
    return ("Work grades A and B first.",)


def _certainty(found: ScoreOutput) -> tuple[str, ...]:
    first = found.metrics[0]
    if first.calibration_error is None:
        return ()
    gain = ""
    if first.gain is not None and first.gain_low is not None and first.gain_high is not None:
        sure = first.gain_low > 0 or first.gain_high < 0
        words = "better" if first.gain > 0 else "worse"
        gain = f" They are {words} than a plain logistic regression's" + ("." if sure else ", though not surely so.")
    off = f"{100 * first.calibration_error:.1f} points on average over tenths of the leads"
    return (f"Probabilities were off by {off}.{gain}",)


def _tiles(found: ScoreOutput) -> tuple[tuple[str, str, str], ...]:
    ours, rules = _top(found, "score"), _top(found, "rules")
    if ours is None:
        return ()
    beside = f"rules {rules[0]:.0%}" if rules else f"{ours[1]:.0%} to {ours[2]:.0%}"
    return (("Caught in the best 30 % of leads", f"{ours[0]:.0%}", beside),)


def _assumptions(found: ScoreOutput) -> tuple[str, ...]:
    said = []
    if found.maturity_days:
        said.append(
            f"A lead that has not reached {found.stage} {found.maturity_days:g} days after it was made counts as one "
            "that did not; younger ones are not learnt from."
        )
    if any(trial.name == "drift" and trial.taken for trial in found.trials):
        said.append("The overall rate of lead scores follows outcomes as they become known, so that scores age.")
    return (*said, "Classes are not re-weighted: a probability of 5 % means one lead in twenty.")

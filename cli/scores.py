"""Lead scores: the document of a run, and what the terminal shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.terminal import emit, print_table, say
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    import pandas as pd

    from attribution.document_scores import CaptureRow, ScoreOutput
    from outlay.document import Document
    from outlay.findings import Finding
    from outlay.runs import Run

TABLES = (
    "metrics",
    "captures",
    "calibration",
    "protected",
    "drift",
    "months",
    "costs",
    "capacity",
    "classes",
    "scores",
)
SHOWN_LEADS = 5
_WORD = {"stable": "stable", "moved": "moved", "drifted": "DRIFTED"}


def tables_of(run: Run) -> dict[str, pd.DataFrame]:
    """The tables of a score run; one that it does not have is empty."""
    import pandas as pd

    kept = run.manifest["files"]
    return {name: run.table(name) if f"tables/{name}.parquet" in kept else pd.DataFrame() for name in TABLES}


def document_of(
    run: str | None, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], findings: Sequence[Finding]
) -> ScoreOutput:
    """Everything but the scores of all leads, which stay in the run."""
    from attribution import document_scores as rows
    from outlay.document import FindingRow, documents

    kinds: dict[str, type[Document]] = {
        "metrics": rows.ScoreMetricRow,
        "captures": rows.CaptureRow,
        "calibration": rows.CalibrationRow,
        "protected": rows.ProtectedRow,
        "drift": rows.ScoreDriftRow,
        "months": rows.CaughtRow,
        "costs": rows.ScoreCostRow,
        "capacity": rows.HandOverRow,
        "classes": rows.ClassRow,
    }
    found: dict[str, Any] = {
        name: documents(tables[name], kind) if name in tables else [] for name, kind in kinds.items()
    }
    plain: tuple[str, ...] = (
        "stage",
        "currency",
        "hdi",
        "classifier",
        "classifier_losses",
        "features",
        "train",
        "test",
        "between",
    )
    plain += ("open", "test_from", "train_rate", "test_rate", "maturity_days")
    return rows.ScoreOutput(
        run=run,
        **{name: facts[name] for name in plain},
        priced=bool(facts.get("worth")),
        threshold=facts.get("threshold"),
        reasons_method=facts.get("reasons_method", ""),
        event=facts.get("event"),
        event_name=facts.get("event_name", ""),
        trials=[rows.TrialRow(**trial) for trial in facts.get("trials", [])],
        leads=documents(_best(tables["scores"]), rows.ScoredLead),
        findings=[FindingRow.of(finding) for finding in findings],
        **found,
    )


def _best(scores: pd.DataFrame) -> pd.DataFrame:
    """The leads whose reasons are told, as text where JSON has no dates."""
    part = scores[scores["reasons"] != ""] if "reasons" in scores else scores.head(100)
    part = part.assign(id=part["id"].astype("str"))
    if "created" in part:
        days = part["created"].dt.strftime("%Y-%m-%d")
        part = part.assign(created=days.astype(object).where(days.notna(), None))
    else:
        part = part.assign(created=None)
    return part


def show(found: ScoreOutput, leads: int = SHOWN_LEADS) -> None:
    """Print the tables; prose goes to stderr."""
    _intro(found)
    segments = any(row.by == "segment" for row in found.calibration)
    parts: list[tuple[bool, Callable[[ScoreOutput], None]]] = [
        (bool(found.classes), _classes),
        (True, _captures),
        (True, _metrics),
        (bool(found.costs), _costs),
        (segments, _calibration),
        (bool(found.protected), _protected),
        (bool(found.months), _months),
        (True, _drift),
        (bool(found.capacity), _capacity),
        (leads > 0 and bool(found.leads), lambda found: _leads(found, leads)),
    ]
    for wanted, tell in parts:
        if wanted:
            tell(found)
            emit("")


def _intro(found: ScoreOutput) -> None:
    since = f" from {found.test_from}" if found.test_from else ""
    say(
        f"Probability of {found.stage}: {found.classifier}, learnt from {found.train:,} leads "
        f"({style.percent(found.train_rate)} got there), checked on {found.test:,}{since} "
        f"({style.percent(found.test_rate)}), {found.open:,} open."
    )
    said = {"recalibration": "recalibrated by segment and channel", "drift": "the rate follows known outcomes"}
    taken = [said[trial.name] for trial in found.trials if trial.taken]
    if taken:
        say(f"Adjusted: {', '.join(taken)}. Classes are not re-weighted.")
    say()


def _captures(found: ScoreOutput) -> None:
    ours = [row for row in found.captures if row.by == "score"]
    rules = {row.grade: row for row in found.captures if row.by == "rules"}
    columns = [Column("Grade", False), Column("Leads"), Column("Got there"), Column("Rate")]
    columns += [Column(f"({found.hdi:.0%})", optional=1), Column("Lift"), Column("Caught\nso far")]
    columns += [Column("Rules:\nrate"), Column("caught\nso far")] if rules else []
    rows = []
    for row in ours:
        cells = [row.grade, f"{row.leads:,}", f"{row.converted:,}", style.percent(row.rate)]
        cells += [_span(row.rate_low, row.rate_high), _times(row), style.percent(row.caught, 0)]
        if rules:
            cells += [style.percent(rules[row.grade].rate), style.percent(rules[row.grade].caught, 0)]
        rows.append(cells)
    title = "What the grades would have caught" + (", beside the rule-based score" if rules else "")
    print_table(TextTable(title, columns, rows))


def _times(row: CaptureRow) -> str:
    return style.MISSING if row.lift is None else f"x{row.lift:.2f}"


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"{100 * low:.1f} to {style.percent(high, 1)}"


def _metrics(found: ScoreOutput) -> None:
    names = {
        "score, frozen on the day of the fit": "the same, never updated",
        "plain logistic regression": "plain logistic",
    }
    many = bool(found.classes)
    columns = [Column("Way of scoring", False)]
    columns += [] if many else [Column("AUC"), Column("PR-AUC")]
    columns += [Column("Log-loss"), Column(f"({found.hdi:.0%})", optional=2)]
    columns += [] if many else [Column("Slope"), Column("Mean\nerror"), Column("Said", optional=1)]
    rows = []
    for row in found.metrics:
        cells = [names.get(row.name, row.name)]
        cells += [] if many else [_three(row.auc), _three(row.pr_auc)]
        cells += [_three(row.log_loss, 4), _range(row.log_loss_low, row.log_loss_high)]
        if not many:
            cells += [_three(row.slope, 2), style.percent(row.calibration_error), style.percent(row.mean_probability)]
        rows.append(cells)
    caption = [
        "Mean error: between what was said and what came, over tenths of the leads. Said: the mean probability. "
        "Slope: 1 is right, below 1 says too much."
    ]
    print_table(
        TextTable("How good the probabilities are, on the test", columns, rows, caption=[] if many else caption)
    )
    gain = found.metrics[0].gain
    if gain is not None:
        low, high = found.metrics[0].gain_low, found.metrics[0].gain_high
        better = "better" if gain > 0 else "worse"
        say(f"Log-loss is {abs(gain):.4f} {better} than plain logistic ({_range(low, high)}, {found.hdi:.0%}).")


def _three(value: float | None, digits: int = 3) -> str:
    return style.MISSING if value is None else f"{value:.{digits}f}"


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.4f} to {high:.4f}"


def _costs(found: ScoreOutput) -> None:
    columns = [Column("Leads worked", False), Column("Count"), Column(f"Cost per lead\n({found.currency})")]
    columns += [Column("Expected"), Column("Missed", optional=1), Column("Wasted", optional=1)]
    rows = [
        [
            row.way,
            style.number(row.worked if row.worked is not None else row.acted),
            _three(row.cost_per_lead, 2),
            _three(row.expected_per_lead, 2),
            style.number(row.missed) if row.missed is not None else style.MISSING,
            style.number(row.wasted) if row.wasted is not None else style.MISSING,
        ]
        for row in found.costs
    ]
    caption = []
    if found.threshold is not None:
        caption = [f"Working a lead costs less than leaving it from a probability of {style.percent(found.threshold)}."]
    print_table(TextTable("What the choice would have cost, on the test", columns, rows, caption=caption))


def _calibration(found: ScoreOutput) -> None:
    columns = [Column("Segment", False), Column("Leads"), Column("Predicted"), Column("Observed")]
    columns += [Column(f"({found.hdi:.0%})"), Column("", False)]
    rows = [
        [
            row.name,
            f"{row.leads:,}",
            style.percent(row.predicted),
            style.percent(row.observed),
            _span(row.observed_low, row.observed_high),
            "" if row.inside else "outside",
        ]
        for row in found.calibration
        if row.by == "segment"
    ]
    print_table(TextTable("Predicted beside observed, by segment", columns, rows))


def _protected(found: ScoreOutput) -> None:
    kind = "open" if any(row.set == "open" for row in found.protected) else "test"
    said = {(row.column, row.level): row for row in found.protected if row.set == "test"}
    columns = [Column("Column", False), Column("Level", False), Column(f"Leads\n({kind})"), Column("Graded\nA or B")]
    columns += [Column(f"({found.hdi:.0%})", optional=1), Column("Ratio to\nhighest"), Column("Predicted\n(test)")]
    columns += [Column("Observed\n(test)"), Column(f"Observed ({found.hdi:.0%})", optional=2)]
    rows, last = [], ""
    for row in (row for row in found.protected if row.set == kind):
        test = said.get((row.column, row.level))
        cells = [row.column if row.column != last else "", row.level, f"{row.leads:,}", style.percent(row.rate)]
        cells += [_span(row.low, row.high), "highest" if row.best else _three(row.ratio, 2)]
        cells += [style.percent(test.predicted), style.percent(test.observed)] if test else [style.MISSING] * 2
        rows.append([*cells, _span(test.observed_low, test.observed_high) if test else ""])
        last = row.column
    print_table(TextTable("Grades by protected columns, which were not learnt from", columns, rows))


def _months(found: ScoreOutput) -> None:
    rules = found.months[0].rules_caught is not None
    columns = [Column("Month", False), Column("Leads"), Column("Got there"), Column("Expected")]
    columns += [Column("In A+B"), Column(f"({found.hdi:.0%})", optional=1)] + ([Column("Rules' A+B")] if rules else [])
    rows = []
    for row in found.months:
        cells = [row.month, f"{row.leads:,}", f"{row.converted:,}", style.number(row.expected)]
        cells += [style.percent(row.caught_share, 0), _span(row.caught_low, row.caught_high)]
        rows.append(cells + ([style.percent(row.rules_caught_share, 0)] if rules else []))
    caption = [f"The day of {found.event_name}: {found.event}."] if found.event else []
    print_table(TextTable("By month of creation, graded within the month", columns, rows, caption=caption))


def _drift(found: ScoreOutput) -> None:
    columns = [Column("Feature", False), Column("PSI"), Column("Verdict", False), Column("What moved", False)]
    rows = [[row.name, _three(row.psi), _WORD.get(row.verdict, row.verdict), row.what] for row in found.drift[:8]]
    print_table(TextTable("Drift from training to test, the most first", columns, rows))


def _capacity(found: ScoreOutput) -> None:
    money = found.priced
    columns = [Column("Segment", False), Column("Hours"), Column("Hand\nover"), Column("of open"), Column("Down to")]
    columns += [Column("Expected"), Column("Expected of\nthe rest")]
    columns += [Column("Worth"), Column("Worth of\nthe rest", optional=1)] if money else []
    rows = []
    for row in found.capacity:
        last = f"{row.last_grade} {style.percent(row.last_probability)}" if row.last_grade else style.MISSING
        cells = [row.segment or "all", style.number(row.hours), f"{row.handed:,}", f"{row.leads:,}", last]
        cells += [style.number(row.expected), style.number(row.left_expected)]
        if money:
            cells += [style.money(row.worth, found.currency), style.money(row.left_worth, found.currency)]
        rows.append(cells)
    by = "expected value per hour" if money else "probability per hour"
    caption = [f"In order of {by}; leads that have already got there are not handed over."]
    print_table(TextTable("Which open leads the hours of a week are enough for", columns, rows, caption=caption))


def _leads(found: ScoreOutput, count: int) -> None:
    shown = found.leads[:count]
    columns = [Column("Lead", False), Column("Grade", False), Column("Chance"), Column("Why", False)]
    columns.append(Column("What it touched", False, optional=1))
    rows = [
        [lead.id, lead.grade, style.percent(lead.probability), _why(lead.reasons or lead.decision or ""), lead.history]
        for lead in shown
    ]
    title = "The best open leads" if found.open else "The best leads of the test"
    caption = [f"Reasons: {found.reasons_method}."] if found.reasons_method else []
    print_table(TextTable(title, columns, rows, caption=caption))


def _why(reasons: str) -> str:
    return reasons.replace("; ", "\n")


def _classes(found: ScoreOutput) -> None:
    columns = [Column("Class", False), Column("Leads"), Column("Predicted"), Column("Observed")]
    columns += [Column(f"({found.hdi:.0%})"), Column("AUC"), Column("PR-AUC", optional=1)]
    rows = [
        [
            row.name,
            f"{row.leads:,}",
            style.percent(row.predicted),
            style.percent(row.observed),
            _span(row.observed_low, row.observed_high),
            _three(row.auc),
            _three(row.pr_auc),
        ]
        for row in found.classes
    ]
    print_table(TextTable("Predicted beside observed, by class", columns, rows))

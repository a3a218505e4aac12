"""Words and numbers of the scorecard, the same in the terminal and in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outlay import style

if TYPE_CHECKING:
    from attribution.document_scorecard import MonthRow, ScorecardOutput
    from attribution.scorecard_question import Question

MOST_PERCENT = 9.0
"""Relative change above which a multiple says more than a percentage."""

FEW_COUNTS = 30
"""Counts below which a change is told as an interval: a percentage alone would be mostly chance."""


def short_month(day: str) -> str:
    """``Jun 2025``."""
    import pandas as pd

    return f"{pd.Timestamp(day):%b %Y}" if day else ""


def month_word(result: ScorecardOutput) -> str:
    """``June 2025``, with the day where the month has days to come."""
    import pandas as pd

    month = f"{pd.Timestamp(result.month):%B %Y}"
    return f"{month} to {result.as_of}" if result.running == result.month else month


def year_word(result: ScorecardOutput) -> str:
    """``2025``, or ``2025/26`` where the year does not begin in January."""
    import pandas as pd

    start = pd.Timestamp(result.year)
    return f"{start.year}" if start.month == 1 else f"{start.year}/{(start.year + 1) % 100:02d}"


def measure_word(result: ScorecardOutput, measure: str) -> str:
    """A measure with its unit."""
    return f"{measure} ({result.currency})" if measure == "value" else measure


def how_counted(result: ScorecardOutput) -> str:
    """What every number rests on, in a sentence or two."""
    created = result.counted_by == "created"
    month = "its lead was created" if created else "it was reached"
    said = f"Leads up to {result.as_of}; a stage counts in the month in which {month}."
    if created:
        said += " A number in brackets is what leads that are there are still expected to add."
    if result.running:
        said += f" A month to date is held against the part of its goal that is due by {result.pace}."
    return said


def how_likely(result: ScorecardOutput) -> str:
    """What the probabilities of goals rest on."""
    season = "with the usual weight of each calendar month" if _has_season(result) else "without a season"
    return (
        "The probability of a goal comes from what was counted, what young leads still become, and draws of the days "
        "and months to come: negative binomial counts around a level that moves from month to month, "
        f"{season}, each row from its own history. It knows of no plans."
    )


def _has_season(result: ScorecardOutput) -> bool:
    return not any(finding.id == "G012" for finding in result.findings)


def rows_word(question: Question) -> str:
    """What the rows are, as a header."""
    if question.by == "both":
        return "Segment, region"
    if question.by is not None:
        sub = "Sub-" if question.by in question.fixed else ""
        return f"{sub}{question.by}".capitalize()
    return ", ".join(f"sub-{role}" for role in question.fixed).capitalize() or "Segment"


def label_of(row: Any, question: Question) -> str:
    """A row's name: the levels below what is drilled into; the drilled level itself for the whole."""
    fixed = question.fixed
    levels = [row.sub_segment or ("" if "segment" in fixed else row.segment)]
    levels.append(row.sub_region or ("" if "region" in fixed else row.region))
    return ", ".join(level for level in levels if level) or ", ".join(fixed.values()) or "all"


def has_word(x: float | None, *, money: bool) -> str:
    """A count in full, money in short."""
    if x is None:
        return style.MISSING
    return style.number(x) if money else style.amount(x, 1 if x < 10 and x != round(x) else 0)


def counted(x: float | None, to_come: float | None, measure: str) -> str:
    """What was counted, and in brackets what its leads are expected to add."""
    money = measure == "value"
    number = has_word(x, money=money)
    more = to_come or 0.0
    return f"{number} (+{has_word(more, money=money)})" if more >= 0.5 else number


def between(low: float | None, high: float | None, *, money: bool) -> str:
    """An interval of counts or of money; empty where there is none."""
    if money or low is None or high is None:
        return style.between(low, high)
    return f"{style.amount(low)} to {style.amount(high)}"


def changed(row: MonthRow) -> str:
    """The change from the month before; its interval where it rests on few."""
    if row.before is None:
        return style.MISSING
    if row.change is None:
        return "new" if row.expected else "0"
    few = _wide(row) if row.measure == "value" else min(row.before, row.expected or 0.0) < FEW_COUNTS
    if few and row.change_low is not None:
        low = style.signed(style.percent(row.change_low, 0))
        if row.change_high is None or row.change_high > MOST_PERCENT:
            return f"{low} to {'more' if row.change_high is None else style.change(row.change_high)}"
        return f"{low[:-1]} to {style.signed(style.percent(row.change_high, 0))}"
    return style.change(row.change)


def _wide(row: MonthRow) -> bool:
    """Whether a change of money could as well be half or double."""
    return row.change_low is not None and row.change_high is not None and row.change_high - row.change_low > 1

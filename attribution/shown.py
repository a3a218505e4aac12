"""Conversion, grades, credit and scorecard as tables of text, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attribution.document_journeys import CreditRow
from attribution.document_scorecard import MonthRow
from attribution.document_scores import CaptureRow
from outlay import style
from outlay.document import documents
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion
    from attribution.credit import Attribution
    from attribution.scorecard import Scorecard
    from attribution.scores import LeadScores


def rates_between(low: float | None, high: float | None) -> str:
    """An interval of rates, ``13.2 to 15.0%``, both ends to the decimals that the smaller needs."""
    if low is None or high is None:
        return style.MISSING
    decimals = 2 if high < 0.01 else 1
    return f"{style.percent(low, decimals)[:-1]} to {style.percent(high, decimals)}"


def conversion_table(fitted: FittedConversion) -> TextTable:
    """The rate of every step of the funnel, all leads and by segment, beside the raw one."""
    from attribution.document_conversion import RateRow

    rows = [row for row in documents(fitted.tables()["rates"], RateRow) if row.dimension in ("all", "segment")]
    columns = [Column("Leads", False), Column("Step", False), Column("Rate")]
    columns += [Column(f"{style.percent(fitted.about.hdi, 0)} interval"), Column("Raw"), Column("Counted")]
    body = []
    for row in rows:
        step = row.stage if row.stage == "end to end" else f"{row.after} to {row.stage}"
        counted = "" if row.trials is None else f"{style.amount(row.successes)} of {style.amount(row.trials)}"
        rate = [style.percent(row.mean), rates_between(row.low, row.high), style.percent(row.raw)]
        body.append((row.level if row.dimension == "segment" else "all", step, *rate, counted))
    note = (
        "Rate: mean of the posterior, pooled over segments and channels. Raw: counted among leads that had their time."
    )
    return TextTable("How leads convert", columns, body, None, [note])


def captures_table(scores: LeadScores) -> TextTable:
    """What the grades would have caught on the leads that were held back."""
    rows = [row for row in documents(scores.tables["captures"], CaptureRow) if row.by == "score"]
    columns = [Column("Grade", False), Column("Leads"), Column("Got there"), Column("Rate"), Column("Interval")]
    columns += [Column("Caught\nso far")]
    body = [
        (
            row.grade,
            f"{row.leads:,}",
            f"{row.converted:,}",
            style.percent(row.rate),
            rates_between(row.rate_low, row.rate_high),
            style.percent(row.caught, 0),
        )
        for row in rows
    ]
    return TextTable("What the grades would have caught, on leads that were held back", columns, body)


def credit_table(found: Attribution) -> TextTable:
    """Each channel's share of the conversions by every model, with its interval."""
    from attribution.credit import TITLES

    whole = found.table[found.table["segment"].isna() & found.table["period"].isna()]
    rows = {(row.model, row.channel): row for row in documents(whole, CreditRow)}
    models = list(dict.fromkeys(model for model, _ in rows))
    channels = list(dict.fromkeys(channel for _, channel in rows))
    columns = [Column("Channel", False), *(Column(TITLES[model]) for model in models)]
    body = [(name, *(_share(rows[model, name]) for model in models)) for name in channels]
    notes = [
        f"Share of conversions; in brackets the {style.percent(found.level, 0)} interval of sampling alone.",
        "Credit is not cause: no model here says what would not have happened without a channel.",
    ]
    return TextTable("What journeys credit", columns, body, None, notes)


def _share(row: CreditRow) -> str:
    return f"{style.percent(row.share)} ({rates_between(row.share_hdi_low, row.share_hdi_high)})"


def scorecard_table(card: Scorecard) -> TextTable:
    """The month of all leads: counted, expected, goal, how it ends and the probability of the goal."""
    months = card.tables["months"]
    parts = ["segment", "sub_segment", "region", "sub_region", "origin"]
    whole = months[(months[parts].fillna("") == "").all(axis=1)]
    columns = [Column("Month", False), Column("Measure", False), Column("Counted"), Column("Expected"), Column("Goal")]
    columns += [Column("Ends at"), Column("Interval"), Column("P(goal)")]
    return TextTable("Scorecard", columns, _months(whole))


def _months(whole: pd.DataFrame) -> Sequence[Sequence[str]]:
    return [
        (
            row.month[:7],
            row.measure,
            style.number(row.counted),
            style.number(row.expected),
            style.number(row.goal),
            style.number(row.ends_mean),
            style.between(row.ends_low, row.ends_high),
            style.chance(row.p_goal) if row.goal is not None else "",
        )
        for row in documents(whole, MonthRow)
    ]

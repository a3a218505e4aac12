"""The dimensions: what facts are about, each member once, with a key that every export gives it again."""

from __future__ import annotations

from cli.star.columns import Column, Kind, Table, number, text, truth, whole

RUN = Table(
    "dim_run",
    "A run: what one command found, or a saved scenario. They never change; newer ones are added.",
    (
        Column("run_key", Kind.KEY, "Key of the run.", always=True),
        text("run_id", "Its name, as `outlay runs` shows it; scenario-ID-VERSION if it was saved.", always=True),
        text("kind", "fit, plan, scorecard, convert, segment, or scenario (saved on the planner's page).", always=True),
        text("project", "Name of the project.", always=True),
        Column("created", Kind.MOMENT, "When it was finished (UTC).", always=True),
        text("fit_run_id", "The fit that a plan was made from."),
        truth("trusted", "Whether the posterior passed the trust gate; null where the gate does not apply."),
        text("currency", "Currency of all money of the run."),
        text("outcome", "Name of the KPI or outcome."),
        text("outcome_unit", "Unit of the outcome: a currency, or what is counted."),
        text("period", "day, week or month; null where the run has no periods."),
        number("hdi", "Probability inside every interval of the run."),
        Column("window_start", Kind.DATE, "First period that the run speaks of."),
        Column("window_end", Kind.DATE, "Last period that it speaks of, as the data write it."),
        text("outlay_version", "Version that made the run.", always=True),
    ),
    ("run_key",),
)

CHANNEL = Table(
    "dim_channel",
    "A channel, a lever, or a part of the baseline; the kind is in the facts.",
    (
        Column("channel_key", Kind.KEY, "Key of the channel.", always=True),
        text("channel", "Its name in the project file; (all) is all paid media, or all leads.", always=True),
        truth("is_total", "Whether it stands for all channels together. Do not add it to them.", always=True),
    ),
    ("channel_key",),
)

GROUP = Table(
    "dim_group",
    "A group of the panel (geo, brand ...), or a region of the leads.",
    (
        Column("group_key", Kind.KEY, "Key of the group.", always=True),
        text("group_name", "Its name; (all) is all groups together.", always=True),
        text("sub_group", "Sub-region; (all) is the whole region.", always=True),
        truth("is_total", "Whether it stands for all groups together. Do not add it to them.", always=True),
    ),
    ("group_key",),
)

SEGMENT = Table(
    "dim_segment",
    "A segment of customers or leads.",
    (
        Column("segment_key", Kind.KEY, "Key of the segment.", always=True),
        text("segment", "Its name; (all) is all segments together.", always=True),
        text("sub_segment", "Sub-segment; (all) is the whole segment.", always=True),
        truth("is_total", "Whether it stands for all segments together. Do not add it to them.", always=True),
    ),
    ("segment_key",),
)

DATE = Table(
    "dim_date",
    "A day; every day of the years that the facts touch.",
    (
        Column("date_key", Kind.WHOLE, "The day as yyyymmdd.", always=True),
        Column("date", Kind.DATE, "The day.", always=True),
        whole("year", "Calendar year."),
        whole("quarter", "Quarter, 1 to 4."),
        whole("month", "Month, 1 to 12."),
        whole("day", "Day of the month."),
        whole("weekday", "Day of the week: 1 is Monday, 7 is Sunday."),
        whole("iso_year", "Year that the ISO week belongs to."),
        whole("iso_week", "ISO week, 1 to 53."),
        Column("month_start", Kind.DATE, "First day of the month."),
        Column("week_start", Kind.DATE, "Monday of the week."),
    ),
    ("date_key",),
)

SCENARIO = Table(
    "dim_scenario",
    "A question asked of the planner, by its name; each answer to it is a run.",
    (
        Column("scenario_key", Kind.KEY, "Key of the scenario.", always=True),
        text("project", "Name of the project.", always=True),
        text("scenario", "Its name; (plan) is the plan of the project file.", always=True),
        truth("evaluated", "Whether a plan that was brought was judged, and not the best one looked for.", always=True),
    ),
    ("scenario_key",),
)

DIMENSIONS: tuple[Table, ...] = (RUN, CHANNEL, GROUP, SEGMENT, DATE, SCENARIO)

NATURAL: dict[str, tuple[str, ...]] = {
    "dim_channel": ("channel",),
    "dim_group": ("group_name", "sub_group"),
    "dim_segment": ("segment", "sub_segment"),
    "dim_scenario": ("project", "scenario", "evaluated"),
}
"""Columns of a fact's rows, before they have keys, that say which member they are about."""

"""Entries of the findings about rows, numbers and dates of a media panel: the ones that stop the work.

Cells that cannot be read, and empty ones, have the reader's ids (D0xx) from a file and from a DataFrame alike.
"""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "D107": Entry(
        "Negative spend",
        "error",
        "A spend below zero is a credit or a correction of an earlier period. Media cannot be un-bought in the week "
        "the correction was booked, and a negative number has no place on a response curve.",
        "Book the correction in the period that it corrects, so that every period shows what its media cost.",
    ),
    "D108": Entry(
        "Negative exposure",
        "error",
        "Impressions, clicks or GRPs cannot be below zero. A negative number points to a correction, a difference of "
        "two counters, or a column that was standardised (mean 0) before the export.",
        "Export raw counts. Do not standardise or log the exposures; the model scales them itself.",
    ),
    "D109": Entry(
        "Negative value per KPI",
        "error",
        "The money that a unit of KPI is worth is below zero in some rows. ROI would change its sign in these "
        "periods and a plan would spend to avoid sales.",
        "Check the column's sign and formula. Returns and discounts belong in the KPI or in the margin, not here.",
    ),
    "D110": Entry(
        "Two rows for one date and group",
        "error",
        "The same date (and group) comes more than once. Adding the rows up, averaging them and keeping the first "
        "give three different answers, and only you know which is right.",
        "If the rows are parts (regions, brands), sum them before, or name the column that tells them apart as "
        "group. If one is a repeat, delete it.",
    ),
    "D111": Entry(
        "Gaps in the dates",
        "error",
        "Dates are missing between the first and the last. Carry-over counts periods, so a missing week would make "
        "two weeks apart look like neighbours.",
        "Add a row for every missing date, with 0 spend where nothing ran and the true KPI. Where the KPI of those "
        "dates is lost, start the data after the gap.",
    ),
    "D112": Entry(
        "Daily and weekly rows mixed",
        "error",
        "Some dates are spaced differently from the others. A row for a day beside rows for weeks compares amounts "
        "that are seven times apart.",
        "Bring all rows to one spacing: sum the daily rows to weeks, or export everything by day.",
    ),
    "D113": Entry(
        "Periods dated in different ways",
        "error",
        "Most weeks carry one weekday (or most months one day) and some another, so the periods overlap or leave "
        "days out, and groups cannot be set side by side.",
        "Date every week by the same weekday, every month by its first or last day. If the rows come from two "
        "systems, sum their days to the same weeks.",
    ),
    "D114": Entry(
        "Partial last period",
        "error",
        "The last row's date is not where a full period would be: it stands for a part of a week or month. A part "
        "beside whole periods looks like a collapse of the KPI, and the model would explain it by media.",
        "Leave the last row out until its period is over.",
    ),
    "D115": Entry(
        "Groups with different dates",
        "error",
        "Not all groups begin and end on the same dates. Where a group has no rows, it is unknown whether nothing "
        "was spent and sold or nothing was recorded.",
        "Add the missing rows (0 where nothing happened), cut all groups to the dates they share, or leave out the "
        "groups that came late.",
    ),
    "D117": Entry(
        "Too few periods",
        "error",
        "The first periods only warm up the carry-over (l_max of them, or those of the media history), and fewer than "
        "twelve are left to learn from. So few show hardly any two levels of spend: the posterior is the prior, and "
        "any ROI in it was put there by us. The default l_max shrinks to an eighth of a short history; one that you "
        "set does not.",
        "Bring more history: two years or more of weekly data is common. If you set l_max, a shorter one leaves more "
        "rows to learn from.",
    ),
    "D118": Entry(
        "Spacing not supported",
        "error",
        "The dates are neither daily, weekly nor monthly. Four-week blocks, fortnights and quarters have no place in "
        "the calendar of seasonality and carry-over here.",
        "Export by day, by week (seven days) or by calendar month.",
    ),
    "D119": Entry(
        "Population not above zero",
        "error",
        "A group's population is zero or negative. Groups are compared per head, and a group of nobody cannot be.",
        "Write the number of people (or customers, or stores) of each group, the same in all its rows.",
    ),
    "D120": Entry(
        "Population changes within a group",
        "error",
        "A group's population differs between its rows. It sets the scale of the group for the whole period, so one "
        "number is needed.",
        "Write one number per group, for example of the middle year. A growing market belongs in a control.",
    ),
    "D121": Entry(
        "Column used for two purposes",
        "error",
        "One column serves two purposes in [media], such as the KPI and a control, or the spend of two channels. The "
        "model would explain a thing by itself, or split one effect at random between two names.",
        "Give each purpose its own column, or take one of the two out.",
    ),
    "D122": Entry(
        "Unknown holiday country",
        "error",
        "The holidays key does not name a country (or region) that the offline holiday calendar knows.",
        'Write the two-letter code, such as "US", "DE" or "GB", with a region after a dash where wanted: "DE-BY".',
    ),
    "D123": Entry(
        "Channel without data",
        "error",
        "The channel names neither a spend nor an exposure column, nor reach and frequency, so there is nothing to "
        "learn from.",
        "Name spend (paid media), exposure (organic media, such as e-mails sent) or reach and frequency, or take the "
        "channel out.",
    ),
    "D124": Entry(
        "Group with a single row",
        "error",
        "A group has one row. Nothing changes within it, so it says nothing about what media do, and its dates "
        "cannot match those of the others.",
        "Leave the group out, or correct its name if it is a misspelling of another group.",
    ),
    "D125": Entry(
        "Event column with other values than 0 to 1",
        "error",
        "An event column says whether an event took place: 1, 0, or a share of the period in between. Other values "
        "are mostly codes, years or counts, which would act as strengths.",
        "Write 1 in the periods of the event and 0 in the others. A column of amounts belongs in controls or levers.",
    ),
    "D126": Entry(
        "Constant KPI",
        "error",
        "The KPI has the same value in every period, so nothing in it can be explained by anything.",
        "Check that kpi names the right column and that the export filled it.",
    ),
    "D127": Entry(
        "Number too large",
        "error",
        "A number is larger than any amount of money or count of exposures can be. It is a damaged cell, or a code "
        "that stands for a missing value.",
        "Write the true number into the named rows.",
    ),
    "D128": Entry(
        "KPI without a logarithm",
        "error",
        'With likelihood = "log" effects multiply and the model is about the logarithm of the KPI, which a KPI of zero '
        "or below does not have.",
        'Write likelihood = "normal", which takes any KPI. If the rows are holes rather than true values, get the true '
        "ones, or start the data after them.",
    ),
    "D129": Entry(
        "Reach without frequency, or frequency without reach",
        "error",
        "In some rows people were reached and had no contact, or had contacts and nobody was reached. One of the two "
        "numbers is wrong: the effect of such a row is zero, whatever was paid for it.",
        "Write the number of people reached at least once and their average number of contacts (impressions divided by "
        "reach), and 0 for both where nothing ran.",
    ),
}

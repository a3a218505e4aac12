"""Findings of the prior check: M040 to M049."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "M040": Entry(
        "A prior under which media may be most of the business",
        "warning",
        "More than a quarter of the prior's draws have paid media cause over 60 % of the KPI. Where the data say "
        "little, that is what the answer will look like.",
        "Lower [media.prior] paid_share or paid_share_sd, or the channels' own priors.",
    ),
    "M041": Entry(
        "A prior on a return beyond belief",
        "warning",
        "Before any data the channel's ROI is above 20 in the middle, or its interval reaches far beyond. It follows "
        "from the share of the KPI that media are believed to cause, over a spend that is small beside it.",
        "State what you believe: a prior on the channel's ROI, or a lower [media.prior] paid_share. Where the KPI "
        "covers more than these media could reach, model the part that they can.",
    ),
    "M042": Entry(
        "A prior that draws a KPI below zero",
        "note",
        "More than a quarter of the periods that the prior draws are below zero, which this KPI never was. The "
        "baseline may move more freely than it needs to, as a wide belief does; the data then decide.",
        'Take out columns that say the same thing, or write likelihood = "log" for a KPI that is never negative.',
    ),
}

"""What is counted of a table of touches, by whichever way."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Notes:
    """What options left out, and what is odd: counts of touches, of conversions, and of journeys.

    Attributes
    ----------
    before, merged, direct : int
        Touches before the lookback window, of a session whose last touch counts, and of direct traffic left out.
    tied, moved : int
        Touches followed by another channel in the same millisecond; touches that name another segment than the user's.
    second : int
        Touches that did not convert and that another follows.
    repeated : int
        Conversions that stand in several rows.
    still_open : int
        Journeys without a conversion that may yet convert.
    """

    before: int
    merged: int
    direct: int
    tied: int
    moved: int
    second: int
    repeated: int
    still_open: int


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of journeys, as :class:`attribution.journeys_counts.JourneyCounts` tells them.

    Attributes
    ----------
    grams, sets, credits : DataFrame
    notes : Notes
    """

    grams: pd.DataFrame
    sets: pd.DataFrame
    credits: pd.DataFrame
    notes: Notes

"""What some users touched, and when: the history of a lead."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from attribution.config_journeys import JourneysSection
from attribution.journeys_table import open_touches
from outlay.project import ProjectSection


def engagement(section: JourneysSection, about: ProjectSection, base: Path, users: Collection[object]) -> pd.DataFrame:
    """Touches of some users, every one, in the order in which they came.

    Parameters
    ----------
    section : JourneysSection
    about : ProjectSection
        Not read; every reader of a section takes it.
    base : Path
        Folder at which relative paths start.
    users : collection
        Ids of the users as the table writes them; numbers match their text.

    Returns
    -------
    DataFrame
        ``user`` (text), ``time``, ``channel`` and ``converted`` (bool). Users without a touch have no row. Neither the
        lookback window nor sessions are applied: this is what happened.
    """
    wanted = sorted({str(user) for user in users})
    columns = ["user", "time", "channel", "converted"]
    if not wanted:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _KINDS.items()})
    with open_touches(section, base) as table:
        rows = table.rows
        kept = rows.filter(rows.user.cast("string").isin(wanted))
        picked = kept.select(
            user=kept.user.cast("string"), time=kept.time, channel=kept.channel, converted=kept.conversion == 1
        )
        found = table.relation.backend.to_pyarrow(picked).to_pandas()
        names = {written: table.channels[code] for written, code in table.channel_codes.items()}
    found["channel"] = found["channel"].map(names)
    found["time"] = found["time"].astype("datetime64[ns]")
    ordered = found.sort_values(["user", "time", "converted", "channel"], kind="stable")
    return ordered[columns].astype(_KINDS).reset_index(drop=True)


_KINDS = {"user": "str", "time": "datetime64[ns]", "channel": "str", "converted": "bool"}

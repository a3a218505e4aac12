"""The media of everybody together, as a panel of segments needs them, and the section that reads the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mmm.config import MediaSection
    from outlay.project import Project
    from segmentation.panel import NationalMedia, Panel, Unit


def national_media(project: Project) -> NationalMedia | None:
    """Spend, exposure, controls and events of ``[media]`` by period; None where the file has no such section.

    Groups of the media table are added up; controls and events of single groups have no sum and are left out.

    Raises
    ------
    ConfigError
        Where the dates have no regular step, or a channel is measured by reach and frequency.
    DataError
        The errors of the table.
    """
    import pandas as pd

    from mmm.config import MediaSection
    from outlay.errors import ConfigError
    from outlay.tables import Role, read_table
    from segmentation.panel import NationalMedia

    if "media" not in project.sections:
        return None
    section = project.section("media", MediaSection)
    reached = [channel.name for channel in section.channels if channel.reaches]
    if reached:
        raise ConfigError(
            f"{reached[0]} is measured by reach and frequency, which cannot be shared out over segments",
            where="[[media.channels]]",
            repair="Name an exposure that adds up (impressions, GRPs) for the channel, or write the panel without it.",
        )
    added, common = _added(section), tuple(dict.fromkeys((*section.controls, *section.events)))
    roles = {section.date: Role.DATE} | dict.fromkeys((*added, *common), Role.NUMBER)
    table = read_table(section.source, roles, base=project.base, options=section.csv)
    frame = table.frame.rename(columns={section.date: "date"})
    dates, unit = _periods(pd.DatetimeIndex(frame["date"].unique()).sort_values(), section)
    spend = frame.groupby("date")[list(added)].sum().reset_index(drop=True)
    if section.groups:
        return NationalMedia(section.source, dates, unit, spend, pd.DataFrame(index=spend.index), common)
    held = frame.sort_values("date")[list(common)].reset_index(drop=True)
    return NationalMedia(section.source, dates, unit, spend, held)


def _added(section: MediaSection) -> tuple[str, ...]:
    """Columns that add up over people."""
    named = [column for channel in section.channels for column in (channel.spend, channel.exposure)]
    return tuple(dict.fromkeys(column for column in named if column is not None))


def _periods(dates: pd.DatetimeIndex, section: MediaSection) -> tuple[pd.DatetimeIndex, Unit]:
    """First days of the periods, and what they are."""
    import pandas as pd

    from outlay.errors import ConfigError

    steps = set((dates[1:] - dates[:-1]).days)
    if steps == {1}:
        return dates, "day"
    if steps == {7}:
        return dates - pd.Timedelta(days=6 if section.date_marks == "end" else 0), "week"
    if steps and steps <= {28, 29, 30, 31} and set(dates.day) == {1}:
        return dates, "month"
    raise ConfigError(
        "the dates of media are neither days, nor weeks, nor the first days of months, without a gap",
        where=f"{section.source}, column {section.date}",
        repair="Bring media to one row per day, week or month, with a row of zeros where nothing was spent.",
    )


def media_toml(panel: Panel, source: str, media: MediaSection | None = None) -> str:
    """The ``[media]`` section that reads a panel, to copy into a project file.

    Parameters
    ----------
    panel : Panel
    source : str
        File that the panel was written to.
    media : MediaSection, optional
        The section of everybody's media, whose channels are kept.
    """
    import json

    name = panel.columns.get
    lines = ["[media]", f"source = {json.dumps(source)}", 'date = "date"', 'kpi = "revenue"', 'group = "segment"']
    lines.append('population = "population"')
    for key in ("controls", "events"):
        held = [name(each) for each in getattr(media, key, ()) if each in panel.columns]
        if held:
            lines.append(f"{key} = {json.dumps(held)}")
    for channel in () if media is None else media.channels:
        lines += ["", "[[media.channels]]", f"name = {json.dumps(channel.name)}"]
        for key in ("spend", "exposure"):
            column = getattr(channel, key)
            if column is not None:
                lines.append(f"{key} = {json.dumps(name(column, column))}")
        if channel.media_type is not None:
            lines.append(f"media_type = {json.dumps(channel.media_type)}")
    return "\n".join(lines) + "\n"

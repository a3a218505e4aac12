"""How the names of leads and of media meet: channels, regions and groups, segments and score bands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.config import LeadsSection
from attribution.leads import LeadCells
from outlay.response import ResponseDraws

ALL = "all"
"""Name of the only segment, or score band, of leads that have none."""


class Labelled(Protocol):
    """Rows by their labels."""

    @property
    def labels(self) -> pd.DataFrame:
        """One row per combination of levels."""


@dataclass(frozen=True, eq=False)
class Joined:
    """The names of both sides.

    Attributes
    ----------
    labels : tuple of str
        Channels of the leads.
    segments, bands : tuple of str
        Bands from the best to the worst.
    by_region : bool
        Whether the groups of the plan are regions of the leads.
    has_regions : bool
    without_leads : tuple of str
        Planned channels that no lead carries the name of.
    beside : tuple of str
        Labels that no planned channel maps to.
    """

    labels: tuple[str, ...]
    segments: tuple[str, ...]
    bands: tuple[str, ...]
    by_region: bool
    has_regions: bool
    without_leads: tuple[str, ...]
    beside: tuple[str, ...]
    _home: dict[str, int] = field(repr=False, default_factory=dict)

    @property
    def any_mapped(self) -> bool:
        """Whether any label is a planned channel."""
        return len(self.beside) < len(self.labels)

    def rows(self, rates: Labelled, group: str | None, channel: int) -> NDArray[np.intp]:
        """Rows of a channel's leads in a group; of all channels where none of its leads carries its name."""
        chosen = np.ones(len(rates.labels), bool)
        if self.by_region and group is not None:
            chosen &= rates.labels["region"].to_numpy() == group
        if channel in self._home.values():
            home = rates.labels["channel"].map(self._home).to_numpy()
            chosen &= home == channel
        return np.flatnonzero(chosen)

    def kind(self, rates: Labelled, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Segment and band of rows as one number, segment by segment."""
        found = np.zeros(len(rows), np.intp)
        for dim, levels in (("segment", self.segments), ("band", self.bands)):
            place = {name: i for i, name in enumerate(levels)}
            at = rates.labels[dim].map(place).to_numpy()[rows] if dim in rates.labels else 0
            found = found * len(levels) + at
        return found

    def label(self, group: str | None, channel: int, channels: tuple[str, ...]) -> str:
        """A channel in a group, in words."""
        name = channels[channel] if channel < len(channels) else "leads that come anyway"
        return name if group is None else f"{name} in {group}"

    def why_not_by_region(self, response: ResponseDraws) -> str:
        """Why groups are not told apart, in words."""
        if not self.has_regions:
            return "the leads have no region"
        if not response.is_panel:
            return "the media-mix model has no groups"
        return f"the groups of the media-mix model ({', '.join(response.groups)}) are not the regions of the leads"


def joined(response: ResponseDraws, cells: LeadCells, section: LeadsSection) -> Joined:
    """Bring the names together by ``[leads] channel_map``; a name without an entry stands for itself."""
    labels = tuple(cells.levels["channel"]) if "channel" in cells.dims else ()
    place = {name: c for c, name in enumerate(response.channels)}
    beside = len(place)
    home = {label: place.get(section.channel_map.get(label, label), beside) for label in labels}
    regions = cells.levels.get("region", ()) if "region" in cells.dims else ()
    mapped = set(home.values())
    return Joined(
        labels=labels,
        segments=tuple(cells.levels["segment"]) if "segment" in cells.dims else (ALL,),
        bands=tuple(reversed(cells.levels["band"])) if "band" in cells.dims else (ALL,),
        by_region=bool(regions) and response.is_panel and set(response.groups) <= set(regions),
        has_regions=bool(regions),
        without_leads=tuple(name for name, c in place.items() if c not in mapped),
        beside=tuple(label for label, c in home.items() if c == beside),
        _home=home,
    )

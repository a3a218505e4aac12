"""What moved between two fits of the same outcome, and why: the data, the beliefs, or only the draws.

Both fits are asked about the same window: the periods that both scored. A difference of two posterior means is sampling
noise as far as their Monte Carlo errors go. Beyond that it has a cause: other data, or other beliefs (the sections of
the project file). Where both changed, a fit of the new data under the old beliefs stands between the two, and each step
has its share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.returns import window_returns
from mmm.windows import scopes
from mmm.wording import day
from outlay.errors import ConfigError
from outlay.transforms import Array

if TYPE_CHECKING:
    from mmm.media import FittedMedia

NOISE = 3.0
"""Monte Carlo standard errors within which a difference of means is sampling noise."""

_SHARE = 0.25
"""Part of the whole way from which a step is named as a cause."""

_NOT_BELIEFS = frozenset({"sampling", "source", "csv"})
"""Keys of the section that change how it is sampled or where it is read from, and not what is believed."""


@dataclass(frozen=True)
class Changes:
    """How one fit differs from the one before.

    Attributes
    ----------
    table : DataFrame
        ``channel, group, quantity`` (``roi``, ``contribution``), ``before, after, change, noise`` (Monte Carlo standard
        error of the change), ``in_sd`` (the change in posterior standard deviations of the fit before), ``from_data,
        from_beliefs`` (steps; missing where they cannot be told apart), ``why``.
    window : tuple of str
        First and last date of the periods that both scored.
    data_changed, beliefs_changed : bool
        What differs between the fits.
    came, went : tuple of str
        Channels that only one of them has.
    unattributed : str
        Why the two causes cannot be told apart; empty where they can.
    """

    table: pd.DataFrame
    window: tuple[str, str]
    data_changed: bool
    beliefs_changed: bool
    came: tuple[str, ...]
    went: tuple[str, ...]
    unattributed: str

    def facts(self) -> dict[str, Any]:
        """All but the table, JSON-ready."""
        return {
            "window_start": self.window[0],
            "window_end": self.window[1],
            "data_changed": self.data_changed,
            "beliefs_changed": self.beliefs_changed,
            "came": list(self.came),
            "went": list(self.went),
            "unattributed": self.unattributed,
        }


def what_differs(before: FittedMedia, after: FittedMedia) -> tuple[bool, bool]:
    """Whether the data, and whether the beliefs, of two fits differ."""
    old, new = before.design, after.design
    beliefs = [design.section.model_dump(mode="json", exclude=set(_NOT_BELIEFS)) for design in (old, new)]
    return not _same_data(before, after), beliefs[0] != beliefs[1]


def _same_data(before: FittedMedia, after: FittedMedia) -> bool:
    old, new = before.design.panel, after.design.panel
    if old.groups != new.groups or old.channels != new.channels or not old.dates.equals(new.dates):
        return False
    if before.design.tests != after.design.tests:
        return False
    names = ("kpi", "value", "exposure", "contacts", "spend", "controls", "events", "levers")
    return all(_equal(getattr(old, name), getattr(new, name)) for name in names)


def _equal(old: Array, new: Array) -> bool:
    return old.shape == new.shape and bool(np.array_equal(old, new, equal_nan=True))


def compare_fits(
    before: FittedMedia, after: FittedMedia, between: FittedMedia | None = None, unattributed: str = ""
) -> Changes:
    """What moved from one fit to the next.

    Parameters
    ----------
    before, after : FittedMedia
        The fits.
    between : FittedMedia, optional
        The new data under the old beliefs, where both changed.
    unattributed : str
        Why there is none.

    Raises
    ------
    ConfigError
        M026, where the fits have no period in common or are about other outcomes.
    """
    window = _common_window(before, after)
    data, beliefs = what_differs(before, after)
    stages = [_Stage.of(fit, window) for fit in (before, after)]
    middle = None if between is None else _Stage.of(between, window)
    shared = [key for key in stages[0].draws if key in stages[1].draws]
    rows = [_row(key, stages[0], stages[1], middle, data=data, beliefs=beliefs) for key in shared]
    old, new = before.design.panel.channels, after.design.panel.channels
    why_not = unattributed or "no fit of the new data under the old beliefs was made"
    return Changes(
        table=pd.DataFrame(rows),
        window=(day(window[0]), day(window[1])),
        data_changed=data,
        beliefs_changed=beliefs,
        came=tuple(name for name in new if name not in old),
        went=tuple(name for name in old if name not in new),
        unattributed=why_not if data and beliefs and between is None else "",
    )


def _common_window(before: FittedMedia, after: FittedMedia) -> tuple[pd.Timestamp, pd.Timestamp]:
    old, new = before.design, after.design
    if old.panel.kpi_name != new.panel.kpi_name or old.panel.frequency.name != new.panel.frequency.name:
        raise _no_comparison("they are about another KPI, or periods of another length")
    dates = old.panel.dates[old.fit].intersection(new.panel.dates[new.fit])
    if dates.empty:
        raise _no_comparison("they have no scored period in common")
    return dates[0], dates[-1]


def _no_comparison(what: str) -> ConfigError:
    return ConfigError(
        f"the two fits cannot be compared: {what}", where="compare", repair="Compare fits of one series.", id="M026"
    )


Key = tuple[str, str | None, str]


@dataclass(frozen=True)
class _Stage:
    """Draws of one fit's quantities in the common window, (chains, draws) each."""

    draws: Mapping[Key, Array]

    @classmethod
    def of(cls, fit: FittedMedia, window: tuple[pd.Timestamp, pd.Timestamp]) -> _Stage:
        panel, chains = fit.design.panel, fit.samples.chains
        start, stop = (int(np.flatnonzero(panel.dates == date)[0]) for date in window)
        rows = slice(start, stop + 1)
        returns = fit.returns if rows == fit.design.fit else window_returns(fit.draws, rows)
        found: dict[Key, Array] = {}
        for name, groups in scopes(panel):
            for c in np.flatnonzero(fit.design.active):
                channel = panel.channels[c]
                contribution = returns.contribution[:, groups, c].sum(1)
                found[channel, name, "contribution"] = contribution.reshape(chains, -1)
                spend = returns.spend[groups, c].sum()
                if spend > 0:
                    roi = returns.incremental[:, groups, c].sum(1) / spend
                    found[channel, name, "roi"] = roi.reshape(chains, -1)
        return cls(found)

    def mean(self, key: Key) -> float:
        return float(self.draws[key].mean())

    def error(self, key: Key) -> float:
        """Monte Carlo standard error of the mean."""
        from arviz_stats.base import array_stats

        draws = self.draws[key]
        if np.ptp(draws) == 0:
            return 0.0
        return float(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="mean"))


def _row(key: Key, old: _Stage, new: _Stage, middle: _Stage | None, *, data: bool, beliefs: bool) -> dict[str, object]:
    before, after = old.mean(key), new.mean(key)
    change, noise = after - before, float(np.hypot(old.error(key), new.error(key)))
    from_data, from_beliefs = change if data else 0.0, change if beliefs else 0.0
    if data and beliefs:
        known = middle is not None and key in middle.draws
        step = middle.mean(key) - before if middle is not None and known else float("nan")
        from_data, from_beliefs = step, change - step
    spread = float(old.draws[key].std())
    return {
        "channel": key[0],
        "group": key[1],
        "quantity": key[2],
        "before": before,
        "after": after,
        "change": change,
        "noise": noise,
        "in_sd": change / spread if spread > 0 else float("nan"),
        "from_data": from_data,
        "from_beliefs": from_beliefs,
        "why": _why(change, noise, from_data, from_beliefs),
    }


def _why(change: float, noise: float, from_data: float, from_beliefs: float) -> str:
    """The cause in words; two steps that cancel are both named, also where the change is small."""
    if not np.isfinite(from_data):
        return "sampling noise" if abs(change) <= NOISE * noise else "data or beliefs"
    largest = max(abs(from_data), abs(from_beliefs), abs(change))
    steps = {"data": from_data, "beliefs": from_beliefs}
    causes = [name for name, step in steps.items() if abs(step) > max(NOISE * noise, _SHARE * largest)]
    if causes:
        return " and ".join(causes)
    return "sampling noise" if abs(change) <= NOISE * noise else "chains that disagree"

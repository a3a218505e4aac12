"""What a plan for the next quarter is truly worth in the simulated company: the exam that no model sees.

Spend causes leads by the true curves, carry-over included; leads have their cause's true mix of segments and chances to
be won; each segment's sellers work the leads that are worth most until their hours are spent. What a plan brings is the
expected value of all deals from leads that are worked, less that of the leads that would be worked without the plan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.media import Curves

Array = NDArray[np.float64]
Aim = Literal["leads", "value", "joint"]


@dataclass(frozen=True)
class Verdict:
    """A plan in the true world.

    Attributes
    ----------
    spend : float
        USD in the quarter.
    leads : float
        Leads that it causes, those that come after the quarter included.
    value : float
        Expected deals in USD that it adds, by leads that sellers have hours for.
    value_if_all_worked : float
        The same if every lead were worked.
    worked : dict of str to float
        By segment, part of the quarter's leads, baseline included, that there are hours for.
    hour_worth : dict of str to float
        By segment, USD of deals that one more seller hour would add.
    """

    spend: float
    leads: float
    value: float
    value_if_all_worked: float
    worked: dict[str, float]
    hour_worth: dict[str, float]


@dataclass(frozen=True, eq=False)
class World:
    """The truth of a written example, read from its ``truth.json``. G regions, C channels, K segments, B bands."""

    facts: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> World:
        """The world of a truth file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def judge(self, spend: Array) -> Verdict:
        """Judge spend by week, region and channel, (weeks of the quarter, G, C)."""
        with_plan, without = self._leads(spend), self._leads(np.zeros_like(spend))
        worked, anyway = self._worked(with_plan), self._worked(without)
        worth = self._worth[: len(self.channels)]
        caused = with_plan - without
        names = self.facts["segments"]
        return Verdict(
            spend=float(spend.sum()),
            leads=float(caused.sum()),
            value=worked.value - anyway.value,
            value_if_all_worked=float(np.einsum("gc,cgkb->", caused, worth)) if caused.size else 0.0,
            worked=dict(zip(names, worked.part.tolist(), strict=True)),
            hour_worth=dict(zip(names, (worked.price / self._hours_per_lead).tolist(), strict=True)),
        )

    def gradient(self, totals: Array, shape: Array, aim: Aim = "joint") -> Array:
        """What one more USD of a region and channel adds, (G, C).

        Parameters
        ----------
        totals : ndarray (G, C)
            USD over the quarter.
        shape : ndarray (weeks, G, C)
            How each total is spread over the weeks; sums to one.
        aim : {"leads", "value", "joint"}
            Whether leads count, deals as if every lead were worked, or deals within the sellers' hours.
        """
        now = self._leads(shape * totals)
        slope = self._leads(shape * (totals + 1.0)) - now  # a cell's leads depend on no other cell's spend
        if aim == "leads":
            return slope
        price = self._worked(now).price if aim == "joint" else np.zeros(len(self.facts["segments"]))
        return np.asarray(slope * self._net(price))

    @property
    def channels(self) -> list[str]:
        """Names of the paid channels."""
        return list(self.facts["channels"])

    @property
    def regions(self) -> list[str]:
        """Names of the regions."""
        return list(self.facts["regions"])

    @cached_property
    def history(self) -> Array:
        """Spend so far, (weeks, G, C)."""
        return np.stack([np.array(self.facts["curves"]["spend"][name], float) for name in self.channels], axis=2)

    def spend_of(self, flighting: pd.DataFrame) -> Array:
        """Spend (weeks, G, C) of a plan's table ``flighting``, with columns date, channel, group and spend."""
        wide = flighting.pivot_table(index="date", columns=["group", "channel"], values="spend", aggfunc="sum")
        names = pd.MultiIndex.from_product([self.regions, self.channels])
        flat = wide.reindex(columns=names).to_numpy(float)
        return np.asarray(flat.reshape(len(flat), len(self.regions), len(self.channels)))

    @cached_property
    def _curves(self) -> Curves:
        facts = self.facts["curves"]
        coefficient = [[facts["coefficient"][region][name] for name in self.channels] for region in self.regions]
        rows = (np.array([facts[key][name] for name in self.channels]) for key in ("half_saturation", "half_life"))
        half, half_life = rows
        return Curves(np.array(coefficient), half, half_life, np.array([facts["accounts"][r] for r in self.regions]))

    def _leads(self, spend: Array) -> Array:
        """Leads by region and channel from the quarter's start on, (G, C), carry-over from before included."""
        after = np.zeros((self.facts["curves"]["memory_weeks"], *spend.shape[1:]))
        path = np.concatenate([self.history, spend, after])
        return np.asarray(self._curves.leads(path)[len(self.history) :].sum(0))

    @cached_property
    def _hours_per_lead(self) -> Array:
        return np.array([self.facts["next_quarter"]["hours_per_lead"][name] for name in self.facts["segments"]])

    @cached_property
    def _worth(self) -> Array:
        """Parts of a cause's leads by segment and band, times what each is worth, (causes, G, K, B)."""
        return np.asarray(self._parts[:, None] * self._value)

    @cached_property
    def _parts(self) -> Array:
        """Parts of a cause's leads by segment and band, (causes, K, B)."""
        facts, names = self.facts["next_quarter"], self.facts["segments"]
        mix = np.array([[facts["segment_mix"][cause][name] for name in names] for cause in self.facts["causes"]])
        return np.asarray(mix[:, :, None] * np.array([facts["band_mix"][name] for name in names]))

    @cached_property
    def _value(self) -> Array:
        """What one lead is worth if it is worked, in USD, (causes, G, K, B)."""
        facts, names = self.facts["next_quarter"], self.facts["segments"]
        won = np.array([[facts["won_per_lead"][cause][name] for name in names] for cause in self.facts["causes"]])
        region = np.array([[facts["region_lift"][name][place] for name in names] for place in self.regions])
        band = np.array([facts["band_lift"][name] for name in names])
        deal = np.array([self.facts["values"][name]["mean"] for name in names])
        return np.asarray((won * deal)[:, None, :, None] * region[None, :, :, None] * band[None, None])

    def _worked(self, leads: Array) -> Worked:
        """Work the leads of all causes, (G, C) and the baseline's, the most valuable first."""
        quarter = self.facts["next_quarter"]
        unpaid = [name for name in self.facts["causes"] if name not in self.channels]
        ways = np.array([self.facts["leads"]["incremental"][name] for name in unpaid], float)
        base = np.array([sum(quarter["baseline_per_week"][region]) for region in self.regions])
        count = np.concatenate([leads.T, np.outer(ways / ways.sum(), base)])  # (causes, G)
        value, part, price = 0.0, [], []
        for k, name in enumerate(self.facts["segments"]):
            number = (count[:, :, None] * self._parts[:, None, k]).ravel()
            worth = self._value[:, :, k].ravel()
            order = np.argsort(-worth, kind="stable")
            most = quarter["hours"][name] / quarter["hours_per_lead"][name]
            before = number[order].cumsum() - number[order]
            taken = np.clip(most - before, 0.0, number[order])
            value += float(taken @ worth[order])
            part.append(float(taken.sum() / number.sum()))
            full = int(np.searchsorted(before + number[order], most))
            price.append(float(worth[order][full]) if full < len(order) else 0.0)
        return Worked(value, np.array(part), np.array(price))

    def _net(self, price: Array) -> Array:
        """What one more lead of a region and channel adds, (G, C): its worth above what an hour is worth elsewhere."""
        above = np.maximum(self._value - price[None, None, :, None], 0.0)
        return np.asarray((self._parts[:, None] * above).sum((2, 3))[: len(self.channels)].T)


@dataclass(frozen=True, eq=False)
class Worked:
    """Leads that are worked: their value, the part of them by segment (K,), and what one more lead's place is worth."""

    value: float
    part: Array
    price: Array

"""Draw docs/figures/priors.png: what the default prior of the media-mix model says before it sees an outcome.

Run from the repository root: ``.venv/bin/python docs/figures/priors.py``. Everything that is drawn comes from the
functions and numbers of ``mmm.priors``; the retailer example lends its channels and their spend.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from cli.config import load, media_section, project_section
from mmm.config import MediaSection, PriorSection
from mmm.design import Design, make_design
from mmm.panel import MediaPanel, panel_from_table
from mmm.prior_draws import draw_prior_shares
from mmm.priors import Priors, make_priors
from outlay.style import ACTUAL_COLOUR, MUTED, PAID_COLOUR, PLAN_COLOUR

Array = NDArray[np.float64]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "retailer" / "outlay.toml"
DRAWS, SEED = 200_000, 1


@dataclass(frozen=True)
class Belief:
    """A prior, resolved for the retailer's channels, and draws of each channel's share of the KPI."""

    design: Design
    priors: Priors
    shares: Array

    @property
    def paid_share(self) -> Array:
        """Total share of the KPI caused by paid media, (draws,)."""
        return np.asarray(self.shares[:, self.design.blocks.pooled].sum(1))

    @property
    def relative_roi(self) -> Array:
        """ROI of each paid channel over the ROI of all paid media, (draws, paid channels)."""
        paid = self.design.blocks.pooled
        return np.asarray(self.shares[:, paid] / self.paid_share[:, None] / self.design.spend_share[paid])


def belief(panel: MediaPanel, section: MediaSection, prior: PriorSection) -> Belief:
    """The belief that a ``[media.prior]`` section states, for the channels of a panel."""
    design = make_design(panel, section.model_copy(update={"prior": prior}))
    priors = make_priors(design)
    return Belief(design, priors, draw_prior_shares(design, priors, DRAWS, SEED))


def beliefs() -> tuple[Belief, Belief]:
    """The default belief and the one that the retailer example states."""
    project = load(EXAMPLE)
    section = media_section(project)
    panel = panel_from_table(section, project_section(project), project.base)
    return belief(panel, section, PriorSection()), belief(panel, section, section.prior)


def draw_total(axes: Any, default: Belief, stated: Belief) -> None:
    """Total share of the KPI caused by paid media: a normal on the logit, drawn as a density on the share."""
    x = np.linspace(0.001, 0.7, 700)
    for which, colour, name in ((default, PAID_COLOUR, "default"), (stated, PLAN_COLOUR, "retailer example")):
        mu, sd = which.priors.paid_share_logit
        height = np.exp(-0.5 * ((np.log(x / (1 - x)) - mu) / sd) ** 2) / (sd * x * (1 - x))
        low, middle, high = np.quantile(which.paid_share, (0.05, 0.5, 0.95))
        label = f"{name}: middle {middle:.0%}, 90 % from {low:.1%} to {high:.0%}"
        axes.plot(100 * x, height, color=colour, label=label)
    axes.set(xlabel="share of the KPI caused by all paid media (%)", yticks=[], xlim=(0, 70), ylim=(0, None))
    axes.set_title("How much all paid media cause together")
    axes.legend(frameon=False, loc="center right")


def draw_split(axes: Any, default: Belief) -> None:
    """Each channel's ROI against the average ROI."""
    paid = default.design.blocks.pooled
    names = [default.design.panel.channels[c] for c in paid]
    spend = default.design.spend_share[paid]
    order = np.argsort(spend)
    low, lower, middle, upper, high = np.quantile(default.relative_roi[:, order], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    at = np.arange(len(order))
    axes.hlines(at, low, high, color=PAID_COLOUR, linewidth=1.5)
    axes.hlines(at, lower, upper, color=PAID_COLOUR, linewidth=5)
    axes.plot(middle, at, "o", color="white", markeredgecolor=PAID_COLOUR, markersize=5)
    axes.axvline(1, color=MUTED, linewidth=1, linestyle="--")
    ticks = (0.1, 0.2, 0.5, 1, 2, 5)
    axes.set(xscale="log", xlim=(0.08, 6), xlabel="ROI of the channel / ROI of all paid media (50 % and 90 %)")
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks(at, [f"{names[i]} ({spend[i]:.1%} of spend)" for i in order])
    axes.set_title("How it is split: the retailer's ten channels")


def draw_carry_over(axes: Any, default: Belief) -> None:
    """What is left of an effect some days after the exposure."""
    mu, sd = (numbers[0] for numbers in default.priors.half_life_log)  # alike for all channels of the example
    days = np.linspace(0, 42, 200)
    half_life = np.exp(mu + sd * np.random.default_rng(SEED).standard_normal(20_000))
    half_life *= default.design.panel.frequency.days
    left = np.exp2(-days[:, None] / half_life)
    _band(axes, days, 100 * left)
    low, middle, high = np.quantile(half_life, (0.05, 0.5, 0.95))
    axes.set(
        xlabel="days after the exposure", ylabel="effect left (% of that at the start)", ylim=(0, 100), xlim=(0, 42)
    )
    axes.set_title(f"Carry-over: half-life {middle:.0f} days, 90 % {low:.1f} to {high:.0f}")


def draw_curve(axes: Any, default: Belief) -> None:
    """The response against its height at the mean exposure."""
    mu, sd = (numbers[0] for numbers in default.priors.half_saturation_log)
    k = np.exp(mu + sd * np.random.default_rng(SEED).standard_normal(20_000))
    x = np.linspace(0, 3, 200)
    response = x[:, None] / (x[:, None] + k) * (1 + k)
    _band(axes, x, response)
    axes.plot(x, x, color=MUTED, linewidth=1, linestyle="--", label="a straight line")
    low, middle, high = np.quantile(k, (0.05, 0.5, 0.95))
    axes.set(xlabel="exposure / mean exposure of periods with any", ylabel="response / response at the mean exposure")
    axes.set(xlim=(0, 3), ylim=(0, 3))
    axes.set_title(f"Saturation (hill): half at {middle:.0f} x the mean, 90 % {low:.1f} to {high:.0f}")
    axes.legend(frameon=False, loc="upper left")


def _band(axes: Any, x: Array, draws: Array) -> None:
    low, lower, middle, upper, high = np.quantile(draws, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    axes.fill_between(x, low, high, color=PAID_COLOUR, alpha=0.18, linewidth=0, label="90 %")
    axes.fill_between(x, lower, upper, color=PAID_COLOUR, alpha=0.3, linewidth=0, label="50 %")
    axes.plot(x, middle, color=PAID_COLOUR, label="middle")


def draw() -> Any:
    """The figure."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    plt.rcParams.update({"font.size": 9, "axes.titlesize": 10, "axes.titleweight": "bold", "text.color": ACTUAL_COLOUR})
    plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left"})
    default, stated = beliefs()
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.2), layout="constrained")
    draw_total(axes[0, 0], default, stated)
    draw_split(axes[0, 1], default)
    draw_carry_over(axes[1, 0], default)
    draw_curve(axes[1, 1], default)
    return figure


if __name__ == "__main__":
    draw().savefig(Path(__file__).with_suffix(".png"), dpi=110, metadata={"Software": None})

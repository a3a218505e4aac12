"""Parameter recovery over simulated national markets, by the whole path from a DataFrame to tables.

Run it from the repository's root: ``python benchmarks/recovery.py`` (``--markets 20`` for fewer than 100). The truth is
drawn wide and not from the prior: ROI from 0.5 to 5, half-lives from a fast to a three-week effect, half-saturation
from a well bent to a nearly straight curve. Counted are how often 90 % intervals hold the truth, and how far the means
are off.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mmm.media import FittedMedia, MediaMixModel  # noqa: E402  (the checkout is on the path now)
from mmm.panel import panel_from_frame  # noqa: E402
from mmm.simulate import (  # noqa: E402
    Baseline,
    Channel,
    Driver,
    Lever,
    Market,
    Schedule,
    World,
    simulate,
    with_contributions,
)

LEVEL = 400_000.0
TODAY = date(2030, 1, 1)
SAMPLING = {"draws": 500, "tune": 500, "chains": 4}


@dataclass(frozen=True)
class Row:
    """One channel of one market: the truth, and what the tables say. Contributions are shares of the true KPI."""

    market: int
    channel: str
    paid: bool
    true_roi: float
    true_half_life: float
    true_half_saturation: float
    spend_share: float
    truth: float
    low: float
    mean: float
    high: float
    roi_low: float
    roi_median: float
    roi_high: float
    verdict: str
    trusted: bool

    @property
    def inside(self) -> bool:
        """Whether the interval holds the true contribution."""
        return self.low <= self.truth <= self.high

    @property
    def roi_inside(self) -> bool:
        """Whether the interval holds the true ROI."""
        return self.roi_low <= self.true_roi <= self.roi_high

    @property
    def error(self) -> float:
        """Relative error of the mean contribution."""
        return self.mean / self.truth - 1.0


def draw_channel(name: str, rng: np.random.Generator) -> tuple[Channel, float]:
    """A channel, and the share of the level that it shall add."""
    share, roi, on = rng.uniform(0.02, 0.12), np.exp(rng.uniform(np.log(0.5), np.log(5.0))), rng.uniform(0.4, 0.9)
    half_life, bend = rng.uniform(0.3, 3.0), np.exp(rng.uniform(np.log(0.7), np.log(6.0)))
    paid, cost = name != "mail", rng.choice([None, 8.0])
    channel = Channel(
        name,
        spend=share * LEVEL / (roi * on) if paid else 5_000.0,
        paid=paid,
        cost=cost if paid else None,
        half_life=half_life,
        half_saturation=bend,
        schedule=Schedule(on=on),
    )
    return channel, share if paid else share / 3


def draw_market(seed: int) -> Market:
    """Three paid channels and an organic one, with a truth of their own."""
    rng = np.random.default_rng(1000 + seed)
    drawn = [draw_channel(name, rng) for name in ("tv", "search", "social", "mail")]
    world = World(
        channels=tuple(channel for channel, _ in drawn),
        drivers=(Driver("price", -0.015, column="price", persistence=0.0),),
        levers=(Lever("discount", 0.3, low=0.0, high=0.4),),
        baseline=Baseline(level=LEVEL),
        memory=10,
        told={"l_max": 10, "seasonality": 2, "sampling": SAMPLING},
    )
    return simulate(with_contributions(world, seed, {channel.name: share for channel, share in drawn}), seed)


def fit(market: Market, **section: Any) -> FittedMedia:
    """What a user would do; keywords change his section."""
    described = market.section.model_copy(update=section)
    panel = panel_from_frame(market.frame, described, market.project, today=TODAY)
    return MediaMixModel(panel, described, market.project).fit()


def recover(seed: int, **section: Any) -> list[Row]:
    """The rows of one market."""
    market = draw_market(seed)
    fitted = fit(market, **section)
    window = slice(*fitted.design.fit.indices(market.world.n))
    table = fitted.roi().set_index("channel")
    truth, roi = market.contribution(window).sum(0), market.roi(window)
    spend = market.spend[window].sum((0, 1))
    kpi = market.kpi[window].sum()
    rows = []
    for c, channel in enumerate(market.world.channels):
        said: Mapping[str, Any] = table.loc[channel.name].to_dict()
        rows.append(
            Row(
                market=seed,
                channel=channel.name,
                paid=channel.paid,
                true_roi=float(roi[c]),
                true_half_life=channel.half_life,
                true_half_saturation=channel.half_saturation,
                spend_share=float(spend[c] / spend.sum()),
                truth=float(truth[c] / kpi),
                low=float(said["contribution_hdi_low"] / kpi),
                mean=float(said["contribution_mean"] / kpi),
                high=float(said["contribution_hdi_high"] / kpi),
                roi_low=said["roi_hdi_low"],
                roi_median=said["roi_median"],
                roi_high=said["roi_hdi_high"],
                verdict=said["identified"],
                trusted=fitted.trust.passed,
            )
        )
    return rows


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """Coverage, errors and where they come from."""
    markets = sorted({row.market for row in rows})
    paid = [row for row in rows if row.paid]
    by_market = [[row for row in rows if row.market == market] for market in markets]
    totals = np.array([sum(r.mean for r in group) / sum(r.truth for r in group) - 1 for group in by_market])
    missed = [row for row in rows if not row.inside]
    return {
        "markets": len(markets),
        "coverage_90_contribution": float(np.mean([row.inside for row in rows])),
        "coverage_90_roi": float(np.mean([row.roi_inside for row in paid])),
        "median_error_of_a_contribution": float(np.median([abs(row.error) for row in rows])),
        "median_error_of_all_media": float(np.median(np.abs(totals))),
        "mean_error_of_all_media": float(totals.mean()),
        "missed_too_low": int(sum(row.high < row.truth for row in missed)),
        "missed_too_high": int(sum(row.low > row.truth for row in missed)),
        "missed_where_called_identified": sum(row.verdict == "yes" for row in missed),
        "median_width_over_truth": float(np.median([(row.high - row.low) / row.truth for row in rows])),
        "passed_the_gate": float(np.mean([group[0].trusted for group in by_market])),
    }


def main(words: Sequence[str] | None = None) -> None:
    """Recover every market, print a line for each, and write the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markets", type=int, default=100)
    asked = parser.parse_args(words)
    rows: list[Row] = []
    for seed in range(asked.markets):
        found = recover(seed)
        rows += found
        said = " ".join(f"{row.error:+.2f}{'' if row.inside else '!'}" for row in found)
        print(f"{seed:2} errors {said} {[row.verdict for row in found]} trusted {found[0].trusted}", flush=True)
    summary = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("numpy", "pymc", "pymc-marketing", "nutpie")},
        **summarise(rows),
    }
    print(json.dumps(summary, indent=1))
    text = json.dumps(summary, indent=1).removesuffix("\n}")
    table = ",\n".join(f"  {json.dumps(_short(row), allow_nan=False)}" for row in rows)
    path = ROOT / "benchmarks" / "results" / "recovery.json"
    path.write_text(f'{text},\n "rows": [\n{table}\n ]\n}}\n')


def _short(row: Row) -> dict[str, Any]:
    return {k: _number(v) if isinstance(v, float) else v for k, v in asdict(row).items()}


def _number(value: float) -> float | None:
    """Four decimals; null where there is none, such as the ROI of a channel without spend."""
    return round(value, 4) if math.isfinite(value) else None


if __name__ == "__main__":
    main()

"""Parameter recovery over 20 simulated national markets, by the whole path from a DataFrame to tables.

Run it from the repository's root: ``python benchmarks/recovery.py`` (about nine minutes). The truth is drawn wide and
not from the prior: ROI from 0.5 to 5, half-lives from a fast to a three-week effect, half-saturation from a well bent
to a nearly straight curve. Counted are how often 90 % intervals hold the truth, and how far the means are off.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mmm.media import MediaMixModel  # noqa: E402  (the checkout is on the path now)
from tests.mmm.simulate import Channel, World, simulate  # noqa: E402

WORLDS = 20
LEVEL = 400_000.0


@dataclass(frozen=True)
class Outcome:
    """What one market taught: per channel hits and relative errors, and the gate's verdict."""

    contribution_hits: tuple[bool, ...]
    roi_hits: tuple[bool, ...]
    errors: tuple[float, ...]
    total_error: float
    trusted: bool
    verdicts: tuple[str, ...]


def market(seed: int) -> World:
    """Three paid channels and an organic one, with a truth of their own."""
    rng = np.random.default_rng(1000 + seed)

    def channel(name: str, paid: bool) -> Channel:
        share, roi, on = rng.uniform(0.02, 0.12), np.exp(rng.uniform(np.log(0.5), np.log(5.0))), rng.uniform(0.4, 0.9)
        return Channel(
            name,
            half_life=rng.uniform(0.3, 3.0),
            half_saturation=np.exp(rng.uniform(np.log(0.7), np.log(6.0))),
            share=share if paid else share / 3,
            spend=share * LEVEL / (roi * on) if paid else 0.0,
            cost=rng.choice([None, 8.0]) if paid else None,
            on=on,
        )

    channels = tuple(channel(name, name != "mail") for name in ("tv", "search", "social", "mail"))
    return simulate(seed, channels, n=156, level=LEVEL, l_max=10)


def recover(seed: int) -> Outcome:
    world = market(seed)
    fitted = MediaMixModel(world.panel(), world.section, world.project).fit()
    table = fitted.roi().set_index("channel")
    truth, roi = world.contribution().sum(0), world.roi()
    names = [channel.name for channel in world.channels]
    mean = table.loc[names, "contribution_mean"].to_numpy()

    def inside(column: str, true: np.ndarray) -> tuple[bool, ...]:
        low, high = (table.loc[names, f"{column}_hdi_{end}"].to_numpy() for end in ("low", "high"))
        return tuple(bool(hit) for hit in ((low <= true) & (true <= high))[~np.isnan(true)])

    return Outcome(
        contribution_hits=inside("contribution", truth),
        roi_hits=inside("roi", roi),
        errors=tuple(np.abs(mean / truth - 1).tolist()),
        total_error=float(mean.sum() / truth.sum() - 1),
        trusted=fitted.trust.passed,
        verdicts=tuple(table.loc[names, "identified"]),
    )


def main() -> None:
    """Recover every market, print a line for each, and write the summary."""
    found = []
    for seed in range(WORLDS):
        one = recover(seed)
        found.append(one)
        errors = " ".join(f"{error:.2f}" for error in one.errors)
        print(f"{seed:2} total {one.total_error:+.3f} errors {errors} trusted {one.trusted} {one.verdicts}", flush=True)
    totals = [one.total_error for one in found]
    summary = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("numpy", "pymc", "pymc-marketing", "nutpie")},
        "markets": WORLDS,
        "coverage_90_contribution": float(np.mean([hit for one in found for hit in one.contribution_hits])),
        "coverage_90_roi": float(np.mean([hit for one in found for hit in one.roi_hits])),
        "median_error_of_a_contribution": float(np.median([error for one in found for error in one.errors])),
        "median_error_of_all_media": float(np.median(np.abs(totals))),
        "mean_error_of_all_media": float(np.mean(totals)),
        "passed_the_gate": float(np.mean([one.trusted for one in found])),
    }
    print(json.dumps(summary, indent=1))
    (ROOT / "benchmarks" / "results" / "recovery.json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()

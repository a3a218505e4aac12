"""What `outlay segment` found in the simulated delicatessen, beside what is so.

    python truth.py [FOLDER]

Run it in the example's folder after `outlay segment`. No command sees the folder truth: this is the exam.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from outlay.runs import Run, open_run


def found_and_true(folder: Path, run: Run) -> pd.DataFrame:
    """One row per customer: the segment that was found, and what is true of him."""
    truth = pd.read_csv(folder / "truth/kinds.csv", dtype={"ID": str})
    return truth.merge(run.table("labels").astype({"id": str}), left_on="ID", right_on="id", validate="one_to_one")


def rand_index(one: pd.Series, other: pd.Series) -> float:
    """Adjusted Rand index: 1 is the same partition, 0 what chance makes (Hubert & Arabie 1985)."""
    counts = pd.crosstab(one, other).to_numpy(float)
    pairs = [0.5 * (n * (n - 1)).sum() for n in (counts, counts.sum(0), counts.sum(1))]
    by_chance = pairs[1] * pairs[2] / (0.5 * len(one) * (len(one) - 1))
    return float((pairs[0] - by_chance) / (0.5 * (pairs[1] + pairs[2]) - by_chance))


def separation(score: pd.Series, is_so: pd.Series) -> float:
    """Probability that a score is higher for one of whom it is so than for another (area under the ROC)."""
    ranks = score.rank()
    n = int(is_so.sum())
    return float((ranks[is_so].sum() - n * (n + 1) / 2) / (n * (len(is_so) - n)))


def tell_segments(both: pd.DataFrame) -> None:
    """Kinds by segment, and how well the two agree."""
    order = both.groupby("segment")["number"].first().sort_values().index
    print(pd.crosstab(both["kind"], both["segment"])[order].to_string())
    print(f"\nAdjusted Rand index {rand_index(both['kind'], both['segment']):.2f}")


def tell_worth(both: pd.DataFrame, run: Run) -> None:
    """Whether those who are said to have stopped have."""
    alive = run.table("clv").astype({"id": str}).set_index("id")["p_alive"].loc[both["ID"]].reset_index(drop=True)
    true = 1.0 - both.groupby("segment")["lapsed"].mean()
    told = alive.groupby(both["segment"]).mean()
    print("\nStill buying, in truth and as told")
    print(pd.DataFrame({"truth": true, "told": told}).round(3).to_string())
    print(f"Told apart from those who stopped: {separation(alive, ~both['lapsed']):.2f} of pairs (0.5 is chance)")


def tell_response(both: pd.DataFrame, run: Run, folder: Path) -> None:
    """The chance of accepting: over past campaigns in truth, and for the next as told."""
    chances = [name for name in both if name.startswith("chance_")]
    true = both[chances].mean(axis=1).groupby(both["segment"]).mean()
    told = run.table("propensity").set_index("segment")
    print("\nAccepting a campaign: mean of the true chances of six, past rate, and the next one as told")
    columns = {"truth": true, "past": told["past_rate"], "next": told["rate"], "low": told["low"], "high": told["high"]}
    print(pd.DataFrame(columns).reindex(true.index).round(3).to_string())
    effects = json.loads((folder / "truth/truth.json").read_text(encoding="utf-8"))["effects"]
    name, effect = next((name, effect) for name, effect in effects.items() if effect)
    print(f"\n{name} makes people spend {np.expm1(effect):.0%} more in truth; see what is told of those who took part")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    run = open_run(folder / "runs", None, "segment")
    both = found_and_true(folder, run)
    tell_segments(both)
    tell_worth(both, run)
    tell_response(both, run, folder)


if __name__ == "__main__":
    main()

"""Does the answer stay when the last weeks go, the seed changes, or the inputs are a little off?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.media import FittedMedia
from mmm.validation.answers import answers, moves
from mmm.validation.refits import Failed, Fitter, Refit, kept, refit_all, settled, shaken, until

DROPPED = 4
"""Periods taken from the end."""

NOISE = 0.02
"""Relative error put on every spend and exposure."""

NOTICEABLE = 0.5
UNSTABLE = 1.0
"""Posterior sds from which a move is worth a word, and from which the answer is not one."""


@dataclass(frozen=True)
class Stability:
    """Refits beside the fit.

    Attributes
    ----------
    moves : DataFrame
        ``refit, channel, share_before, share_after, share_moved, roi_before, roi_after, roi_moved``; the moves are in
        posterior sds.
    expected : dict of str to float
        By refit, the sd of a move by chance, in posterior sds: what new rows teach, or what other draws give.
    failed : tuple of Failed
        Refits that could not be made.
    """

    moves: pd.DataFrame
    expected: dict[str, float]
    failed: tuple[Failed, ...]

    def largest(self, refit: str) -> tuple[str, float]:
        """The channel whose share or ROI moved most, and by how many sds."""
        rows = self.moves[self.moves["refit"] == refit]
        size = rows[["share_moved", "roi_moved"]].abs().max(axis=1).to_numpy()
        return str(rows["channel"].iloc[int(size.argmax())]), float(size.max())


def stability(fitted: FittedMedia, fitter: Fitter, workers: int = 1) -> Stability:
    """Fit without the last four periods, with another seed, and with 2 % noise on the inputs.

    Each is compared with the fit over the window that both have. A posterior that learns from ``n`` rows moves by about
    ``sqrt(k / n)`` of its sd when ``k`` of them go: that is no fault, and the verdict allows for it.
    """
    panel, section = fitted.design.panel, settled(fitted.design.section, fitted.design)
    seed, project = fitted.project.seed, fitted.project
    stop = panel.n_periods - DROPPED
    refits = {
        "last periods dropped": Refit("last periods dropped", until(panel, stop), section, project, seed),
        "another seed": Refit("another seed", panel, section, project, seed + 1000),
        "noise on inputs": Refit("noise on inputs", shaken(panel, NOISE, seed), section, project, seed),
    }
    scored = slice(fitted.design.fit.start, panel.n_periods)
    windows = dict.fromkeys(refits, scored) | {"last periods dropped": slice(scored.start, stop)}

    def measure(refit: Refit, again: FittedMedia) -> pd.DataFrame:
        window = windows[refit.name]
        before = answers(fitted.draws, window)
        # The draws of a refit are fewer, and its mean has an error of its own.
        return moves(refit.name, before, answers(again.draws, window)).assign(draws=again.draws.n_draws)

    results = refit_all(list(refits.values()), fitter, measure, workers)
    frames = [result for result in results if isinstance(result, pd.DataFrame)]
    rows = len(fitted.design.y)
    return Stability(
        moves=pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["refit"]),
        expected={name: _by_chance(name, rows) for name in refits},
        failed=kept(results),
    )


def _by_chance(refit: str, rows: int) -> float:
    """Sd of a move by chance: an error of the means of about 0.07 (200 effective draws), and what the rows teach."""
    taught = DROPPED / max(rows - DROPPED, 1) if refit == "last periods dropped" else 0.0
    return float(np.hypot(0.07, np.sqrt(taught)))

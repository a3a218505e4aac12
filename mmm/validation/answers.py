"""What a fit says about each channel, in draws, over a window that two fits share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.returns import Returns, window_returns
from outlay.transforms import Array


@dataclass(frozen=True)
class Answers:
    """Draws over all groups. Shapes: S draws, C channels.

    Attributes
    ----------
    channels : tuple of str
        Names.
    share : ndarray (S, C)
        Part of the window's outcome that the channel caused.
    roi : ndarray (S, C)
        Return on its spend; NaN for channels without spend.
    """

    channels: tuple[str, ...]
    share: Array
    roi: Array


def answers(draws: MediaDraws, rows: slice | None = None) -> Answers:
    """Share and ROI of every channel, over the scored rows or a window among them."""
    return answers_of(draws, window_returns(draws, rows))


def answers_of(draws: MediaDraws, returns: Returns) -> Answers:
    """The same from returns that are there already."""
    spend = returns.spend.sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        roi = np.where(spend > 0, returns.incremental.sum(1) / spend, np.nan)
        share = returns.contribution.sum(1) / returns.outcome.sum()
    return Answers(draws.design.panel.channels, np.asarray(share), np.asarray(roi))


def moves(name: str, before: Answers, after: Answers) -> pd.DataFrame:
    """How far each channel's answer moved, in posterior sds of the answer before.

    Columns: ``refit, channel, share_before, share_after, share_moved, roi_before, roi_after, roi_moved``; channels that
    only one of the fits has, or that have no spread, are left out.
    """
    rows = []
    for c, channel in enumerate(before.channels):
        if channel not in after.channels or not before.share[:, c].std() > 0:
            continue
        row: dict[str, object] = {"refit": name, "channel": channel}
        for what in ("share", "roi"):
            old = getattr(before, what)[:, c]
            new = getattr(after, what)[:, after.channels.index(channel)]
            row |= {
                f"{what}_before": float(old.mean()),
                f"{what}_after": float(new.mean()),
                f"{what}_moved": float((new.mean() - old.mean()) / old.std()),
            }
        rows.append(row)
    return pd.DataFrame(rows)

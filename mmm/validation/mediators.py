"""Controls that may lie between media and KPI: what each does to the channels' returns when it is left out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mmm.checks_mediators import check_mediators
from mmm.config import MediaSection
from mmm.media import FittedMedia
from mmm.panel import MediaPanel
from mmm.validation.answers import answers, moves
from mmm.validation.refits import Failed, Fitter, Refit, kept, refit_all, settled, without_control


@dataclass(frozen=True)
class Contested:
    """Controls whose place in the model is doubtful.

    Attributes
    ----------
    reasons : dict of str to str
        Why, by control.
    moves : DataFrame
        As in :class:`mmm.validation.stability.Stability`; ``refit`` is the control that was left out.
    failed : tuple of Failed
        Refits that could not be made.
    """

    reasons: dict[str, str]
    moves: pd.DataFrame
    failed: tuple[Failed, ...]


def contested_controls(panel: MediaPanel, section: MediaSection) -> dict[str, str]:
    """Controls that the project declares as mediators, or that look like one in the data, each with the reason."""
    reasons = dict.fromkeys(section.mediators, "declared as a mediator")
    for finding in check_mediators(panel, section):
        name = finding.where.rpartition("control ")[2]
        reasons[name] = finding.what
    return reasons


def contested(fitted: FittedMedia, fitter: Fitter, workers: int = 1) -> Contested:
    """Fit without each contested control and see what becomes of the returns."""
    panel, section = fitted.design.panel, settled(fitted.design.section, fitted.design)
    reasons = contested_controls(panel, section)
    refits = [
        Refit(name, *without_control(panel, section, name), fitted.project, fitted.project.seed) for name in reasons
    ]
    before = answers(fitted.draws) if refits else None

    def measure(refit: Refit, again: FittedMedia) -> pd.DataFrame:
        return moves(refit.name, before, answers(again.draws)) if before is not None else pd.DataFrame()

    results = refit_all(refits, fitter, measure, workers)
    frames = [result for result in results if isinstance(result, pd.DataFrame)]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["refit", "channel"])
    return Contested(reasons, table, kept(results))

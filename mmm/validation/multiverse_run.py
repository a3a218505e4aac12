"""The multiverse of a fit run, kept as a run of its own: tables, JSON, and a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmm.catalogue import CATALOGUE
from mmm.media import FittedMedia
from mmm.validation.multiverse import Multiverse, multiverse
from mmm.validation.refits import Tell, short_fitter
from mmm.validation.specifications import CAP
from outlay.findings import Finding
from outlay.runs import Run, RunWriter

Draw = Callable[[Multiverse], str]
"""Makes the picture, one HTML file."""


def multiverse_run(
    run: Run, root: Path, command: Sequence[str], *, cap: int = CAP, workers: int = 1,
    tell: Tell | None = None, draw: Draw | None = None,
) -> Run:  # fmt: skip
    """Fit the plausible models beside a fit run's, and keep them as a run of kind ``"multiverse"``.

    Parameters
    ----------
    run : Run
        The fit; its panel, section and lift tests are used.
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    cap : int
        Most models.
    workers : int
        Fits at once.
    tell : callable, optional
        Is told how many fits are done.
    draw : callable, optional
        Makes the picture that is kept as ``multiverse.html``.
    """
    fitted = FittedMedia.load(run.path)
    design, project = fitted.design, fitted.project
    section = design.section
    again = short_fitter(design.tests)
    found = multiverse(design.panel, section, project, fitter=again, cap=cap, workers=workers, tell=tell)
    # All is made before the run's folder is opened: a failure leaves nothing.
    page = None if draw is None else draw(found)
    with RunWriter(root, "multiverse", command=command, seed=project.seed, parents=[run]) as writer:
        writer.write_json("multiverse", facts(found, run.id, cap))
        writer.write_table("specifications", found.by_specification())
        writer.write_table("ranges", found.ranges())
        writer.write_table("effects", found.effects())
        if page is not None:
            writer.path("multiverse.html").write_text(page, encoding="utf-8")
    return writer.run


def facts(found: Multiverse, fit: str, cap: int) -> dict[str, Any]:
    """JSON-ready facts."""
    return {
        "fit": fit,
        "cap": cap,
        "possible": found.plan.possible,
        "fitted": len(found.fits),
        "choices": {choice.name: list(choice.options) for choice in found.plan.choices},
        "weights": found.weights,
        "scores": found.scores,
        "failed": [f"{one.name}: {one.why}" for one in found.failed],
        "hdi": found.level,
        "findings": [finding.as_dict() for finding in findings(found)],
    }


def findings(found: Multiverse) -> list[Finding]:
    """What a reader of the ranges must know."""
    told = []
    for row in found.ranges().to_dict("records"):
        what = "roi" if np.isfinite(row["roi_plain_median"]) else "share"
        least, most = row[f"{what}_least"], row[f"{what}_most"]
        if least >= row[f"{what}_plain_low"] and most <= row[f"{what}_plain_high"]:
            continue
        name = "ROI" if what == "roi" else "share of the KPI"
        said = (
            f"its {name} is {least:.2f} to {most:.2f} over the models, and the stated one says "
            f"{row[f'{what}_plain_low']:.2f} to {row[f'{what}_plain_high']:.2f}; {row['choice']} moves it most"
        )
        told.append(CATALOGUE.finding("V020", f"channel {row['channel']}", said))
    told += [CATALOGUE.finding("V021", one.name, one.why) for one in found.failed]
    if len(found.plan.specifications) < found.plan.possible:
        said = f"{len(found.plan.specifications)} of {found.plan.possible} combinations were fitted"
        told.append(CATALOGUE.finding("V022", "multiverse", said))
    if not found.weights:
        said = "no two models of the stated controls forecast at two origins or more"
        told.append(CATALOGUE.finding("V023", "multiverse", said))
    return told

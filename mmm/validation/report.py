"""All checks of one fit, in the order of the page, and the folder that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mmm.media import FittedMedia
from mmm.misfit import misfits
from mmm.trades import baseline_trades
from mmm.validation import verdicts as say
from mmm.validation.answers import answers_of
from mmm.validation.checks import predictive_check
from mmm.validation.collinear import collinear_pairs
from mmm.validation.folds import cross_validate
from mmm.validation.informed import informed
from mmm.validation.loo import leave_one_out
from mmm.validation.mediators import contested
from mmm.validation.placebo import placebos
from mmm.validation.plausible import follows_demand
from mmm.validation.refits import Fitter, short_fitter
from mmm.validation.stability import stability
from mmm.validation.verdicts import Status, Verdict
from outlay.runs import Run, RunWriter

OnStage = Callable[[str], None]
"""Is told, in a few words, what is being done."""


@dataclass(frozen=True)
class Settings:
    """How thoroughly to validate.

    Attributes
    ----------
    folds, horizon : int
        Origins of cross-validation, and periods that each forecasts.
    placebos : int
        Placebo channels.
    quick : bool
        Only what needs few refits: half the folds and placebos, no stability.
    workers : int
        Fits at once.
    """

    folds: int = 10
    horizon: int = 13
    placebos: int = 8
    quick: bool = False
    workers: int = 1

    @property
    def used_folds(self) -> int:
        """Origins that are fitted."""
        return max(self.folds // 2, 2) if self.quick else self.folds

    @property
    def used_placebos(self) -> int:
        """Placebos that are fitted."""
        return max(self.placebos // 2, 1) if self.quick else self.placebos


@dataclass
class Validation:
    """What all checks found.

    Attributes
    ----------
    verdicts : list of Verdict
        In the order of the page.
    tables : dict of str to DataFrame
        Every table, by the name under which a run keeps it.
    facts : dict
        Single numbers, JSON-ready.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def overall(self) -> tuple[Status, str]:
        """One status and one sentence."""
        known = self.tables.get("informed")
        return say.overall(self.verdicts, () if known is None else tuple(known["channel"]))


def validate(
    fitted: FittedMedia, settings: Settings, fitter: Fitter | None = None, on_stage: OnStage | None = None
) -> Validation:
    """Run every check on a fit.

    Parameters
    ----------
    fitted : FittedMedia
        The fit.
    settings : Settings
        How thoroughly.
    fitter : Fitter, optional
        What refits; by default the model's own engine with short chains and the fit's lift tests.
    on_stage : callable, optional
        Is told what is being done.
    """
    tell = on_stage or (lambda words: None)
    again = fitter or short_fitter(fitted.design.tests)
    found = Validation()
    gate = say.trust_verdict(fitted.trust.passed, fitted.trust.sentence())
    found.verdicts += [gate] if gate else []
    _forecasts(fitted, again, settings, found, tell)
    _fit_to_data(fitted, found, tell)
    if settings.quick:
        found.verdicts.append(say.not_judged("V005", "stability", "left out by --quick"))
    else:
        tell("stability: three refits")
        steady = stability(fitted, again, settings.workers)
        found.tables["stability"] = steady.moves
        found.verdicts += say.stability_verdicts(steady, fitted.design.panel.frequency.unit)
    tell(f"placebo channels: {settings.used_placebos} refits")
    fakes = placebos(fitted, again, settings.used_placebos, settings.workers)
    found.tables["placebos"] = fakes.table
    found.verdicts.append(say.placebo_verdict(fakes))
    tell("controls in doubt")
    doubted = contested(fitted, again, settings.workers)
    found.tables["mediators"] = doubted.moves
    found.verdicts.append(say.mediator_verdict(doubted))
    _channels(fitted, found, tell)
    found.tables["channels"] = _use_table(fitted, found)
    return found


def _forecasts(fitted: FittedMedia, again: Fitter, settings: Settings, found: Validation, tell: OnStage) -> None:
    tell(f"forecasts from {settings.used_folds} origins")
    result = cross_validate(fitted, again, settings.used_folds, settings.horizon, settings.workers)
    found.verdicts += say.forecast_verdicts(result, settings.horizon, fitted.design.panel.frequency.unit)
    found.facts["horizon"] = settings.horizon
    if result is None:
        return
    found.tables |= {"folds": result.by_fold, "scores": result.by_group}
    found.facts |= {
        "skill": result.skill,
        "skill_error": result.skill_error,
        "zeros": result.zeros,
        "failed_folds": [f"{one.name}: {one.why}" for one in result.failed],
        "coverage": [
            {"level": level, "share": share, "error": error} for level, (share, error) in result.coverage.items()
        ],
    }


def _fit_to_data(fitted: FittedMedia, found: Validation, tell: OnStage) -> None:
    tell("the data beside the model's own")
    checked = predictive_check(fitted.draws, fitted.project.seed)
    found.tables["predictive"] = checked.table
    found.verdicts.append(say.predictive_verdict(checked))
    left_out = leave_one_out(fitted.draws)
    found.tables["loo"] = left_out.table
    found.facts |= {
        "in_sample_coverage": [
            {"level": level, "share": share, "error": error} for level, (share, error) in checked.coverage.items()
        ],
        "elpd_loo": left_out.elpd,
        "elpd_loo_error": left_out.elpd_error,
        "p_loo": left_out.p_loo,
        "khat_limit": left_out.limit,
    }
    found.verdicts.append(say.influence_verdict(left_out))


def _channels(fitted: FittedMedia, found: Validation, tell: OnStage) -> None:
    """What the posterior itself tells about each channel."""
    tell("what the data said about each channel")
    panel, returns = fitted.design.panel, fitted.returns
    known = informed(fitted, answers_of(fitted.draws, returns))
    pairs = collinear_pairs(fitted, returns)
    traded, led = baseline_trades(fitted.draws, returns), follows_demand(fitted)
    found.tables |= {"informed": known, "pairs": pairs, "baseline_trades": traded, "demand": led}
    found.tables["misfits"] = misfits(fitted.draws, fitted.decomposition)
    money = panel.kpi_type == "revenue" or panel.has_value
    found.verdicts += [
        say.informed_verdict(known),
        say.collinear_verdict(pairs, money, panel.currency),
        say.trade_verdict(traded),
        say.leaning_verdict(known),
        say.demand_verdict(led),
        say.misfit_verdict(found.tables["misfits"]),
        say.finding_verdict(fitted.findings),
    ]


def _use_table(fitted: FittedMedia, found: Validation) -> pd.DataFrame:
    """Each channel's ROI and share with what the data said of it, whether to use it, and the ids against it."""
    known = found.tables["informed"].set_index("channel")["verdict"].to_dict()
    whole = any(one.status == "bad" and not one.barred for one in found.verdicts)
    use = say.channel_use(found.verdicts)
    table = fitted.roi()
    table = table[table["group"].isna() & table["channel"].isin(list(known))]
    columns = ["channel", "paid", "share_mean", "share_hdi_low", "share_hdi_high"]
    rows = table[[*columns, "roi_mean", "roi_hdi_low", "roi_hdi_high"]].reset_index(drop=True)
    said = [use.get(name, ("good", ())) for name in rows["channel"]]
    return rows.assign(
        verdict=[known[name] for name in rows["channel"]],
        use=["bad" if whole else status for status, _ in said],
        ids=[" ".join(ids) for _, ids in said],
    )


def validate_run(
    run: Run, root: Path, command: Sequence[str], settings: Settings, on_stage: OnStage | None = None
) -> Run:
    """Validate a fit run and keep the result as a run of kind ``"validate"``.

    Parameters
    ----------
    run : Run
        The fit.
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    settings : Settings
        How thoroughly.
    on_stage : callable, optional
        Is told what is being done.
    """
    fitted = FittedMedia.load(run.path)
    found = validate(fitted, settings, None, on_stage)
    status, sentence = found.overall
    about = {
        "fit": run.id,
        "status": status,
        "sentence": sentence,
        "quick": settings.quick,
        "verdicts": [one.as_dict() for one in found.verdicts],
        **found.facts,
    }
    with RunWriter(root, "validate", command=command, seed=fitted.project.seed, parents=[run]) as writer:
        writer.write_json("validation", about)
        for name, table in found.tables.items():
            writer.write_table(name, table)
    return writer.run

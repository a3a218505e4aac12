"""Many plausible models instead of one: how each channel's ROI moves, which choice moves it, and an honest average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.calendar import carry_over_length, first_scored
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.media import FittedMedia
from mmm.panel import MediaPanel
from mmm.presets import slowest_days
from mmm.validation.answers import Answers, answers
from mmm.validation.folds import MIXED, chains_met, earliest_origin, fold_origins
from mmm.validation.predictive import ahead, log_likelihood
from mmm.validation.refits import Failed, Fitter, Refit, Tell, kept, refit_all, short_fitter, until
from mmm.validation.specifications import CAP, STATED, Plan, Specification, apply, choices, designed
from mmm.validation.stacking import mixture, predictive_density, stacking_weights
from outlay.errors import DataError
from outlay.project import ProjectSection
from outlay.summary import summarise
from outlay.transforms import Array

ORIGINS = 3
HORIZON = 13
MIXTURE_DRAWS = 4000


@dataclass(frozen=True)
class Fitted:
    """One specification and what it said."""

    specification: Specification
    answers: Answers


@dataclass(frozen=True)
class Multiverse:
    """The plausible models of one panel.

    Attributes
    ----------
    plan : Plan
        What was chosen, out of how many.
    fits : tuple of Fitted
        The models that could be fitted.
    failed : tuple of Failed
        The others, and why.
    weights : dict of str to float
        Stacking weights by the name of the specification, within the stated adjustment set; empty where none could be
        made.
    scores : dict of str to float
        Mean log predictive density of periods left out, by specification of that set.
    level : float
        Level of the intervals.
    seed : int
        Of the mixture.
    """

    plan: Plan
    fits: tuple[Fitted, ...]
    failed: tuple[Failed, ...]
    weights: dict[str, float]
    scores: dict[str, float]
    level: float
    seed: int

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels."""
        return self.fits[0].answers.channels

    def by_specification(self) -> pd.DataFrame:
        """One row per model and channel: the model, a column per choice, ROI and share, its weight."""
        rows = []
        for one in self.fits:
            for c, channel in enumerate(self.channels):
                row: dict[str, object] = {"specification": one.specification.name, **one.specification.options}
                row |= {"channel": channel, "adjustment": ", ".join(one.specification.adjustment)}
                for what in ("roi", "share"):
                    row |= _summary(what, getattr(one.answers, what)[:, c], self.level)
                rows.append(row | {"weight": self.weights.get(one.specification.name, float("nan"))})
        return pd.DataFrame(rows)

    def ranges(self) -> pd.DataFrame:
        """One row per channel: the stated interval, the unweighted range of medians, and the averaged interval.

        Columns for ``roi`` and ``share``: ``_plain_median, _plain_low, _plain_high``, ``_least, _most`` (smallest and
        largest median over all models), ``_averaged_median, _averaged_low, _averaged_high``; and ``choice``, the one
        that moves the channel most, with ``effect``.
        """
        effects = self.effects()
        rows = []
        for c, channel in enumerate(self.channels):
            row: dict[str, object] = {"channel": channel}
            for what in ("roi", "share"):
                row |= self._range(what, c)
            own = effects[effects["channel"] == channel]
            if len(own):
                top = own.iloc[int(own["moves"].to_numpy().argmax())]
                row |= {"choice": top["choice"], "effect": top["moves"]}
            rows.append(row)
        return pd.DataFrame(rows)

    def _range(self, what: str, c: int) -> dict[str, object]:
        draws = {one.specification.name: getattr(one.answers, what)[:, c] for one in self.fits}
        medians = [float(np.median(values)) for values in draws.values()]
        plain = _summary(f"{what}_plain", draws.get(STATED, np.full(2, np.nan)), self.level)
        row = plain | {f"{what}_least": min(medians), f"{what}_most": max(medians)}
        if not self.weights:
            return row | _summary(f"{what}_averaged", np.full(2, np.nan), self.level)
        names = list(self.weights)
        mixed = mixture(
            [draws[name] for name in names], np.array([self.weights[n] for n in names]), MIXTURE_DRAWS, self.seed
        )
        return row | _summary(f"{what}_averaged", mixed, self.level)

    def effects(self) -> pd.DataFrame:
        """Which choice moves which channel: ``channel, choice, option, effect, moves``.

        ``effect`` is the change of the ROI's median (of the share's, without an ROI) that the option makes, as a
        share of the mean over models, other choices held fixed: least squares over all models. ``moves`` is the
        distance between the choice's highest and lowest option.
        """
        columns, index = _dummies(self.plan, [one.specification for one in self.fits])
        rows: list[dict[str, object]] = []
        for c, channel in enumerate(self.channels):
            medians = np.array([_middle(one.answers, c) for one in self.fits])
            if not np.isfinite(medians).all() or not medians.mean():
                continue
            slope = np.linalg.lstsq(columns, medians / medians.mean(), rcond=None)[0]
            for choice in self.plan.choices:
                own = {option: slope[at] for (name, option), at in index.items() if name == choice.name}
                reach = [0.0, *own.values()]
                rows += [
                    {"channel": channel, "choice": choice.name, "option": option, "effect": float(value),
                     "moves": float(max(reach) - min(reach))}
                    for option, value in own.items()
                ]  # fmt: skip
        return pd.DataFrame(rows, columns=["channel", "choice", "option", "effect", "moves"])


def _middle(answered: Answers, c: int) -> float:
    roi = answered.roi[:, c]
    return float(np.median(roi if np.isfinite(roi).all() else answered.share[:, c]))


def _summary(prefix: str, draws: Array, level: float) -> dict[str, object]:
    if not np.isfinite(draws).all():
        return {f"{prefix}_{name}": float("nan") for name in ("median", "low", "high")}
    found = summarise(draws, level)
    return {
        f"{prefix}_median": float(found.median),
        f"{prefix}_low": float(found.low),
        f"{prefix}_high": float(found.high),
    }


def _dummies(plan: Plan, fitted: Sequence[Specification]) -> tuple[Array, dict[tuple[str, str], int]]:
    """A column of ones and one for every option that is not the stated one."""
    names = [(choice.name, option) for choice in plan.choices for option in list(choice.options)[1:]]
    columns = [np.ones(len(fitted))]
    columns += [np.array([float(one.options[name] == option) for one in fitted]) for name, option in names]
    return np.column_stack(columns), {name: i + 1 for i, name in enumerate(names)}


def multiverse(
    panel: MediaPanel,
    section: MediaSection,
    project: ProjectSection,
    *,
    fitter: Fitter | None = None,
    cap: int = CAP,
    workers: int = 1,
    tell: Tell | None = None,
) -> Multiverse:
    """Fit the plausible models of a panel, and weigh those of the stated adjustment set.

    Shares and ROIs are about the periods that all models score: a slower carry-over needs more rows to warm up.

    Parameters
    ----------
    panel, section, project
        The stated model.
    fitter : Fitter, optional
        What fits; by default the model's own engine with short chains.
    cap : int
        Most models.
    workers : int
        Fits at once.
    tell : callable, optional
        Is told how many fits are done, and of how many.

    Raises
    ------
    DataError
        Where not even the stated model can be fitted.
    """
    again = fitter or short_fitter()
    plan = designed(choices(panel, section), cap, project.seed)
    models = {one.name: _Model(one, *apply(plan, one, panel, section)) for one in plan.specifications}
    window = slice(max(model.first for model in models.values()), panel.n_periods)

    def measure(refit: Refit, fitted: FittedMedia) -> Fitted | Failed:
        if not chains_met(fitted):
            return Failed(refit.name, f"its chains had not met (R-hat above {MIXED:g})")
        return Fitted(models[refit.name].specification, answers(fitted.draws, window))

    refits = [Refit(name, model.panel, model.section, project, project.seed) for name, model in models.items()]
    results = refit_all(refits, again, measure, workers, tell)
    fits = tuple(result for result in results if isinstance(result, Fitted))
    if not fits or fits[0].specification.name != STATED:
        raise DataError([CATALOGUE.finding("V021", STATED, kept(results)[0].why)])
    names = [one.specification.name for one in fits if not one.specification.adjustment]
    scored = _held_out({name: models[name] for name in names}, project, again, workers)
    return Multiverse(plan, fits, kept(results), *_weighed(scored), level=project.hdi, seed=project.seed)


@dataclass(frozen=True)
class _Model:
    """A specification, applied."""

    specification: Specification
    panel: MediaPanel
    section: MediaSection

    @property
    def l_max(self) -> int:
        """Periods over which an exposure acts."""
        panel, section = self.panel, self.section
        return carry_over_length(panel.n_periods, panel.frequency, section.l_max, slowest_days(section))

    @property
    def first(self) -> int:
        """First scored row."""
        return first_scored(self.panel.history, self.l_max)


def _held_out(models: Mapping[str, _Model], project: ProjectSection, fitter: Fitter, workers: int) -> dict[str, Array]:
    """Log predictive density of every period left out, by model, (N,) each; without models that failed somewhere."""
    if len(models) < 2:
        return {}
    panel = next(iter(models.values())).panel
    horizon = min(HORIZON, max(panel.n_periods // 10, 1))
    longest = max(model.l_max for model in models.values())
    origins = fold_origins(earliest_origin(panel, longest, horizon), panel.n_periods - horizon, ORIGINS, horizon)
    if len(origins) < 2:
        return {}
    refits = [
        Refit(
            name,
            until(model.panel, origin),
            model.section.model_copy(update={"l_max": model.l_max}),
            project,
            project.seed + 1 + i,
        )
        for name, model in models.items()
        for i, origin in enumerate(origins)
    ]

    def measure(refit: Refit, fitted: FittedMedia) -> tuple[str, Array]:
        whole, origin = models[refit.name].panel, refit.panel.n_periods
        predicted = ahead(fitted.draws, whole, horizon, refit.seed)
        actual = whole.kpi[origin : origin + horizon]
        return refit.name, predictive_density(log_likelihood(fitted.draws, predicted.mean, actual)).ravel()

    found: dict[str, list[Array]] = {}
    for result in refit_all(refits, fitter, measure, workers):
        if isinstance(result, tuple):
            found.setdefault(result[0], []).append(result[1])
    return {name: np.concatenate(parts) for name, parts in found.items() if len(parts) == len(origins)}


def _weighed(scored: Mapping[str, Array]) -> tuple[dict[str, float], dict[str, float]]:
    """Stacking weights and mean scores by model; no weights where there is nothing to weigh."""
    if len(scored) < 2 or STATED not in scored:
        return {}, {}
    density = np.stack(list(scored.values()), axis=1)
    weights = dict(zip(scored, stacking_weights(density).tolist(), strict=True))
    return weights, {name: float(values.mean()) for name, values in scored.items()}

"""From a panel to the scaled arrays that the model is written in. Scaled values never leave ``mmm``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmm.baseline import Term, baseline_terms
from mmm.blocks import Blocks, make_blocks
from mmm.calendar import carry_over_length, scored_rows
from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.future import Future, assume_future
from mmm.levels import Level
from mmm.lift_series import LiftSeries, make_lift_series
from mmm.lift_tests import LiftTest
from mmm.panel import MediaPanel
from mmm.presets import slowest_days
from mmm.wording import listed
from outlay.errors import DataError
from outlay.transforms import Array

LEVEL_SD = 0.5
"""Prior sd of the level: the KPI's mean over the scored rows, as a share of itself."""

_FAINT = 1e-6
"""A prior precision, or a noise, that only keeps a matrix regular."""


@dataclass(frozen=True)
class Design:
    """The data of the model. Shapes: T history, H future, F scored rows, G groups, C channels, K baseline columns.

    Attributes
    ----------
    panel, section, future
        Where it comes from.
    l_max : int
        Periods over which an exposure acts.
    fit : slice
        Scored rows; those before only warm up the adstock.
    active : ndarray of bool (C,)
        Channels with exposure that reaches a scored row; the others have no parameters.
    x_scale : ndarray (G, C)
        Exposure that counts as one.
    y_scale : ndarray (G,)
        KPI that counts as one: its mean size in the scored rows; one under a log likelihood, which has no unit.
    y : ndarray (F, G)
        Scaled KPI, or its logarithm.
    y_mean : ndarray (G,)
        Its mean.
    kpi_sd : float
        Its standard deviation within groups.
    weight : ndarray (G,)
        Share of each group in the KPI.
    terms : tuple of Term
        The baseline's columns.
    centre : ndarray (G, K)
        Mean of each column over the scored rows: the model sees centred columns, so the level is the mean KPI.
    rotation : ndarray (K1, K1)
        Over the K1 columns without a sign: coefficients are ``rotation @ b`` with ``b`` standard normal. The prior is
        unchanged by the rotation (its columns are the right singular vectors of the prior-scaled design), and the
        rotated columns are orthogonal, so that the sampler meets no correlation between them.
    z : ndarray (F, G, K1)
        Rotated, centred columns.
    centred : ndarray of bool (K1,)
        Rotated columns whose group deviations are sampled centred, because the data say much about them.
    tests : tuple of LiftTest
        Experiments that the model is calibrated by.
    """

    panel: MediaPanel
    section: MediaSection
    future: Future
    l_max: int
    fit: slice
    active: np.ndarray
    x_scale: Array
    y_scale: Array
    y: Array
    y_mean: Array
    kpi_sd: float
    weight: Array
    terms: tuple[Term, ...]
    centre: Array
    rotation: Array
    z: Array
    centred: np.ndarray
    tests: tuple[LiftTest, ...] = ()

    @cached_property
    def lifts(self) -> LiftSeries | None:
        """The lift tests as the model reads them; None without tests."""
        return make_lift_series(self, self.tests) if self.tests else None

    @property
    def log(self) -> bool:
        """Whether effects multiply: the model is about the logarithm of the KPI."""
        return self.section.likelihood == "log"

    @property
    def pooled(self) -> bool:
        """Whether there are several groups, whose effects are pooled."""
        return self.panel.is_panel and self.panel.n_groups > 1

    @property
    def levels(self) -> tuple[Level, ...]:
        """The panel's dimensions over which effects vary; none with a single group."""
        return self.panel.levels if self.pooled else ()

    @property
    def x(self) -> Array:
        """Scaled exposure, (T, G, C)."""
        return self.panel.exposure / self.x_scale

    @property
    def n_terms(self) -> int:
        """Number of baseline columns, K."""
        return len(self.terms)

    @property
    def signed(self) -> np.ndarray:
        """Columns whose effect has a known direction, (K,) of 1, -1 or 0."""
        return np.array([term.sign for term in self.terms], int)

    @property
    def free_terms(self) -> np.ndarray:
        """Indices of the columns without a known direction: the linear Gaussian block, (K1,)."""
        return np.flatnonzero(self.signed == 0)

    @property
    def signed_columns(self) -> Array:
        """Centred columns with a known direction, times that direction and their prior sd, (F, G, V)."""
        index = np.flatnonzero(self.signed)
        size = self.signed[index] * np.array([self.terms[k].prior_sd for k in index])
        return np.asarray((self.raw_terms[self.fit][..., index] - self.centre[:, index]) * size)

    @property
    def spend_share(self) -> Array:
        """Share of each channel in the paid spend of the scored rows, (C,); zero for organic channels."""
        spend = self.panel.spend[self.fit].sum((0, 1)) * self.active
        total = spend.sum()
        return np.asarray(spend / total if total > 0 else spend)

    @property
    def bought(self) -> np.ndarray:
        """Active channels with spend in the scored rows, (C,)."""
        return self.panel.paid & self.active & (self.spend_share > 0)

    @property
    def blocks(self) -> Blocks:
        """Which channel has which parameters."""
        return make_blocks(self.section, self.active, self.bought)

    @property
    def raw_terms(self) -> Array:
        """The baseline's columns as they are, (T + H, G, K)."""
        shape = (self.panel.n_periods + len(self.future.dates), self.panel.n_groups, 0)
        return np.stack([term.values for term in self.terms], axis=-1) if self.terms else np.zeros(shape)


def make_design(panel: MediaPanel, section: MediaSection, tests: Sequence[LiftTest] = ()) -> Design:
    """Scale, centre and rotate a panel's data for the model.

    Raises
    ------
    DataError
        Where there is nothing to explain, or a lift test cannot be read against the panel.
    """
    l_max = carry_over_length(panel.n_periods, panel.frequency, section.l_max, slowest_days(section))
    fit = scored_rows(panel, l_max)
    _refuse_nothing_to_explain(panel, fit)
    active = _reaches(panel, fit, l_max)
    scored = panel.kpi[fit]
    size = np.abs(scored).mean(0)
    y_scale = np.ones_like(size) if section.likelihood == "log" else size
    y = np.log(scored) if section.likelihood == "log" else scored / y_scale
    kpi_sd = float(np.sqrt(np.square(y - y.mean(0)).mean()))
    x_scale = _exposure_scale(panel, fit)
    future = assume_future(panel, l_max)
    terms = tuple(baseline_terms(panel, section, future, fit, kpi_sd))
    columns = np.stack([term.values[fit] for term in terms], -1) if terms else np.zeros((*y.shape, 0))
    centre = columns.mean(0)
    free = np.flatnonzero([term.sign == 0 for term in terms])
    prior_sd = np.array([terms[k].prior_sd for k in free])
    rotation, z = _rotate((columns - centre)[..., free] * prior_sd, prior_sd)
    design = Design(
        panel=panel,
        section=section,
        future=future,
        l_max=l_max,
        fit=fit,
        active=active,
        x_scale=x_scale,
        y_scale=y_scale,
        y=y,
        y_mean=y.mean(0),
        kpi_sd=kpi_sd,
        weight=size / size.sum(),
        terms=terms,
        centre=centre,
        rotation=rotation,
        z=z,
        centred=_well_informed(z, y, (panel.exposure / x_scale)[fit]),
        tests=tuple(tests),
    )
    _ = design.lifts  # a test that cannot be read against the panel is refused here, and not while sampling
    return design


def _refuse_nothing_to_explain(panel: MediaPanel, fit: slice) -> None:
    """A group without any KPI in the scored rows has no scale, and a KPI that never moves there has nothing to tell."""
    scored = panel.kpi[fit]
    where = f"{panel.source}, column {panel.kpi_name}"
    if (scored == scored[0]).all():
        what = f"the KPI never changes in the {len(scored)} scored rows"
        raise DataError([CATALOGUE.finding("D126", where, what)])
    empty = [name for name, some in zip(panel.groups, np.asarray(scored.any(0)), strict=True) if not some]
    if empty:
        what = f"the KPI is zero in all scored rows of {listed(empty)}"
        raise DataError(
            [CATALOGUE.finding("D126", where, what, "Take these groups out, or bring rows with their KPI.")]
        )


def _reaches(panel: MediaPanel, fit: slice, l_max: int) -> np.ndarray:
    """Channels whose exposure reaches a scored row, (C,): by carry-over or, without adstock, by running in one."""
    own = panel.exposure[fit].any((0, 1))
    carried = panel.exposure[max(fit.start - l_max + 1, 0) :].any((0, 1))
    return np.where([family == "none" for family in panel.adstock], own, carried)


def _exposure_scale(panel: MediaPanel, fit: slice) -> Array:
    """Exposure that counts as one: its mean over periods that have any.

    With a population, per head and alike in all groups: the same pressure per person is the same point of the curve.
    Without, each group has its own yardstick, because nothing says how their sizes compare.
    """
    exposure = panel.exposure[: fit.stop]  # of reach and frequency, the reach
    if panel.population is not None:
        size = panel.population / panel.population.mean()
        per_head = _mean_when_on(exposure / size[:, None], axis=(0, 1))
        return np.asarray(size[:, None] * per_head)
    own = _mean_when_on(exposure, axis=0)
    anywhere = _mean_when_on(exposure, axis=(0, 1))
    return np.where(exposure.any(0), own, anywhere)


def _mean_when_on(exposure: Array, axis: int | tuple[int, ...]) -> Array:
    on = (exposure > 0).sum(axis)
    return np.where(on > 0, exposure.sum(axis) / np.maximum(on, 1), 1.0)


def _rotate(scaled: Array, prior_sd: Array) -> tuple[Array, Array]:
    """Rotation of standard normal coefficients that makes the columns of the stacked design orthogonal."""
    k = scaled.shape[-1]
    if k == 0:
        return np.zeros((0, 0)), scaled
    flat = scaled.reshape(-1, k)
    # At least k rows give all k directions without the square of the rows that full matrices would take.
    _, _, vectors = np.linalg.svd(np.vstack([flat, np.zeros((max(k - len(flat), 0), k))]), full_matrices=False)
    # A fixed sign makes the rotation the same on every machine that finds the same singular vectors.
    vectors = vectors * np.where(vectors[np.arange(k), np.abs(vectors).argmax(1)] < 0, -1.0, 1.0)[:, None]
    return prior_sd[:, None] * vectors.T, scaled @ vectors.T


def _well_informed(z: Array, y: Array, x: Array) -> np.ndarray:
    """Rotated columns whose deviations the groups' own data know better than pooling does, (K,); they mix best centred.

    Each group is fitted alone by least squares, with media roughly saturated beside its columns. What the estimates
    differ by beyond their own errors is the spread of the groups; a deviation is well informed where its error is
    smaller than that. Only the way of writing the prior depends on this guess, and not the prior.
    """
    n_groups, k = z.shape[1:]
    if k == 0 or n_groups == 1:
        return np.zeros(k, bool)
    fits = [_alone(z[:, g], y[:, g], x[:, g]) for g in range(n_groups)]
    estimate, variance = np.stack([fit[0] for fit in fits]), np.stack([fit[1] for fit in fits])
    common = (estimate / variance).sum(0) / (1.0 / variance).sum(0)
    beyond = np.square(estimate - common) * n_groups / (n_groups - 1) - variance
    spread = np.average(beyond, weights=variance**-2.0)
    return np.asarray(np.median(spread / variance, axis=0) > 1.0)


def _alone(z: Array, y: Array, x: Array) -> tuple[Array, Array]:
    """One group's own coefficients and their variances, (K,) each, under the columns' standard normal prior."""
    media = x / (x + 2.0)  # a hill in the middle of the prior
    columns = np.concatenate([z, media - media.mean(0)], axis=1)
    ridge = np.where(np.arange(columns.shape[1]) < z.shape[1], 1.0, _FAINT)
    inverse = np.linalg.inv(columns.T @ columns + np.diag(ridge))
    target = y - y.mean()
    fitted = inverse @ (columns.T @ target)
    free = max(len(y) - len(ridge) - 1, 1)
    noise = max(float(np.square(target - columns @ fitted).sum()) / free, _FAINT)
    return fitted[: z.shape[1]], noise * np.diag(inverse)[: z.shape[1]]

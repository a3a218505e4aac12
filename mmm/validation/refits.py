"""Fitting again: on less, more or other data, many times, and only what is asked of each fit is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mmm.config import ChannelSection, MediaSection
from mmm.design import Design
from mmm.lift_tests import LiftTest
from mmm.media import FittedMedia, MediaMixModel
from mmm.panel import MediaPanel
from outlay.errors import DataError, TrustError
from outlay.project import ProjectSection
from outlay.transforms import Array


class Fitter(Protocol):
    """What fits a panel; tests and other engines bring their own."""

    def __call__(self, panel: MediaPanel, section: MediaSection, project: ProjectSection, seed: int, /) -> FittedMedia:
        """The posterior of a panel."""


def short_fitter(tests: Sequence[LiftTest] = (), chains: int = 2, draws: int = 500, tune: int = 500) -> Fitter:
    """Fits as ``outlay fit`` does, with shorter chains: a mean within a tenth of a posterior sd is enough to compare.

    Parameters
    ----------
    tests : sequence of LiftTest
        Experiments that calibrate the fit. A refit of fewer periods has those that were over by then.
    chains, draws, tune : int
        What every refit samples.
    """

    def fit(panel: MediaPanel, section: MediaSection, project: ProjectSection, seed: int) -> FittedMedia:
        sampling = section.sampling.model_copy(update={"chains": chains, "draws": draws, "tune": tune})
        shorter = section.model_copy(update={"sampling": sampling})
        over = [test for test in tests if test.last < panel.n_periods]
        return MediaMixModel(panel, shorter, project.model_copy(update={"seed": seed}), over).fit()

    return fit


@dataclass(frozen=True)
class Refit:
    """One fit to make: what it is called, and of what."""

    name: str
    panel: MediaPanel
    section: MediaSection
    project: ProjectSection
    seed: int


@dataclass(frozen=True)
class Failed:
    """A fit that could not be made, and why."""

    name: str
    why: str


Tell = Callable[[int, int], None]
"""Is told how many refits are done, and of how many."""


def refit_all[T](
    refits: Sequence[Refit],
    fitter: Fitter,
    measure: Callable[[Refit, FittedMedia], T],
    workers: int = 1,
    tell: Tell | None = None,
) -> list[T | Failed]:
    """Make every fit and keep what ``measure`` takes from it; posteriors are let go at once.

    Parameters
    ----------
    refits : sequence of Refit
        What to fit.
    fitter : Fitter
        What fits.
    measure : callable
        What is kept of each fit.
    workers : int
        Fits at once. The first is made alone, so that what it compiles or loads is there for the others. A fit that
        went through PyMC compiles on every call and cannot share a process: then all are made one after another.
    tell : callable, optional
        Is told how many are done.
    """

    def one(refit: Refit) -> tuple[T | Failed, bool]:
        try:
            fitted = fitter(refit.panel, refit.section, refit.project, refit.seed)
        except DataError as problem:
            return Failed(refit.name, problem.findings[0].what if problem.findings else problem.what), True
        except TrustError as problem:
            return Failed(refit.name, problem.what), True
        return measure(refit, fitted), fitted.samples.route == "kernel"

    def counted(made: Iterable[tuple[T | Failed, bool]]) -> Iterator[T | Failed]:
        for done, (result, _) in enumerate(made, start=2):
            yield result
            if tell is not None:
                tell(done, len(refits))

    if not refits:
        return []
    (first, shared), rest = one(refits[0]), refits[1:]
    if workers > 1 and shared:
        with ThreadPoolExecutor(workers) as pool:
            return [first, *counted(pool.map(one, rest))]
    return [first, *counted(map(one, rest))]


def kept(results: Sequence[object]) -> tuple[Failed, ...]:
    """The fits that failed."""
    return tuple(result for result in results if isinstance(result, Failed))


def settled(section: MediaSection, design: Design) -> MediaSection:
    """The section with the carry-over length of a fit, so that a refit on other rows is the same model."""
    return section.model_copy(update={"l_max": design.l_max})


def until(panel: MediaPanel, stop: int) -> MediaPanel:
    """The panel's first ``stop`` periods."""
    return replace(
        panel,
        dates=panel.dates[:stop],
        exposure=panel.exposure[:stop],
        contacts=panel.contacts[:stop],
        spend=panel.spend[:stop],
        kpi=panel.kpi[:stop],
        value=panel.value[:stop],
        controls=panel.controls[:stop],
        events=panel.events[:stop],
        levers=panel.levers[:stop],
        lever_cost=panel.lever_cost[:stop],
    )


def with_channel(
    panel: MediaPanel, section: MediaSection, channel: ChannelSection, exposure: Array
) -> tuple[MediaPanel, MediaSection]:
    """The panel with one organic channel more.

    Parameters
    ----------
    panel, section
        What there is.
    channel : ChannelSection
        The channel, without spend.
    exposure : ndarray (T, G)
        Its exposure.
    """
    nothing = np.zeros_like(exposure)[..., None]
    more = replace(
        panel,
        channels=(*panel.channels, channel.name),
        paid=np.append(panel.paid, False),
        adstock=(*panel.adstock, channel.adstock),
        saturation=(*panel.saturation, channel.saturation),
        exposure=np.concatenate([panel.exposure, exposure[..., None]], axis=-1),
        reaches=np.append(panel.reaches, False),
        contacts=np.concatenate([panel.contacts, nothing], axis=-1),
        spend=np.concatenate([panel.spend, nothing], axis=-1),
    )
    return more, section.model_copy(update={"channels": (*section.channels, channel)})


def without_control(panel: MediaPanel, section: MediaSection, name: str) -> tuple[MediaPanel, MediaSection]:
    """The panel without one control."""
    keep = [index for index, other in enumerate(panel.control_names) if other != name]
    names = tuple(panel.control_names[index] for index in keep)
    mediators = tuple(other for other in section.mediators if other != name)
    less = section.model_copy(update={"controls": names, "mediators": mediators})
    return replace(panel, controls=panel.controls[..., keep], control_names=names), less


def shaken(panel: MediaPanel, sd: float, seed: int) -> MediaPanel:
    """The panel with every spend and exposure off by a few per cent, spend and its exposure by the same."""
    factor = np.exp(sd * np.random.default_rng(seed).standard_normal(panel.spend.shape))
    return replace(panel, spend=panel.spend * factor, exposure=panel.exposure * factor)

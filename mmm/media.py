"""The media-mix model as a user meets it: a panel in, a fitted model out, tables from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mmm.changes import Changes, compare_fits
from mmm.config import MediaSection
from mmm.contributions import Decomposition, decompose
from mmm.counterfactual import what_if, what_if_table
from mmm.curves import curve_table, shape_table
from mmm.design import Design, make_design
from mmm.doubts import doubts
from mmm.draws import MediaDraws, media_draws
from mmm.engine import draw_posterior
from mmm.facts import model_facts, window_findings
from mmm.forecast import response_draws
from mmm.frequency import frequency_table
from mmm.future_spend import spend_ahead
from mmm.identify import Identification, identify, judged, model_findings
from mmm.lift_notes import lift_findings
from mmm.lift_tests import LiftTest, lift_tests_from_frame
from mmm.outlook import Outlook, outlook
from mmm.panel import MediaPanel, panel_from_frame
from mmm.priors import Priors, make_priors
from mmm.reported import CAUSES, reported_quantities
from mmm.returns import Returns, window_returns
from mmm.roi import lever_table, roi_table, total_table
from mmm.store import load_fit, save_fit
from mmm.waterfall import totals_table, waterfall_table
from mmm.windows import Day, scopes, window_rows
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.response import ResponseDraws
from outlay.sampling import OnProgress, Samples
from outlay.trust import Trust, assess

if TYPE_CHECKING:
    from mmm.exchange import PeerModel


class MediaMixModel:
    """A Bayesian media-mix model of one panel.

    Parameters
    ----------
    panel : MediaPanel
        The data, checked.
    section : MediaSection
        Channels, baseline, priors and sampler settings.
    project : ProjectSection
        Currency, interval level and seed.
    tests : sequence of LiftTest
        Experiments to calibrate by.

    Examples
    --------
    >>> model = MediaMixModel.from_frame(frame, section, project)  # doctest: +SKIP
    >>> fitted = model.fit()  # doctest: +SKIP
    >>> fitted.roi()  # doctest: +SKIP
    """

    def __init__(
        self, panel: MediaPanel, section: MediaSection, project: ProjectSection, tests: Sequence[LiftTest] = ()
    ) -> None:
        self.panel = panel
        self.section = section
        self.project = project
        self.design = make_design(panel, section, tests)
        self.priors = make_priors(self.design)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        section: MediaSection,
        project: ProjectSection,
        tests: pd.DataFrame | None = None,
    ) -> MediaMixModel:
        """The model of a DataFrame, and of a DataFrame of lift tests, after the same checks as files get.

        Raises
        ------
        DataError
            With every error in the data.
        """
        panel = panel_from_frame(frame, section, project)
        return cls(panel, section, project, () if tests is None else lift_tests_from_frame(tests, panel))

    def build(self) -> Any:
        """The PyMC model, for those who want to look at it or sample it themselves."""
        from mmm.model import build_model

        return build_model(self.design, self.priors)

    def to_pymc_marketing(self) -> PeerModel:
        """The same model as a built ``pymc_marketing.mmm`` MMM with its data, and findings on what differs.

        Raises
        ------
        DataError
            M090, where PyMC-Marketing cannot express the model.
        """
        from mmm.exchange import to_pymc_marketing

        return to_pymc_marketing(self)

    @classmethod
    def from_pymc_marketing(cls, mmm: Any, project: ProjectSection, **section: Any) -> MediaMixModel:
        """The model of a ``pymc_marketing.mmm`` MMM that holds its data; see :func:`mmm.exchange_from`.

        Parameters
        ----------
        mmm : MMM
            With ``X`` and ``y``, built or fitted.
        project : ProjectSection
            Currency, interval level and seed.
        **section
            Keys of ``[media]`` that say more than the MMM does, such as ``kpi_type``.

        Raises
        ------
        DataError
            M090, where this model cannot express the MMM.
        """
        from mmm.exchange_from import from_pymc_marketing

        return from_pymc_marketing(mmm, project, **section)

    def fit(self, on_progress: OnProgress | None = None) -> FittedMedia:
        """Sample the posterior, by the engine of ``[media.sampling]``: ``samples.route`` tells which, and why.

        Parameters
        ----------
        on_progress : callable, optional
            Is given a :class:`outlay.sampling.Progress` a few times a second.
        """
        samples = draw_posterior(self.design, self.priors, self.project.seed, on_progress)
        return FittedMedia(self.design, self.priors, self.project, samples)


@dataclass(frozen=True)
class FittedMedia:
    """A posterior, and everything that is told from it, in original units.

    Attributes
    ----------
    design : Design
        The data as the model saw them.
    priors : Priors
        The prior's numbers.
    project : ProjectSection
        Currency, interval level and seed.
    samples : Samples
        Draws of the free parameters.
    """

    design: Design
    priors: Priors
    project: ProjectSection
    samples: Samples

    @cached_property
    def draws(self) -> MediaDraws:
        """Draws of the parameters in original units."""
        return media_draws(self.design, self.samples)

    @cached_property
    def returns(self) -> Returns:
        """Draws of what media returned in the scored window."""
        return window_returns(self.draws)

    @cached_property
    def decomposition(self) -> Decomposition:
        """The outcome taken apart by period and in total."""
        return decompose(self.draws, self.project.hdi, self.project.seed)

    @cached_property
    def identification(self) -> Identification:
        """How far the data moved each channel's effect."""
        return identify(self.draws, self.priors, self.project.seed)

    @cached_property
    def trust(self) -> Trust:
        """The verdict of the trust gate over every reported quantity."""
        return assess(reported_quantities(self.draws, self.returns, self.samples.chains), self.samples, CAUSES)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the data and of the fitted model."""
        model = model_findings(self.draws, self.identification, self.roi(), self.total(), self.decomposition)
        read = (*self.design.panel.findings, *window_findings(self.design), *lift_findings(self.design))
        return (*read, *model, *doubts(self.draws, self.priors, self.returns, self.decomposition))

    @cached_property
    def response(self) -> ResponseDraws:
        """What the optimizer decides on."""
        return response_draws(self.draws)

    def returns_in(self, start: Day | None = None, end: Day | None = None) -> Returns:
        """Draws of what media returned in a window inside the scored periods; of all of them by default.

        Raises
        ------
        ConfigError
            M020, for a window that is not inside them.
        """
        rows = window_rows(self.design, start, end)
        return self.returns if rows == self.design.fit else window_returns(self.draws, rows)

    def roi(self, start: Day | None = None, end: Day | None = None, group: str | None = None) -> pd.DataFrame:
        """Spend, contribution, share, ROI, marginal ROI and CPA per channel, lever and group; see :mod:`mmm.roi`.

        Parameters
        ----------
        start, end : date or str, optional
            Any day of the first and of the last period; all scored periods by default.
        group : str, optional
            One group, or one value of a group column; by default the total and every group.
        """
        returns, where = self.returns_in(start, end), scopes(self.design.panel, group)
        table = judged(roi_table(self.draws, returns, self.project.hdi, where), self.draws, self.identification)
        levers = lever_table(self.draws, returns, self.project.hdi, where)
        return table if levers.empty else pd.concat([table, levers], ignore_index=True)

    def total(self, start: Day | None = None, end: Day | None = None, group: str | None = None) -> pd.DataFrame:
        """All paid channels that ran together: the total and each group, as :meth:`roi` asks for them."""
        where = scopes(self.design.panel, group)
        return total_table(self.draws, self.returns_in(start, end), self.project.hdi, where)

    def waterfall(self, start: Day | None = None, end: Day | None = None, group: str | None = None) -> pd.DataFrame:
        """Base, season, controls, levers and channels stacked up to the outcome of a window, as :meth:`roi` asks."""
        where = scopes(self.design.panel, group)
        return waterfall_table(self.draws, self.returns_in(start, end), self.project.hdi, where)

    def counterfactual(
        self,
        factors: Mapping[str, float],
        start: Day | None = None,
        end: Day | None = None,
        group: str | None = None,
    ) -> pd.DataFrame:
        """What would be missing had these channels or levers been scaled in a window; see :func:`what_if_table`.

        Parameters
        ----------
        factors : mapping of str to float
            Factor by name: 0 is off, 0.5 is half. All at once, and each alone.
        start, end, group
            As in :meth:`roi`.
        """
        asked = what_if(self.draws, factors, window_rows(self.design, start, end))
        return what_if_table(self.draws, asked, self.project.hdi, scopes(self.design.panel, group))

    def frequency(self) -> pd.DataFrame:
        """The best contacts per person of reach and frequency channels; see :func:`frequency_table`."""
        return frequency_table(self.draws, self.project.hdi)

    def forecast(
        self, spend: pd.DataFrame | None = None, periods: int | None = None, goal: float | None = None
    ) -> Outlook:
        """The outcome after the data: baseline, media, intervals, and the probability of reaching a goal.

        Parameters
        ----------
        spend : DataFrame, optional
            Columns ``date, channel, spend`` and, with groups, ``group``; by default what the same period of the last
            year cost.
        periods : int, optional
            From the first after the data; by default 13, or as far as ``spend`` reaches.
        goal : float, optional
            Outcome to reach over all periods and groups.
        """
        plan = spend_ahead(self.design, spend, periods)
        return outlook(self.draws, plan, self.project.hdi, self.project.seed, goal)

    def compare(self, previous: FittedMedia, between: FittedMedia | None = None) -> Changes:
        """What moved since another fit, and why; see :mod:`mmm.changes`.

        Parameters
        ----------
        previous : FittedMedia
            The fit before.
        between : FittedMedia, optional
            This fit's data under the previous fit's section: tells the data's part of a change from the section's.
        """
        return compare_fits(previous, self, between)

    def contributions(self) -> pd.DataFrame:
        """Outcome by period, group and component, with intervals."""
        return self.decomposition.by_period

    def baseline(self) -> pd.DataFrame:
        """Outcome by component over the whole window, with intervals and shares."""
        return totals_table(self.waterfall(group=None))

    def fit_table(self) -> pd.DataFrame:
        """Actual and fitted outcome by period, with predictive intervals."""
        return self.decomposition.fit

    def curves(self) -> pd.DataFrame:
        """Response curves per period of constant spend."""
        return curve_table(self.draws, self.project.hdi)

    def shapes(self) -> pd.DataFrame:
        """Half-lives in days and half-saturations in money per period."""
        return shape_table(self.draws, self.project.hdi)

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table by the name under which a run keeps it."""
        return {
            "roi": self.roi(),
            "total": self.total(),
            "contributions": self.contributions(),
            "baseline": self.baseline(),
            "waterfall": self.waterfall(),
            "fit": self.fit_table(),
            "curves": self.curves(),
            "shapes": self.shapes(),
            **({"frequency": self.frequency()} if self.design.panel.reaches.any() else {}),
        }

    def facts(self) -> dict[str, Any]:
        """What a report tells about the model: window, sizes, priors, fit quality, timings."""
        return model_facts(self)

    def _repr_html_(self) -> str:
        """The fit as a notebook shows it: whether to trust it, and what each channel returned."""
        from mmm.shown import returns_table
        from mmm.told import Told
        from outlay.html_table import html_table

        return html_table(returns_table(Told.of(self)), [self.trust.sentence()])

    def save(self, folder: Path) -> None:
        """Write the panel and the posterior to a folder, a few MB; see :func:`mmm.store.save_fit`."""
        save_fit(self, folder)

    @classmethod
    def load(cls, folder: Path) -> FittedMedia:
        """Read what :meth:`save` wrote.

        Raises
        ------
        RunError
            Where a file is missing, damaged, or of another format.
        """
        design, priors, project, samples = load_fit(folder)
        return cls(design, priors, project, samples)

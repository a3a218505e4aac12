"""The media-mix model as a user meets it: a panel in, a fitted model out, tables from there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm.catalogue import CATALOGUE
from mmm.config import MediaSection
from mmm.contributions import Decomposition, decompose
from mmm.curves import curve_table, shape_table
from mmm.design import Design, make_design
from mmm.draws import MediaDraws, media_draws
from mmm.forecast import response_draws
from mmm.identify import Identification, fit_quality, identify, model_findings
from mmm.panel import MediaPanel, panel_from_frame
from mmm.priors import Priors, make_priors
from mmm.returns import MARGIN, Returns, roi_table, total_table, window_returns
from mmm.wording import span
from outlay.errors import RunError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.response import ResponseDraws
from outlay.sampling import OnProgress, Samples, SamplerSettings, sample
from outlay.transforms import Array
from outlay.trust import Trust, assess

FORMAT = 1

_CAUSES = {
    "half-life": "The data hardly tell a fast from a slow effect of this channel; give [media.prior] half_life_days or merge it.",
    "half-saturation": "The spend seen hardly bends the channel's curve, so its saturation is nearly free.",
    "contribution": "The channel trades its effect with another channel or with the baseline that moves like it.",
    "ROI": "The channel trades its effect with another channel or with the baseline that moves like it.",
    "marginal ROI": "The channel trades its effect with another channel or with the baseline that moves like it.",
    "baseline": "The baseline trades with media that are always on.",
    "effect of": "Two columns of the baseline may say the same thing.",
    "noise": "The model may be missing something large; look for outliers.",
}


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

    Examples
    --------
    >>> model = MediaMixModel.from_frame(frame, section, project)  # doctest: +SKIP
    >>> fitted = model.fit()  # doctest: +SKIP
    >>> fitted.roi()  # doctest: +SKIP
    """

    def __init__(self, panel: MediaPanel, section: MediaSection, project: ProjectSection) -> None:
        self.panel = panel
        self.section = section
        self.project = project
        self.design = make_design(panel, section)
        self.priors = make_priors(self.design)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, section: MediaSection, project: ProjectSection) -> MediaMixModel:
        """The model of a DataFrame, after the same checks as a file gets.

        Raises
        ------
        DataError
            With every error in the data.
        """
        return cls(panel_from_frame(frame, section, project), section, project)

    def build(self) -> Any:
        """The PyMC model, for those who want to look at it or sample it themselves."""
        from mmm.model import build_model

        return build_model(self.design, self.priors)

    def fit(self, on_progress: OnProgress | None = None) -> FittedMedia:
        """Sample the posterior.

        Parameters
        ----------
        on_progress : callable, optional
            Is given a :class:`outlay.sampling.Progress` a few times a second.
        """
        settings = self.section.sampling
        samples = sample(
            self.build(),
            SamplerSettings(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                target_accept=settings.target_accept,
                seed=self.project.seed,
            ),
            on_progress,
        )
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
        return assess(self._reported(), self.samples, _CAUSES)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the data and of the fitted model."""
        model = model_findings(self.draws, self.identification, self.roi(), self.total(), self.decomposition)
        return (*self.design.panel.findings, *self._about_the_window(), *model)

    @cached_property
    def response(self) -> ResponseDraws:
        """What the optimizer decides on."""
        return response_draws(self.draws)

    def roi(self) -> pd.DataFrame:
        """Spend, contribution, share, ROI, marginal ROI and CPA per channel and group; see :func:`roi_table`."""
        table = roi_table(self.draws, self.returns, self.project.hdi)
        position = {name: c for c, name in enumerate(self.design.panel.channels)}
        index = table["channel"].map(position).to_numpy()
        return table.assign(
            contraction=self.identification.contraction[index],
            identified=np.array(self.identification.verdict)[index],
        )

    def total(self) -> pd.DataFrame:
        """All paid media together, one row."""
        return total_table(self.returns, self.design.panel.paid, self.project.hdi)

    def contributions(self) -> pd.DataFrame:
        """Outcome by period, group and component, with intervals."""
        return self.decomposition.by_period

    def baseline(self) -> pd.DataFrame:
        """Outcome by component over the whole window, with intervals and shares."""
        return self.decomposition.totals

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
            "fit": self.fit_table(),
            "curves": self.curves(),
            "shapes": self.shapes(),
        }

    def facts(self) -> dict[str, Any]:
        """What a report tells about the model: window, sizes, priors, fit quality, timings."""
        panel, design = self.design.panel, self.design
        r2, autocorrelation = fit_quality(self.decomposition)
        prior = design.section.prior
        return {
            "kpi": panel.kpi_name,
            "kpi_type": panel.kpi_type,
            "outcome_unit": self.response.outcome_unit,
            "money": self.response.money,
            "currency": panel.currency,
            "hdi": self.project.hdi,
            "frequency": panel.frequency.name,
            "period": panel.frequency.unit,
            "first_date": str(panel.dates[0].date()),
            "window_start": str(panel.dates[design.fit][0].date()),
            "window_end": str(panel.dates[-1].date()),
            "periods_scored": len(design.y),
            "l_max": design.l_max,
            "groups": list(panel.groups) if panel.is_panel else [],
            "channels": list(panel.channels),
            "parameters": int(sum(np.prod(value.shape[2:]) for value in self.samples.values.values())),
            "r2": r2,
            "residual_autocorrelation": autocorrelation,
            "seconds": dict(self.samples.seconds),
            "assumed": [
                f"Paid media cause {prior.paid_share:.0%} of the KPI in the middle of the prior "
                f"(sd {prior.paid_share_sd:g} on the logit), split over channels by spend.",
                f"A channel's ROI is within a factor of {prior.roi_ratio:g} of the average with 90 % prior probability.",
                f"An organic channel causes {prior.organic_share:.1%} of the KPI in the middle of the prior.",
                f"Half-lives have a prior middle of {prior.half_life_days:g} days (90 % within a factor of five).",
                "Half-saturation lies between 0.4 and 10 times a channel's mean exposure with 90 % prior probability.",
                "Media effects are never negative; levers and controls may be.",
                f"Adstock: {', '.join(sorted(set(panel.adstock)))}; saturation: {', '.join(sorted(set(panel.saturation)))}.",
            ],
            "future": list(self.response.assumptions),
        }

    def save(self, folder: Path) -> None:
        """Write the panel, the posterior and what it takes to read them again.

        A few MB: float64 free parameters, compressed. Contributions are computed again when needed.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.design.panel.to_frame().to_parquet(folder / "panel.parquet", compression="zstd")
        dataset = self.samples.dataset()
        encoding = {str(name): {"zlib": True, "complevel": 4, "shuffle": True} for name in dataset.data_vars}
        dataset.to_netcdf(folder / "posterior.nc", engine="h5netcdf", encoding=encoding)
        about = {
            "format": FORMAT,
            "project": self.project.model_dump(mode="json"),
            "media": self.design.section.model_dump(mode="json"),
            "findings": [finding.as_dict() for finding in self.design.panel.findings],
        }
        (folder / "fitted.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FittedMedia:
        """Read what :meth:`save` wrote.

        Raises
        ------
        RunError
            Where a file is missing, damaged, or of another format.
        """
        folder = Path(folder)
        with _reading(folder):
            panel, section, project = load_panel(folder)
            with xr.open_dataset(folder / "posterior.nc", engine="h5netcdf") as opened:
                samples = Samples.from_dataset(opened.load())
        design = make_design(panel, section)
        return cls(design, make_priors(design), project, samples)

    def _reported(self) -> dict[str, Array]:
        """Every scalar that tables report, by the name a user knows, (chains, draws)."""
        chains, design = self.samples.chains, self.design
        panel, returns, draws = design.panel, self.returns, self.draws
        quantities: dict[str, Array] = {}

        def put(name: str, flat: Array) -> None:
            quantities[name] = flat.reshape(chains, -1)

        for c in np.flatnonzero(design.active):
            name = panel.channels[c]
            if panel.adstock[c] == "geometric":
                put(f"half-life of {name}", draws.half_life[:, c])
            put(f"half-saturation of {name}", draws.half_saturation[:, c])
            for where, groups in self._scopes():
                put(f"contribution of {name}{where}", returns.contribution[:, groups, c].sum(1))
                spend = returns.spend[groups, c].sum()
                if spend > 0:
                    put(f"ROI of {name}{where}", returns.incremental[:, groups, c].sum(1) / spend)
                    put(f"marginal ROI of {name}{where}", returns.extra[:, groups, c].sum(1) / (MARGIN * spend))
        for g, group in enumerate(panel.groups):
            where = f" in {group}" if panel.is_panel else ""
            put(f"baseline{where}", draws.intercept[:, g])
            put(f"noise{where}", draws.sigma[:, g])
            for k, term in enumerate(design.terms):
                put(f"effect of {term.name}{where}", draws.terms[:, g, k])
        return quantities

    def _scopes(self) -> list[tuple[str, slice]]:
        whole = [("", slice(None))]
        if not self.design.panel.is_panel:
            return whole
        return whole + [(f" in {name}", slice(g, g + 1)) for g, name in enumerate(self.design.panel.groups)]

    def _about_the_window(self) -> list[Finding]:
        design = self.design
        panel = design.panel
        warm = panel.dates[: design.l_max]
        what = (
            f"the first {design.l_max} {panel.frequency.unit}s ({span(warm)}) only warm up the adstock; all tables are "
            f"about {span(panel.dates[design.fit])}"
        )
        findings = [CATALOGUE.finding("M010", panel.source, what)]
        free = panel.paid & design.organic
        findings += [
            CATALOGUE.finding("M011", f"channel {panel.channels[c]}", "has exposure and no spend in the scored rows")
            for c in np.flatnonzero(free)
        ]
        return findings


def load_panel(folder: Path) -> tuple[MediaPanel, MediaSection, ProjectSection]:
    """The panel of a saved fit, with the sections that it was fitted under.

    Raises
    ------
    RunError
        Where a file is missing, damaged, or of another format.
    """
    with _reading(folder):
        about = json.loads((folder / "fitted.json").read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise RunError(
                f"its format is {about['format']} and this version reads {FORMAT}",
                where=str(folder / "fitted.json"),
                repair="Fit again with this version, or read it with the version that wrote it.",
                id="R004",
            )
        # The project file's grammar is strict JSON: the same door as it came in by.
        project = ProjectSection.model_validate_json(json.dumps(about["project"]))
        section = MediaSection.model_validate_json(json.dumps(about["media"]))
        findings = [Finding(**finding) for finding in about["findings"]]
        frame = pd.read_parquet(folder / "panel.parquet")
        return MediaPanel.from_frame(frame, section, project, findings), section, project


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn whatever a missing or damaged file raises into one refusal in words."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError) as problem:
        raise RunError(
            f"the fitted model cannot be read ({type(problem).__name__})",
            where=str(folder),
            repair="A file is missing or damaged. Fit again, or restore the folder from a copy.",
            id="R003",
        ) from problem

"""How leads convert, by segment and channel: the model of a funnel's transitions and of what the last stage is worth.

Every transition of the funnel is a hierarchical binomial over the cells of leads, and the value of the last stage a
hierarchical log-normal. Each is its own posterior, because no parameter is shared between them. The definition is
:mod:`attribution.model_conversion` (PyMC); what usually samples it is :mod:`attribution.kernel_density`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attribution.config import LeadsSection
from attribution.conversion_links import VALUE, Link, Part, links_of
from attribution.leads import LeadCells
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sampling import OnProgress
from outlay.transforms import Array
from outlay.trust import Trust

if TYPE_CHECKING:
    from attribution.conversion_mix import Mix
    from attribution.conversion_tables import Answers

END_TO_END = "end to end"
"""What the way through the whole funnel is called among the stages."""


@dataclass(frozen=True, eq=False)
class RateDraws:
    """Draws of what becomes of leads, by some of their dimensions. S draws, n rows, J stages.

    Attributes
    ----------
    labels : DataFrame (n rows)
        The levels of each row: the full grid of the asked dimensions.
    leads : ndarray (n,)
        Observed leads of the lead mix's months; zero where a combination had none.
    reach : ndarray (S, n, J)
        Probability that a lead of the row reaches each stage; ones for the first.
    value : ndarray (S, n)
        Expected value of the last stage for a lead that reaches it; not a number where leads have no values.
    mix : str
        Which leads the other dimensions were averaged over, in a sentence.
    """

    labels: pd.DataFrame
    leads: Array
    reach: Array
    value: Array
    mix: str

    @property
    def worth(self) -> Array:
        """Expected money of a lead, (S, n)."""
        return np.asarray(self.reach[..., -1] * self.value)


class ConversionModel:
    """The conversion model of a table of leads.

    Parameters
    ----------
    cells : LeadCells
        Leads as counts.
    section : LeadsSection
        ``[leads]``.
    about : ProjectSection
        ``[project]``: interval level, seed, currency.

    Raises
    ------
    DataError
        Where a transition has no lead that had its time.
    """

    def __init__(self, cells: LeadCells, section: LeadsSection, about: ProjectSection) -> None:
        self.cells, self.section, self.about = cells, section, about
        self.links: tuple[Link, ...] = links_of(cells)

    def fit(self, on_progress: OnProgress | None = None) -> FittedConversion:
        """Sample the posterior of every transition and of the value with NUTS.

        Raises
        ------
        ConfigError
            C020, where the kernel is asked for and cannot run here.
        TrustError
            Where the density is not a number wherever the chains may start.
        """
        from attribution.conversion_sample import draw_parts

        parts = draw_parts(self.links, self.section.sampling, self.about.seed, on_progress)
        return FittedConversion(self.cells, self.section, self.about, parts)

    def preview(self) -> FittedConversion:
        """The same by an empirical-Bayes Laplace approximation, in about a second: no posterior."""
        from attribution.laplace import preview_parts

        return FittedConversion(self.cells, self.section, self.about, preview_parts(self.links, self.about.seed))


class FittedConversion:
    """The posterior of a conversion model.

    Parameters
    ----------
    cells, section, about
        What it was fitted on and under.
    parts : sequence of Part
        Draws of each transition in order, and of the value where leads have one.
    """

    def __init__(self, cells: LeadCells, section: LeadsSection, about: ProjectSection, parts: Sequence[Part]) -> None:
        self.cells, self.section, self.about, self.parts = cells, section, about, tuple(parts)

    @property
    def route(self) -> str:
        """What made the draws: ``"kernel"``, ``"pymc"``, or ``"laplace"`` for a preview."""
        return self.parts[0].samples.route

    @property
    def is_preview(self) -> bool:
        """Whether these are not draws of the posterior but of an approximation to it."""
        return self.route == "laplace"

    @property
    def n_draws(self) -> int:
        """Draws of all chains together."""
        return self.parts[0].samples.chains * self.parts[0].samples.draws

    @cached_property
    def mix(self) -> Mix:
        """The leads that rates are averaged over."""
        from attribution.conversion_mix import recent_mix

        return recent_mix(self.cells)

    @cached_property
    def answers(self) -> Answers:
        """Draws behind the tables of a run: everything together, by dimension, and by segment and channel."""
        from attribution.conversion_tables import answers_of

        return answers_of(self)

    @property
    def has_values(self) -> bool:
        """Whether leads have a value."""
        return any(part.link.name == VALUE for part in self.parts)

    @property
    def window(self) -> tuple[str, str]:
        """First and last month of the lead mix; empty where leads have no period."""
        return self.mix.window

    def draws(self, by: tuple[str, ...], most: int | None = None) -> RateDraws:
        """Draws of what becomes of leads, averaged over the other dimensions by the lead mix of the last 12 months.

        Parameters
        ----------
        by : tuple of str
            Dimensions of the cells, for example ``("segment", "channel")``.
        most : int, optional
            Keep that many draws, evenly spaced.
        """
        from attribution.conversion_rates import rate_draws

        return rate_draws(self, by, most)

    def rates(self, by: tuple[str, ...], stage: str | None = None) -> pd.DataFrame:
        """Rate of every transition and end to end with intervals, beside the raw counts."""
        from attribution.conversion_tables import rates_table

        table = rates_table(self, by)
        return table if stage is None else table[table["stage"] == stage].reset_index(drop=True)

    def value_per_lead(self, by: tuple[str, ...]) -> pd.DataFrame:
        """Expected money of a lead with its interval."""
        from attribution.conversion_tables import value_per_lead_table

        return value_per_lead_table(self, by)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of a run."""
        from attribution.conversion_tables import all_tables

        return all_tables(self)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was seen in the leads and in the fit."""
        from attribution.conversion_checks import check_fit

        return (*self.cells.findings, *check_fit(self))

    @cached_property
    def trust(self) -> Trust | None:
        """The verdict of the trust gate over every reported quantity; None for a preview, which has no chains."""
        from attribution.conversion_trust import judge

        return None if self.is_preview else judge(self)

    def save(self, folder: Path) -> None:
        """Write the fit to a folder; see :mod:`attribution.conversion_store`."""
        from attribution.conversion_store import save_conversion

        save_conversion(self, folder)

    @classmethod
    def load(cls, folder: Path) -> FittedConversion:
        """Read what :meth:`save` wrote.

        Raises
        ------
        RunError
            Where a file is missing, damaged, or of another format.
        """
        from attribution.conversion_store import load_conversion

        return load_conversion(folder)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from attribution.shown import conversion_table
        from outlay.html_table import html_table

        return html_table(conversion_table(self))

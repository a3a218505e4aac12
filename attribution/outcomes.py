"""Outcomes of several classes: a chain of binomials over the same cells, in the order of how frequent classes are.

First the most frequent class against all others, then the next among the rest, and so on. Each step is a funnel's
transition like any other, so that pooling, sampling, intervals and the trust gate are those of the funnel, and rare
classes borrow from each other what moves all of them (the first steps). Nothing is re-weighted: probabilities stay
those of the data, and what a rare class is worth comes in by its costs (:mod:`attribution.outcomes_decide`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection, OutcomesSection
from attribution.conversion import ConversionModel, FittedConversion
from attribution.conversion_checks import FEW
from attribution.conversion_mix import Mix
from attribution.conversion_tables import ALL, BOTH, groupings_of
from attribution.conversion_trust import both, judge_quantities
from attribution.leads import MISSING_LEVEL, LeadCells
from attribution.leads_cells import cells_of, with_period
from attribution.leads_table import open_leads
from attribution.leads_text import ROW
from attribution.outcomes_decide import decisions_table, matrix_of, thresholds_table
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sampling import OnProgress
from outlay.summary import summarise
from outlay.transforms import Array
from outlay.trust import Trust

_CLASS = "outcome_class"


@dataclass(frozen=True, eq=False)
class Outcomes:
    """A fitted model of classes.

    Attributes
    ----------
    fitted : FittedConversion
        Of the chain: its k-th stage is not to be of the first k classes.
    classes : tuple of str
        The most frequent first.
    section : OutcomesSection
    costs : ndarray (K, K) or None
        Cost of each action (rows, in the order of classes) by the true class.
    found : tuple of Finding
    """

    fitted: FittedConversion
    classes: tuple[str, ...]
    section: OutcomesSection
    costs: Array | None
    found: tuple[Finding, ...]

    def probabilities(self, by: tuple[str, ...]) -> Array:
        """Draws of the classes' probabilities, (S, n, K)."""
        reach = self.fitted.answers.reached[by].reach
        last = np.concatenate([reach, np.zeros((*reach.shape[:2], 1))], axis=2)
        return np.asarray(last[..., :-1] - last[..., 1:])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Classes with few leads, and leads left out."""
        return self.found

    @cached_property
    def trust(self) -> Trust | None:
        """The verdict over all classes' probabilities; None for a preview."""
        if self.fitted.is_preview:
            return None
        quantities: dict[str, Array] = {}
        for by in groupings_of(self.fitted):
            draws = self.probabilities(by)
            for g, name in enumerate(_names(self.fitted.mix, by)):
                quantities |= {
                    f"rate of class {c}, {BOTH.join(by)} {name}": draws[:, g, k] for k, c in enumerate(self.classes)
                }
        return judge_quantities(self.fitted, quantities)

    def joined(self, trust: Trust | None) -> Trust | None:
        """The funnel's verdict and this one as one."""
        return trust if trust is None or self.trust is None else both(trust, self.trust)

    def tables(self) -> dict[str, pd.DataFrame]:
        """``classes``, and where costs are stated ``decisions`` and ``thresholds``."""
        groupings = groupings_of(self.fitted)
        found = {"classes": pd.concat([self._classes(by) for by in groupings], ignore_index=True)}
        if self.costs is not None:
            own = max(groupings, key=lambda by: (len(by), by == ("segment",)))
            labels = _names(self.fitted.mix, own)
            found["decisions"] = decisions_table(self.probabilities(own), self.costs, self.classes, labels)
            found["thresholds"] = thresholds_table(self.costs, self.classes, self.default)
        return found

    @property
    def default(self) -> str:
        """The class that asks for no action."""
        return self.section.default or self.classes[0]

    def _classes(self, by: tuple[str, ...]) -> pd.DataFrame:
        mix, cells = self.fitted.mix, self.fitted.cells
        summary = summarise(self.probabilities(by), self.fitted.about.hdi)
        kept = mix.in_window(cells) | ("period" in by)
        group, names = mix.group(by, cells.codes[kept]), _names(mix, by)
        reached = np.c_[cells.reached[kept], np.zeros(int(kept.sum()))]
        counts = np.stack([np.bincount(group, c, len(names)) for c in (reached[:, :-1] - reached[:, 1:]).T], axis=1)
        leads = counts.sum(axis=1)
        frames = []
        for k, name in enumerate(self.classes):
            with np.errstate(invalid="ignore", divide="ignore"):
                raw = counts[:, k] / leads
            frames.append(
                pd.DataFrame(
                    {
                        "dimension": BOTH.join(by) or ALL,
                        "level": names,
                        "class": name,
                        "leads": leads,
                        "count": counts[:, k],
                        "raw": raw,
                        "mean": summary.mean[:, k],
                        "low": summary.low[:, k],
                        "high": summary.high[:, k],
                    }
                )
            )
        order = np.arange(len(names) * len(self.classes)).reshape(len(self.classes), -1).T.ravel()
        return pd.concat(frames, ignore_index=True).iloc[order]


def model_outcomes(
    section: LeadsSection,
    about: ProjectSection,
    base: Path,
    *,
    preview: bool = False,
    on_progress: OnProgress | None = None,
) -> Outcomes | None:
    """Fit the classes of ``[leads.outcomes]``; None where the project has none.

    Raises
    ------
    DataError
        V022, V023: costs that do not fit the classes; a single class.
    """
    if section.outcomes is None:
        return None
    cells, classes, found = read_outcomes(section, section.outcomes, about, base)
    return fit_outcomes((cells, classes, found), section, about, preview=preview, on_progress=on_progress)


def fit_outcomes(
    read: tuple[LeadCells, tuple[str, ...], tuple[Finding, ...]],
    section: LeadsSection,
    about: ProjectSection,
    *,
    preview: bool = False,
    on_progress: OnProgress | None = None,
) -> Outcomes:
    """Fit classes that :func:`read_outcomes` or :func:`chain` counted."""
    if section.outcomes is None:
        raise TypeError("the section has no outcomes")
    cells, classes, found = read
    costs = matrix_of(section.outcomes, classes)
    # Draws of the funnel and of the classes are independent: another seed keeps them so.
    model = ConversionModel(cells, section, about.model_copy(update={"seed": (about.seed + 104729) % 2**32}))
    fitted = model.preview() if preview else model.fit(on_progress)
    return Outcomes(FittedConversion(cells, section, about, fitted.parts), classes, section.outcomes, costs, found)


def read_outcomes(
    section: LeadsSection, outcomes: OutcomesSection, about: ProjectSection, base: Path
) -> tuple[LeadCells, tuple[str, ...], tuple[Finding, ...]]:
    """Count leads by cell and class in the engine.

    Returns
    -------
    LeadCells
        The chain: its k-th stage are the leads that are of none of the first k classes.
    tuple of str
        Classes, the most frequent first.
    tuple of Finding
    """
    with open_leads(section, about, base, columns=(outcomes.column,)) as table:
        cells = cells_of(table)
        known = table.raw.select(ROW, **{_CLASS: table.raw[outcomes.column].cast("string").strip()})
        rows = with_period(table.numbered, section).join(known, ROW)
        counted = rows.group_by([*cells.dims, _CLASS]).aggregate(leads=rows.count())
        frame = table.relation.backend.to_pyarrow(counted).to_pandas()
    where = f"{table.source}, column {outcomes.column}"
    return chain(frame, cells, where)


def chain(frame: pd.DataFrame, cells: LeadCells, where: str) -> tuple[LeadCells, tuple[str, ...], tuple[Finding, ...]]:
    """Counts by cell and class (``outcome_class``, ``leads``) as the stages of a chain.

    Raises
    ------
    DataError
        V023: a single class.
    """
    unknown = frame[_CLASS].isna() | (frame[_CLASS] == "")
    found = []
    if unknown.any():
        left = int(frame.loc[unknown, "leads"].sum())
        found.append(CATALOGUE.finding("V021", where, f"{left:,} leads have no outcome"))
    known = frame[~unknown]
    totals = known.groupby(_CLASS)["leads"].sum()
    classes = tuple(sorted((str(name) for name in totals.index), key=lambda name: (-int(totals[name]), name)))
    if len(classes) < 2:
        what = f"the only class is {classes[0]}" if classes else "no lead has an outcome"
        raise DataError([CATALOGUE.finding("V023", where, what)])
    few = [f"{name} ({int(totals[name])} leads)" for name in classes if totals[name] < FEW]
    if few:
        found.append(CATALOGUE.finding("V020", where, ", ".join(few)))
    codes = np.stack([_codes(known[dim], cells.levels[dim]) for dim in cells.dims], axis=1)
    combos, inverse = np.unique(codes, axis=0, return_inverse=True)
    counts = np.zeros((len(combos), len(classes)))
    np.add.at(counts, (inverse.ravel(), known[_CLASS].map(classes.index).to_numpy(int)), known["leads"].to_numpy(float))
    beyond = np.ascontiguousarray(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1])
    none = np.zeros(len(combos))
    stages = ("lead", *(f"beyond {name}" for name in classes[:-1]))
    made = replace(
        cells,
        stages=stages,
        codes=combos,
        reached=beyond,
        trials=beyond[:, :-1],
        successes=beyond[:, 1:],
        value_count=none,
        value_sum=none,
        value_log_sum=none,
        value_log_square=none,
        maturity_days=(0.0,) * (len(classes) - 1),
        young=(0,) * (len(classes) - 1),
        findings=(),
    )
    return made, classes, tuple(found)


def _codes(values: pd.Series, levels: tuple[str, ...]) -> NDArray[np.int64]:
    place = {name: k for k, name in enumerate(levels)}
    text = values.map(
        lambda value: MISSING_LEVEL if value is None else f"{value:%Y-%m-%d}" if hasattr(value, "year") else str(value)
    )
    return np.asarray(text.map(place), dtype=np.int64)


def _names(mix: Mix, by: tuple[str, ...]) -> list[str]:
    return [BOTH.join(row) or ALL for row in mix.labels(by).itertuples(index=False)]

"""Whether new segments are due: a verdict with its reasons, from drift, far customers and sizes of segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from outlay.findings import Finding
from segmentation.assign import Assigned
from segmentation.catalogue import CATALOGUE
from segmentation.drift import EVERYBODY, FAR, SEGMENTS, Drift, DriftReference

LARGE, MODERATE = 0.25, 0.1
"""Population stability indices from which a change is large or moderate, by the usual rule of thumb."""

_MANY = 1 / 3
"""Part of the features that may have moved moderately."""

_HALF = 0.5
"""Part of the customers whose segments may have changed far inside."""

_FAR_TIMES = 3.0
"""How many times as many customers as when the model was made may be far from all segments."""

_SURENESS_LOST = 0.25
"""Part of the mean sureness that may be lost."""


@dataclass(frozen=True)
class Verdict:
    """Whether to make new segments.

    Attributes
    ----------
    refit : bool
    reasons : tuple of str
        Why; what speaks against it where it is not due.
    findings : tuple of Finding
    """

    refit: bool
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {"refit": self.refit, "reasons": list(self.reasons)}


def refit(drift: Drift, before: DriftReference, assigned: Assigned, *, min_share: float = 0.0) -> Verdict:
    """Say whether new segments are due.

    They are where one of these is true, each beyond what chance makes: a feature, or the sizes of the segments, have an
    index of 0.25 or more; one feature has it inside segments that hold half of the customers; a third of the features
    have one of 0.1 or more; three times as many customers as then are
    far from all segments; sureness fell by a quarter; a segment is smaller than the least share that it may have.

    Parameters
    ----------
    drift : Drift
        Of :func:`segmentation.drift.compare`.
    before : DriftReference
    assigned : Assigned
        The customers of now.
    min_share : float
        Least part of the customers that a segment may have.
    """
    reasons = [
        *_by_features(drift),
        *_inside(drift),
        *_by_fit(before, assigned),
        *_by_size(before, assigned, min_share),
    ]
    findings = [*_changed(drift)]
    if reasons:
        findings.append(CATALOGUE.finding("K092", "segments", "; ".join(reasons)))
        return Verdict(True, tuple(reasons), tuple(findings))
    return Verdict(False, tuple(_against(drift, assigned)), tuple(findings))


def _by_features(drift: Drift) -> Iterator[str]:
    whole = drift.of(EVERYBODY)
    moved = whole[whole["beyond"]]
    far = moved[moved["psi"] >= LARGE]
    for feature, psi, moving in zip(far["feature"], far["psi"], far["what"], strict=True):
        what = "the sizes of the segments" if feature == SEGMENTS else feature
        yield f"{what} moved far: PSI {psi:.2f}, {moving}"
    features = whole[whole["feature"] != SEGMENTS]
    moderate = moved[(moved["psi"] >= MODERATE) & (moved["feature"] != SEGMENTS)]
    if len(features) and len(moderate) >= _MANY * len(features) and len(moderate) > 1:
        yield f"{len(moderate)} of {len(features)} features moved: PSI of {MODERATE} or more"


def _inside(drift: Drift) -> Iterator[str]:
    """A feature that moved far inside most segments, where everybody together may hide it."""
    whole = drift.of(EVERYBODY)
    told = set(whole.loc[whole["beyond"] & (whole["psi"] >= LARGE), "feature"])
    far = drift.table[(drift.table["number"] != EVERYBODY) & drift.table["beyond"] & (drift.table["psi"] >= LARGE)]
    total = float(whole["customers_now"].max()) if len(whole) else 0.0
    for feature, rows in far[~far["feature"].isin(told)].groupby("feature", sort=False):
        share = float(rows["customers_now"].sum()) / total
        if share >= _HALF:
            which = ", ".join(map(str, sorted(rows["number"])))
            yield f"{feature} moved far inside segments {which}, which hold {share:.0%} of the customers"


def _by_fit(before: DriftReference, assigned: Assigned) -> Iterator[str]:
    from scipy.stats import binom

    count, total = int(assigned.far.sum()), len(assigned.far)
    if count > _FAR_TIMES * FAR * total and binom.sf(count - 1, total, _FAR_TIMES * FAR) < 0.05:
        yield f"{count / total:.1%} of the customers are unlike any segment, {FAR:.0%} when the segments were made"
    if not np.isnan(before.sureness).all():
        then = float(np.average(before.sureness, weights=before.customers))
        now = float(np.average(assigned.sureness, weights=assigned.rows.weight))
        if now < (1 - _SURENESS_LOST) * then:
            yield f"customers lie nearer to borders: mean sureness fell from {then:.2f} to {now:.2f}"


def _by_size(before: DriftReference, assigned: Assigned, min_share: float) -> Iterator[str]:
    k = len(before.customers)
    now = np.bincount(assigned.numbers - 1, assigned.rows.weight, k)
    share, was = now / now.sum(), before.customers / before.customers.sum()
    for j in np.flatnonzero((share < min_share) & (was >= min_share)):
        yield f"segment {j + 1} holds {share[j]:.1%} of the customers, less than the {min_share:.1%} that it may have"


def _changed(drift: Drift) -> Iterator[Finding]:
    """One finding for everybody's features that moved more than a little and more than by chance."""
    whole = drift.of(EVERYBODY)
    moved = whole[whole["beyond"] & (whole["psi"] >= MODERATE)]
    if len(moved):
        told = "; ".join(f"{row.feature} {row.psi:.2f} ({row.what})" for row in moved.head(5).itertuples())
        more = f" and {len(moved) - 5} more" if len(moved) > 5 else ""
        what = f"{len(moved)} feature{'s' * (len(moved) > 1)} moved beyond chance, with PSI: {told}{more}"
        yield CATALOGUE.finding("K091", "features", what)


def _against(drift: Drift, assigned: Assigned) -> Iterator[str]:
    whole = drift.of(EVERYBODY)
    if len(whole):
        top = whole.iloc[0]
        chance = "beyond chance, and little" if top["beyond"] else "no more than chance makes it"
        chance = "beyond chance" if top["beyond"] and top["psi"] >= MODERATE else chance
        yield f"the greatest change is that of {top['feature']}: PSI {top['psi']:.3f}, {chance}"
    yield f"{assigned.far_share:.1%} of the customers are unlike any segment, {FAR:.0%} when the segments were made"

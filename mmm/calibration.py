"""What lift tests did to the answer: belief, time series alone, and time series with tests, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.identify import PRIOR_DRAWS
from mmm.lift_series import predicted_lift
from mmm.prior_draws import draw_prior_shares
from mmm.wording import amount
from outlay.findings import Finding
from outlay.summary import summarise
from outlay.transforms import Array
from outlay.trust import Trust

if TYPE_CHECKING:
    from mmm.media import FittedMedia

DISAGREE = 2.0
"""Standard errors, the test's and the model's taken together, from which a test and the time series disagree."""


@dataclass(frozen=True)
class Calibration:
    """The tables of a calibrated fit.

    Attributes
    ----------
    channels : DataFrame
        ``channel, stage, contribution_*, roi_*`` for every tested channel: ``stage`` is ``prior``, ``without tests`` or
        ``with tests``; intervals as everywhere. ROI is missing for organic channels.
    tests : DataFrame
        ``test, channel, group, start, end, spend_change, unit, observed, observed_se`` and what the model says without
        and with the tests: ``without_mean, without_hdi_low, without_hdi_high, with_...``, and ``distance``, the
        standard errors between the test and the time series alone.
    findings : tuple of Finding
        Tests that disagree with the time series (M037), and a fit without tests that failed the trust gate (M029).
    """

    channels: pd.DataFrame
    tests: pd.DataFrame
    findings: tuple[Finding, ...]


def calibrate(fitted: FittedMedia, without: FittedMedia) -> Calibration:
    """Compare a fit with lift tests with the same fit without them.

    Parameters
    ----------
    fitted : FittedMedia
        The fit whose design has tests.
    without : FittedMedia
        The fit of the same data and sections without them.
    """
    tests = _test_table(fitted, without)
    findings = (*untrusted(without.trust), *_disagreements(tests, fitted))
    return Calibration(_channel_table(fitted, without), tests, findings)


def untrusted(trust: Trust) -> list[Finding]:
    """A warning where the fit without tests, with which the other is compared, did not converge (M029)."""
    return [] if trust.passed else [CATALOGUE.finding("M029", "fit without lift tests", trust.sentence())]


def _channel_table(fitted: FittedMedia, without: FittedMedia) -> pd.DataFrame:
    design, panel = fitted.design, fitted.design.panel
    tested = sorted({c for test in design.tests for c in test.channels})
    outcome = float(np.abs(panel.kpi * panel.value)[design.fit].sum())  # a share is of the KPI's size
    prior = draw_prior_shares(design, fitted.priors, PRIOR_DRAWS, fitted.project.seed) * outcome
    rows = []
    for c in tested:
        spend = float(panel.spend[design.fit, :, c].sum())
        stages = {
            "prior": (prior[:, c], prior[:, c]),
            "without tests": _posterior(without, c),
            "with tests": _posterior(fitted, c),
        }
        for stage, (contribution, incremental) in stages.items():
            row: dict[str, object] = {"channel": panel.channels[c], "stage": stage}
            row |= summarise(contribution, fitted.project.hdi).numbers("contribution")
            returned = incremental / spend if spend > 0 else np.full(1, np.nan)
            rows.append(row | summarise(returned, fitted.project.hdi).numbers("roi"))
    return pd.DataFrame(rows)


def _posterior(fitted: FittedMedia, c: int) -> tuple[Array, Array]:
    return fitted.returns.contribution[:, :, c].sum(1), fitted.returns.incremental[:, :, c].sum(1)


def _test_table(fitted: FittedMedia, without: FittedMedia) -> pd.DataFrame:
    design, level = fitted.design, fitted.project.hdi
    panel, series = design.panel, design.lifts
    if series is None:
        raise ValueError("a calibration needs a fit with lift tests")
    before, after = predicted_lift(without.draws, series), predicted_lift(fitted.draws, series)
    rows = []
    for j, test in enumerate(design.tests):
        row: dict[str, object] = {
            "test": test.name,
            "channel": " + ".join(panel.channels[c] for c in test.channels),
            "group": None if len(test.groups) == panel.n_groups else " + ".join(panel.groups[g] for g in test.groups),
            "start": panel.dates[test.first],
            "end": panel.dates[test.last],
            "spend_change": test.spend_change,
            "unit": panel.kpi_name if panel.kpi_type == "units" else panel.currency,
            "observed": test.lift,
            "observed_se": test.lift_se,
        }
        for name, lift in (("without", before[:, j]), ("with", after[:, j])):
            row |= summarise(lift, level).numbers(name)
        distance = (test.lift - before[:, j].mean()) / np.hypot(test.lift_se, before[:, j].std())
        rows.append(row | {"distance": float(distance)})
    return pd.DataFrame(rows)


def _disagreements(tests: pd.DataFrame, fitted: FittedMedia) -> list[Finding]:
    findings = []
    for row in tests.to_dict("records"):
        if abs(row["distance"]) > DISAGREE:
            what = (
                f"measured a lift of {amount(row['observed'])} (standard error {amount(row['observed_se'])}) "
                f"{row['unit']}, and the time series alone expect {amount(row['without_mean'])}, "
                f"{abs(row['distance']):.1f} standard errors away"
            )
            findings.append(CATALOGUE.finding("M037", f"lift test {row['test']}", what))
    return findings

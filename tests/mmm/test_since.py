"""The run before a fit: found, compared with, and never in the way of the new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm import since
from mmm.media import FittedMedia
from mmm.since import since_previous
from outlay.runs import Run, RunWriter
from tests.mmm.probes import case, prior_samples


def fit_of(seed: int = 4, name: str = "bare") -> FittedMedia:
    it = case(name)
    samples = prior_samples(it.design, it.priors, 60, seed=seed)
    own = {key: tuple(f"{key}_{axis}" for axis in range(2, values.ndim)) for key, values in samples.values.items()}
    return FittedMedia(it.design, it.priors, it.world.project, replace(samples, dims=own))


def keep(root: Path, fitted: FittedMedia, *, trusted: bool = True) -> Run:
    with RunWriter(root, "fit", command=["outlay", "fit"], seed=1, inputs={}) as writer:
        fitted.save(writer.folder)
        writer.write_json("trust", {"passed": trusted})
    return writer.run


def believing(fitted: FittedMedia, paid_share: float) -> FittedMedia:
    section = fitted.design.section
    prior = section.prior.model_copy(update={"paid_share": paid_share})
    return replace(fitted, design=replace(fitted.design, section=section.model_copy(update={"prior": prior})))


def restated(fitted: FittedMedia) -> FittedMedia:
    panel = fitted.design.panel
    kpi = panel.kpi.copy()
    kpi[-1] += 1.0
    return replace(fitted, design=replace(fitted.design, panel=replace(panel, kpi=kpi)))


def test_a_first_fit_has_nothing_to_compare_with(tmp_path: Path) -> None:
    assert since_previous(tmp_path / "runs", fit_of(), tmp_path) is None


def test_the_latest_run_is_compared_with(tmp_path: Path) -> None:
    keep(tmp_path, believing(fit_of(1), 0.3))
    latest = keep(tmp_path, fit_of(4))
    found = since_previous(tmp_path, fit_of(4), tmp_path)
    assert found is not None
    assert found.changes is not None
    assert (found.run, found.findings) == (latest.id, ())
    # The same draws: nothing moved at all.
    assert (found.changes.table["change"] == 0.0).all()
    assert found.facts()["previous"] == latest.id


def test_a_damaged_run_is_told_and_does_not_stop_the_fit(tmp_path: Path) -> None:
    run = keep(tmp_path, fit_of())
    (run.path / "posterior.nc").write_bytes(b"not a posterior")
    found = since_previous(tmp_path, fit_of(), tmp_path)
    assert found is not None
    assert found.changes is None
    assert [finding.id for finding in found.findings] == ["M012"]


def test_an_untrusted_run_is_told(tmp_path: Path) -> None:
    keep(tmp_path, fit_of(), trusted=False)
    found = since_previous(tmp_path, fit_of(), tmp_path)
    assert found is not None
    assert [finding.id for finding in found.findings] == ["M028"]


def test_another_kpi_is_no_previous_fit(tmp_path: Path) -> None:
    keep(tmp_path, fit_of())
    other = fit_of()
    other = replace(other, design=replace(other.design, panel=replace(other.design.panel, kpi_name="visits")))
    assert since_previous(tmp_path, other, tmp_path) is None


def test_both_changed_and_no_table_to_read_keeps_the_reason(tmp_path: Path) -> None:
    """The section names no source, so the new data cannot be read under it: told by M027, and the fit goes on."""
    keep(tmp_path, fit_of())
    found = since_previous(tmp_path, believing(restated(fit_of(5)), 0.3), tmp_path)
    assert found is not None
    assert found.changes is not None
    assert [finding.id for finding in found.findings] == ["M027"]
    assert set(found.changes.table["why"]) <= {"data or beliefs", "sampling noise"}


def test_both_changed_asks_for_the_fit_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, fit_of(4))
    between = restated(fit_of(4))
    monkeypatch.setattr(since, "_between", lambda *_: (between, ""))
    found = since_previous(tmp_path, believing(restated(fit_of(5)), 0.3), tmp_path)
    assert found is not None
    assert found.changes is not None
    # The fit in between has the draws of the fit before, so the whole way is that of the beliefs.
    np.testing.assert_allclose(found.changes.table["from_data"], 0.0, atol=1e-9)
    assert found.findings == ()

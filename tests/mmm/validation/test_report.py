"""All checks of a fit together, and the run that keeps them."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from mmm.validation.report import Settings, validate, validate_run
from outlay.runs import RunWriter
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import fit

QUICK = Settings(folds=4, horizon=8, placebos=4, quick=True)


@pytest.mark.parametrize("panel", [False, True])
def test_every_check_has_its_verdict(panel: bool) -> None:
    told: list[str] = []
    found = validate(fit(panel), QUICK, conjugate_fit, told.append)
    assert [one.id for one in found.verdicts if one.id != "V017"] == [
        "V001", "V002", "V003", "V004", "V005", "V008", "V009", "V010", "V011", "V012", "V014", "V016", "V018", "V013",
    ]  # fmt: skip
    assert len(told) >= 5
    assert len(found.tables["folds"]) == 2
    assert len(found.tables["placebos"]) <= 2
    use = found.tables["channels"]
    assert list(use["channel"]) == ["tv", "search"]
    assert set(use["use"]) <= {"good", "watch", "bad"}


def test_a_validation_is_kept_as_a_run_of_its_fit(tmp_path: Path) -> None:
    it = fit()
    with RunWriter(tmp_path, "fit", command=["outlay"], seed=1) as writer:
        it.save(writer.folder)
    with patch("mmm.validation.report.short_fitter", return_value=conjugate_fit):
        run = validate_run(writer.run, tmp_path, ["outlay", "validate"], QUICK)
    assert run.kind == "validate"
    assert run.parents == (writer.run.id,)
    about = run.json("validation.json")
    assert about["fit"] == writer.run.id
    assert about["status"] in ("good", "watch", "bad")
    assert np.isfinite(about["elpd_loo"])
    assert len(run.table("loo")) == len(it.design.y)

"""What moved between two fits: the causes are told apart, noise is told from change, and steps add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.changes import compare_fits, what_differs
from mmm.draws import MediaDraws
from mmm.media import FittedMedia
from mmm.priors import make_priors
from outlay.errors import ConfigError
from outlay.sampling import Samples
from tests.mmm.fabricated import PROJECT, design_of, draws_of

CHAINS = 4


def fit_of(n: int = 70, seed: int = 0, strength: float = 1.0, paid_share: float = 0.1, draws: int = 400) -> FittedMedia:
    """A fit whose draws are made by hand: all effects ``strength`` times what they were, independent draws."""
    design = design_of(n=n, prior={"paid_share": paid_share})
    made = draws_of(design, draws, seed)
    made = replace(made, coefficient=strength * made.coefficient)
    shape = (CHAINS, draws // CHAINS)
    samples = Samples({"sigma": np.ones((*shape, 1))}, {}, {}, {"diverging": np.zeros(shape)})
    fitted = FittedMedia(design, make_priors(design), PROJECT, samples)
    fitted.__dict__["draws"] = made
    return fitted


def test_the_same_data_and_beliefs_with_another_seed_are_noise() -> None:
    before, after = fit_of(seed=1), fit_of(seed=2)
    assert what_differs(before, after) == (False, False)
    changes = compare_fits(before, after)
    # The terms of the two differ by seed, their media effects have one distribution: 8 rows, three standard errors.
    assert set(changes.table["why"]) == {"sampling noise"}
    assert (changes.table["change"].abs() <= 3 * changes.table["noise"]).all()
    assert changes.table["noise"].min() > 0
    assert not changes.unattributed


def test_chains_that_disagree_are_not_called_noise() -> None:
    changes = compare_fits(fit_of(seed=1), fit_of(seed=2, strength=2.0))
    assert "chains that disagree" in set(changes.table["why"])


def test_other_data_alone_are_the_cause() -> None:
    changes = compare_fits(fit_of(n=70), fit_of(n=75, strength=1.5))
    assert (changes.data_changed, changes.beliefs_changed) == (True, False)
    assert set(changes.table["why"]) == {"data"}
    np.testing.assert_allclose(changes.table["from_data"], changes.table["change"])
    assert changes.window == ("2022-02-07", "2023-05-01")  # what both scored: the end is the shorter one's


def test_other_beliefs_alone_are_the_cause() -> None:
    changes = compare_fits(fit_of(), fit_of(paid_share=0.2, strength=1.5))
    assert (changes.data_changed, changes.beliefs_changed) == (False, True)
    assert set(changes.table["why"]) == {"beliefs"}


def test_the_way_of_sampling_is_no_belief() -> None:
    before = fit_of()
    section = before.design.section
    other = section.model_copy(update={"sampling": section.sampling.model_copy(update={"draws": 77})})
    assert what_differs(before, replace(before, design=replace(before.design, section=other))) == (False, False)


def test_steps_of_data_and_beliefs_add_up() -> None:
    """Data raise effects by a half, beliefs lower them again to four fifths of that."""
    before, after = fit_of(n=70), fit_of(n=75, paid_share=0.2, strength=1.2)
    between = fit_of(n=75, strength=1.5)
    changes = compare_fits(before, after, between)
    table = changes.table
    np.testing.assert_allclose(table["from_data"] + table["from_beliefs"], table["change"], rtol=1e-9)
    assert set(table["why"]) == {"data and beliefs"}
    assert (table["from_data"] > 0).all()
    assert (table["from_beliefs"] < 0).all()
    assert not changes.unattributed


def test_without_the_fit_in_between_causes_stay_open_and_the_reason_is_kept() -> None:
    changes = compare_fits(fit_of(n=70), fit_of(n=75, paid_share=0.2, strength=1.5), None, "it would be slow")
    assert set(changes.table["why"]) == {"data or beliefs"}
    assert changes.table["from_data"].isna().all()
    assert changes.unattributed == "it would be slow"


def test_the_change_is_in_posterior_standard_deviations() -> None:
    before, after = fit_of(), fit_of(paid_share=0.2, strength=1.5)
    row = compare_fits(before, after).table.set_index(["channel", "quantity"]).loc[("search", "roi")]
    spend = before.returns.spend[0, 1]
    roi = before.returns.incremental[:, 0, 1] / spend
    assert row["before"] == pytest.approx(roi.mean(), rel=1e-12)
    assert row["in_sd"] == pytest.approx((row["after"] - row["before"]) / roi.std(), rel=1e-9)


def test_fits_of_other_things_are_not_compared() -> None:
    before = fit_of()
    other = replace(before, design=replace(before.design, panel=replace(before.design.panel, kpi_name="orders")))
    with pytest.raises(ConfigError) as refused:
        compare_fits(before, other)
    assert refused.value.id == "M026"


def test_channels_that_came_and_went_are_named() -> None:
    before, after = fit_of(), fit_of()
    panel = replace(after.design.panel, channels=("tv", "search", "radio", "video", "post"))
    renamed = replace(after, design=replace(after.design, panel=panel))
    draws: MediaDraws = replace(after.draws, design=renamed.design)
    renamed.__dict__["draws"] = draws
    changes = compare_fits(before, renamed)
    assert (changes.came, changes.went) == (("post",), ("mail",))
    assert "post" not in set(changes.table["channel"])

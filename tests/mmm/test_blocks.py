"""Which channel has which parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmm.blocks import Blocks, make_blocks
from tests.mmm import reference
from tests.mmm.markets import MARKETS, market
from tests.mmm.panels import section

BELIEFS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"mean": 1.0, "sd": 1.0},
    {"on": "share", "low": 0.01, "high": 0.02},
    {"on": "share", "mean": 0.0, "sd": 0.1, "family": "normal"},
    {"mean": 1.0, "sd": 1.0, "family": "normal"},
    {"on": "coefficient", "low": 0.1, "high": 0.2},
)
HOW = ("pooled", "organic", "own", "signed", "direct")


def test_every_market_s_blocks_are_the_documentation_s() -> None:
    for name in MARKETS:
        design = market(name).design
        for block in ("decaying", "shaped", "bent", "sloped", "rooted", "organic", "own", "signed", "direct"):
            assert getattr(design.blocks, block).tolist() == reference.members(design, block), (name, block)
        assert design.blocks.pooled.tolist() == reference.members(design, "paid"), name
        assert design.blocks.active.tolist() == reference.runs(design), name


@given(
    st.lists(
        st.tuples(st.sampled_from(BELIEFS), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_an_active_channel_has_one_belief_about_its_effect_and_another_has_none(
    drawn: list[tuple[dict[str, Any] | None, bool, bool]],
) -> None:
    channels = [{"name": f"c{i}", "spend": f"c{i}", "prior": belief} for i, (belief, _, _) in enumerate(drawn)]
    active = np.array([runs for _, runs, _ in drawn])
    bought = active & np.array([costs for _, _, costs in drawn])
    blocks: Blocks = make_blocks(section(channels=channels), active, bought)
    every = np.concatenate([getattr(blocks, name) for name in HOW])
    assert sorted(every.tolist()) == np.flatnonzero(active).tolist()
    assert all((np.diff(getattr(blocks, name)) > 0).all() for name in HOW)


def test_without_a_belief_spend_decides_between_the_paid_total_and_an_organic_share() -> None:
    channels = [{"name": name, "spend": name} for name in ("a", "b", "c")]
    blocks = make_blocks(section(channels=channels), np.array([True, True, False]), np.array([True, False, False]))
    assert (blocks.pooled.tolist(), blocks.organic.tolist()) == ([0], [1])

"""Half-lives by media type, and how far the default carry-over reaches for them."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from mmm.calendar import LATER_SHARE_HALF_LIVES
from mmm.config import ChannelSection, MediaSection, MediaType
from mmm.presets import MEDIA_TYPES, Z90, half_life_belief, slowest_days
from outlay.transforms import adstock_weights
from tests.mmm.panels import section


def media(**channel: Any) -> tuple[ChannelSection, MediaSection]:
    made = section(channels=[{"name": "tv", "spend": "tv", **channel}], prior={"half_life_days": 9.0})
    return made.channels[0], made


@pytest.mark.parametrize("kind, low, high", [("tv", 0.3, 0.8), ("radio", 0.1, 0.4), ("search", 0.01, 0.3)])
def test_the_ends_of_a_preset_are_robyn_s_weekly_decays(kind: str, low: float, high: float) -> None:
    """What is left after a week at the 5 and 95 % ends of the belief; a decay of zero is written as a hundredth."""
    belief = MEDIA_TYPES[kind]
    left = [2.0 ** (-7.0 / belief.quantile(z)) for z in (-Z90, Z90)]
    assert left == pytest.approx([low, high], rel=1e-12)


def test_every_media_type_of_the_project_file_has_a_preset_and_no_other() -> None:
    assert set(MEDIA_TYPES) == set(get_args(MediaType))


def test_a_channel_s_own_half_life_is_the_middle_and_the_media_type_the_width() -> None:
    plain, typed = MEDIA_TYPES["tv"], {"media_type": "tv"}
    assert half_life_belief(*media(**typed)) == plain
    own = half_life_belief(*media(**typed, half_life_days=20.0))
    assert (own.days, own.log_sd) == (20.0, plain.log_sd)
    assert half_life_belief(*media(half_life_days=20.0)).log_sd == 1.0
    fallback = half_life_belief(*media())
    assert (fallback.days, fallback.log_sd) == (9.0, 1.0)  # [media.prior] half_life_days


def test_the_slowest_channel_that_carries_over_decides() -> None:
    channels = [
        {"name": "tv", "spend": "tv", "media_type": "tv"},
        {"name": "search", "spend": "search", "media_type": "search"},
    ]
    assert slowest_days(section(channels=channels)) == pytest.approx(MEDIA_TYPES["tv"].quantile(Z90))
    channels[0]["adstock"] = "none"
    assert slowest_days(section(channels=channels)) == pytest.approx(MEDIA_TYPES["search"].quantile(Z90))
    channels[1]["adstock"] = "none"
    assert slowest_days(section(channels=channels)) == 0.0


def test_the_default_window_holds_the_peak_of_a_delayed_effect_and_its_half() -> None:
    """A digital half-life alone would leave a week and a half of room, and the delay has its 95 % at 22 days."""
    _, made = media(media_type="search", adstock="delayed")
    room = slowest_days(made) * LATER_SHARE_HALF_LIVES
    latest, life = 7.0 * np.exp(0.7 * Z90), MEDIA_TYPES["search"].quantile(Z90)
    assert room == pytest.approx(latest + life)
    weights = adstock_weights("delayed", life, latest, 400)
    assert weights[: int(np.ceil(room)) + 1].sum() > 0.85  # in days
    slow = media(half_life_days=30.0, adstock="delayed")[1]
    assert slowest_days(slow) == pytest.approx(30.0 * np.exp(Z90))  # which is room enough for any delay

"""The ten paid channels: what they cause, what they cost, and whom they bring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """What is true of a paid channel.

    Attributes
    ----------
    share : float
        Part of all leads that it causes, over all weeks.
    cost : float
        USD per lead that it causes, on average.
    half_life : float
        Of its carry-over, in weeks.
    half_saturation : float
        Weekly exposure per account at half of its most, in multiples of the mean.
    flights : str
        How it runs: ``always`` on, in ``flights``, in ``bursts`` of single weeks.
    closes : float
        Probability that it is the last touch of a lead that it caused.
    steals : float
        Its weight among the last touches of leads that something else caused.
    seen : float
        Its weight among touches on the way.
    tilt : tuple of float
        Log-odds of the segments among its leads, against the baseline's mix.
    to_sqo, to_won : float
        Effects of having caused a lead, on the logits.
    field : float
        Part of its leads that field marketing made.
    """

    share: float
    cost: float
    half_life: float
    half_saturation: float
    flights: str
    closes: float
    steals: float
    seen: float
    tilt: tuple[float, float, float, float, float]
    to_sqo: float
    to_won: float
    field: float


CHANNELS: dict[str, Channel] = {
    "paid_search": Channel(
        share=0.070,
        cost=190,
        half_life=0.4,
        half_saturation=1.8,
        flights="always",
        closes=0.92,
        steals=0.4,
        seen=0.9,
        tilt=(-0.3, 0.1, 0.3, -0.4, 0.0),
        to_sqo=0.35,
        to_won=0.15,
        field=0.0,
    ),
    "paid_social": Channel(
        share=0.080,
        cost=150,
        half_life=0.7,
        half_saturation=2.0,
        flights="flights",
        closes=0.65,
        steals=0.07,
        seen=1.0,
        tilt=(-1.2, -0.4, 0.6, -1.0, 0.5),
        to_sqo=-0.45,
        to_won=-0.2,
        field=0.02,
    ),
    "professional_network": Channel(
        share=0.050,
        cost=520,
        half_life=0.9,
        half_saturation=2.6,
        flights="flights",
        closes=0.7,
        steals=0.06,
        seen=0.8,
        tilt=(0.9, 0.5, -0.9, 0.1, -0.6),
        to_sqo=0.25,
        to_won=0.1,
        field=0.05,
    ),
    "display": Channel(
        share=0.025,
        cost=330,
        half_life=0.7,
        half_saturation=1.6,
        flights="flights",
        closes=0.6,
        steals=0.3,
        seen=1.6,
        tilt=(-0.4, 0.0, 0.3, -0.3, 0.1),
        to_sqo=-0.35,
        to_won=-0.15,
        field=0.0,
    ),
    "video": Channel(
        share=0.045,
        cost=300,
        half_life=2.0,
        half_saturation=2.2,
        flights="flights",
        closes=0.22,
        steals=0.02,
        seen=1.1,
        tilt=(0.1, 0.4, 0.0, -0.2, 0.0),
        to_sqo=0.1,
        to_won=0.05,
        field=0.0,
    ),
    "webinars": Channel(
        share=0.040,
        cost=260,
        half_life=0.8,
        half_saturation=4.0,
        flights="bursts",
        closes=0.8,
        steals=0.05,
        seen=0.4,
        tilt=(0.2, 0.6, -0.5, 0.2, 0.3),
        to_sqo=0.4,
        to_won=0.15,
        field=0.15,
    ),
    "trade_shows": Channel(
        share=0.038,
        cost=820,
        half_life=1.4,
        half_saturation=5.0,
        flights="bursts",
        closes=0.85,
        steals=0.03,
        seen=0.2,
        tilt=(1.3, 0.4, -1.3, 0.7, -0.3),
        to_sqo=0.3,
        to_won=0.25,
        field=0.85,
    ),
    "content_syndication": Channel(
        share=0.080,
        cost=105,
        half_life=0.9,
        half_saturation=1.5,
        flights="flights",
        closes=0.75,
        steals=0.04,
        seen=0.5,
        tilt=(-0.6, -0.2, 0.4, -0.3, 0.6),
        to_sqo=-0.8,
        to_won=-0.4,
        field=0.0,
    ),
    "partners": Channel(
        share=0.032,
        cost=430,
        half_life=1.8,
        half_saturation=2.4,
        flights="flights",
        closes=0.8,
        steals=0.02,
        seen=0.2,
        tilt=(0.6, 0.3, -0.6, 1.3, 0.2),
        to_sqo=0.55,
        to_won=0.35,
        field=0.45,
    ),
    "direct_mail": Channel(
        share=0.022,
        cost=480,
        half_life=1.2,
        half_saturation=4.0,
        flights="bursts",
        closes=0.5,
        steals=0.01,
        seen=0.3,
        tilt=(0.0, 0.3, -0.5, 1.1, 0.9),
        to_sqo=0.0,
        to_won=0.05,
        field=0.6,
    ),
}

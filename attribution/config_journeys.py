"""The ``[journeys]`` section of the project file: touches of users on their way to a conversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from outlay.project import Section
from outlay.tables import CsvOptions

Share = Annotated[float, Field(ge=0, le=1)]
Spend = Annotated[float, Field(ge=0)]


class JourneysSection(Section):
    """The ``[journeys]`` section: one row per touch."""

    source: str = Field(description="CSV or Parquet path, or a URI such as duckdb:///file.db?table=touches.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    user: str = Field(description="Column of who was touched.")
    time: str = Field(description="Column of when: a timestamp or a day.")
    channel: str = Field(description="Column of the channel.")
    conversion: str = Field(description="Column that is 1 where this touch ended in a conversion, else 0.")
    value: str | None = Field(None, description="Column of the conversion's value in the project's currency.")
    segment: str | None = Field(None, description="Column of the user's segment, for answers by segment.")
    period: Literal["none", "month", "quarter"] = Field("none", description="Answers by period of the journey's end.")
    lookback_days: float | None = Field(
        30.0, gt=0, description="Touches longer than this before the end of a journey do not count."
    )
    session_minutes: float | None = Field(
        30.0, ge=0, description="Touches of one channel within this time of each other are one touch; 0 keeps all."
    )
    direct: str | None = Field(None, description="Name of direct traffic among the channels.")
    direct_rule: Literal["keep", "ignore_if_other"] = Field(
        "keep", description='"ignore_if_other" drops direct touches of journeys that have others.'
    )
    order: int = Field(1, ge=1, le=4, description="Most order of the Markov chain: orders 1 to this are told.")
    model: Literal["first", "last", "linear", "position", "decay", "markov_1", "shapley_sum"] = Field(
        "markov_1", description="Model whose credit is compared with the media-mix model."
    )
    half_life_days: float = Field(7.0, gt=0, description="Half-life of the time-decay rule.")
    position_weights: tuple[Share, Share] = Field(
        (0.4, 0.4), description="Shares of the first and the last touch in the position rule; the rest is in between."
    )
    channel_map: Mapping[str, str] = Field(
        default_factory=dict,
        description="Channel of [[media.channels]] by the name that touches give it, where the two differ.",
    )
    spend: Mapping[str, Spend] = Field(
        default_factory=dict,
        description="Spend by channel over the time of the touches, in the currency, where [media] does not have it.",
    )
    draws: int = Field(2000, ge=200, le=20000, description="Draws behind the intervals.")

    @model_validator(mode="after")
    def _weights_leave_something(self) -> Self:
        if sum(self.position_weights) > 1:
            raise ValueError(f"position_weights add up to {sum(self.position_weights):g}, which is more than 1")
        return self

    @model_validator(mode="after")
    def _rule_has_its_channel(self) -> Self:
        if self.direct_rule == "ignore_if_other" and self.direct is None:
            raise ValueError('direct_rule = "ignore_if_other" needs the name of direct traffic: direct = "..."')
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        named = (self.user, self.time, self.channel, self.conversion, self.value, self.segment)
        return tuple(dict.fromkeys(name for name in named if name is not None))

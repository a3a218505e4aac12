"""The ``[leads]`` section of the project file: which table the leads are in, and what its columns mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from outlay.labels import LabelsSection
from outlay.project import Section
from outlay.tables import CsvOptions

Period = Literal["week", "month", "quarter"]
Days = Annotated[float, Field(ge=0, le=36_500)]
Engine = Literal["auto", "kernel", "pymc"]
Cost = Annotated[float, Field(ge=0)]


class ConversionSampling(Section):
    """How long to sample the conversion model."""

    engine: Engine = Field(
        "auto", description='What samples: the compiled "kernel", "pymc", or "auto" (the kernel where it can).'
    )
    draws: int = Field(1000, ge=1, description="Draws kept per chain.")
    tune: int = Field(300, ge=1, description="Warm-up draws per chain.")
    chains: int = Field(4, ge=2, description="Chains; two at least, because R-hat compares them.")


class OutcomesSection(Section):
    """The ``[leads.outcomes]`` section: what leads end in, of several classes, and what mistaking them costs."""

    column: str = Field(description="Column of the class that a lead ended in; empty where it is not known.")
    default: str | None = Field(None, description="Class that asks for no action. Default: the most frequent one.")
    missed: Mapping[str, Cost] | None = Field(
        None, description="Cost of not acting on a lead of each class, in the project's currency; with `wasted`."
    )
    wasted: Cost | None = Field(
        None, description="Cost of acting on a lead that is not of the class that the action is for."
    )
    costs: Mapping[str, Mapping[str, Cost]] | None = Field(
        None,
        description="In place of missed and wasted: cost of each action by the true class, all classes stated. "
        "Actions are named as the class they are for.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.costs is not None and (self.missed is not None or self.wasted is not None):
            raise ValueError("write either costs or missed and wasted")
        if (self.missed is None) != (self.wasted is None):
            raise ValueError("missed and wasted belong together: an action pays where the one outweighs the other")
        return self


class LeadsSection(Section):
    """The ``[leads]`` section: one row per lead."""

    source: str = Field(description="CSV or Parquet path, or a URI such as duckdb:///file.db?table=leads.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    id: str | None = Field(None, description="Column of the lead's id, to find leads that come twice.")
    user: str | None = Field(None, description="Column that names the lead as [journeys] does. Default: the id.")
    date: str = Field(description="Column of the day on which the lead was created.")
    stages: tuple[str, ...] = Field(
        min_length=2, description="Columns of the funnel's stages in order: 0/1, true/false, or the day of reaching it."
    )
    segment: str | None = Field(None, description="Column of the customer segment.")
    labels: LabelsSection | None = Field(
        None, description="In place of `segment`: the segment of the lead's customer, as `outlay segment` found it."
    )
    sub_segment: str | None = Field(None, description="Column of the segment's part; each lies in one segment.")
    region: str | None = Field(None, description="Column of the region.")
    sub_region: str | None = Field(None, description="Column of the region's part; each lies in one region.")
    channel: str | None = Field(None, description="Column of the channel that brought the lead, by last touch.")
    persona: str | None = Field(None, description="Column of the contact's role.")
    team: str | None = Field(None, description="Column of the team that works the lead.")
    origin: str | None = Field(None, description='Column of who made the lead: "global" or "field" marketing.')
    value: str | None = Field(
        None, description="Column of the last stage's value in the project's currency; empty where it was not reached."
    )
    score: str | None = Field(None, description="Column of the rule-based score that you have.")
    score_bands: int = Field(5, ge=2, le=20, description="Bands of equal size that the score is cut into.")
    period: Period = Field("month", description="Period over which conversion may move.")
    segments: tuple[str, ...] | None = Field(
        None, min_length=1, description="The segments there are; another name in the table is then a finding."
    )
    as_of: dt.date | None = Field(None, description="Day on which the table was taken. Default: its latest day.")
    maturity_days: Days | tuple[Days, ...] | None = Field(
        None,
        description="Days after which a lead had its time, for all transitions or one number each. Default: learnt "
        "from the stages' days, and none where stages are 0/1.",
    )
    maturity: Literal["exclude", "model"] = Field(
        "exclude",
        description='What becomes of younger leads: "exclude" them from that transition, or "model" how much of their '
        "conversion has come by their age (stages must hold days).",
    )
    skipped_stages: Literal["refuse", "reached"] = Field(
        "refuse",
        description='What becomes of leads at a stage that never reached an earlier one: "refuse" the table, or count '
        'them as having "reached" it, on a day that is not known.',
    )
    missing_value: Literal["refuse", "leave_out"] = Field(
        "refuse",
        description='What becomes of leads at the last stage without a value: "refuse" the table, or "leave_out" of '
        "values while they count as conversions.",
    )
    channel_map: Mapping[str, str] = Field(
        default_factory=dict,
        description="Channel of [[media.channels]] by the name that leads give it, where the two differ.",
    )
    outcomes: OutcomesSection | None = Field(None, description="Outcomes of several classes beside the funnel.")
    sampling: ConversionSampling = Field(default_factory=ConversionSampling, description="How long to sample.")

    @model_validator(mode="after")
    def _one_per_transition(self) -> Self:
        days, transitions = self.maturity_days, len(self.stages) - 1
        if isinstance(days, tuple) and len(days) != transitions:
            raise ValueError(f"maturity_days has {len(days)} numbers and the funnel {transitions} transitions")
        return self

    @model_validator(mode="after")
    def _parts_have_wholes(self) -> Self:
        if self.labels is not None and self.segment is not None:
            raise ValueError("the segment comes from a column (segment) or from `outlay segment` (labels): name one")
        for part, whole in (("sub_segment", "segment"), ("sub_region", "region")):
            if getattr(self, part) is not None and whole not in self.dims:
                raise ValueError(f"{part} is a part of {whole}; name the column of {whole} too")
        twice = sorted({name for name in self.stages if self.stages.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice among the stages")
        return self

    @property
    def dims(self) -> dict[str, str]:
        """The columns that leads are grouped by, by their role, in the order of tables; that of labels is joined."""
        roles = ("segment", "sub_segment", "region", "sub_region", "channel", "persona", "team", "origin")
        named = {role: getattr(self, role) for role in roles}
        if self.labels is not None:
            named["segment"] = self.labels.column
        return {role: column for role, column in named.items() if column is not None}

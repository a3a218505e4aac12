"""The ``[report]`` section of the project file: what the report holds and how it looks."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, field_validator

from outlay.project import Section

SectionName = Literal[
    "summary",
    "changes",
    "model",
    "validation",
    "returns",
    "causes",
    "curves",
    "plan",
    "segments",
    "conversion",
    "scores",
    "journeys",
    "scorecard",
    "findings",
    "trust",
    "assumptions",
    "versions",
]
"""A section of the report, by its anchor on the page."""

SECTIONS: tuple[SectionName, ...] = get_args(SectionName)
"""All sections in the order that they have where the project file says nothing."""

Colour = r"^#[0-9A-Fa-f]{6}$"


class ReportSection(Section):
    """What ``outlay report`` writes: title, logo, colour, sections and paper."""

    title: str | None = Field(
        default=None, min_length=1, max_length=120, description="Heading of the report; default: the project's name."
    )
    subtitle: str | None = Field(
        default=None, min_length=1, max_length=200, description="A line below the heading, such as whom it is for."
    )
    logo: str | None = Field(
        default=None,
        min_length=1,
        description="PNG, JPEG or SVG file beside the project file, 512 kB at most; it is put into the page.",
    )
    accent: str | None = Field(
        default=None,
        pattern=Colour,
        description="Colour of lines and links as #RRGGBB. Text in it is darkened until it can be read.",
    )
    accent_dark: str | None = Field(
        default=None,
        pattern=Colour,
        description="The same where the reader's screen is dark, as #RRGGBB; default: the accent, lightened.",
    )
    sections: tuple[SectionName, ...] = Field(
        default=SECTIONS,
        min_length=1,
        description="Sections of the report in their order. One that has nothing to tell is left out of the page.",
    )
    paper: Literal["A4", "Letter"] = Field(default="A4", description="Paper that the report is printed on.")

    @field_validator("sections")
    @classmethod
    def _once(cls, names: tuple[SectionName, ...]) -> tuple[SectionName, ...]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in the list more than once")
        return names

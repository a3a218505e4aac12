"""The [media] section from a project file: what it accepts, and how it refuses in words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mmm import config
from mmm.config import MediaSection
from mmm.panel import panel_from_table
from mmm.presets import MEDIA_TYPES
from outlay.errors import ConfigError, DataError
from outlay.project import ProjectSection, load_project
from tests.mmm.panels import TODAY, ids, only, table

MINIMAL = """
[project]
name = "shop"
currency = "EUR"

[media]
source = "weekly.csv"
date = "date"
kpi = "sales"
{more}

[[media.channels]]
name = "tv"
spend = "tv"
{channel}
"""


def load(folder: Path, more: str = "", channel: str = "") -> tuple[MediaSection, ProjectSection]:
    path = folder / "outlay.toml"
    path.write_text(MINIMAL.format(more=more, channel=channel), encoding="utf-8")
    project = load_project(path, {"media": MediaSection})
    return project.section("media", MediaSection), project.section("project", ProjectSection)


def test_a_minimal_file_gives_a_panel(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "weekly.csv", index=False)
    section, project = load(tmp_path, channel='exposure = "tv_grp"')
    made = panel_from_table(section, project, tmp_path, today=TODAY)
    assert (made.n_periods, made.n_groups, made.channels, made.currency) == (104, 1, ("tv",), "EUR")
    assert made.spend[17, 0, 0] == pytest.approx(table()["tv"][17], rel=1e-15)
    assert made.fingerprint


def test_lines_of_the_file_are_named(tmp_path: Path) -> None:
    frame = table().astype({"tv": object})
    frame.loc[16, "tv"] = -4
    frame.loc[20, "tv"] = ""
    frame.to_csv(tmp_path / "weekly.csv", index=False)
    section, project = load(tmp_path)
    with pytest.raises(DataError) as refusal:
        panel_from_table(section, project, tmp_path, today=TODAY)
    # row 16 counted from 0 stands on line 18: the header is line 1
    assert "line 18" in only(refusal.value.findings, "D107").where
    assert "line 22" in only(refusal.value.findings, "D020").where
    assert refusal.value.exit_code == 3


def test_text_and_holes_are_told_together(tmp_path: Path) -> None:
    frame = table().astype({"tv": object, "sales": object})
    frame.loc[3, "tv"] = "n/a"
    frame.loc[5, "sales"] = ""
    frame.to_csv(tmp_path / "weekly.csv", index=False)
    section, project = load(tmp_path)
    with pytest.raises(DataError) as refusal:
        panel_from_table(section, project, tmp_path, today=TODAY)
    assert {"D021", "D020"} <= set(ids(refusal.value.findings))


def test_media_history_in_a_file(tmp_path: Path) -> None:
    frame = table().astype({"tv": object})
    frame.loc[:19, ["sales", "price"]] = np.nan
    frame.to_csv(tmp_path / "weekly.csv", index=False)
    section, project = load(tmp_path, more='controls = ["price"]')
    assert panel_from_table(section, project, tmp_path, today=TODAY).history == 20
    # text elsewhere does not make a fault of it
    frame.loc[30, "tv"] = "n/a"
    frame.to_csv(tmp_path / "weekly.csv", index=False)
    with pytest.raises(DataError) as refusal:
        panel_from_table(section, project, tmp_path, today=TODAY)
    assert ids(refusal.value.findings) == ["D021"]


@pytest.mark.parametrize(
    ("more", "channel", "words"),
    [
        ("", 'adstock = "weibul"', "adstock"),
        ("", 'saturation = "hil"', "saturation"),
        ("", 'reach = "r"', "reach and frequency go together"),
        ("", 'reach = "r"\nfrequency = "f"\nexposure = "e"', "an exposure, or reach and frequency"),
        ("", 'reach = "r"\nfrequency = "f"\nsaturation = "tanh"', 'has saturation = "hill"'),
        ("", 'slope = 2.0\nsaturation = "tanh"', 'slope belongs to saturation = "hill"'),
        ("", "slope = -1.0", "above zero"),
        ("", "prior = { mean = 2.0 }", "give mean and sd, or low and high"),
        ("", "prior = { low = 3.0, high = 1.0 }", "low needs to be below high"),
        ("", "prior = { low = -1.0, high = 1.0 }", 'write family = "normal"'),
        ('group = ["a", "b", "c"]', "", "group"),
        ('likelihood = "poisson"', "", "likelihood"),
        ('mediators = ["visits"]', "", "'visits', which is not among controls"),
        ("value_per_kpi = 3", "", 'value_per_kpi is for kpi_type = "units"'),
        ('kpi_type = "units"\nvalue_per_kpi = -3', "", "above zero"),
        ('controls = ["a", "a"]', "", "'a' is given twice"),
        ("l_max = 0", "", "l_max"),
        ("seasonalty = 3", "", "seasonalty"),
    ],
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, more: str, channel: str, words: str) -> None:
    with pytest.raises(ConfigError, match=r"outlay\.toml") as refusal:
        load(tmp_path, more, channel)
    assert words in str(refusal.value)
    assert "validator" not in str(refusal.value)
    assert "pydantic" not in str(refusal.value)


def test_a_section_without_source_is_refused_when_it_is_read(tmp_path: Path) -> None:
    section = MediaSection(date="date", kpi="sales", channels=({"name": "tv", "spend": "tv"},))
    with pytest.raises(ConfigError, match="names no source"):
        panel_from_table(section, ProjectSection(name="x"), tmp_path)


def test_every_key_is_described() -> None:
    schema = MediaSection.model_json_schema()
    models = [schema, *(part for name, part in schema["$defs"].items() if name != "CsvOptions")]
    for model in models:
        for key, field in model["properties"].items():
            assert field.get("description"), f"{model['title']}.{key}"


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "project-file.md").read_text(encoding="utf-8")
"""The guide to the project file; its tables have a row for each key: what it says, and its default."""

SECTIONS = {
    "MediaSection": "## `[media]`",
    "ChannelSection": "## `[[media.channels]]`",
    "ChannelPriorSection": "`prior` is a table",
    "LeverSection": "## `[[media.levers]]`",
    "PriorSection": "| key of `[media.prior]`",
    "SamplingSection": "| key of `[media.sampling]`",
}


def table_below(heading: str) -> dict[str, tuple[str, str]]:
    """What the first table below a heading says of each key, and its default."""
    lines = PAGE[PAGE.index(f"\n{heading}") + 1 :].splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("|---"))
    found: dict[str, tuple[str, str]] = {}
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        keys, says, default = (cell.strip() for cell in line.strip("|").split(" | "))
        found |= dict.fromkeys(re.findall(r"`(\w+)`", keys), (says, default))
    return found


def own_keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that are values; tables of their own have headings of their own."""
    tables = {"csv", "channels", "levers", "sampling"} | ({"prior"} if model is MediaSection else set())
    return {key: field for key, field in model.model_fields.items() if key not in tables}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_guide_has_every_key_and_no_other(name: str) -> None:
    assert set(table_below(SECTIONS[name])) == set(own_keys(getattr(config, name)))


@pytest.mark.parametrize("name", SECTIONS)
def test_the_guide_states_the_defaults(name: str) -> None:
    rows = table_below(SECTIONS[name])
    for key, field in own_keys(getattr(config, name)).items():
        says, default = rows[key]
        if field.is_required():
            assert default == "required", key
        elif isinstance(field.default, bool):
            assert f"`{str(field.default).lower()}`" in default, key
        elif isinstance(field.default, (int, float)):
            stated = [float(number) for number in re.findall(r"`(?:\w+ = )?([\d.]+)`", default)]
            assert field.default in stated, key
        elif field.default:
            assert f'`"{field.default}"`' in default, key
        # every choice of a key is named
        literals = "".join(re.findall(r"Literal\[(.*?)\]", repr(field.annotation)))
        for choice in re.findall(r"'(\w+)'", literals):
            assert f'`"{choice}"`' in says, (key, choice)


def test_the_guide_names_every_media_type() -> None:
    says, _ = table_below(SECTIONS["ChannelSection"])["media_type"]
    assert re.findall(r'`"(\w+)"`', says) == list(MEDIA_TYPES)

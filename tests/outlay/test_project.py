"""The project file: what is right is loaded, what is wrong is told in words with its line."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field, field_validator, model_validator

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError
from outlay.project import Project, ProjectSection, Section, default_project_path, load_project, schema


class Bound(Section):
    channel: str = Field(description="Channel.")
    max: float | None = Field(default=None, ge=0, description="Most spend, in currency.")


class Channel(Section):
    name: str = Field(description="Name.")
    adstock: Literal["geometric", "none"] = Field(default="geometric", description="Family.")
    bound: str | Bound | None = Field(default=None, description="Bound.")


class Media(Section):
    source: str = Field(description="The table.")
    value: str | float | None = Field(default=None, description="Column or number.")
    controls: tuple[str, ...] = Field(default=(), description="Columns.")
    start: datetime.date | None = Field(default=None, description="First day.")
    trend: bool = Field(default=True, description="A trend.")
    code: str = Field(default="US", pattern="^[A-Z]{2}$", description="Two capital letters.")
    channels: list[Channel] = Field(default=[], description="Channels.")

    @field_validator("source")
    @classmethod
    def _no_web(cls, value: str) -> str:
        if value.startswith("http"):
            raise ValueError("the web is not read")
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> Media:
        names = [channel.name for channel in self.channels]
        if len(set(names)) < len(names):
            raise ValueError("two channels have the same name")
        return self


HEAD = '[project]\nname = "shop"\n'
MEDIA = f'{HEAD}[media]\nsource = "a.csv"\n'


def load(folder: Path, text: str | bytes) -> Project:
    path = folder / "outlay.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_project(path, {"media": Media})


def refusal(folder: Path, text: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert caught.value.id in CATALOGUE
    assert caught.value.repair
    return caught.value


def test_a_right_file_loads(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        MEDIA + 'start = 2025-01-06\ncontrols = ["a", "b"]\nvalue = 2\n[[media.channels]]\nname = "tv"\nbound = "x"\n',
    )
    media = project.section("media", Media)
    assert (media.start, media.controls, media.value) == (datetime.date(2025, 1, 6), ("a", "b"), 2.0)
    assert media.channels[0].bound == "x"
    assert project.base == tmp_path
    assert project.section("project", ProjectSection) == ProjectSection(name="shop")


def test_defaults_are_those_of_the_design() -> None:
    section = ProjectSection(name="a")
    assert (section.currency, section.margin, section.hdi, section.seed) == ("USD", None, 0.9, 1)
    assert default_project_path() == Path("outlay.toml")


def test_places_name_the_line(tmp_path: Path) -> None:
    project = load(tmp_path, MEDIA + '[[media.channels]]\nname = "tv"\n')
    path = tmp_path / "outlay.toml"
    assert project.where("media", "source") == f"{path}:4"
    assert project.where("media", "channels", 0, "name") == f"{path}:6"
    assert project.where("media", "channels", 0, "adstock") == f"{path}:5"  # absent: the table around it
    assert project.where("plan") == str(path)


@pytest.mark.parametrize(
    "text, id, line, words",
    [
        # unknown keys and sections, with what was probably meant
        (f"{HEAD}hid = 0.9\n", "C005", 3, ['no key "hid"', 'Did you mean "hdi"?']),
        (
            f'{MEDIA}[[media.channels]]\nname = "tv"\n\n[[media.channels]]\nnmae = "x"\n',
            "C005",
            9,
            ['"name"', "entry 2"],
        ),
        (f'{MEDIA}channels = [{{name = "a"}},\n {{name = "b",adstok = 1}}]\n', "C005", 6, ['Did you mean "adstock"?']),
        (f"{HEAD}[medai]\n", "C004", 3, ["[media]"]),
        (f"speed = 3\n{HEAD}", "C004", 1, ["outside every section"]),
        # wrong kinds
        (f'{HEAD}hdi = "abc"\n', "C006", 3, ["must be a number between 0.5 and 0.99", 'got "abc"']),
        (f'{HEAD}hdi = "0.9"\n', "C006", 3, ["must be a number"]),
        (f"{HEAD}seed = 1.5\n", "C006", 3, ["must be a whole number"]),
        (f"{HEAD}seed = true\n", "C006", 3, ["must be a whole number", "got true"]),
        (f"{MEDIA}trend = 1\n", "C006", 5, ["must be true or false, got 1"]),
        (f"{MEDIA}value = true\n", "C006", 5, ["must be text in quotes or a number, got true"]),
        (f"{MEDIA}controls = 3\n", "C006", 5, ["must be a list of texts in quotes"]),
        (f'{MEDIA}controls = ["a",\n3]\n', "C006", 6, ["entry 2", "text in quotes"]),
        (f'{MEDIA}start = "soon"\n', "C006", 5, ["a date such as 2025-01-06"]),
        (f'{HEAD}[[media]]\nsource = "a"\n', "C006", 3, ["must be a table of keys"]),
        (f"{HEAD}[media]\nsource = {{a = 1}}\n", "C006", 4, ["text in quotes", "got a table"]),
        # out of range
        (f"{HEAD}hdi = 1.0\n", "C006", 3, ["between 0.5 and 0.99"]),
        (f"{HEAD}margin = 0\n", "C006", 3, ["above 0 and at most 1", "got 0"]),
        (f"{HEAD}hdi = nan\n", "C006", 3, ["between 0.5 and 0.99"]),
        (f"{HEAD}hdi = inf\n", "C006", 3, ["between 0.5 and 0.99"]),
        (f"{MEDIA}code = 'us'\n", "C006", 5, ['"us"', "Two capital letters."]),
        ('[project]\nname = ""\n', "C006", 2, ["at least 1 character"]),
        # choices and the words of validators
        (
            f'{MEDIA}[[media.channels]]\nname = "a"\nadstock = "geometrc"\n',
            "C006",
            7,
            ['"geometric" or "none"', 'did you mean "geometric"?'],
        ),
        (f'{HEAD}[media]\nsource = "http://x"\n', "C006", 4, ['"source": the web is not read']),
        (f'{MEDIA}channels = [{{name = "a"}}, {{name = "a"}}]\n', "C006", 3, ["two channels have the same name"]),
        # a choice between text and a table: the complaint from inside the table
        (
            f'{MEDIA}[[media.channels]]\nname = "a"\n[media.channels.bound]\nchannel = "a"\nmax = -1\n',
            "C006",
            9,
            ['"max" must be a number at least 0, got -1'],
        ),
        # missing
        (f"{HEAD}[media]\n", "C007", 3, ['[media] lacks the key "source"', "The table."]),
        (f"{MEDIA}[[media.channels]]\nadstock = 'none'\n", "C007", 5, ['lacks the key "name"']),
        ("[media]\nsource = 'a'\n", "C007", None, ["[project] is missing"]),
        ("", "C007", None, ["[project] is missing"]),
        # broken TOML, with its line
        (f"{MEDIA}controls = [1,\n", "C003", 6, ["not valid TOML"]),
        (f"{HEAD}currency = EUR\n", "C003", 3, ["Text stands in quotes"]),
        (f'{HEAD}currency = "EUR\n', "C003", 3, ["Close the quotes"]),
        (f"{HEAD}a = {'[' * 5000}\n", "C003", None, ["nested too deeply"]),
        (f"{HEAD}a = {'9' * 5000}\n", "C003", None, ["thousands of digits"]),
        (f'{HEAD}name = "other"\n', "C009", 3, ["already given"]),
        (f"{HEAD}[project]\n", "C009", 3, ["already given"]),
    ],
)
def test_every_fault_is_told_with_its_line(
    tmp_path: Path, text: str, id: str, line: int | None, words: list[str]
) -> None:
    error = refusal(tmp_path, text)
    place = str(tmp_path / "outlay.toml")
    assert error.id == id
    assert error.where.split(":")[: 2 if line else 1] == [place, *([str(line)] if line else [])]
    for word in words:
        assert word in error.text()
    assert error.exit_code == 2


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = refusal(tmp_path, f'{HEAD}hdi = 2\nsede = 1\n[media]\nsource = 3\n[leads]\nsource = "x"\n').text()
    places = [text.index(f"outlay.toml:{line}:") for line in (3, 4, 6, 7)]
    assert places == sorted(places)


def test_a_missing_file_is_named_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("")
    with pytest.raises(ConfigError, match=r"other\.toml") as caught:
        load_project(tmp_path / "outlay.toml", {})
    assert caught.value.id == "C001"
    assert str(tmp_path / "outlay.toml") in caught.value.what


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path, {})
    assert caught.value.id == "C002"


@pytest.mark.parametrize(
    "data, words",
    [
        (HEAD.encode("utf-16"), "UTF-16"),
        (f'{HEAD}currency = "ü"\n'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_other_encodings_are_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    error = refusal(tmp_path, data)
    assert error.id == "C002"
    assert words in error.what


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, f'{HEAD}currency = "ü"\n'.encode("latin-1")).where.endswith("outlay.toml:3")


def test_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + MEDIA.replace("\n", "\r\n").encode()
    assert load(tmp_path, data).where("media", "source").endswith(":4")


def test_a_section_that_a_command_needs_is_asked_for(tmp_path: Path) -> None:
    project = load(tmp_path, HEAD)
    with pytest.raises(ConfigError, match=r"\[media\]") as caught:
        project.section("media", Media)
    assert caught.value.id == "C007"


def test_sections_do_not_change_after_loading(tmp_path: Path) -> None:
    section = load(tmp_path, HEAD).section("project", ProjectSection)
    with pytest.raises(ValueError, match="frozen"):
        section.name = "other"  # type: ignore[misc]


def test_schema_speaks_of_every_key() -> None:
    document = schema({"media": Media})
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["required"] == ["project"]
    assert document["additionalProperties"] is False
    assert set(document["properties"]) == {"project", "media"}
    assert json.loads(json.dumps(document)) == document
    definitions: dict[str, Any] = document["$defs"]
    for section in definitions.values():
        assert section["additionalProperties"] is False
        for key, value in section["properties"].items():
            assert value.get("description"), key

"""The first project file: roles guessed from names, written once, always valid."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.app import app
from cli.config import load
from cli.draft import draft
from cli.proposal import ChannelColumns, propose

# column conventions of four tools, as their own example data have them
RETAILER = ["wk_strt_dt", "yr_nbr", "mdip_dm", "mdip_em", "mdsp_dm", "sales", "me_gas_dpg", "hldy_Easter"]
MERIDIAN = ["geo", "time", "Channel0_impression", "Channel0_spend", "population", "conversions"]
MERIDIAN += ["revenue_per_conversion"]
ROBYN = ["DATE", "revenue", "tv_S", "facebook_I", "facebook_S", "search_clicks_P", "search_S", "competitor_sales_B"]
PYMC = ["date", "geo", "x1", "x2", "event_1", "y"]


def columns(names: list[str]) -> list[tuple[str, str]]:
    text = {"wk_strt_dt": "date", "time": "date", "DATE": "date", "date": "date", "geo": "string"}
    return [(name, text.get(name, "float64")) for name in names]


def test_spend_and_exposure_are_paired_by_prefix() -> None:
    found = propose(columns(RETAILER))
    assert (found.date, found.kpi, found.kpi_type) == ("wk_strt_dt", "sales", "revenue")
    assert found.channels == (ChannelColumns("dm", "mdsp_dm", "mdip_dm"), ChannelColumns("em", None, "mdip_em"))
    assert found.rest == ("me_gas_dpg",)
    assert found.events == ("hldy_Easter",)


def test_spend_and_exposure_are_paired_by_suffix() -> None:
    found = propose(columns(MERIDIAN))
    assert (found.group, found.population, found.kpi_type) == ("geo", "population", "units")
    assert found.channels == (ChannelColumns("channel0", "Channel0_spend", "Channel0_impression"),)
    assert found.value_per_kpi == "revenue_per_conversion"


def test_reach_and_frequency_go_before_impressions() -> None:
    # impressions are their product; a channel has one or the other
    found = propose(columns([*MERIDIAN, "Channel0_reach", "Channel0_frequency", "reach_of_nothing"]))
    assert found.channels == (
        ChannelColumns("channel0", "Channel0_spend", None, "Channel0_reach", "Channel0_frequency"),
    )
    assert found.rest == ("reach_of_nothing",)  # impressions are no control
    said = "spend Channel0_spend, reach Channel0_reach and frequency Channel0_frequency in place of an exposure"
    assert f"channel channel0: {said}" in found.guesses


def test_a_draft_with_reach_is_a_project_file(tmp_path: Path) -> None:
    proposal = propose(columns([*MERIDIAN, "Channel0_reach", "Channel0_frequency"]))
    path = tmp_path / "outlay.toml"
    path.write_text(draft("shop", "a.csv", proposal, guessed=True), encoding="utf-8")
    (channel,) = load(path).sections["media"].model_dump()["channels"]
    assert (channel["reach"], channel["frequency"], channel["exposure"]) == (
        "Channel0_reach",
        "Channel0_frequency",
        None,
    )


def test_single_letter_suffixes() -> None:
    found = propose(columns(ROBYN))
    assert {name: (spend, exposure) for name, spend, exposure, *_ in found.channels} == {
        "tv": ("tv_S", None),
        "facebook": ("facebook_S", "facebook_I"),
        "search": ("search_S", "search_clicks_P"),
    }
    assert found.kpi == "revenue"


def test_numbered_channels_are_taken_for_spend_where_nothing_else_is() -> None:
    found = propose(columns(PYMC))
    assert [channel.spend for channel in found.channels] == ["x1", "x2"]
    assert found.kpi == "y"


def test_every_guess_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(
        "week,geo,sales,tv_spend,tv_grp\n2024-01-01,a,10,1,2\n2024-01-08,a,11,1,2\n", encoding="utf-8"
    )
    said = CliRunner().invoke(app, ["init", "--from", "data.csv"])
    assert said.exit_code == 0
    lines = Path("outlay.toml").read_text(encoding="utf-8").splitlines()
    for key in ("date", "kpi", "group", "spend", "exposure"):
        line = next(line for line in lines if line.startswith(f"{key} = "))
        assert "GUESS" in line
    assert load(Path("outlay.toml")).sections["media"].model_dump()["channels"][0]["exposure"] == "tv_grp"


def test_without_a_table_it_is_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["init"]).exit_code == 0
    assert "EXAMPLE" in Path("outlay.toml").read_text(encoding="utf-8")
    load(Path("outlay.toml"))


def test_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outlay.toml").write_text("mine", encoding="utf-8")
    said = CliRunner().invoke(app, ["init"])
    assert said.exit_code == 2
    assert "X001" in said.stderr
    assert Path("outlay.toml").read_text(encoding="utf-8") == "mine"


def test_dry_run_prints_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["init", "--dry-run"])
    assert said.exit_code == 0
    assert "[media]" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_table_without_media_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("week,a\n2024-01-01,1\n2024-01-08,2\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["init", "--from", "data.csv"])
    assert said.exit_code == 2
    assert "X006" in said.stderr


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=8, unique=True), st.text(max_size=20))
def test_any_column_name_gives_valid_toml(names: list[str], project: str) -> None:
    marked = [f"{name}_spend" for name in names] + names
    text = draft(project, "data.csv", propose([(name, "float64") for name in marked]), guessed=True)
    assert tomllib.loads(text)["project"]["name"] == project

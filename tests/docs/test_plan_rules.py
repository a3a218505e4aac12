"""The planning pages: every rule has an example, every example solves, and its plan keeps its rules."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from budget import Planner, PlanSection, config_rules
from cli.config import load, plan_section
from tests.docs.pages import Block, blocks
from tests.docs.planned import market, market_of_leads
from tests.docs.test_project_files import whole

PAGES = ("plan.md", "plan-rules.md")
EXAMPLES = [block for block in blocks("toml") if block.page.name == "plan-rules.md"]
RULES = {
    "bounds": config_rules.BoundSection,
    "groups": config_rules.ShareSection,
    "ratios": config_rules.RatioSection,
    "locks": config_rules.LockSection,
    "capacity": config_rules.CapacitySection,
    "volumes": config_rules.VolumeSection,
}
# the same key in several kinds of rule needs one example, in one of them
SHARED = {"first", "last", "hard", "channels", "groups", "group"}


@pytest.fixture(scope="module")
def planners() -> dict[str, Planner]:
    """By ``value_from``; the market returns about 1.2, so that a margin of 0.9 leaves something."""
    return {"kpi": Planner(market(), margin=0.9), "conversion": Planner(market_of_leads(), margin=0.9)}


def keys(value: Any, path: str = "") -> set[str]:
    """Keys of a section with their table, ``bounds.min``."""
    if isinstance(value, dict):
        inner = [keys(item, f"{path}.{key}" if path else key) for key, item in value.items()]
        return {path, *(key for each in inner for key in each)} - {""}
    if isinstance(value, list):
        return {path, *(key for item in value for key in keys(item, path))}
    return {path}


def test_every_rule_has_an_example() -> None:
    shown = {key for block in EXAMPLES for key in keys(tomllib.loads(block.text).get("plan", {}))}
    of_kinds = {f"{kind}.{key}" for kind, model in RULES.items() for key in model.model_fields if key not in SHARED}
    wanted = of_kinds | {f"risk.{key}" for key in config_rules.RiskSection.model_fields} | set(PlanSection.model_fields)
    assert wanted - shown == set()
    assert {key.rpartition(".")[2] for key in shown} >= SHARED


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_every_example_solves_and_its_plan_keeps_its_rules(
    block: Block, tmp_path: Path, planners: dict[str, Planner]
) -> None:
    path = tmp_path / "outlay.toml"
    path.write_text(whole(block.text), encoding="utf-8")
    section = plan_section(load(path))
    assert section is not None
    planner = planners[section.value_from]
    found = planner.optimize(section)
    assert found.gap is not None
    assert found.gap < 1e-4, found.status
    again = planner.evaluate(section, found.flighting[["date", "channel", "group", "spend"]])
    assert again.broken_rules == ()


def test_rules_of_your_own_run() -> None:
    code = next(block for block in blocks("python") if block.page.name == "plan-rules.md")
    names: dict[str, Any] = {"response": market()}
    exec(compile(code.text, str(code.page), "exec"), names)  # noqa: S102 - our own page
    table = names["allocation"].table
    totals = table[table["period"].isna()].groupby("group")["spend"].sum()
    assert totals["north"] <= 1.2 * totals["south"] + 0.01
    first = names["allocation"].flighting.groupby("date")["spend"].sum().iloc[0]
    assert first <= 0.1 * 12_000_000 + 0.01


def test_objectives_and_measures_are_all_named() -> None:
    text = next(block for block in EXAMPLES).page.read_text(encoding="utf-8")
    for name in re.findall(r"target_\w+", str(PlanSection.model_fields["objective"].annotation)):
        assert f'"{name}"' in text

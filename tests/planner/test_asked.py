"""What a question from a browser may name, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget.config import PlanSection
from outlay.errors import ConfigError
from planner.asked import Asked, Cell
from planner.desk import Desk
from tests.browser.conftest import project


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    from cli.study import study_of

    return Desk(study_of(project(tmp_path_factory.mktemp("study")) / "outlay.toml", None, force=False))


@pytest.mark.parametrize(
    "table", ["/etc/passwd", "../secret.csv", "postgresql://10.0.0.1/x?table=y", "s3://bucket/x.csv"]
)
@pytest.mark.parametrize("way", ["answer", "judge", "forecast", "sweep", "by_hand"])
def test_a_browser_cannot_have_a_table_opened(desk: Desk, table: str, way: str) -> None:
    hand = [{"channel": "tv", "group": None, "spend": 1.0}] if way == "judge" else None
    asked = Asked.of({"section": {"reference": table}, "by_hand": hand})
    with pytest.raises(ConfigError) as caught:
        desk.by_hand(asked, [Cell("tv", None, 1.0)]) if way == "by_hand" else getattr(desk, way)(asked)
    assert caught.value.id == "X083"
    assert table not in caught.value.text()


def test_the_table_that_the_project_file_names_is_opened(tmp_path: Path) -> None:
    from cli.study import study_of
    from tests.browser.conftest import TOML

    folder = project(tmp_path, TOML.replace("periods = 13", 'periods = 13\nreference = "now.csv"'))
    (folder / "now.csv").write_text("channel,spend\ntv,1000\nradio,1000\n", encoding="utf-8")
    desk = Desk(study_of(folder / "outlay.toml", None, force=False))
    assert desk.planner(PlanSection.model_validate({"reference": "now.csv"})) is not None
    assert desk.planner(PlanSection.model_validate({"reference": "last_year"})) is not None


def test_a_table_that_changed_is_read_again(tmp_path: Path) -> None:
    """Answers are kept while the page runs, and the reference plan beside it may be corrected meanwhile."""
    from cli.study import study_of
    from tests.browser.conftest import TOML

    folder = project(tmp_path, TOML.replace("periods = 13", 'periods = 13\nreference = "now.csv"'))
    table = folder / "now.csv"
    table.write_text("channel,spend\ntv,1000\nradio,1000\n", encoding="utf-8")
    desk = Desk(study_of(folder / "outlay.toml", None, force=False))
    asked = Asked(desk.study.base)
    first = desk.answer(asked)
    assert desk.answer(asked) is first
    table.write_text("channel,spend\ntv,1000\nradio,3000.5\n", encoding="utf-8")
    assert (first.document.reference_budget, desk.answer(asked).document.reference_budget) == (2000.0, 4000.5)

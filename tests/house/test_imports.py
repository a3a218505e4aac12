"""Who may import whom. The layers are import-linter's; the rules by module name are checked here, line by line."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.house.rooms import ROOMS, ROOT, imported, imported_at_start, sources

SAMPLER = {"pymc", "pymc_marketing", "pymc_extras", "pytensor", "arviz", "nutpie", "jax", "numpyro"}
MAY_SAMPLE = ("outlay.sampling*", "mmm.model*", "attribution.model*", "segmentation.model*")
MAY_DRAW = ("outlay.style", "*.plots", "*.plots_*", "cli.report*", "cli.charts*", "planner*")


def top(name: str) -> str:
    return name.split(".")[0]


def strangers(trees: Mapping[str, ast.Module], libraries: set[str], allowed: tuple[str, ...]) -> list[str]:
    """Imports of `libraries` outside the modules whose names match `allowed`."""
    return [
        f"{module}:{line} imports {name}"
        for module, tree in trees.items()
        if not any(fnmatchcase(module, pattern) for pattern in allowed)
        for name, line in imported(tree)
        if top(name) in libraries
    ]


def both(trees: Mapping[str, ast.Module]) -> list[str]:
    """Modules that sample and draw."""
    names = {module: {top(name) for name, _ in imported(tree)} for module, tree in trees.items()}
    return [module for module, found in names.items() if found & SAMPLER and "plotly" in found]


def test_only_the_sampling_and_model_modules_speak_to_the_sampler() -> None:
    assert strangers(sources(), SAMPLER, MAY_SAMPLE) == []


def test_only_reports_charts_and_the_house_style_draw() -> None:
    assert strangers(sources(), {"plotly"}, MAY_DRAW) == []


def test_nothing_samples_and_draws() -> None:
    assert both(sources()) == []


def test_the_house_style_loads_plotly_only_when_something_is_drawn() -> None:
    # plotly takes a good part of a second, and every command that prints a table uses the house style
    tree = sources()["outlay.style"]
    assert "plotly" not in {top(name) for name, _ in imported_at_start(tree)}


def test_the_rules_see_an_import_inside_a_function() -> None:
    hidden = ast.parse("def f():\n    import pymc as pm\n    from plotly import graph_objects\n")
    assert strangers({"budget.plan": hidden}, SAMPLER, MAY_SAMPLE) == ["budget.plan:2 imports pymc"]
    assert strangers({"mmm.model_media": hidden}, SAMPLER, MAY_SAMPLE) == []
    assert both({"cli.report": hidden}) == ["cli.report"]


LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def empty_house(folder: Path) -> Path:
    """Rooms without modules, under the real contracts: the only import is the one that a test adds."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for room in ROOMS:
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    return folder


def test_an_empty_house_breaks_nothing(tmp_path: Path) -> None:
    assert lint(empty_house(tmp_path)).returncode == 0


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("mmm/offence.py", "import budget", "The house"),
        ("budget/offence.py", "import mmm", "The house"),
        ("outlay/offence.py", "import cli", "The house"),
        ("budget/offence.py", "import planner", "The house"),
        ("planner/offence.py", "import mmm", "The planner"),
        ("budget/offence.py", "import pymc", "The sampler"),
        ("budget/offence.py", "import plotly.graph_objects", "Charts"),
    ],
)
def test_a_broken_contract_is_caught(tmp_path: Path, file: str, line: str, contract: str) -> None:
    empty_house(tmp_path)
    (tmp_path / file).write_text(f"{line}\n", encoding="utf-8")
    result = lint(tmp_path)
    assert result.returncode == 1
    broken = [text for text in result.stdout.splitlines() if text.endswith("BROKEN")]
    assert len(broken) == 1, result.stdout
    assert broken[0].startswith(contract), result.stdout

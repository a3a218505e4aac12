"""The distribution: the lock holds what pyproject.toml asks for, and the wheel what a user needs and nothing else."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cli.demo_data import copy_demo, demo_folder
from tests.house.rooms import ROOMS, ROOT, imported, sources


def pins(lock: str) -> dict[str, str]:
    """Version by package."""
    return {match[1]: match[2] for match in re.finditer(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", lock, re.MULTILINE)}


LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
PINS = pins(LOCK)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = {
    name: [Requirement(text) for text in texts] for name, texts in PROJECT["project"]["optional-dependencies"].items()
}
EXTRA = [wanted for extra in EXTRAS.values() for wanted in extra]
# the driver of PostgreSQL is small and in the lock itself, because the tests want it
APART = sorted(set(EXTRAS) - {"postgres"})
EXTRA_LOCKS = {name: (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in APART}
TOOLS = [
    Requirement(text)
    for group in PROJECT["dependency-groups"].values()
    for text in group
    if isinstance(text, str)
]  # fmt: skip
# import name -> distribution, where they differ
DISTRIBUTION = {
    "arviz_stats": "arviz-stats",
    "click": "typer",
    "dash_ag_grid": "dash-ag-grid",
    "dash_mantine_components": "dash-mantine-components",
    "flask": "dash",
    "great_tables": "great-tables",
    "ibis": "ibis-framework",
    "sklearn": "scikit-learn",
    "pydantic_core": "pydantic",
    "pymc_extras": "pymc-extras",
    "pymc_marketing": "pymc-marketing",
}
# declared, although no module names them
NOT_IMPORTED = {
    "clarabel": "a solver that cvxpy loads by name",
    "highspy": "a solver that cvxpy loads by name",
    "duckdb": "the engine under ibis",
    "h5netcdf": "the engine that xarray loads by name for posteriors",
    "lightgbm": "imported by its name where [score] asks for it",
    "psycopg": "the driver under ibis for PostgreSQL",
    "sqlglot": "declared for its upper bound",
    "numba": "nutpie compiles the model with it",
    "xgboost": "imported by its name where [score] asks for it",
}


@pytest.mark.parametrize("wanted", [*RUNTIME, *TOOLS], ids=str)
def test_the_lock_satisfies(wanted: Requirement) -> None:
    assert wanted.name in PINS
    assert wanted.specifier.contains(PINS[wanted.name])


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_lock_of_the_extra_satisfies(extra: str) -> None:
    held = pins(EXTRA_LOCKS.get(extra, LOCK))
    assert [str(wanted) for wanted in EXTRAS[extra] if not wanted.specifier.contains(held[wanted.name])] == []


@pytest.mark.parametrize("extra", APART)
def test_the_extra_changes_no_version_of_the_lock(extra: str) -> None:
    # it is installed into the same environment, without a resolver that would notice
    held = pins(EXTRA_LOCKS[extra])
    shared = held.keys() & PINS.keys()
    assert {name: held[name] for name in shared} == {name: PINS[name] for name in shared}


@pytest.mark.parametrize("lock", [LOCK, *EXTRA_LOCKS.values()], ids=["lock", *EXTRA_LOCKS])
def test_every_pin_has_a_hash_and_no_host_is_named(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock))
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "http" not in lock
    assert "index" + "-url" not in lock


def test_the_sampler_is_pinned_exactly() -> None:
    # its C-pointer entry is private: any release may change it
    assert [str(wanted.specifier) for wanted in RUNTIME if wanted.name == "nutpie"] == ["==0.16.11"]


def third_party() -> set[str]:
    """Distributions that the rooms import."""
    names = {name.split(".")[0] for tree in sources().values() for name, _ in imported(tree)} - {
        "_typeshed"
    }  # types alone
    return {DISTRIBUTION.get(name, name) for name in names - set(sys.stdlib_module_names) - set(ROOMS)}


def test_what_is_imported_is_declared() -> None:
    assert third_party() - {wanted.name for wanted in (*RUNTIME, *EXTRA)} == set()


def test_what_is_declared_is_used() -> None:
    assert {wanted.name for wanted in (*RUNTIME, *EXTRA)} - third_party() - set(NOT_IMPORTED) == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    code = "import setuptools.build_meta as backend, sys; print(backend.build_wheel(sys.argv[1]))"
    # the build writes `build` and `*.egg-info` beside setup.py, so it works on a copy
    copy = folder / "source"
    for name in (*ROOMS, "examples", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "runs", "reports"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    (copy / "examples" / "retailer" / "runs").mkdir(parents=True)
    (copy / "examples" / "retailer" / "runs" / "panel.csv").write_text("a\n", encoding="utf-8")
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=copy, capture_output=True, check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_holds_the_rooms_and_the_demo(wheel: set[str]) -> None:
    modules = {f"{name.replace('.', '/')}" for name in sources()}
    shipped = {name.removesuffix(".py").removesuffix("/__init__") for name in wheel if name.endswith(".py")}
    assert shipped == modules
    demo = {name.removeprefix("cli/demo/") for name in wheel if name.startswith("cli/demo/")}
    assert {"outlay.toml", "README.md", "data/weekly.csv"} <= demo
    assert any(name.startswith("LICENSE") for name in demo)
    assert "runs/panel.csv" not in demo


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel if ".dist-info/" not in name}
    assert tops == set(ROOMS)
    assert {f"{room}/py.typed" for room in ROOMS} <= wheel


def test_the_demo_data_are_found_and_copied_without_overwriting(tmp_path: Path) -> None:
    assert demo_folder() == ROOT / "examples" / "retailer"
    project = copy_demo(tmp_path / "shop")
    assert project.read_bytes() == (demo_folder() / "outlay.toml").read_bytes()
    assert (tmp_path / "shop" / "data" / "weekly.csv").is_file()
    project.write_text("mine", encoding="utf-8")
    copy_demo(tmp_path / "shop")
    assert project.read_text(encoding="utf-8") == "mine"

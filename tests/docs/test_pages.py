"""What the pages name exists: links, commands and their options, make targets, finding ids."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import app
from cli.catalogues import all_entries
from tests.docs.pages import PAGES, ROOT, anchors, links, name, shell_lines

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        place = (page.parent / target).resolve() if target else page
        assert place.exists(), link
        if anchor:
            assert anchor in anchors(place), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_id_can_be_explained(page: Path) -> None:
    named = set(re.findall(r"\b[CDGJKLMPRSTVX]\d{3}\b", page.read_text(encoding="utf-8")))
    assert named <= set(all_entries())


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_options_exist(page: Path) -> None:
    for line in shell_lines(page):
        words = [word for word in shlex.split(line, posix=False) if word not in ("...", "<")]
        if not words or words[0] not in ("outlay", ".venv/bin/outlay") or len(words) == 1:
            continue
        if words[1].startswith("-"):
            assert words[1] in ("--help", "--version", "--install-completion"), line
            continue
        if not re.fullmatch(r"[a-z]+", words[1]):
            continue  # a class of commands, such as `outlay X`
        assert words[1] in COMMANDS, line
        command = COMMANDS[words[1]]
        if hasattr(command, "commands") and len(words) > 2:
            assert words[2] in command.commands, line
            command, words = command.commands[words[2]], words[1:]
        parameters = command.params
        options = {option: parameter for parameter in parameters for option in parameter.opts}
        assert {word for word in words[2:] if word.startswith("--")} <= {*options, "--help"}, line
        arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
        most = float("inf") if any(parameter.nargs == -1 for parameter in arguments) else len(arguments)
        assert len(_positional(words[2:], options)) <= most, line


def _positional(words: list[str], options: dict[str, Any]) -> list[str]:
    """The words that are neither options nor their values."""
    left, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in options:
            skip = not options[word].is_flag
        elif word != "--help":
            left.append(word)
    return left


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in shell_lines(page):
        if match := re.match(r"make ([a-z]+)\b", line):
            assert match[1] in targets, line


def test_the_index_lists_every_page_of_the_guide() -> None:
    listed = {Path(link).name for link in links(ROOT / "docs" / "index.md")}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} <= listed


def test_every_command_is_described() -> None:
    described = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if not re.search(rf"`{command}\b", described)] == []


def test_pictures_are_small_enough_for_a_page() -> None:
    # a page with a picture should open at once on a slow line
    pictures = list((ROOT / "docs" / "figures").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 400_000] == []


def test_no_page_knows_the_machine_it_was_written_on() -> None:
    private = re.compile(r"(?<![\w.])/(?:work|tmp|home|root|Users)/")
    assert [name(page) for page in PAGES if private.search(page.read_text(encoding="utf-8"))] == []

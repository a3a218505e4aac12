"""Every key of a TOML document is found on its line."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlay.toml_lines import Key, key_lines


def paths(value: Any, path: Key = ()) -> set[Key]:
    """All paths of a parsed document, computed without positions."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        return {path}
    return {path}.union(*(paths(item, (*path, key)) for key, item in inner))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a = 1\n\n# b = 2\nb = 3\n", {("a",): 1, ("b",): 4}),
        ("[t]\na.b = 1\na.c = 2\n", {("t",): 1, ("t", "a"): 2, ("t", "a", "b"): 2, ("t", "a", "c"): 3}),
        ("[t.u]\n[t]\nx = 1\n", {("t",): 2, ("t", "u"): 1, ("t", "x"): 3}),
        (
            'a = [\n 1, # one ]\n "]",\n\n [3]\n]\nb = 1\n',
            {("a", 0): 2, ("a", 1): 3, ("a", 2): 5, ("a", 2, 0): 5, ("b",): 7},
        ),
        ('a = """\nb = 1\n\\"""x""""\nc = 2\n', {("a",): 1, ("c",): 4}),
        ("a = '''\nb = 1\n'''''\nc = 2\n", {("a",): 1, ("c",): 4}),
        ("[[p]]\nx = 1\n[[p]]\nx = 2\n[p.q]\ny = 3\n", {("p", 0, "x"): 2, ("p", 1, "x"): 4, ("p", 1, "q", "y"): 6}),
        (
            "[[p]]\n[[p.r]]\na=1\n[[p.r]]\n[[p]]\n[[p.r]]\nb=1\n",
            {("p", 0, "r", 0, "a"): 3, ("p", 0, "r", 1): 4, ("p", 1): 5, ("p", 1, "r", 0, "b"): 7},
        ),
        ("a = {x = 1, y = {z = [{w = 2}]}} # }\nb = 1\n", {("a", "y", "z", 0, "w"): 1, ("b",): 2}),
        ('"a b" . \'c.d\' = "#"\n"\\u0065" = 1', {("a b",): 1, ("a b", "c.d"): 1, ("e",): 2}),
        ("d = 2025-01-06 10:00:00 # t\nx = 1\r\ny = -inf", {("d",): 1, ("x",): 2, ("y",): 3}),
        ('a = "\\\\" # "\nb = "\\""\nc = 1', {("b",): 2, ("c",): 3}),
    ],
)
def test_known_documents(text: str, expected: dict[Key, int]) -> None:
    found = key_lines(text)
    assert {key: found.get(key) for key in expected} == expected
    assert set(found) | {()} == paths(tomllib.loads(text))


BARE = st.text("abcXYZ019_-", min_size=1, max_size=5)
KEYS = st.one_of(BARE, st.sampled_from(['"a b"', "'c.d'", '"]"', '"#"', "'='", '"\\u00e4"']))
SCALARS = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        '"x"',
        '"#]}"',
        "'\"'",
        '"""\n[a]\nb = 1\n"""',
        "'''\n}'''",
        "2025-01-06",
        "1979-05-27 07:32:00",
    ]
)


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    gaps = st.sampled_from(["", " ", "\n", " # ], x\n  "])
    items = draw(st.lists(inner, max_size=3))
    return "[" + "".join(f"{draw(gaps)}{item}{draw(gaps)}," for item in items) + draw(gaps) + "]"


@st.composite
def inline_tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(st.tuples(KEYS, inner), max_size=3, unique_by=lambda pair: pair[0]))
    return "{" + ", ".join(f"{key} = {value}" for key, value in items) + "}"


VALUES = st.recursive(SCALARS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Key, int]]:
    """A document and, noted while it was written, the line of every key that it was given."""
    text, expected = "", {}
    blank = st.sampled_from(["", "\n", "# c = 1 [d]\n", "  "])

    def pairs(table: Key) -> None:
        nonlocal text
        for key in draw(st.lists(KEYS, max_size=3, unique_by=name)):
            text += draw(blank)
            expected[(*table, name(key))] = text.count("\n") + 1
            text += f"{key} = {draw(VALUES)}" + draw(st.sampled_from(["\n", " # end\n", "\r\n"]))

    pairs(())
    taken = {key[0] for key in expected}
    for header in draw(st.lists(KEYS, max_size=3, unique_by=name)):
        if name(header) in taken:
            continue
        count = draw(st.integers(0, 3))
        for position in range(max(count, 1)):
            table: Key = (name(header), position) if count else (name(header),)
            text += draw(blank)
            expected[table] = text.count("\n") + 1
            text += f"[[ {header} ]]\n" if count else f"[{header}]\n"
            pairs(table)
    return text, expected


def name(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 1")))


@given(documents())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_key_is_found_on_its_line(document: tuple[str, dict[Key, int]]) -> None:
    text, expected = document
    found = key_lines(text)
    assert {key: found.get(key) for key in expected} == expected
    assert set(found) | {()} == paths(tomllib.loads(text))

"""A logo as part of the page: a picture from the project's folder, checked, and written as a data URI.

A browser runs no script and loads nothing for a picture in ``<img>``; a drawing that tries to is refused all the same,
because a report is sent to people who cannot know who made it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from cli.catalogue import CATALOGUE
from outlay.errors import ConfigError

MOST_BYTES = 512 * 1024

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "set", "animate"})


def logo_uri(path: Path, where: str) -> str:
    """A picture file as a data URI.

    Parameters
    ----------
    path : Path
        The file.
    where : str
        The key of the project file that names it, for messages.

    Raises
    ------
    ConfigError
        X041, where it is not there, too large, no PNG, JPEG or SVG, or a drawing that does more than draw.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES and path.is_file() else b""
    except (OSError, ValueError) as problem:  # ValueError: a null character in the name
        raise _refused(f"the logo {path} cannot be read: {getattr(problem, 'strerror', problem)}", where) from None
    if size > MOST_BYTES:
        raise _refused(f"the logo {path} has {size / 1024:,.0f} kB; it may have 512 kB", where)
    if not path.is_file():
        raise _refused(f"the logo {path} is no file", where)
    kind = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if kind is None:
        why = next(_faults(content), "")
        if why:
            raise _refused(f"the logo {path} {why}", where)
        kind = "image/svg+xml"
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _refused(what: str, where: str) -> ConfigError:
    return ConfigError(what, where=where, repair=CATALOGUE["X041"].repair, id="X041")


class _Unsafe(ValueError):
    """A drawing that does more than draw."""


def _faults(content: bytes) -> Iterator[str]:
    """Why a file may not be used as a drawing."""
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        names.append(name)
        _check_element(name, attributes)

    def text(content: str) -> None:
        plain = "".join(content.split()).lower()
        if "@import" in plain or ("url(" in plain and "url(#" not in plain.replace('"', "").replace("'", "")):
            raise _Unsafe(f"imports or loads {content.strip()[:40]}")

    def declared(*_: object) -> None:
        raise _Unsafe("declares entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = declared
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except _Unsafe as problem:
        yield f"is not only a drawing: it {problem}"
    except expat.ExpatError:
        yield "is no PNG, JPEG or SVG file"
    if names and _local(names[0]) != "svg":
        yield "is no PNG, JPEG or SVG file"


def _check_element(name: str, attributes: dict[str, str]) -> None:
    if _local(name) in _ACTIVE:
        raise _Unsafe(f"has <{_local(name)}>")
    for key, value in attributes.items():
        local, plain = _local(key), "".join(value.split()).lower()
        if local.startswith("on"):
            raise _Unsafe(f"has the handler {local}")
        if local == "href" and not plain.startswith(("#", "data:image/png", "data:image/jpeg")):
            raise _Unsafe(f"refers to {value[:40]}")
        if "url(" in plain and "url(#" not in plain.replace('"', "").replace("'", ""):
            raise _Unsafe(f"loads {value[:40]}")


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1].lower()

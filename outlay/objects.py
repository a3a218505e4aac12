"""Objects in cloud storage, by fsspec: whole objects in, whole objects out.

Credentials come from where the store's own tools take them (environment, configuration files, the machine's role),
never from the address.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError, DataError, MissingDependencyError, RunError

DRIVERS = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "memory": "",
}
"""Schemes that are known, and the package that speaks to each; ``memory`` lives as long as its process."""


def is_object(address: str) -> bool:
    """Whether an address is that of an object: ``s3://bucket/weekly.csv``."""
    scheme, mark, _ = address.partition("://")
    return bool(mark) and scheme.lower() in DRIVERS


def address_in(path: PurePath) -> str | None:
    """The address of an object that was given where a path is expected, which takes one of its slashes; else None.

    Raises
    ------
    ConfigError
        C016: an address of another kind, which as a path would make a folder of its scheme's name.
    """
    first = path.parts[0] if path.parts else ""
    scheme = first.removesuffix(":").lower() if first.endswith(":") else ""
    if scheme in DRIVERS:
        return f"{scheme}://{'/'.join(path.parts[1:])}"
    if len(scheme) > 1 and not os.path.isdir(first):  # one letter is a drive of Windows
        known = ", ".join(f"{name}://" for name in DRIVERS if DRIVERS[name])
        what = "this is no path, and not the address of a storage that is known"  # what is behind may hold a password
        raise ConfigError(what, where=f"{scheme}://", repair=f"Write a path, or an address of {known}.", id="C016")
    return None


def filesystem(address: str) -> tuple[Any, str]:
    """The store of an address, and the object's path in it.

    Raises
    ------
    ConfigError
        C014: a password in the address. C016: no bucket or no name.
    MissingDependencyError
        C017: the package that speaks to the store is not installed.
    """
    from fsspec.core import url_to_fs

    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None or parts.query:
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        raise ConfigError(
            "the address holds a user, a password or options", where=place, repair=CATALOGUE["C014"].repair, id="C014"
        )
    if not (parts.netloc and parts.path.strip("/")) and parts.scheme != "memory":
        raise ConfigError("the address names no object", where=address, repair=CATALOGUE["C016"].repair, id="C016")
    try:
        store, path = url_to_fs(address)
    except ImportError as missing:
        package = DRIVERS[parts.scheme.lower()]
        raise MissingDependencyError(
            f"{parts.scheme}:// needs the package {package}",
            where=address,
            repair=f"Install it beside outlay: pip install {package}",
            id="C017",
        ) from missing
    return store, path


def read_object(address: str) -> bytes:
    """A whole object.

    Raises
    ------
    ConfigError
        C010: there is none.
    DataError
        D009: it cannot be read.
    """
    store, path = filesystem(address)
    try:
        content: bytes = store.cat_file(path)
    except FileNotFoundError:
        raise no_object(address) from None
    except (OSError, ValueError) as problem:
        raise DataError([CATALOGUE.finding("D009", address, f"the object cannot be read: {_said(problem)}")]) from None
    return content


def write_object(address: str, data: bytes | str) -> str:
    """Write a whole object: a reader sees the old one or the new one.

    Raises
    ------
    RunError
        R010: the store does not take it.
    """
    store, path = filesystem(address)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        store.pipe_file(path, content)
    except (OSError, ValueError) as problem:
        raise RunError(
            f"the object cannot be written: {_said(problem)}; nothing was written",
            where=address,
            repair="Check the bucket's name and that the credentials of this process may write to it.",
            id="R010",
        ) from problem
    return address


def no_object(address: str) -> ConfigError:
    """The refusal of an object that is not there."""
    return ConfigError("there is no such object", where=address, repair=CATALOGUE["C010"].repair, id="C010")


def _said(problem: Exception) -> str:
    return str(problem).strip().split("\n", 1)[0] or type(problem).__name__

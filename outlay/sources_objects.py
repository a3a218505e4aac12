"""Tables that lie in cloud storage, as CSV or Parquet objects."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError
from outlay.objects import filesystem, no_object, read_object
from outlay.sources import CSV_SUFFIXES, PARQUET_SUFFIXES, Relation, Wanted, csv_relation, embedded, relation_of


def open_object(source: str, wanted: Wanted) -> Relation:
    """Open an object; of a Parquet object only the columns that are asked for are fetched.

    Raises
    ------
    ConfigError
        C010, C011, C014, C016: no such object, not a table, a secret in the address, no object named.
    MissingDependencyError
        C017: the package that speaks to the store is not installed.
    DataError
        D009: it cannot be read.
    """
    suffix = PurePosixPath(urlsplit(source).path).suffix.lower()
    if suffix in CSV_SUFFIXES:
        return csv_relation(read_object(source), source, wanted)
    if suffix not in PARQUET_SUFFIXES:
        kind = f"objects of kind {suffix}" if suffix else "objects without .csv or .parquet in their name"
        raise ConfigError(f"{kind} are not read", where=source, repair=CATALOGUE["C011"].repair, id="C011")
    store, path = filesystem(source)
    try:
        version = str(store.ukey(path))
    except FileNotFoundError:
        raise no_object(source) from None
    backend = embedded()
    backend.con.register_filesystem(store)
    return relation_of(backend, backend.read_parquet(source), hashlib.sha256(version.encode()).hexdigest())

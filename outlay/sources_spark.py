"""Tables of Spark, through a session that runs already or one that Spark's own configuration describes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError, DataError, MissingDependencyError
from outlay.sources import Relation, no_table
from outlay.sources_address import address_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_EXAMPLE = "spark:///?table=database.name, or spark://host:7077?table=database.name"


def open_spark(source: str) -> Relation:
    """Open a table or view that Spark knows.

    ``spark:///`` takes the session that runs, or one that SPARK_REMOTE or Spark's own files describe, or a local one;
    ``spark://host:7077`` asks that master for one.

    Raises
    ------
    ConfigError
        C012 to C014: an address that is incomplete or holds a password; no such table.
    MissingDependencyError
        C015: PySpark is not installed.
    DataError
        D011: no session comes up.
    """
    address = address_of(source, example=_EXAMPLE)
    if address.user or address.path or (address.host and address.port is None):
        raise ConfigError("the Spark address is incomplete", where=source, repair=f"Write {_EXAMPLE}.", id="C012")
    # pyspark 4.3 warns of pandas 3 at each result; results travel as Arrow and never through its pandas code
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    session, ours = _session(source, f"spark://{address.host}:{address.port}" if address.host else "")
    backend = ibis.pyspark.connect(session)
    if not session.catalog.tableExists(address.table):
        held = [table.name for table in session.catalog.listTables()]
        if ours:
            backend.disconnect()
        raise no_table(address.table, held, source)
    table = _table(backend, address.table)
    names = tuple(table.columns)
    return Relation(backend, table, names, {name: name for name in names}, ordered=False, stays_open=not ours)


def _table(backend: Any, name: str) -> ir.Table:
    *place, last = name.split(".")
    return backend.table(last, database=tuple(place) if place else None)


def _session(source: str, master: str) -> tuple[SparkSession, bool]:
    """A session, and whether it is ours to stop."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise MissingDependencyError(
            "Spark tables need PySpark, which is not installed",
            where=source,
            repair=CATALOGUE["C015"].repair,
            id="C015",
        ) from None
    running = SparkSession.getActiveSession()
    if running is not None:
        return running, False
    builder = SparkSession.builder.appName("outlay")
    try:
        return (builder.master(master) if master else builder).getOrCreate(), True
    except (PySparkException, RuntimeError, OSError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise DataError([CATALOGUE.finding("D011", source, f"no Spark session: {reason}")]) from None

"""A real PostgreSQL server for tests, in a folder of its own and gone behind; skipped where none can run."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.programs import lacking, program

USER = "tester"


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server; gives the address of its database, ``postgresql://tester@127.0.0.1:PORT/postgres``."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed")
    initdb, server_program = (program(name, "postgresql") for name in ("initdb", "postgres"))
    # in a place of its own: pytest closes its folders to everybody else again and again
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as place:
        yield from _served(Path(place), initdb, server_program)


def _served(folder: Path, initdb: str, server_program: str) -> Iterator[str]:
    as_other = _as_other(folder)
    data = folder / "db"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    made = subprocess.run(
        [*as_other, initdb, "-D", data, "-U", USER, "--auth=trust", "-E", "UTF8"], **quiet, check=False
    )
    if made.returncode:
        lacking("initdb does not make a database here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-k", str(folder), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    server = subprocess.Popen([*as_other, server_program, "-D", data, *options], **quiet)
    address = f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    try:
        _wait(server, address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _as_other(folder: Path) -> list[str]:
    """Words before a command that run it as somebody else: PostgreSQL does not run as root."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        lacking(f"PostgreSQL refuses to run as {getpass.getuser()}, and setpriv is not installed")
    shutil.chown(folder, "nobody")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    import psycopg

    for _ in range(300):
        if server.poll() is not None:
            lacking("the PostgreSQL server does not start here")
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:  # the port opens before the server lets anybody in
            time.sleep(0.1)
        else:
            return
    pytest.fail("the PostgreSQL server let nobody in within 30 seconds")

"""The server of the page: waitress, behind the rules of :mod:`planner.safety`."""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import os
import platform
import secrets
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from outlay.errors import ConfigError, OutlayError
from planner.asked import Asked
from planner.safety import MOST_BYTES, Rules, content_policy, guarded

if TYPE_CHECKING:
    import dash

    from planner.desk import Desk

THREADS = 8
ARENAS = 2
_ARENA_MAX = -8
"""``M_ARENA_MAX`` of malloc.h."""

SLOW = 30
"""Seconds after which a connection that says nothing is closed."""

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

LEAST_TOKEN = 16
"""Characters of a token that somebody states."""


@dataclass(frozen=True)
class Place:
    """Where to listen, and what lets in.

    Attributes
    ----------
    host : str
        Address or name of this machine.
    port : int
        0 for a free one.
    token : str or None
        None on loopback, where nobody else comes.
    """

    host: str
    port: int
    token: str | None


def place_of(host: str, port: int, stated: str | None) -> Place:
    """Where to listen: any address but loopback gets a token, the stated one or a new one.

    Parameters
    ----------
    host, port
        As asked for.
    stated : str, optional
        A token of the user's own (``OUTLAY_TOKEN``); it holds on loopback too.

    Raises
    ------
    ConfigError
        X082, where the stated token is too short to keep anybody out.
    """
    if stated is not None and len(stated) < LEAST_TOKEN:
        raise ConfigError(
            f"the token has {len(stated)} characters",
            where="OUTLAY_TOKEN",
            repair=f"Take one of {LEAST_TOKEN} or more, or unset it: outlay serve then makes one.",
            id="X082",
        )
    return Place(host, port, stated or (None if is_loopback(host) else secrets.token_urlsafe(24)))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def share_arenas() -> bool:
    """Let this process's threads take memory from two places, and not from one each; whether that was done.

    What one thread of eight frees, another can then use: less memory, and none that grows for minutes. glibc alone has
    such places; a user's own ``MALLOC_ARENA_MAX`` is left as it is.
    """
    if platform.libc_ver()[0] != "glibc" or "MALLOC_ARENA_MAX" in os.environ:
        return False
    return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS))


class Running:
    """A server that listens.

    Parameters
    ----------
    app : Dash
        The page.
    place : Place

    Raises
    ------
    OutlayError
        X081, where the address cannot be listened on.
    """

    def __init__(self, app: dash.Dash, place: Place) -> None:
        from waitress import create_server

        self.place = place
        listening = _listen(place)
        self.port = int(listening.getsockname()[1])
        # whoever has the token may come by any name: through a proxy on this machine, say
        names = frozenset((place.host.lower(), *_LOOPBACK)) if place.token is None else None
        rules = Rules(names, place.token, content_policy(app.csp_hashes()))
        # "Task queue depth" says no more than that several people are at work
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._sockets: dict[int, Any] = {}
        self._turn, self._ending, self._runs = threading.Lock(), False, False
        self._server: Any = create_server(
            guarded(app.server.wsgi_app, rules),
            map=self._sockets,
            sockets=[listening],
            threads=THREADS,
            ident=None,
            expose_tracebacks=False,
            max_request_body_size=MOST_BYTES + 2**16,
            clear_untrusted_proxy_headers=False,  # read to make a cookie stricter, and for nothing else
            channel_timeout=SLOW,
            cleanup_interval=10,
        )

    @property
    def everywhere(self) -> bool:
        """Whether it listens on all addresses of this machine."""
        return self.place.host in ("0.0.0.0", "::", "")  # noqa: S104  (only compared)

    @property
    def url(self) -> str:
        """The page's address, without the token."""
        host = "127.0.0.1" if self.everywhere else self.place.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def link(self) -> str:
        """The address that lets in."""
        return self.url if self.place.token is None else f"{self.url}?token={quote(self.place.token, safe='')}"

    def run(self) -> None:
        """Answer until :meth:`close`, or until the process is interrupted."""
        from waitress import wasyncore

        with self._turn:
            self._runs = not self._ending
        try:
            while not self._ending:
                wasyncore.loop(timeout=1.0, map=self._sockets, count=1)
        except (SystemExit, KeyboardInterrupt):
            pass  # as a server ends
        with self._turn:
            self._ending, self._runs = True, False
        self._end()

    def close(self) -> None:
        """Stop listening. Where :meth:`run` is at work in another thread, that thread ends what is open."""
        with self._turn:
            first, self._ending = not self._ending, True
            if self._runs:
                self._server.pull_trigger()  # it may be waiting for something to happen
                return
        if first:
            self._end()

    def _end(self) -> None:
        from waitress import wasyncore

        for channel in list(self._server.active_channels.values()):
            channel.handle_close()  # with what it had still to send, which may lie in a file
        self._server.task_dispatcher.shutdown()  # what is being done, a save say, is finished: for five seconds at most
        wasyncore.close_all(self._sockets)


def _listen(place: Place) -> socket.socket:
    """The socket of a place, taken."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family)
    except OSError as problem:
        raise OutlayError(
            f"cannot listen there: {(problem.strerror or str(problem)).lower()}",
            where=f"{place.host}:{place.port}",
            repair="Name another port with --port (0 takes a free one), and with --host an address of this machine.",
            id="X081",
        ) from problem


def warm(desk: Desk) -> threading.Thread:
    """Answer the project's own question beforehand, so that the first press of a button finds everything loaded."""

    def ask() -> None:
        try:
            desk.answer(Asked(desk.study.base))
        except OutlayError:
            return  # the planner is told when he asks

    thread = threading.Thread(target=ask, daemon=True, name="warm")
    thread.start()
    return thread

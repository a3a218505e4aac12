"""Turns: one thread at a time, in the order in which they came; what takes many turns lets others go first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

MOST_BEFORE = 3
"""Turns of others that go before one which stands aside, once it waits; then it is taken."""


class Turns:
    """A lock that is handed on in order: whoever asks again and again does not go before those who wait.

    :class:`threading.Lock` makes no such promise. A sweep over totals takes dozens of turns in a row: it takes them
    by :meth:`aside`, so that somebody who waits for one plan does not wait for the sweeps of others as well.
    """

    def __init__(self) -> None:
        self._lock, self._taken = threading.Lock(), False
        self._waiting: deque[threading.Lock] = deque()
        self._aside: deque[threading.Lock] = deque()
        self._passed = 0

    def __enter__(self) -> None:
        self._take(self._waiting)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._hand_on()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A turn that up to three others may take before it."""
        self._take(self._aside)
        try:
            yield
        finally:
            self._hand_on()

    def _take(self, queue: deque[threading.Lock]) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            queue.append(mine)
        mine.acquire()  # until the one before hands it on

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting and not (self._aside and self._passed >= MOST_BEFORE):
                self._passed += bool(self._aside)
                self._waiting.popleft().release()
            elif self._aside:
                self._passed = 0
                self._aside.popleft().release()
            else:
                self._taken = False

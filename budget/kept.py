"""A few things that took time to make, kept for the next who asks; the one not asked for longest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable


class Kept[Key, Value]:
    """At most ``most`` values by their keys, for several threads at once.

    Parameters
    ----------
    most : int
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made where it is not there; what cannot be made is not kept.

        Threads that ask for the same key at once wait for the first of them; others do not.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            mine = self._making.setdefault(key, threading.Lock())
        with mine:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                made = make()
            except BaseException:
                self._done(key)
                raise
            self._done(key, made)
            return made

    def drop(self, key: Key, where: Callable[[Value], bool]) -> None:
        """Forget the value of a key where something is true of it."""
        with self._lock:
            if key in self._values and where(self._values[key]):
                del self._values[key]

    def _done(self, key: Key, *made: Value) -> None:
        with self._lock:
            self._making.pop(key, None)
            for value in made:
                self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

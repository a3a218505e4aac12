"""A browser without a screen: it asks a served page what a real one would ask, over HTTP, and nothing is rendered."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 60.0
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Callback:
    """A callback of the page, as ``/_dash-dependencies`` tells it."""

    output: str
    inputs: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Callback:
        """What the page says of one."""
        read = tuple((each["id"], each["property"]) for each in told["inputs"])
        return cls(told["output"], read, tuple((each["id"], each["property"]) for each in told["state"]))

    def names(self) -> list[str]:
        """Its outputs, ``id.property``."""
        inside = self.output[2:-2].split("...") if self.output.startswith("..") else [self.output]
        return inside

    def payload(self, values: Values, changed: str) -> dict[str, Any]:
        """The request's body with these values, ``id.property`` by name; what has none is null."""
        outputs = [_split(name) for name in self.names()]
        return {
            "output": self.output,
            "outputs": outputs if self.output.startswith("..") else outputs[0],
            "inputs": [_filled(each, values) for each in self.inputs],
            "state": [_filled(each, values) for each in self.states],
            "changedPropIds": [changed],
        }


def _split(name: str) -> dict[str, str]:
    at = name.rindex(".")
    return {"id": name[:at], "property": name[at + 1 :]}


def _filled(each: tuple[str, str], values: Values) -> Any:
    name = f"{each[0]}.{each[1]}"
    if each[0].startswith("{") and '["ALL"]' in each[0]:
        return []  # a list of components, of which there are none here
    return {"id": each[0], "property": each[1], "value": values.get(name)}


@dataclass
class Browser:
    """One planner's connection to a page.

    Attributes
    ----------
    address : str
    told : list of (str, float)
        Kind and seconds of every request.
    """

    address: str
    told: list[tuple[str, float]] = field(default_factory=list)
    callbacks: tuple[Callback, ...] = ()

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self._line = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT)

    def open(self, path: str = "/plan") -> None:
        """Load the page: its frame, its layout, its callbacks."""
        self._get("open", path)
        self._get("open", "/_dash-layout")
        told = json.loads(self._get("open", "/_dash-dependencies"))
        self.callbacks = tuple(Callback.of(each) for each in told if not each.get("clientside_function"))

    def find(self, output: str, changed: str) -> Callback:
        """The callback that writes an output when a property changes."""
        for each in self.callbacks:
            heard = {f"{place}.{name}" for place, name in each.inputs}
            if any(name.split("@")[0] == output for name in each.names()) and changed in heard:
                return each
        raise LookupError(f"no callback writes {output} when {changed} changes")

    def ask(self, kind: str, callback: Callback, values: Values, changed: str) -> dict[str, Any]:
        """Ask a callback; what it answers by component, empty where nothing is to change."""
        body = json.dumps(callback.payload(values, changed))
        answer = self._send(kind, "POST", "/_dash-update-component", body)
        return dict(json.loads(answer).get("response", {})) if answer else {}

    def _get(self, kind: str, path: str) -> bytes:
        return self._send(kind, "GET", path, None)

    def _send(self, kind: str, method: str, path: str, body: str | None) -> bytes:
        origin = self.address.rstrip("/")
        headers = {"Content-Type": "application/json", "Origin": origin} if body else {}
        started = time.perf_counter()
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        content = answer.read()
        self.told.append((kind, time.perf_counter() - started))
        if answer.status not in (200, 204):
            raise RuntimeError(f"{kind}: {answer.status} {content[:200]!r}")
        return content

    def close(self) -> None:
        """Hang up."""
        self._line.close()

"""The address of a table on a server: where it is, which table, and never a password."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from outlay.catalogue import CATALOGUE
from outlay.errors import ConfigError

_SECRETS = frozenset({"password", "passwd", "pwd", "sslpassword", "token", "access_token", "secret"})


@dataclass(frozen=True)
class Address:
    """A server's table.

    Attributes
    ----------
    host, user, path : str
        Empty where the address leaves them to the driver.
    port : int or None
    table : str
        ``name`` or ``schema.name``.
    options : dict of str to str
        What else follows the question mark.
    """

    host: str
    port: int | None
    user: str
    path: str
    table: str
    options: dict[str, str]


def address_of(source: str, *, example: str, options: Collection[str] = (), needs_table: bool = True) -> Address:
    """Take an address apart.

    Parameters
    ----------
    source : str
    example : str
        A complete address of the kind, for the repair.
    options : collection of str
        What may stand behind the question mark beside ``table``.
    needs_table : bool
        Whether it is the address of a table, and not of a whole database; of that, ``table`` is empty.

    Raises
    ------
    ConfigError
        C012: incomplete. C014: a password in it.
    """
    try:
        parts = urlsplit(source)
        port = parts.port
    except ValueError as error:
        raise _incomplete(without_password(source), f"the address cannot be read: {error}", example) from None
    asked = parse_qs(parts.query, keep_blank_values=True)
    if parts.password is not None or _SECRETS & {name.lower() for name in asked}:
        raise ConfigError(
            "the address holds a password", where=without_password(source), repair=CATALOGUE["C014"].repair, id="C014"
        )
    tables = [name for name in asked.pop("table", []) if name]
    if needs_table and len(tables) != 1:
        raise _incomplete(source, "the address names no table", example)
    unknown = [name for name in asked if name not in options]
    unknown += ["table"] if tables and not needs_table else []
    if unknown:
        raise _incomplete(source, f"the address holds {', '.join(unknown)}, which is not read", example)
    return Address(
        host=unquote(parts.hostname or ""),
        port=port,
        user=unquote(parts.username or ""),
        path=unquote(parts.path).strip("/"),
        table=tables[0] if tables else "",
        options={name: values[-1] for name, values in asked.items()},
    )


def without_password(source: str) -> str:
    """The address for messages: nothing between the scheme and the host, nothing behind the question mark."""
    scheme, _, rest = source.partition("://")
    place = rest.partition("?")[0]
    return f"{scheme}://{place.rpartition('@')[2]}"


def _incomplete(source: str, what: str, example: str) -> ConfigError:
    return ConfigError(what, where=source, repair=f"Write it as {example}.", id="C012")

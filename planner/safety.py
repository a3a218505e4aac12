"""Who may ask the page: from this machine by name, from elsewhere with a token, and from no other site at all."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "outlay_planner"
HEALTH = "/health"
MOST_BYTES = 8 * 2**20
"""Bytes of a request: a workbook that is uploaded, in base64."""

METHODS = ("GET", "HEAD", "POST")

PLAIN = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def content_policy(scripts: Iterable[str]) -> str:
    """What the page may load and run: its own files, and the inline scripts with these hashes.

    Styles are written inline by the components; pictures of charts are data and blobs.
    """
    own = " ".join(["'self'", *scripts])
    return (
        f"default-src 'self'; script-src {own}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


@dataclass(frozen=True)
class Rules:
    """Whom a server lets in.

    Attributes
    ----------
    names : frozenset of str, or None
        What ``Host`` may say before its port; None for any (then a token is needed). A page of another site that gets
        this machine's address by a name of its own is refused by it. The port is left open, because a tunnel to this
        machine may begin at another one.
    token : str or None
        What everybody needs who comes from elsewhere.
    policy : str
        The content policy.
    """

    names: frozenset[str] | None
    token: str | None
    policy: str

    def __post_init__(self) -> None:
        if self.names is None and not self.token:
            raise ValueError("a server that listens to other machines needs a token")


@dataclass(frozen=True)
class _Answer:
    status: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()


_NO_TOKEN = _Answer(
    "403 Forbidden",
    "This page needs its link: the one with ?token= that `outlay serve` printed. Ask whoever started it.",
)
_OTHER_NAME = _Answer(
    "421 Misdirected Request",
    "This page is open at its own address only. Use the address that `outlay serve` printed.",
)
_OTHER_SITE = _Answer("403 Forbidden", "This request did not come from the page itself and was refused.")
_TOO_LONG = _Answer("413 Content Too Large", f"No more than {MOST_BYTES // 2**20} MB can be sent at once.")
_NO_METHOD = _Answer(
    "405 Method Not Allowed", "Only GET, HEAD and POST are known here.", (("Allow", ", ".join(METHODS)),)
)
_HEALTHY = _Answer("200 OK", "ok")


def guarded(inner: WSGIApplication, rules: Rules) -> WSGIApplication:
    """The application behind its rules.

    Every answer carries headers that keep other sites from framing, reading or sniffing it.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        refused = _looked_at(environ, rules)
        if refused is not None:
            return _told(refused, environ, start_response)
        return inner(environ, _with_headers(start_response, rules.policy))

    return application


def _looked_at(environ: WSGIEnvironment, rules: Rules) -> _Answer | None:
    """The answer that a request gets before the page sees it; None where it may see it."""
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    if path == HEALTH and method in ("GET", "HEAD"):
        return _HEALTHY
    if method not in METHODS:
        return _NO_METHOD
    if rules.names is not None and _name(environ.get("HTTP_HOST", "")) not in rules.names:
        return _OTHER_NAME
    if rules.token is not None:
        refused = _token_of(environ, rules.token)
        if refused is not None:
            return refused
    if method == "POST":
        if not _same_origin(environ):
            return _OTHER_SITE
        if _length(environ) > MOST_BYTES:
            return _TOO_LONG
    return None


def _token_of(environ: WSGIEnvironment, token: str) -> _Answer | None:
    """Let in by cookie; a link with the token gives the cookie and takes the token out of the address."""
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    given = asked.pop("token", [""])[0]
    if environ["REQUEST_METHOD"] == "GET" and hmac.compare_digest(given.encode(errors="replace"), token.encode()):
        return _entered(environ, token, urlencode(asked, doseq=True))
    return None if hmac.compare_digest(_cookie(environ, token), _session(token)) else _NO_TOKEN


def _entered(environ: WSGIEnvironment, token: str, query: str) -> _Answer:
    """The cookie, and the way to the page under an address without the token."""
    # two slashes at the beginning would name another machine, and bytes that are no part of an address another header
    place = "/" + quote(environ.get("PATH_INFO", "/").lstrip("/\\").encode("latin-1")) + (f"?{query}" if query else "")
    # a proxy may claim TLS where there is none: the browser then keeps the cookie to itself, and nobody comes in
    secure = "; Secure" if environ.get("HTTP_X_FORWARDED_PROTO", "").lower() == "https" else ""
    # Lax goes with a link from a mail or a chat, which Strict does not; what changes anything is a POST (_same_origin)
    cookie = f"{cookie_name(token)}={_session(token)}; HttpOnly; SameSite=Lax; Path=/{secure}"
    return _Answer("303 See Other", "", (("Location", place), ("Set-Cookie", cookie)))


def cookie_name(token: str) -> str:
    """The cookie of a server: browsers share cookies between the ports of a machine, and two servers must not."""
    return f"{COOKIE}_{hashlib.sha256(b'name ' + token.encode()).hexdigest()[:8]}"


def _session(token: str) -> str:
    """What the cookie holds: it lets in as the token does, and does not tell it."""
    return hashlib.sha256(b"outlay planner " + token.encode()).hexdigest()


def _cookie(environ: WSGIEnvironment, token: str) -> str:
    try:
        found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(cookie_name(token))
    except CookieError:
        return ""
    return found.value if found is not None and found.value.isascii() else ""


def _name(host: str) -> str:
    """The name in a ``Host`` header, without its port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()


def _same_origin(environ: WSGIEnvironment) -> bool:
    """Whether a page of this very server sends the request: browsers say so, and no other page can."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return bool(environ.get("HTTP_SEC_FETCH_SITE") == "same-origin")
    try:
        return urlsplit(origin).netloc.lower() == environ.get("HTTP_HOST", "").lower() != ""
    except ValueError:
        return False


def _length(environ: WSGIEnvironment) -> int:
    stated = environ.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else MOST_BYTES + 1


def _told(answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    body = (answer.text + "\n").encode() if answer.text else b""
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(answer.status, [*headers, ("Cache-Control", "no-store"), *PLAIN, *answer.headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _with_headers(start_response: StartResponse, policy: str) -> Any:
    """The same with our headers behind the page's own; what is no file of a library is not kept by the browser."""

    def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
        names: Mapping[str, str] = {name.lower(): value for name, value in headers}
        kept = [] if "cache-control" in names else [("Cache-Control", "no-store")]
        own = [(name, value) for name, value in headers if name.lower() not in ("server", "content-security-policy")]
        return start_response(status, [*own, *kept, *PLAIN, ("Content-Security-Policy", policy)], *more)

    return started

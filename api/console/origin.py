"""Whether a request comes from one of the console's own pages, and where the console stands."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.settings import Settings


def is_own(scope: Scope, settings: Settings) -> bool:
    """Whether `Origin` (where the browser leaves it out: `Sec-Fetch-Site`) is the console's own. A request
    that says neither comes from no browser's form and is not."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    if settings.console_url and origin == settings.console_url:
        return True
    return bool(origin) and urlsplit(origin).netloc == headers.get("host", "")


def site_of(connection: HTTPConnection, settings: Settings) -> str:
    """The console's origin as the browser has it."""
    if settings.console_url:
        return settings.console_url
    url = connection.url
    return f"{url.scheme}://{url.netloc}"


def is_secure(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us."""
    return site_of(connection, settings).startswith("https://")

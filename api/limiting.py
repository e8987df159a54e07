"""How often one client may call the API: a moving window an address, kept in this process's memory."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem, render


class RateLimiter:
    """`rate` and `loopback` read "number/period". An IPv6 client is its /64: one home, one limit."""

    def __init__(self, rate: str, loopback: str) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._rate, self._loopback = parse(rate), parse(loopback)

    def wait_s(self, host: str) -> int:
        """0 if a request from `host` may pass now, which counts it; else the seconds to wait."""
        item, key = self._limit_of(host)
        if self._window.hit(item, key):
            return 0
        return max(1, math.ceil(self._window.get_window_stats(item, key).reset_time - time.time()))

    def _limit_of(self, host: str) -> tuple[RateLimitItem, str]:
        if is_loopback(host):
            return self._loopback, "loopback"
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return self._rate, host
        if address.version == 6:
            return self._rate, str(ipaddress.ip_network((address, 64), strict=False))
        return self._rate, host


class RateLimit:
    """Middleware: every path below one of `prefixes` counts, those of `but` aside; others pass."""

    def __init__(
        self, app: ASGIApp, *, limiter: RateLimiter, prefixes: tuple[str, ...], but: tuple[str, ...] = ()
    ) -> None:
        self._app, self._limiter, self._prefixes, self._but = app, limiter, prefixes, but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"].startswith(self._prefixes)
            and not (self._but and scope["path"].startswith(self._but))
            and scope["method"] != "OPTIONS"
        ):
            seconds = self._limiter.wait_s(client_host(scope))
            if seconds:
                problem = Problem("rate_limited", seconds=seconds, headers={"Retry-After": str(seconds)})
                response = render(problem, request_id=scope.get("request_id"), path=scope["path"])
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def client_host(scope: Scope) -> str:
    """The client's address as the server knows it: uvicorn has put a trusted proxy's word for it in place."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback

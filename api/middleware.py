"""What wraps every request: its id, log line and figures, a last resort for errors, headers, a size limit.

Plain ASGI classes, each with one job. They must not read what people wrote.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import Problem, render

log = structlog.get_logger("access")
_QUIET = {"/healthz", "/readyz", "/metrics"}


class Edge:
    """The outermost layer: gives the request an id, logs and counts it, and turns a crash into a 500."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(12)
        scope["request_id"] = request_id
        status = 0
        started = time.perf_counter()

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, stamped)
            except Exception as error:
                log.error("request_crashed", exc_type=type(error).__name__, path=scope["path"], exc_info=True)
                if status:
                    raise
                response = render(Problem("internal"), request_id=request_id, path=scope["path"])
                await response(scope, receive, stamped)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        self._metrics.http.labels(scope["method"], route, str(status)).inc()
        self._metrics.http_seconds.labels(route).observe(seconds)
        level = "debug" if scope["path"] in _QUIET else "info"
        figures = {"status": status, "ms": round(seconds * 1000, 1)}
        getattr(log, level)("request", method=scope["method"], route=route, **figures)


class SecurityHeaders:
    """A strict policy for every response but those that name their own. `/static` and `/media` may be
    embedded by other sites: they hold the widget and its pictures."""

    def __init__(self, app: ASGIApp, *, frame_ancestors: Iterable[str]) -> None:
        self._app = app
        self._policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' data:",
                "font-src 'self'",
                "connect-src 'self'",
                "manifest-src 'self'",
                "base-uri 'none'",
                "form-action 'self'",
                f"frame-ancestors {' '.join(frame_ancestors)}",
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self._policy)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self), payment=()"
                shared = path.startswith(("/static/", "/media/"))
                headers["Cross-Origin-Resource-Policy"] = "cross-origin" if shared else "same-origin"
                if path.startswith(("/api/", "/internal/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, guarded)


class BodyLimit:
    """Refuses a body of more than `limit` bytes: by its stated length before reading, else while reading.
    `wide` gives other limits to paths that begin with its keys."""

    def __init__(self, app: ASGIApp, *, limit: int, wide: Mapping[str, int]) -> None:
        self._app, self._limit, self._wide = app, limit, dict(wide)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        limit = next((wide for prefix, wide in self._wide.items() if path.startswith(prefix)), self._limit)
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isascii() and stated.isdigit() and int(stated) > limit:
            problem = Problem("too_large", limit=limit, headers={"Connection": "close"})
            await render(problem, request_id=scope.get("request_id"), path=scope["path"])(
                scope, receive, send
            )
            return
        received, started = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise too_large()
            return message

        async def unless_cut_off(message: Message) -> None:
            """An app below that knows nothing of the limit would call it its own failure."""
            nonlocal started
            if received <= limit or started:
                started = True
                await send(message)

        def too_large() -> Problem:
            return Problem("too_large", limit=limit, headers={"Connection": "close"})

        try:
            await self._app(scope, counted, unless_cut_off)
        except Exception:
            if received <= limit or started:
                raise
        if received > limit and not started:
            refusal = render(too_large(), request_id=scope.get("request_id"), path=scope["path"])
            await refusal(scope, receive, send)

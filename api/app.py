"""The FastAPI app, put together from parts that somebody else built and starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.channels.running import Running
from api.console.audit_export import router as audit_export
from api.console.entry import router as console_entry
from api.console.guard import Guard
from api.console.oidc_entry import router as oidc_entry
from api.console.sockets import LiveSockets
from api.conversation import Conversations
from api.limiting import RateLimit, RateLimiter
from api.metrics import Metrics
from api.middleware import BodyLimit, Edge, SecurityHeaders
from api.problems import Problem
from api.responder import Responder
from api.routes import (
    actions,
    chat,
    clauses,
    conversations,
    docs,
    feedback,
    health,
    links,
    notices,
    plain,
    suggestions,
)
from api.routes.staff import activities as staff_activities
from api.routes.staff import campaigns as staff_campaigns
from api.routes.staff import weeks as staff_weeks
from api.services import Services
from api.store.conversations import ConversationStore
from api.web import not_found_page
from api.web import router as pages
from api.web_channel.streams import Streams

DESCRIPTION = "重庆绿色消费问答助手：回答逐字引自政策原文，并注明出处。"
SIGN_INS_AT_ONCE = 4
"""Each takes a thread and much memory: a flood of them waits here, and not before everybody else."""
TYPING, TYPING_RATE = "/api/v1/suggestions", "180/minute"
"""What is asked for while somebody types has a limit of its own: it must never use up that of messages."""
UPLOADS = "/console/_nicegui/client/"
FORM_BYTES = 64 * 1024
"""What a form adds to the file that it carries."""
TRACKER_BYTES = 8 * 1024 * 1024
"""Rasa sends the whole conversation with every action: 51 kB after 15 turns, so this is a very long one."""


def create_app(services: Services) -> FastAPI:
    """The app over `services`. Starting and stopping them is the caller's business."""
    metrics, settings = Metrics(), services.settings
    responder = Responder(services, metrics)
    store = ConversationStore(services.engine)

    streams = Streams(services.web_channel.notices.counts)
    sockets = LiveSockets(services.staff.sessions)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with sockets.watching(), channels.running():
            yield
        streams.close()
        await responder.close()

    app = FastAPI(
        title="绿小渝",
        description=DESCRIPTION,
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.sign_ins = asyncio.Semaphore(SIGN_INS_AT_ONCE)
    app.state.metrics = metrics
    app.state.responder = responder
    app.state.store = store
    app.state.streams = streams
    app.state.conversations = Conversations(services, store=store, responder=responder, metrics=metrics)
    channels = Running(app, services, app.state.conversations)
    if services.rasa is not None:
        rasa = services.rasa
        metrics.watch_dialogue(restarts=lambda: rasa.restarts, ready=lambda: rasa.state == "ready")

    for router in (
        chat,
        conversations,
        notices,
        links,
        feedback,
        clauses,
        suggestions,
        plain,
        health,
        docs,
        actions,
    ):
        app.include_router(router.router)
    app.include_router(pages)
    if settings.console:
        app.include_router(console_entry)
        app.include_router(audit_export)
        app.include_router(oidc_entry)
        for staff in (staff_campaigns, staff_weeks, staff_activities):
            app.include_router(staff.router)
        app.add_middleware(Guard, services=services, sockets=sockets)

    app.add_exception_handler(Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_query)

    # The last one added is the outermost: Edge sees everything, the limits stand before the routes.
    app.add_middleware(
        BodyLimit,
        limit=settings.max_body_bytes,
        wide={"/internal/": TRACKER_BYTES, UPLOADS: settings.max_document_bytes + FORM_BYTES},
    )
    limiter = RateLimiter(settings.rate_limit, settings.rate_limit_loopback)
    app.add_middleware(RateLimit, limiter=limiter, prefixes=("/api/", "/r/", "/chat/"), but=(TYPING,))
    typing = RateLimiter(TYPING_RATE, settings.rate_limit_loopback)
    app.add_middleware(RateLimit, limiter=typing, prefixes=(TYPING,))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[*settings.allow_origins, *loopback_origins(settings.port)],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After", "X-Request-ID"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders, frame_ancestors=settings.frame_ancestors)
    app.add_middleware(Edge, metrics=metrics)
    return app


def loopback_origins(port: int) -> tuple[str, str]:
    """This machine's two names for the app itself: the demonstration page has one, its widget the other."""
    return f"http://127.0.0.1:{port}", f"http://localhost:{port}"


async def _refuse(request: Request, error: Exception) -> Response:
    """A problem document; a person who followed a link to nowhere gets a page instead."""
    missing = isinstance(error, HTTPException) and error.status_code == 404
    if missing and "text/html" in request.headers.get("accept", "") and request.method == "GET":
        return not_found_page()
    return await problems.on_http_exception(request, error)

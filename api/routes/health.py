"""`/healthz`, `/readyz` and `/metrics`: is the process alive, which of its parts work, and the figures."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from api.metrics import Metrics
from api.responder import Responder
from api.services import PartState, Services
from api.store.conversations import ConversationStore

router = APIRouter(tags=["health"])
log = structlog.get_logger(__name__)

Part = dict[str, Any]


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz", summary="Which parts work?")
async def readyz(request: Request) -> Response:
    """200 while residents get answers, degraded ones included; 503 when they don't."""
    state = request.app.state
    parts = {
        "dialogue": _dialogue(state.services, state.responder),
        "index": _index(state.services),
        "store": await _store(state.store),
        "queue": await _queue(state.services),
    }
    states = {name: part["status"] for name, part in parts.items()}
    if "ready" not in (states["dialogue"], states["index"]) and states["index"] != "degraded":
        status = "unavailable"
    elif all(value in {"ready", "not_used"} for value in states.values()):
        status = "ready"
    else:
        status = "degraded"
    content = {"status": status, "snapshot": state.services.library.snapshot, "parts": parts}
    return JSONResponse(content, 503 if status == "unavailable" else 200)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    figures: Metrics = request.app.state.metrics
    return Response(figures.render(), media_type=CONTENT_TYPE_LATEST)


def _part(status: PartState, *details: str) -> Part:
    return {"status": status, "detail": "; ".join(details) or None}


def _dialogue(services: Services, responder: Responder) -> Part:
    if services.dialogue is None:
        return _part("unavailable", "no dialogue process; questions go straight to the index")
    if services.rasa is not None and services.rasa.state != "ready":
        return _part("starting", "the dialogue process is starting; questions go straight to the index")
    if responder.dialogue_rests:
        return _part("unavailable", "the dialogue failed lately; questions go straight to the index")
    return _part("ready")


def _index(services: Services) -> Part:
    if services.library.snapshot is None:
        return _part("unavailable", "no snapshot; run `lvxiaoyu doctor`")
    warnings = services.library.warnings
    return _part("degraded" if warnings else "ready", *warnings)


async def _queue(services: Services) -> Part:
    if services.delivery is None:
        return _part("not_used", "this process sends no campaigns")
    if why := await asyncio.to_thread(services.delivery.queue.problem):
        log.error("queue_unavailable", exc_type=why)
        return _part("unavailable", "the queue cannot be reached; campaigns wait, answers go on")
    return _part("ready")


async def _store(store: ConversationStore) -> Part:
    try:
        await asyncio.to_thread(store.check)
    except SQLAlchemyError as error:
        log.error("store_unavailable", exc_type=type(error).__name__)
        return _part("unavailable", "the database cannot be read; answers go on, history does not")
    return _part("ready")

"""`POST /internal/actions`: where Rasa has its custom actions run. Loopback and our own token only."""

from __future__ import annotations

import hmac
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from api.limiting import client_host, is_loopback
from api.problems import Problem
from api.services import Services

router = APIRouter(prefix="/internal", include_in_schema=False)


@router.post("/actions")
async def run_action(request: Request) -> Response:
    services: Services = request.app.state.services
    if not is_loopback(client_host(request.scope)) or not _holds(request, services.keys.action_token):
        raise Problem("forbidden")
    if services.actions is None:
        raise Problem("unavailable")
    try:
        content: Any = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Problem("malformed") from None
    if not isinstance(content, dict):
        raise Problem("not_object")
    return JSONResponse(await services.actions.run(content))


def _holds(request: Request, token: str) -> bool:
    return hmac.compare_digest(request.headers.get("x-actions-token", "").encode(), token.encode())

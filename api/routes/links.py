"""What campaign messages point at: counted links and pictures. No token, no cookie, nobody named."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from api.problems import Problem
from api.services import Services

router = APIRouter(tags=["campaigns"])

KEPT_FOREVER = "public, max-age=31536000, immutable"
_LOOKING_AHEAD = ("prefetch", "preview")


@router.head("/r/{run_id}/{number}", include_in_schema=False)
@router.get("/r/{run_id}/{number}", summary="Follow a message's link")
async def follow(
    request: Request,
    run_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")],
    number: Annotated[int, Path(ge=0, le=99)],
) -> Response:
    """Leads to where the link points; clicks are counted in sum, looking ahead by programs is not."""
    services: Services = request.app.state.services
    purpose = f"{request.headers.get('sec-purpose', '')} {request.headers.get('purpose', '')}".lower()
    counted = request.method == "GET" and not any(word in purpose for word in _LOOKING_AHEAD)
    address = await asyncio.to_thread(services.web_channel.links.follow, run_id, number, counted=counted)
    if address is None:
        raise Problem("link_unknown")
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return RedirectResponse(address, status_code=302, headers=headers)


@router.head("/media/{digest}", include_in_schema=False)
@router.get("/media/{digest}", summary="A message's picture")
async def picture(request: Request, digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> Response:
    services: Services = request.app.state.services
    found = await asyncio.to_thread(services.web_channel.pictures.read, digest)
    if found is None:
        raise Problem("not_found")
    media_type, data = found
    return Response(data, media_type=media_type, headers={"Cache-Control": KEPT_FOREVER})

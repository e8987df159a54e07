"""`/docs`: Swagger UI without a foreign server and without inline script, so that it works offline and
under the same strict policy as every other page. The assets come with the fastapi-offline package; its own
page is not used, since that holds an inline script.
"""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

HERE = Path(__file__).parent
_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_SERVED = {"swagger-ui-bundle.js": _ASSETS, "swagger-ui.css": _ASSETS, "start.js": HERE, "page.css": HERE}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> Response:
    return HTMLResponse((HERE / "page.html").read_text(encoding="utf-8"))


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    folder = _SERVED.get(name)
    if folder is None:
        return Response(status_code=404)
    return FileResponse(folder / name)

"""Signing in through the office's own provider: there, and back."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from api.accounts.errors import AccountError
from api.console.entry import keep_session, page, wanted_page
from api.console.guard import COOKIE, PREFIX
from api.console.origin import is_secure, site_of
from api.limiting import client_host
from api.problems import Problem
from api.services import Services

PATH = f"{PREFIX}/oidc"
PENDING_COOKIE = "lvxiaoyu_oidc"
_ON = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>绿小渝</title>
<meta http-equiv="refresh" content="0; url={url}"><p><a href="{url}">继续</a></p></html>"""

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("/start")
async def start(request: Request) -> Response:
    """To the provider. A link on another site cannot start it."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem("foreign_origin")
    services = _services(request)
    wanted = wanted_page(request.query_params.get("next", ""))
    try:
        provider = await run_in_threadpool(services.provider)
        url, sealed = await provider.begin(redirect_uri=_redirect_uri(request), wanted=wanted)
    except AccountError as error:
        return await page(request, error=str(error), status=502)
    response = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
    # The provider's answer comes from another site: a strict cookie would stay away.
    response.set_cookie(
        PENDING_COOKIE,
        sealed,
        path=PATH,
        max_age=600,
        httponly=True,
        samesite="lax",
        secure=is_secure(request, services.settings),
    )
    return response


@router.get("/callback")
async def callback(request: Request) -> Response:
    """Back from the provider, with an answer or a refusal."""
    services = _services(request)
    try:
        provider = await run_in_threadpool(services.provider)
        person, wanted = await provider.finish(
            str(request.url),
            request.cookies.get(PENDING_COOKIE, ""),
            redirect_uri=_redirect_uri(request),
        )
        token = await run_in_threadpool(
            services.staff.sign_in.by_provider,
            person,
            address=client_host(request.scope),
            replacing=request.cookies.get(COOKIE),
        )
    except AccountError as error:
        response = await page(request, error=str(error), status=403)
    else:
        # The way here began on another site: only a page of ours leads on with the strict cookie.
        response = HTMLResponse(_ON.format(url=escape(wanted)))
        keep_session(request, response, token)
    response.delete_cookie(PENDING_COOKIE, path=PATH)
    return response


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    if not services.settings.oidc_issuer:
        raise Problem("not_found")
    return services


def _redirect_uri(request: Request) -> str:
    return f"{site_of(request, _services(request).settings)}{PATH}/callback"

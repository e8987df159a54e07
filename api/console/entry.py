"""Signing in and out, and what else of the console is no NiceGUI page: plain forms, no script.

The sign-in form carries a random token that a short-lived cookie repeats; forms behind the sign-in carry the
session's own. The guard has checked before that they come from here.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from api.accounts.errors import AccountError, SignInLocked
from api.console.guard import COOKIE, PREFIX, SIGN_IN
from api.console.origin import is_secure
from api.console.visit import SCOPE_KEY, Visit
from api.console.words import words
from api.limiting import client_host
from api.problems import Problem
from api.services import Services

HERE = Path(__file__).parent
FORM_COOKIE = "lvxiaoyu_form"
FORM_PATH = SIGN_IN
FORM_BYTES = 8192

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    if SCOPE_KEY in request.scope:
        return RedirectResponse(wanted_page(request.query_params.get("next", "")), 303)
    notes: dict[str, str] = words("sign_in")["notes"]
    return await page(request, note=notes.get(request.query_params.get("note", ""), ""))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    form = await read_form(request)
    given = request.cookies.get(FORM_COOKIE, "")
    if not given or not hmac.compare_digest(given.encode(), form.get("token", "").encode()):
        return await page(request, error=words("sign_in")["foreign"], form=form, status=403)
    name, password = form.get("name", ""), form.get("password", "")
    if len(name) > 128 or len(password) > 512:
        return await page(request, error=words("sign_in")["too_long"], form=form, status=422)
    services: Services = request.app.state.services
    try:
        async with request.app.state.sign_ins:
            token = await run_in_threadpool(
                services.staff.sign_in.by_password,
                name,
                password,
                address=client_host(request.scope),
                replacing=request.cookies.get(COOKIE),
            )
    except AccountError as error:
        headers = {"Retry-After": str(error.wait_s)} if isinstance(error, SignInLocked) else {}
        status = 429 if isinstance(error, SignInLocked) else 401
        return await page(request, error=str(error), form=form, status=status, headers=headers)
    response = RedirectResponse(wanted_page(form.get("next", "")), 303)
    keep_session(request, response, token)
    response.delete_cookie(FORM_COOKIE, path=FORM_PATH)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Ends the session and closes its sockets."""
    visit = visit_of(request)
    form = await read_form(request)
    if not hmac.compare_digest(visit.signed_in.csrf, form.get("token", "")):
        raise Problem("foreign_origin")
    await run_in_threadpool(visit.services.staff.sessions.end, request.cookies.get(COOKIE, ""))
    response = RedirectResponse(f"{SIGN_IN}?note=out", 303)
    response.delete_cookie(COOKIE, path=PREFIX)
    return response


@router.get("/session")
async def session(request: Request) -> Response:
    """204 while somebody is signed in: what a page asks when its socket was closed."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def visit_of(request: Request) -> Visit:
    visit = request.scope.get(SCOPE_KEY)
    if not isinstance(visit, Visit):
        raise Problem("signed_out")
    return visit


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a small form, the first value of each."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise Problem("too_large", limit=FORM_BYTES)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser a session's id: for this path alone, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        token,
        path=PREFIX,
        httponly=True,
        samesite="strict",
        secure=is_secure(request, request.app.state.services.settings),
    )
    response.headers["Cache-Control"] = "no-store"


async def page(
    request: Request,
    *,
    error: str = "",
    note: str = "",
    form: dict[str, str] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """The sign-in page; each carries a new token."""
    form = form or {}
    services: Services = request.app.state.services
    token = secrets.token_urlsafe(16)
    html = (
        _environment()
        .get_template("sign_in.html")
        .render(
            words=words("sign_in"),
            error=error,
            note=note,
            name=form.get("name", "")[:128],
            next=wanted_page(form.get("next") or request.query_params.get("next", "")),
            token=token,
            provider=services.settings.oidc_label if services.settings.oidc_issuer else "",
            nobody=not await run_in_threadpool(services.staff.accounts.has_administrator),
        )
    )
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store", **(headers or {})})
    response.set_cookie(
        FORM_COOKIE,
        token,
        path=FORM_PATH,
        httponly=True,
        samesite="strict",
        secure=is_secure(request, services.settings),
        max_age=3600,
    )
    return response


def missing_page() -> Response:
    """For an address below the console that leads nowhere."""
    html = _environment().get_template("missing.html").render(words=words("frame"))
    return HTMLResponse(html, 404, headers={"Cache-Control": "no-store"})


def wanted_page(path: str) -> str:
    """Where to go on: a page of the console, whatever was asked for."""
    inside = path == PREFIX or path.startswith((f"{PREFIX}/", f"{PREFIX}?"))
    plain = "\\" not in path and path.isprintable() and "/../" not in path
    return path if inside and plain and not path.startswith((SIGN_IN, f"{PREFIX}/_nicegui")) else f"{PREFIX}/"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_static = StaticFiles(directory=HERE / "static")


@router.api_route("/static/{path:path}", methods=["GET", "HEAD"])
async def static_file(request: Request, path: str) -> Response:
    try:
        response = await _static.get_response(path, request.scope)
    except HTTPException as error:
        return Response(status_code=error.status_code)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response

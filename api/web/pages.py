"""The pages and files that a browser asks for: chat, library, policy texts, programmes, static files.

Only the templates hold HTML, and none of them an inline script or style: the app's content policy
forbids both.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

import yaml
from fastapi import APIRouter, Query, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from api.clock import Clock
from api.web import amounts
from api.web.bundle import Script, card_script, widget_script
from api.web.reading import lay_out
from api.web.spans import parse_span, pieces
from knowledge.model import Document, Knowledge, Programme

HERE = Path(__file__).parent
_STATIC_CACHE = "public, max-age=300"

router = APIRouter(include_in_schema=False)


class Services(Protocol):
    """What these pages need of the app."""

    @property
    def clock(self) -> Clock: ...

    def knowledge(self) -> Knowledge: ...


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=amounts.percent, day=_day)
    environment.globals.update(money=amounts.money, words=_wording())
    return environment


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((HERE / "wording.yml").read_text("utf-8")))


def _day(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def _page(name: str, status_code: int = 200, **values: Any) -> Response:
    html = _environment().get_template(name).render(**values)
    return HTMLResponse(html, status_code=status_code, headers={"Cache-Control": "no-cache"})


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


@router.get("/")
def chat(request: Request) -> Response:
    """The chat page."""
    knowledge = _services(request).knowledge()
    entries = (knowledge.entry_by_id.get(entry_id) for entry_id in _wording()["topics"])
    topics = [entry.question for entry in entries if entry is not None]
    return _page("chat.html", knowledge=knowledge, topics=topics)


@router.get("/policies")
def library(request: Request) -> Response:
    """What the assistant answers from."""
    services = _services(request)
    return _page("library.html", knowledge=services.knowledge(), today=services.clock.today())


@router.get("/policies/{document_id}")
def policy(request: Request, document_id: str, span: Annotated[str | None, Query()] = None) -> Response:
    """One document's whole text or one programme, with the cited words marked."""
    knowledge, today = _services(request).knowledge(), _services(request).clock.today()
    if document := knowledge.document_by_id.get(document_id):
        return _document_page(knowledge, document, span, today)
    if programme := knowledge.programme_by_id.get(document_id):
        return _programme_page(programme, span, today)
    return not_found_page()


def _document_page(knowledge: Knowledge, document: Document, wanted: str | None, today: date) -> Response:
    reading = lay_out(tuple(knowledge.clauses_of(document.id)), parse_span(wanted))
    return _page(
        "document.html",
        document=document,
        reading=reading,
        successor=knowledge.document_by_id.get(document.superseded_by or ""),
        status=document.status_on(today),
        span_missed=bool(wanted) and reading.cited is None,
    )


def _programme_page(programme: Programme, wanted: str | None, today: date) -> Response:
    span = parse_span(wanted)
    fits = span is not None and span.path in ("", programme.id) and span.fits(programme.text)
    return _page(
        "programme.html",
        programme=programme,
        cited=pieces(programme.text, span) if fits else (),
        sources=[source for source in programme.sources if _openable(source.url)],
        status=programme.status_on(today),
        span_missed=bool(wanted) and not fits,
    )


def not_found_page() -> Response:
    """A page for an address that leads nowhere; the app may give it to browsers elsewhere too."""
    return _page("not_found.html", status_code=404)


def _openable(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://"))


_static = StaticFiles(directory=HERE / "static")


@router.api_route("/static/widget.js", methods=["GET", "HEAD"])
def widget(request: Request) -> Response:
    """The one script that a site embeds."""
    return _scripted(request, widget_script())


@router.get("/static/card.js")
def card(request: Request) -> Response:
    """Draws one message as the widget does, for previews."""
    return _scripted(request, card_script())


def _scripted(request: Request, script: Script) -> Response:
    headers = {"Cache-Control": _STATIC_CACHE, "ETag": script.etag}
    if script.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(script.content, media_type="text/javascript", headers=headers)


@router.api_route("/static/{path:path}", methods=["GET", "HEAD"])
async def static_file(request: Request, path: str) -> Response:
    """The widget's and the pages' files; any site may load them, and a browser asks again by ETag."""
    try:
        response = await _static.get_response(path, request.scope)
    except HTTPException as error:
        return Response(status_code=error.status_code)
    response.headers["Cache-Control"] = _STATIC_CACHE
    return response

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
from api.web.bundle import File, card_script, english, widget_script, widget_style
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


def page(name: str, status_code: int = 200, **values: Any) -> Response:
    """One of the templates, filled; a browser asks again before it shows it a second time."""
    html = _environment().get_template(name).render(**values)
    return HTMLResponse(html, status_code=status_code, headers={"Cache-Control": "no-cache"})


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


@router.get("/")
def front(request: Request) -> Response:
    """A demonstration: a city office's page that embeds the widget from another origin, as any site may."""
    widget, known = _other_name(request), _services(request).knowledge()
    policy = (
        f"default-src 'none'; script-src {widget}; style-src 'self' {widget}; img-src 'self' data: {widget}; "
        f"connect-src {widget}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    shown = page("demonstration.html", widget=widget, knowledge=known, topics=_topics(known))
    shown.headers["Content-Security-Policy"] = policy
    return shown


def _other_name(request: Request) -> str:
    """The app's origin by this machine's other name: to a browser another site. Elsewhere its only one."""
    url = request.url
    other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(url.hostname or "", url.hostname or "")
    return f"{url.scheme}://{other}{f':{url.port}' if url.port else ''}"


@router.get("/chat")
def chat(request: Request) -> Response:
    """The chat page."""
    knowledge = _services(request).knowledge()
    return page("chat.html", knowledge=knowledge, topics=_topics(knowledge))


def _topics(knowledge: Knowledge) -> list[str]:
    entries = (knowledge.entry_by_id.get(entry_id) for entry_id in _wording()["topics"])
    return [entry.question for entry in entries if entry is not None]


@router.get("/policies")
def library(request: Request) -> Response:
    """What the assistant answers from."""
    services = _services(request)
    return page("library.html", knowledge=services.knowledge(), today=services.clock.today())


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
    return page(
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
    return page(
        "programme.html",
        programme=programme,
        cited=pieces(programme.text, span) if fits else (),
        sources=[source for source in programme.sources if _openable(source.url)],
        status=programme.status_on(today),
        span_missed=bool(wanted) and not fits,
    )


def not_found_page() -> Response:
    """A page for an address that leads nowhere; the app may give it to browsers elsewhere too."""
    return page("not_found.html", status_code=404)


def _openable(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://"))


_static = StaticFiles(directory=HERE / "static")


@router.api_route("/static/widget.js", methods=["GET", "HEAD"])
def widget(request: Request) -> Response:
    """The one script that a site embeds."""
    return _packed(request, widget_script(), "text/javascript")


@router.api_route("/static/widget.css", methods=["GET", "HEAD"])
def widget_looks(request: Request) -> Response:
    """The one stylesheet that the script loads."""
    return _packed(request, widget_style(), "text/css")


@router.get("/static/words.en.json")
def widget_words(request: Request) -> Response:
    """What the widget's surface says in English, for those who want it."""
    return _packed(request, english(), "application/json")


@router.get("/static/card.js")
def card(request: Request) -> Response:
    """Draws one message as the widget does, for previews."""
    return _packed(request, card_script(), "text/javascript")


def _packed(request: Request, file: File, media_type: str) -> Response:
    """Whoever loads it may be another site: its own origin is allowed to read it, and it holds no secret."""
    headers = {
        "Cache-Control": _STATIC_CACHE,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.content, media_type=media_type, headers=headers)
    return Response(file.packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})


@router.api_route("/static/{path:path}", methods=["GET", "HEAD"])
async def static_file(request: Request, path: str) -> Response:
    """The widget's and the pages' files; any site may load them, and a browser asks again by ETag."""
    try:
        response = await _static.get_response(path, request.scope)
    except HTTPException as error:
        return Response(status_code=error.status_code)
    response.headers["Cache-Control"] = _STATIC_CACHE
    return response

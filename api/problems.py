"""Errors as RFC 9457 problem documents: the one map from what went wrong to an HTTP status.

Owns the `Problem` exception that routes raise and its form on the wire. Details are for people and never
hold a message's text, a path of this machine or a stack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import texts

STATUS: Mapping[str, int] = {
    "malformed": 400,
    "token_missing": 401,
    "signed_out": 401,
    "foreign_origin": 403,
    "forbidden": 403,
    "conversation_unknown": 404,
    "message_unknown": 404,
    "notice_unknown": 404,
    "link_unknown": 404,
    "option_unknown": 422,
    "clause_unknown": 404,
    "staff_forbidden": 403,
    "campaign_unknown": 404,
    "campaign_refused": 409,
    "campaign_in_the_way": 422,
    "campaign_invalid": 422,
    "channel_unknown": 422,
    "not_found": 404,
    "method": 405,
    "too_large": 413,
    "wrong_type": 415,
    "not_object": 422,
    "invalid": 422,
    "rate_limited": 429,
    "conversation_busy": 429,
    "internal": 500,
    "unavailable": 503,
}
_BY_STATUS = {401: "token_missing", 403: "forbidden", 404: "not_found", 405: "method", 500: "internal"}


class Problem(Exception):
    """Ends a request. `name` is a key of `STATUS` and of the texts; `fields` pairs a field with its fault."""

    def __init__(
        self,
        name: str,
        *,
        fields: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(name)
        self.name = name
        self.fields = fields
        self.headers = dict(headers or {})
        self.values = values


class ProblemResponse(Response):
    media_type = "application/problem+json"


def render(problem: Problem, *, request_id: str | None = None, path: str | None = None) -> ProblemResponse:
    values = dict(problem.values)
    if problem.fields:
        values["fields"] = "；".join(detail.rstrip("。.") for _, detail in problem.fields)
    content: dict[str, Any] = _document(STATUS[problem.name], texts.problem(problem.name, **values))
    if problem.fields:
        content["errors"] = [{"field": field, "detail": detail} for field, detail in problem.fields]
    return _response(content, problem.headers, request_id, path)


async def on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return render(error, request_id=request.scope.get("request_id"), path=request.url.path)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths, wrong methods."""
    if not isinstance(error, HTTPException):
        raise error
    detail = texts.problem(_BY_STATUS.get(error.status_code, "other"))
    content = _document(error.status_code, detail)
    return _response(content, error.headers or {}, request.scope.get("request_id"), request.url.path)


async def on_invalid_query(request: Request, error: Exception) -> Response:
    """A query parameter that fails the framework's own validation."""
    errors = error.errors() if hasattr(error, "errors") else []
    return await on_problem(request, Problem("invalid", fields=named(errors)))


def named(errors: Sequence[Any]) -> list[tuple[str, str]]:
    """Each field that pydantic refused, beside what is wrong with it, in words."""
    found = []
    for error in errors:
        field = ".".join(str(part) for part in error["loc"] if part not in {"query", "path", "body"})
        limit = (error.get("ctx") or {}).get("limit", "")
        found.append((field[:64], texts.field_problem(error["type"], field[:64], limit=limit)))
    return found


def _document(status: int, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def _response(
    content: dict[str, Any], headers: Mapping[str, str], request_id: str | None, path: str | None
) -> ProblemResponse:
    if path is not None:
        content["instance"] = path
    if request_id is not None:
        content["request_id"] = request_id
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return ProblemResponse(body, status_code=content["status"], headers=dict(headers))

"""Reading a JSON body, strictly: each way in which it can be wrong has its own problem document."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from api.problems import Problem, named

Model = TypeVar("Model", bound=BaseModel)


def documented(model: type[BaseModel], *statuses: int) -> dict[str, Any]:
    """What OpenAPI should say of a route that reads `model` with `read`, for a route's `openapi_extra`."""
    schema = model.model_json_schema()
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            str(status): {"description": "problem document", "content": problem} for status in statuses
        },
    }


async def read(request: Request, model: type[Model]) -> Model:
    """The body as `model`. Raises `Problem`: 400, 413, 415 or 422."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem("wrong_type", headers={"Accept": "application/json"})
    try:
        content = json.loads((await request.body()).decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError, ClientDisconnect):
        raise Problem("malformed") from None
    if not isinstance(content, dict):
        raise Problem("not_object")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise Problem("invalid", fields=named(error.errors())) from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")

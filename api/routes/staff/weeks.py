"""`/console/api/v1/weeks` and `/days`: campaign weeks, and days to hang a campaign on, with their sources."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.desk.campaigns import WeekDesk
from api.routes.body import documented, read
from api.routes.staff.calling import PREFIX, Keyed, Visiting, Words, call, plain

router = APIRouter(prefix=PREFIX, tags=["campaigns"])
_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422)

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Dated(Keyed):
    starts_on: Day
    source: Annotated[Words, Field(description="Where the date is from: a notice's name, number or address.")]
    title: Words | None = None


class Laid(Dated):
    short_only: bool = False


class Typed(Keyed):
    name: Words
    starts_on: Day
    ends_on: Day | None = None
    source: Words


def _desk(visit: Visiting) -> WeekDesk:
    return WeekDesk(visit.services, visit.actor)


@router.get("/weeks", summary="Campaign weeks, the latest first")
async def weeks(visit: Visiting) -> list[dict[str, Any]]:
    return [plain(each) for each in await call(_desk(visit).list)]


@router.post(
    "/weeks",
    status_code=201,
    summary="Lay 绿色消费活动周 out as drafts",
    openapi_extra=documented(Laid, *_REFUSALS),
)
async def create(request: Request, visit: Visiting) -> dict[str, Any]:
    given = await read(request, Laid)
    made = await call(_desk(visit).create, **given.model_dump())
    return await _told(visit, made.id)


@router.get("/weeks/{week_id}", summary="A week with its messages")
async def week(visit: Visiting, week_id: str) -> dict[str, Any]:
    return await _told(visit, week_id)


@router.post(
    "/weeks/{week_id}/copy",
    status_code=201,
    summary="Last year's anew",
    openapi_extra=documented(Dated, *_REFUSALS),
)
async def copy(request: Request, visit: Visiting, week_id: str) -> dict[str, Any]:
    given = await read(request, Dated)
    made = await call(_desk(visit).copy, week_id, **given.model_dump())
    return await _told(visit, made.id)


@router.get("/days", summary="Days to hang a campaign on")
async def days(visit: Visiting) -> list[dict[str, Any]]:
    return [plain(each) for each in await call(_desk(visit).days)]


@router.post(
    "/days", status_code=201, summary="Type when a day is", openapi_extra=documented(Typed, *_REFUSALS)
)
async def type_day(request: Request, visit: Visiting) -> dict[str, Any]:
    given = await read(request, Typed)
    told: dict[str, Any] = plain(await call(_desk(visit).type_day, **given.model_dump()))
    return told


@router.delete("/days/{day_id}", status_code=204, summary="Take a day away")
async def remove_day(visit: Visiting, day_id: str) -> Response:
    await call(_desk(visit).remove_day, day_id)
    return Response(status_code=204)


async def _told(visit: Visiting, week_id: str) -> dict[str, Any]:
    desk = _desk(visit)
    found = await call(desk.read, week_id)
    drafts = await call(desk.messages, week_id)
    told: dict[str, Any] = plain(found)
    return told | {"messages": [each.as_json() for each in drafts]}

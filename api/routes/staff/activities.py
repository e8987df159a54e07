"""`/console/api/v1/activities`: what is on, where and when; approved before residents are told of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from api.desk.activities import ActivityDesk
from api.routes.body import documented, read
from api.routes.staff.calling import (
    PREFIX,
    Keyed,
    Noted,
    Reasoned,
    Revised,
    Revision,
    Visiting,
    Words,
    call,
    plain,
)
from campaigns.activities import Activity

router = APIRouter(prefix=PREFIX, tags=["campaigns"])
_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422)
Names = Annotated[list[str], Field(max_length=20, default_factory=list)]


class Announced(Keyed):
    title: Words
    place: Words
    starts_at: Annotated[str, Field(max_length=40, examples=["2026-11-25T09:00+08:00"])]
    ends_at: Annotated[str, Field(max_length=40)]
    organiser: Words
    about: Annotated[str, Field(max_length=1000)]
    source: Words
    district: Annotated[str, Field(max_length=32)] | None = None
    settings: Names
    clause_ids: Names


class Reannounced(Announced):
    revision: Revision


def _told(activity: Activity) -> dict[str, Any]:
    return activity.as_json() | {"approved": activity.approved}


def _desk(visit: Visiting) -> ActivityDesk:
    return ActivityDesk(visit.services, visit.actor)


@router.get("/activities", summary="Activities, those that begin last first")
async def listed(visit: Visiting, over: bool = True) -> list[dict[str, Any]]:
    return [_told(each) for each in await call(_desk(visit).list, over=over)]


@router.post(
    "/activities", status_code=201, summary="Announce one", openapi_extra=documented(Announced, *_REFUSALS)
)
async def create(request: Request, visit: Visiting) -> dict[str, Any]:
    given = await read(request, Announced)
    return _told(await call(_desk(visit).create, **given.model_dump()))


@router.get("/activities/{activity_id}", summary="One, with what must be mended")
async def one(visit: Visiting, activity_id: str) -> dict[str, Any]:
    desk = _desk(visit)
    found = _told(await call(desk.read, activity_id))
    return found | {"problems": plain(await call(desk.problems, activity_id))}


@router.put("/activities/{activity_id}", summary="Edit", openapi_extra=documented(Reannounced, *_REFUSALS))
async def save(request: Request, visit: Visiting, activity_id: str) -> dict[str, Any]:
    given = await read(request, Reannounced)
    return _told(await call(_desk(visit).save, activity_id, **given.model_dump()))


@router.post(
    "/activities/{activity_id}/submit",
    summary="Hand it to an approver",
    openapi_extra=documented(Revised, *_REFUSALS),
)
async def submit(request: Request, visit: Visiting, activity_id: str) -> dict[str, Any]:
    given = await read(request, Revised)
    return _told(await call(_desk(visit).submit, activity_id, **given.model_dump()))


@router.post(
    "/activities/{activity_id}/approve",
    summary="Tell residents of it from now on",
    openapi_extra=documented(Revised, *_REFUSALS),
)
async def approve(request: Request, visit: Visiting, activity_id: str) -> dict[str, Any]:
    given = await read(request, Revised)
    return _told(await call(_desk(visit).approve, activity_id, **given.model_dump()))


@router.post(
    "/activities/{activity_id}/send-back",
    summary="Back to its author, with the reason",
    openapi_extra=documented(Noted, *_REFUSALS),
)
async def send_back(request: Request, visit: Visiting, activity_id: str) -> dict[str, Any]:
    given = await read(request, Noted)
    return _told(await call(_desk(visit).send_back, activity_id, **given.model_dump()))


@router.post(
    "/activities/{activity_id}/cancel", summary="For good", openapi_extra=documented(Reasoned, *_REFUSALS)
)
async def cancel(request: Request, visit: Visiting, activity_id: str) -> dict[str, Any]:
    given = await read(request, Reasoned)
    return _told(await call(_desk(visit).cancel, activity_id, **given.model_dump()))

"""`/console/api/v1/campaigns`: plan, preview, test, approve, start, pause, cancel, and how it stands."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from api.desk.campaigns import CampaignDesk
from api.problems import Problem
from api.routes.body import documented, read
from api.routes.staff.calling import (
    PREFIX,
    Body,
    Keyed,
    Noted,
    Reasoned,
    Revision,
    Visiting,
    Words,
    call,
    plain,
)
from campaigns.planning.model import Campaign, State

router = APIRouter(prefix=PREFIX, tags=["campaigns"])
_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422)


class Confirmed(Keyed):
    confirm: Annotated[
        list[str],
        Field(max_length=20, default_factory=list, description="Codes of questions answered yes."),
    ]


class Handed(Confirmed):
    revision: Revision


class Written(Keyed):
    title: Words
    content: dict[str, Any]
    audience: dict[str, Any]
    schedule: dict[str, Any]


class Drafted(Written):
    week_id: Annotated[str, Field(max_length=40)] | None = None


class Rewritten(Written):
    revision: Revision


class Tried(Keyed):
    channel: Annotated[str, Field(max_length=32)]
    conversation: Annotated[str, Field(max_length=64)]
    district: Annotated[str, Field(max_length=32)] | None = None


class Copied(Keyed):
    title: Words | None = None


class Asked(Body):
    audience: dict[str, Any]


def _told(campaign: Campaign) -> dict[str, Any]:
    return campaign.as_json() | {"tested": campaign.tested, "approved": campaign.approved}


def _desk(visit: Visiting) -> CampaignDesk:
    return CampaignDesk(visit.services, visit.actor)


@router.get("/campaigns", summary="Campaigns, those touched last first")
async def listed(
    visit: Visiting,
    state: Annotated[list[State] | None, Query()] = None,
    week: Annotated[str | None, Query(max_length=40)] = None,
) -> list[dict[str, Any]]:
    found = await call(_desk(visit).list, states=state, week_id=week)
    return [_told(each) for each in found]


@router.post(
    "/campaigns", status_code=201, summary="Plan a campaign", openapi_extra=documented(Drafted, *_REFUSALS)
)
async def create(request: Request, visit: Visiting) -> dict[str, Any]:
    given = await read(request, Drafted)
    return _told(await call(_desk(visit).create, **given.model_dump()))


@router.get("/campaigns/{campaign_id}", summary="How a campaign stands: its history, its faults, its runs")
async def status(visit: Visiting, campaign_id: str) -> dict[str, Any]:
    desk = _desk(visit)
    campaign = await call(desk.read, campaign_id)
    return _told(campaign) | {
        "history": plain(await call(desk.history, campaign_id)),
        "problems": plain(await call(desk.problems, campaign_id)),
        "ways": plain(await call(desk.ways, campaign_id)),
        "runs": plain(await call(desk.progress, campaign_id)),
    }


@router.put("/campaigns/{campaign_id}", summary="Edit", openapi_extra=documented(Rewritten, *_REFUSALS))
async def save(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Rewritten)
    return _told(await call(_desk(visit).save, campaign_id, **given.model_dump()))


@router.get("/campaigns/{campaign_id}/preview", summary="As each channel shows it")
async def preview(
    visit: Visiting,
    campaign_id: str,
    channel: Annotated[str | None, Query(max_length=32)] = None,
    district: Annotated[str | None, Query(max_length=32)] = None,
) -> dict[str, Any]:
    desk = _desk(visit)
    channels = await call(desk.capabilities)
    if channel is not None and channel not in channels:
        raise Problem("channel_unknown", channel=channel, known="、".join(sorted(channels)) or "—")
    wanted = sorted(channels) if channel is None else [channel]
    return {name: plain(await call(desk.preview, campaign_id, name, district)) for name in wanted}


@router.post(
    "/campaigns/{campaign_id}/test",
    summary="Send it to a conversation of your own",
    openapi_extra=documented(Tried, *_REFUSALS),
)
async def test(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Tried)
    return _told(await call(_desk(visit).test, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/submit",
    summary="Hand it to an approver",
    openapi_extra=documented(Handed, *_REFUSALS),
)
async def submit(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Handed)
    return _told(await call(_desk(visit).submit, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/approve",
    summary="Freeze it as it stands",
    openapi_extra=documented(Handed, *_REFUSALS),
)
async def approve(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Handed)
    return _told(await call(_desk(visit).approve, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/send-back",
    summary="Back to its author, with the reason",
    openapi_extra=documented(Noted, *_REFUSALS),
)
async def send_back(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Noted)
    return _told(await call(_desk(visit).send_back, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/start",
    summary="At its time, or at once where it has none",
    openapi_extra=documented(Confirmed, *_REFUSALS),
)
async def start(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Confirmed)
    return _told(await call(_desk(visit).start, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/pause",
    summary="Nothing further goes out",
    openapi_extra=documented(Reasoned, *_REFUSALS),
)
async def pause(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Reasoned)
    return _told(await call(_desk(visit).pause, campaign_id, **given.model_dump()))


@router.post("/campaigns/{campaign_id}/resume", summary="Go on", openapi_extra=documented(Keyed, *_REFUSALS))
async def resume(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Keyed)
    return _told(await call(_desk(visit).resume, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/cancel", summary="For good", openapi_extra=documented(Reasoned, *_REFUSALS)
)
async def cancel(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Reasoned)
    return _told(await call(_desk(visit).cancel, campaign_id, **given.model_dump()))


@router.post(
    "/campaigns/{campaign_id}/copy",
    status_code=201,
    summary="A new draft with the same words",
    openapi_extra=documented(Copied, *_REFUSALS),
)
async def copy(request: Request, visit: Visiting, campaign_id: str) -> dict[str, Any]:
    given = await read(request, Copied)
    return _told(await call(_desk(visit).copy, campaign_id, **given.model_dump()))


@router.post(
    "/audiences/count",
    summary="How many an audience is now, and a sample that names nobody",
    openapi_extra=documented(Asked, *_REFUSALS),
)
async def count(request: Request, visit: Visiting) -> dict[str, Any]:
    given = await read(request, Asked)
    reach = await call(_desk(visit).reach, given.audience)
    return {
        "counted": plain(reach.counted),
        "by_district": plain(reach.by_district),
        "sample": plain(reach.sample),
    }

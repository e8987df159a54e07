"""How a staff route works: who is signed in, a strict body, and a service's refusal as a problem document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Annotated, Any, ParamSpec, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.accounts.roles import Forbidden
from api.console.entry import visit_of
from api.console.visit import Visit
from api.problems import Problem
from campaigns.errors import CampaignError, ChangedMeanwhile, KeyTaken, NotAllowed, UnknownCampaign
from campaigns.planning.model import InTheWay

PREFIX = "/console/api/v1"
P = ParamSpec("P")
R = TypeVar("R")

Key = Annotated[str, Field(min_length=1, max_length=64, description="The same key does the step once.")]
Words = Annotated[str, Field(max_length=500)]
Revision = Annotated[int, Field(ge=1, description="What the caller has seen; another one is refused.")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Keyed(Body):
    key: Key


class Noted(Keyed):
    note: Words


class Reasoned(Keyed):
    reason: Words = ""


class Revised(Keyed):
    revision: Revision


async def visiting(request: Request, response: Response) -> Visit:
    """Who is signed in; what they get is kept by nobody on the way."""
    response.headers["Cache-Control"] = "no-store"
    return visit_of(request)


Visiting = Annotated[Visit, Depends(visiting)]


async def call(method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A desk's method in a worker thread. Raises Problem: 403, 404, 409 or 422, each with its words."""
    try:
        return await asyncio.to_thread(method, *args, **kwargs)
    except Forbidden as error:
        raise Problem("staff_forbidden", why=str(error)) from None
    except UnknownCampaign as error:
        raise Problem("campaign_unknown", why=str(error)) from None
    except InTheWay as error:
        found = [(each.code, each.text) for each in error.findings]
        raise Problem("campaign_in_the_way", fields=found) from None
    except (ChangedMeanwhile, KeyTaken, NotAllowed) as error:
        raise Problem("campaign_refused", why=str(error)) from None
    except CampaignError as error:
        raise Problem("campaign_invalid", why=str(error)) from None


def plain(value: object) -> Any:
    """Dataclasses, moments, tuples and mappings as JSON has them; a name of None is the whole city."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {"" if name is None else str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value

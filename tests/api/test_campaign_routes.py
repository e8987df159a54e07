"""`/console/api/v1` with real sessions and roles: the whole way of a campaign, and every refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.accounts.assembling import build_staff
from api.accounts.roles import Role
from api.app import create_app
from api.console.guard import COOKIE
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from api.store.conversations import ConversationStore, Turn
from api.web_channel.tables import notices
from knowledge.store import create_engine_for
from tests.accounts.conftest import PASSWORD, quick_passwords
from tests.api.conftest import browse
from tests.api.parts import CLAUSE, SentenceAnswerer, Shelf, SteppingClock
from tests.campaigns.planning.world import TOPIC, key, subscribers

CAMPAIGNS = "/console/api/v1/campaigns"
OWN = {"Sec-Fetch-Site": "same-origin"}
CONTENT: dict[str, Any] = {
    "versions": {"default": {"text": "{district}的街坊，碗里不剩。"}},
    "clause_ids": [CLAUSE.id],
}


class Staff:
    """Requests of one account, as its browser or a script with its session sends them."""

    def __init__(self, services: Services, client: httpx.AsyncClient, name: str) -> None:
        with services.engine.begin() as connection:
            self._token = services.staff.sessions.open(connection, name, address="127.0.0.1")
        self._client = client

    async def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        given = {"Cookie": f"{COOKIE}={self._token}", **OWN} | headers
        return await self._client.request(method, path, json=json, headers=given)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    settings = Settings(data_dir=tmp_path)
    upgrade(settings.database)
    shelf = Shelf()
    made = Services(
        settings=settings,
        keys=load_keys(tmp_path / "secrets"),
        engine=create_engine_for(settings.database),
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=SteppingClock(),
    )
    staff = build_staff(settings, made.engine, made.clock, passwords=quick_passwords())
    for name, role in (("lan", Role.campaigner), ("mei", Role.approver), ("kan", Role.viewer)):
        staff.accounts.add(name, roles=[role], password=PASSWORD, by="test")
    subscribers(made.engine, 3)
    return made


@pytest.fixture
def site(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
async def client(site: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with site.router.lifespan_context(site), browse(site) as browser:
        yield browser


@pytest.fixture
def lan(services: Services, client: httpx.AsyncClient) -> Staff:
    return Staff(services, client, "lan")


@pytest.fixture
def mei(services: Services, client: httpx.AsyncClient) -> Staff:
    return Staff(services, client, "mei")


def draft(**given: Any) -> dict[str, Any]:
    filled = {
        "title": "节粮",
        "content": CONTENT,
        "audience": {"topics": [TOPIC]},
        "schedule": {},
        "key": key(),
    }
    return filled | given


def talked(services: Services) -> str:
    """A conversation of the tester's own on the chat page."""
    person = services.keys.pseudonym("mine")
    now = services.clock.now()
    turn = Turn("mine", person, "web", "q1", "m1", "你好", now, [], now, False)
    ConversationStore(services.engine).record(turn)
    return "mine"


async def test_a_campaign_goes_its_whole_way_over_http(services: Services, lan: Staff, mei: Staff) -> None:
    made = (await lan("POST", CAMPAIGNS, draft())).json()
    here = f"{CAMPAIGNS}/{made['id']}"
    shown = (await lan("GET", f"{here}/preview?channel=web&district=渝北区")).json()
    assert shown["web"]["text"] == "渝北区的街坊，碗里不剩。"
    tried = {"channel": "web", "conversation": talked(services), "key": key()}
    tested = await lan("POST", f"{here}/test", tried)
    assert (tested.status_code, tested.json()["tested"]) == (200, True)
    handed = await lan("POST", f"{here}/submit", {"revision": tested.json()["revision"], "key": key()})
    assert (handed.status_code, handed.json()["state"]) == (200, "in_review")
    approved = await mei("POST", f"{here}/approve", {"revision": handed.json()["revision"], "key": key()})
    assert (approved.status_code, approved.json()["approved_by"]) == (200, "mei")
    assert (await lan("POST", f"{here}/start", {"key": key()})).json()["state"] == "scheduled"
    assert (await lan("POST", f"{here}/pause", {"key": key(), "reason": "等等"})).json()["state"] == "paused"
    assert (await lan("POST", f"{here}/resume", {"key": key()})).json()["state"] == "scheduled"
    assert (await lan("POST", f"{here}/cancel", {"key": key()})).json()["state"] == "cancelled"
    told = (await mei("GET", here)).json()
    assert [each["what"] for each in told["history"]] == [
        "created", "tested", "submitted", "approved", "scheduled", "paused", "resumed", "cancelled",
    ]  # fmt: skip
    assert (told["runs"], told["problems"]) == ([], [])
    listed = (await lan("GET", f"{CAMPAIGNS}?state=cancelled")).json()
    assert [each["id"] for each in listed] == [made["id"]]


async def test_the_test_send_reaches_the_testers_own_conversation(services: Services, lan: Staff) -> None:
    made = (await lan("POST", CAMPAIGNS, draft())).json()
    tried = {"channel": "web", "conversation": talked(services), "district": "万州区", "key": key()}
    await lan("POST", f"{CAMPAIGNS}/{made['id']}/test", tried)
    await lan("POST", f"{CAMPAIGNS}/{made['id']}/test", tried)
    with services.engine.connect() as connection:
        kept = connection.execute(select(notices)).all()
    assert [each.run_id for each in kept] == [f"test-{made['id']}"]
    assert kept[0].content["text"] == "万州区的街坊，碗里不剩。"


async def test_a_test_to_nobody_is_no_test(lan: Staff) -> None:
    made = (await lan("POST", CAMPAIGNS, draft())).json()
    here = f"{CAMPAIGNS}/{made['id']}"
    gone = await lan("POST", f"{here}/test", {"channel": "web", "conversation": "nobody", "key": key()})
    assert (gone.status_code, "没有收下" in gone.json()["detail"]) == (409, True)
    other = await lan("POST", f"{here}/test", {"channel": "fax", "conversation": "x", "key": key()})
    assert (other.status_code, "现在有：web" in other.json()["detail"]) == (422, True)
    assert (await lan("GET", here)).json()["tested"] is False


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("kan", "", draft()),
        ("mei", "", draft()),
        ("lan", "/x/approve", {"revision": 1, "key": "k"}),
        ("lan", "/x/send-back", {"note": "改", "key": "k"}),
        ("kan", "/x/start", {"key": "k"}),
        ("mei", "/x/pause", {"key": "k"}),
    ],
)
async def test_a_role_does_only_what_is_its_own(
    services: Services, client: httpx.AsyncClient, who: str, path: str, body: dict[str, Any]
) -> None:
    refused = await Staff(services, client, who)("POST", CAMPAIGNS + path, body)
    assert (refused.status_code, "没有权限" in refused.json()["detail"]) == (403, True)


async def test_nobody_without_a_session_gets_in(client: httpx.AsyncClient) -> None:
    assert (await client.get(CAMPAIGNS)).status_code == 401
    assert (await client.post(CAMPAIGNS, json=draft(), headers=OWN)).status_code == 401


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_another_site_cannot_press_a_button(lan: Staff, headers: dict[str, str]) -> None:
    assert (await lan("POST", CAMPAIGNS, draft(), **headers)).status_code == 403
    assert (await lan("GET", CAMPAIGNS)).json() == []


async def test_what_stands_in_the_way_is_named_by_its_code(lan: Staff) -> None:
    made = (await lan("POST", CAMPAIGNS, draft(audience={}))).json()
    here = f"{CAMPAIGNS}/{made['id']}/submit"
    refused = await lan("POST", here, {"revision": 1, "key": key()})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["audience_everybody"]
    sure = {"revision": 1, "key": key(), "confirm": ["audience_everybody"]}
    assert (await lan("POST", here, sure)).json()["state"] == "in_review"


async def test_a_change_in_another_tab_is_a_conflict(lan: Staff) -> None:
    made = (await lan("POST", CAMPAIGNS, draft())).json()
    here, first = f"{CAMPAIGNS}/{made['id']}", draft(title="甲", revision=1)
    assert (await lan("PUT", here, first)).json()["title"] == "甲"
    assert (await lan("PUT", here, first)).json()["title"] == "甲"  # the same key again
    assert (await lan("PUT", here, draft(title="乙", revision=1))).status_code == 409
    assert (await lan("GET", here)).json()["title"] == "甲"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (draft(schedule={"zone": "Europe/Paris"}), 422),
        (draft(content={"versions": {}}), 422),
        (draft(audience={"topics": ["烟花"]}), 422),
        (draft(colour="red"), 422),
        ({"title": "x"}, 422),
        ([], 422),
    ],
)
async def test_a_body_that_is_wrong_is_refused_in_words(lan: Staff, body: Any, status: int) -> None:
    refused = await lan("POST", CAMPAIGNS, body)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert refused.json()["detail"]


async def test_what_is_not_there_is_a_404(lan: Staff) -> None:
    for path in (f"{CAMPAIGNS}/x", "/console/api/v1/weeks/x", "/console/api/v1/activities/x"):
        assert (await lan("GET", path)).status_code == 404
    assert (await lan("GET", f"{CAMPAIGNS}/x/preview?channel=fax")).status_code == 422


async def test_an_audience_is_counted_without_a_name(lan: Staff) -> None:
    told = (await lan("POST", "/console/api/v1/audiences/count", {"audience": {"topics": [TOPIC]}})).json()
    assert told["counted"] == {"total": 3, "by_channel": {"web": 3}, "recent": 0}
    assert told["by_district"] == {"": 3}
    assert {name for each in told["sample"] for name in each} == {
        "channel", "district", "setting", "frequency", "since",
    }  # fmt: skip


async def test_a_week_and_days_over_http(lan: Staff) -> None:
    laid = {"starts_on": "2027-11-22", "source": "通知", "key": key()}
    week = (await lan("POST", "/console/api/v1/weeks", laid)).json()
    assert (week["title"], len(week["messages"])) == ("绿色消费活动周", 8)
    copied = await lan(
        "POST", f"/console/api/v1/weeks/{week['id']}/copy", laid | {"starts_on": "2028-11-20", "key": key()}
    )
    assert (copied.status_code, copied.json()["copied_from"]) == (201, week["id"])
    assert len((await lan("GET", "/console/api/v1/weeks")).json()) == 2
    typed = {"name": "六五环境日", "starts_on": "2027-06-05", "source": "环境保护法", "key": key()}
    day = (await lan("POST", "/console/api/v1/days", typed)).json()
    assert (await lan("GET", "/console/api/v1/days")).json() == [day]
    assert (await lan("DELETE", f"/console/api/v1/days/{day['id']}")).status_code == 204
    assert (await lan("POST", "/console/api/v1/days", typed | {"starts_on": "6月5日"})).status_code == 422


async def test_an_activity_over_http(lan: Staff, mei: Staff) -> None:
    fields = {
        "title": "旧衣回收日", "place": "广场", "starts_at": "2027-11-25T09:00+08:00",
        "ends_at": "2027-11-25T17:00+08:00", "organiser": "街道", "about": "带旧衣服来。", "source": "通知",
    }  # fmt: skip
    activities = "/console/api/v1/activities"
    made = (await lan("POST", activities, fields | {"key": key()})).json()
    here = f"{activities}/{made['id']}"
    edited = (await lan("PUT", here, fields | {"place": "礼堂", "revision": 1, "key": key()})).json()
    handed = (await lan("POST", f"{here}/submit", {"revision": edited["revision"], "key": key()})).json()
    own = await lan("POST", f"{here}/approve", {"revision": handed["revision"], "key": key()})
    assert own.status_code == 403
    done = (await mei("POST", f"{here}/approve", {"revision": handed["revision"], "key": key()})).json()
    assert (done["approved"], done["place"]) == (True, "礼堂")
    assert (await lan("GET", here)).json()["problems"] == []
    assert (await lan("POST", f"{here}/cancel", {"key": key()})).json()["state"] == "cancelled"


async def test_the_interface_is_documented(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for step in ("test", "submit", "approve", "send-back", "start", "pause", "resume", "cancel", "copy"):
        assert "requestBody" in paths[f"{CAMPAIGNS}/{{campaign_id}}/{step}"]["post"], step
    assert "get" in paths[f"{CAMPAIGNS}/{{campaign_id}}/preview"]

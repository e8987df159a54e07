"""Asking by an HTML form, without any script, and the privacy page."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.channels import updates
from api.channels.commands import Commands
from api.channels.wechat import waiting
from api.channels.wechat.tables import WAYS_KEPT_FOR
from api.migrations.schema import every_metadata
from api.store.tables import messages
from api.tickets import contacts
from campaigns.consent import load_terms
from tests.api.conftest import MakeServices, browse


@pytest.fixture
def app(make_services: MakeServices) -> FastAPI:
    services = make_services(settings={"operator": "某区发展改革委", "keep_days": "45"})
    for metadata in every_metadata():
        metadata.create_all(services.engine)
    return create_app(services)


def held(page: str) -> dict[str, str]:
    """What the last form of the page would send."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_a_form_is_answered_and_goes_on_as_one_conversation(app: FastAPI) -> None:
    async with browse(app) as client:
        empty = (await client.get("/chat/ask")).text
        first = (await client.post("/chat/ask", data={**held(empty), "message": "公园附近停自行车"})).text
        second = (await client.post("/chat/ask", data={**held(first), "message": "骑行停放"})).text
    assert "公园周边设置自行车停放点" in first
    assert 'href="/policies/xx-2024-1' in first
    assert second.count('class="resident"') == 2
    assert held(second)["conversation_id"] == held(first)["conversation_id"]


async def test_a_page_that_is_loaded_again_asks_nothing_twice(app: FastAPI) -> None:
    async with browse(app) as client:
        form = {**held((await client.get("/chat/ask")).text), "message": "公园附近停自行车"}
        first, again = await client.post("/chat/ask", data=form), await client.post("/chat/ask", data=form)
    assert first.status_code == again.status_code == 200
    with app.state.services.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(messages)) == 2


@pytest.mark.parametrize(("message", "note"), [("  ", "请先写下您的问题"), ("绿" * 1001, "最多 1000 个字")])
async def test_what_cannot_be_asked_is_said_and_kept(app: FastAPI, message: str, note: str) -> None:
    async with browse(app) as client:
        page = (await client.post("/chat/ask", data={"message": message})).text
    assert note in page
    assert f"required>{message.strip()}</textarea>" in page


async def test_markup_stays_text_and_a_foreign_token_opens_nothing(app: FastAPI) -> None:
    hostile = "<script>alert(1)</script>"
    async with browse(app) as client:
        first = (await client.post("/chat/ask", data={"message": hostile})).text
        forged = {**held(first), "token": "x", "message": "骑行停放"}
        page = (await client.post("/chat/ask", data=forged)).text
        export = await client.post("/chat/export", data=forged)
    assert hostile not in first
    assert "&lt;script&gt;" in first
    assert "&lt;script&gt;" not in page
    assert held(page)["conversation_id"] != held(first)["conversation_id"]
    assert export.status_code == 404


async def test_the_records_are_taken_and_deleted_by_form(app: FastAPI) -> None:
    async with browse(app) as client:
        form = held((await client.post("/chat/ask", data={"message": "公园附近停自行车"})).text)
        copy = await client.post("/chat/export", data=form)
        gone = await client.post("/chat/delete", data=form)
        after = await client.post("/chat/export", data=form)
    assert copy.json()["messages"][0]["text"] == "公园附近停自行车"
    assert "已经全部删除" in gone.text
    assert after.status_code == 404


async def test_the_privacy_page_says_who_how_long_and_what_one_may_do(app: FastAPI) -> None:
    async with browse(app) as client:
        page = (await client.get("/privacy")).text
    for words in ("某区发展改革委", "45 天", "180 天", "下载我的记录", "删除我的记录", "未满14周岁"):
        assert words in page


KEPT = re.compile(r"(\d+) *(天|小时|分钟)")


def kept(text: str) -> set[tuple[int, str]]:
    """Every length of time that a text names."""
    return {(int(number), unit) for number, unit in KEPT.findall(text)}


async def test_every_time_on_the_privacy_page_is_one_that_is_kept_to(
    make_services: MakeServices, tmp_path: Path
) -> None:
    """No figure stands in the page's words: all come from settings, the terms and what the sweeps use."""
    always = {(45, "天"), (load_terms().kept_days_after_end, "天"), (minutes(contacts.KEPT_FOR), "分钟")}
    in_chats = {(updates.KEPT_FOR.days, "天")}
    in_wechat = {(minutes(waiting.KEPT_FOR) // 60, "小时"), (WAYS_KEPT_FOR.days, "天")}
    secret, keys = tmp_path / "secret", tmp_path / "wechat.toml"
    secret.write_text("s" * 40)
    keys.write_text('secret = "s3cret"\ntoken = "token123"\n')
    hook = {"webhook_url": "http://127.0.0.1:9/", "webhook_secret_file": secret}
    account = {"wechat_app_id": "wx0123456789abcdef", "wechat_keys_file": keys}
    for more, told, named in (
        ({}, always, ()),
        (hook, always | in_chats, ("接入的其他系统",)),
        (hook | account, always | in_chats | in_wechat, ("微信公众号", "腾讯", "接入的其他系统")),
    ):
        services = make_services(settings={"keep_days": 45, **more})
        async with browse(create_app(services)) as client:
            page = (await client.get("/privacy")).text
        assert kept(page) == told
        for name in ("Telegram", "微信公众号", "腾讯", "接入的其他系统"):
            assert (name in page) == (name in named), name
        notice = Commands(services).privacy("webhook").text
        assert kept(notice) == {(45, "天"), (load_terms().kept_days_after_end, "天")} | in_chats


def minutes(time: timedelta) -> int:
    return round(time.total_seconds() / 60)


async def test_the_privacy_page_names_a_body_even_where_none_is_set(make_services: MakeServices) -> None:
    async with browse(create_app(make_services())) as client:
        shown = await client.get("/privacy")
    assert shown.status_code == 200
    assert "运营绿小渝的单位" in shown.text


async def test_the_front_page_embeds_the_widget_from_the_machines_other_name(app: FastAPI) -> None:
    async with browse(app) as client:
        shown = await client.get("http://127.0.0.1:8000/")
        asked = await client.options(
            "http://localhost:8000/api/v1/chat",
            headers={"origin": "http://127.0.0.1:8000", "access-control-request-method": "POST"},
        )
    policy = shown.headers["content-security-policy"]
    assert '<script src="http://localhost:8000/static/widget.js"' in shown.text
    assert "script-src http://localhost:8000;" in policy
    assert "unsafe" not in policy
    assert asked.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"

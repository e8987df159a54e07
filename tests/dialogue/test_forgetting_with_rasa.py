"""The real Rasa forgets a conversation: its rows, what it holds in memory and the bytes in its file."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import httpx
import pytest

from api.dialogue.client import FORGET, TOKEN_HEADER
from tests.dialogue.rasa_world import CHANNEL_TOKEN, World

pytestmark = pytest.mark.rasa


def rows(world: World, sender: str) -> int:
    with closing(sqlite3.connect(world.settings.tracker_db)) as connection:
        (number,) = connection.execute(
            "SELECT count(*) FROM events WHERE sender_id = ?", (sender,)
        ).fetchone()
        return int(number)


def files_with(world: World, words: str) -> list[str]:
    database = world.settings.tracker_db
    return [
        path.name for path in database.parent.glob(f"{database.name}*") if words.encode() in path.read_bytes()
    ]


def post(world: World, body: object, token: str = CHANNEL_TOKEN) -> int:
    address = world.settings.base_url + FORGET
    response = httpx.post(address, json=body, headers={TOKEN_HEADER: token}, timeout=20, trust_env=False)
    return response.status_code


def test_a_forgotten_conversation_leaves_no_row_and_no_byte(world: World) -> None:
    for _ in range(2):
        world.turn("你好", sender="forget-me-now")
    world.turn("你好", sender="stays-here")
    kept = rows(world, "stays-here")
    assert rows(world, "forget-me-now") > 0
    assert files_with(world, "forget-me-now")

    world.run(world.client.forget(["forget-me-now", "never-seen"]))

    assert rows(world, "forget-me-now") == 0
    assert files_with(world, "forget-me-now") == []
    assert rows(world, "stays-here") == kept


def test_a_forgotten_conversation_begins_anew(world: World) -> None:
    world.turn("你好", sender="begins-anew")
    first = rows(world, "begins-anew")
    world.turn("你好", sender="begins-anew")
    assert rows(world, "begins-anew") > first
    world.run(world.client.forget(["begins-anew"]))
    world.turn("你好", sender="begins-anew")
    assert rows(world, "begins-anew") == first


def test_forgetting_needs_the_token_and_a_list_of_names(world: World) -> None:
    world.turn("你好", sender="protected")
    before = rows(world, "protected")
    assert post(world, {"senders": ["protected"]}, token="another") == 401
    for wrong in ({}, {"senders": "protected"}, {"senders": ["protected", ""]}, ["protected"]):
        assert post(world, wrong) == 400
    assert rows(world, "protected") == before
    assert post(world, {"senders": []}) == 204

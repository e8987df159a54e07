"""What goes wrong at the boundary, seen through the real Rasa."""

from __future__ import annotations

import os
import signal

import pytest

from api.dialogue.client import DialogueClient
from api.dialogue.errors import DialogueUnavailable
from tests.dialogue.rasa_world import ACTION_TIMEOUT_S, World, wait_until

pytestmark = pytest.mark.rasa


def test_an_answer_that_raises_becomes_a_spoken_reply(world: World) -> None:
    world.answers.error = RuntimeError("no index")
    (reply,) = world.turn("充电桩怎么装")
    assert (reply["kind"], reply["reason"]) == ("abstain", "unverified")
    assert reply["contacts"][0]["phone"] == "12345"


def test_an_action_slower_than_its_time_out_makes_the_dialogue_unavailable(world: World) -> None:
    world.action_delay_s = ACTION_TIMEOUT_S + 3
    with pytest.raises(DialogueUnavailable) as failure:
        world.turn("充电桩怎么装")
    assert failure.value.reason == "empty"


def test_an_empty_list_makes_the_dialogue_unavailable(world: World) -> None:
    world.action_body = {"events": [], "responses": []}
    with pytest.raises(DialogueUnavailable) as failure:
        world.turn("充电桩怎么装")
    assert failure.value.reason == "empty"


def test_a_failing_action_server_makes_the_dialogue_unavailable(world: World) -> None:
    world.action_status = 500
    with pytest.raises(DialogueUnavailable) as failure:
        world.turn("充电桩怎么装")
    assert failure.value.reason == "empty"


def test_a_reply_without_the_request_id_makes_the_turn_incomplete(world: World) -> None:
    world.action_body = {"events": [], "responses": [{"custom": {"kind": "answer", "text": "x"}}]}
    with pytest.raises(DialogueUnavailable) as failure:
        world.turn("充电桩怎么装")
    assert failure.value.reason == "incomplete"


def test_the_client_gives_up_at_its_own_time_out(world: World) -> None:
    world.action_delay_s = 1.0

    async def hurried() -> None:
        client = DialogueClient(world.settings.base_url, world.settings.channel_token, timeout_s=0.3)
        try:
            await client.send("hurried", "充电桩怎么装", "request-hurried")
        finally:
            await client.aclose()

    with pytest.raises(DialogueUnavailable) as failure:
        world.run(hurried())
    assert failure.value.reason == "timeout"


@pytest.mark.parametrize(
    "bend",
    [{"action_status": 500}, {"action_body": {"events": "broken"}}, {"action_delay_s": ACTION_TIMEOUT_S + 2}],
)
def test_no_words_of_a_resident_reach_the_log(world: World, bend: dict[str, object]) -> None:
    before = len(world.log())
    for name, value in bend.items():
        setattr(world, name, value)
    with pytest.raises(DialogueUnavailable):
        world.turn("我住在滨江路的充电桩坏了九十九回")
    wait_until(lambda: len(world.log()) > before, 5, "Rasa logs the failure")
    assert "滨江路" not in world.log()
    assert r"\u6ee8\u6c5f\u8def" not in world.log()


def test_a_killed_rasa_is_started_again(world: World) -> None:
    killed, restarts = world.process.pid, world.process.restarts
    assert killed is not None
    world.states.clear()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: "ready" in world.states, 120, "Rasa is ready again")
    assert world.states == ["waiting", "starting", "ready"]
    assert world.process.restarts == restarts + 1
    assert world.process.pid != killed
    assert world.turn("你好")[0]["kind"] == "smalltalk"

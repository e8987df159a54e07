"""The dialogue killed and hung under a running app: residents keep their cited answers, and Rasa comes back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from api.settings import Settings
from bench.system import System
from tests.e2e.system import chat, get, rasa_of, wait_for, whole_system

pytestmark = pytest.mark.rasa

QUESTION = "家里旧家电以旧换新，有活动吗"
BACK_WITHIN_S = 60
FAST_S = 1.0


@pytest.fixture(scope="module")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with whole_system(tmp_path_factory.mktemp("faults")) as system:
        yield system


@pytest.fixture
def system(running_system: System) -> System:
    """Whole again, whatever the test before did to it."""
    wait_for(lambda: not chat(running_system, "你好")["degraded"], BACK_WITHIN_S, "the dialogue answers")
    return running_system


def rasa(system: System) -> psutil.Process:
    return wait_for(lambda: rasa_of(system), BACK_WITHIN_S, "a Rasa process")


def asked(system: System) -> tuple[dict[str, Any], float]:
    """A turn that must carry a cited answer whoever gave it, and the seconds it took."""
    started = time.monotonic()
    turn = chat(system, QUESTION)
    took_s = time.monotonic() - started
    (message,) = turn["messages"]
    assert message["kind"] == "answer"
    assert message["citations"][0]["quote"]
    return turn, took_s


def wait_until_whole(system: System) -> None:
    wait_for(lambda: not asked(system)[0]["degraded"], BACK_WITHIN_S, "answers are no longer degraded")
    wait_for(lambda: get(system, "/readyz").json()["status"] == "ready", 5, "every part is ready")


def test_a_killed_rasa_costs_nobody_an_answer_and_comes_back(system: System) -> None:
    whole, _ = asked(system)
    assert whole["degraded"] is False
    killed = rasa(system)
    killed.kill()
    turn, took_s = asked(system)
    assert turn["degraded"] is True
    assert took_s < FAST_S
    assert turn["messages"][0]["citations"] == whole["messages"][0]["citations"]
    wait_until_whole(system)
    assert rasa(system).pid != killed.pid


def test_readiness_names_the_dialogue_while_it_is_away(system: System) -> None:
    rasa(system).kill()
    ready = wait_for(
        lambda: (found := get(system, "/readyz")).json()["status"] == "degraded" and found, 5, "degraded"
    )
    assert ready.status_code == 200
    parts = ready.json()["parts"]
    assert parts["dialogue"]["status"] == "starting"
    assert parts["index"]["status"] == "ready"
    wait_until_whole(system)


def test_a_hung_rasa_delays_one_answer_and_no_more(system: System) -> None:
    hung = rasa(system)
    hung.send_signal(signal.SIGSTOP)
    try:
        turn, took_s = asked(system)
        assert turn["degraded"] is True
        assert took_s < Settings.model_fields["rasa_timeout_s"].default + 1
        for _ in range(5):
            turn, took_s = asked(system)
            assert turn["degraded"] is True
            assert took_s < FAST_S
    finally:
        hung.send_signal(signal.SIGCONT)
    wait_until_whole(system)
    assert rasa(system).pid == hung.pid


def test_a_rasa_that_stays_hung_is_replaced(system: System) -> None:
    hung = rasa(system)
    hung.send_signal(signal.SIGSTOP)
    assert asked(system)[0]["degraded"] is True
    psutil.wait_procs([hung], timeout=BACK_WITHIN_S)
    assert not hung.is_running()
    wait_until_whole(system)
    assert rasa(system).pid != hung.pid

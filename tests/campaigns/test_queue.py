"""Work handed on over SQLite and Redis: it is done, a failing piece hurts nobody, and the stop is gentle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campaigns.delivery.queue import Queue, open_huey
from campaigns.errors import InvalidInput
from tests.faults.test_killed_sending import redis

__all__ = ["redis"]
Make = Callable[[Callable[[str, str, threading.Event], object]], Queue]


@pytest.fixture(params=["sqlite", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    url = request.getfixturevalue("redis") if request.param == "redis" else ""
    made: list[Queue] = []

    def queue(work: Callable[[str, str, threading.Event], object]) -> Queue:
        made.append(Queue(open_huey(url, tmp_path / "deep" / "queue.db"), work))
        return made[-1]

    yield queue
    for each in made:
        each.stop()


def test_each_piece_is_done_once_and_signals_stay_as_they_are(make: Make) -> None:
    done: list[tuple[str, str]] = []
    over = threading.Event()

    def work(run_id: str, channel: str, stop: threading.Event) -> None:
        done.append((run_id, channel))
        if len(done) == 5:
            over.set()

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    queue = make(work)
    for number in range(5):
        queue.offer(f"run-{number}", "web")
    assert queue.waiting() == 5
    queue.start(2)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert over.wait(20)
    queue.stop()
    assert sorted(done) == [(f"run-{number}", "web") for number in range(5)]
    assert (queue.waiting(), queue.problem()) == (0, None)


def test_a_piece_that_fails_does_not_stop_the_next(make: Make) -> None:
    over = threading.Event()

    def work(run_id: str, channel: str, stop: threading.Event) -> None:
        if run_id == "bad":
            raise ValueError("no")
        over.set()

    queue = make(work)
    queue.offer("bad", "web")
    queue.offer("good", "web")
    queue.start(1)
    assert over.wait(20)


def test_a_stop_asks_the_work_to_end_and_waits_for_it(make: Make) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(run_id: str, channel: str, stop: threading.Event) -> None:
        begun.set()
        assert stop.wait(20)
        ended.set()

    queue = make(work)
    queue.offer("run", "web")
    queue.start(1)
    assert begun.wait(20)
    queue.stop()
    assert ended.is_set()


def test_a_queue_that_is_gone_is_told() -> None:
    queue = Queue(open_huey("redis://127.0.0.1:1/0", Path("unused")), lambda *_: None)
    assert queue.problem() == "ConnectionError"


def test_an_address_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(InvalidInput, match=r"give one such as redis://host:6379/0") as refused:
        open_huey("amqp://user:secret@host/1", Path("unused"))
    assert "secret" not in str(refused.value)

"""Publishing: a one-entry change beside a build from nothing, then publications and rollbacks under load.

    python -m bench.publish [--json FILE] [--swaps N] [--rate N]

The app runs in this process, as it does for the console, without the dialogue; residents ask it over HTTP.
A stale answer is one from a snapshot that had ceased to be live before its question was sent.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api import wiring
from api.app import create_app
from api.logs import configure_logs
from api.publishing.assembling import Publishing
from api.services import Services
from api.settings import Settings
from bench.report import Report
from index.evaluation.cases import question_sets
from index.live import LiveIndex
from index.snapshot import assemble

ENTRY = "cq-2022-11-2.6-03"
FIRST = 5
"""Publications measured on their own."""


@dataclass
class Watch:
    """What residents got: seconds, failures, each answer with when it was asked and from which snapshot."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    answers: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class App:
    """The app, served from a thread of its own."""

    services: Services
    url: str
    close: Callable[[], None]

    @property
    def live(self) -> LiveIndex:
        assert isinstance(self.services.library, LiveIndex)
        return self.services.library

    @property
    def publishing(self) -> Publishing:
        assert self.services.publishing is not None
        return self.services.publishing


def start(data_dir: Path) -> App:
    """A fresh installation, warm."""
    shutil.rmtree(data_dir, ignore_errors=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(
        data_dir=data_dir, port=port, manage_rasa=False, rate_limit_loopback="100000/second", console=False
    )
    started, box = threading.Event(), dict[str, Any]()

    async def serve() -> None:
        services = await wiring.start(settings, lambda line: None)
        config = uvicorn.Config(create_app(services), port=port, log_level="error", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        box.update(services=services, server=server)
        started.set()
        await serving
        await wiring.stop(services)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    if not started.wait(300):
        raise SystemExit("the app did not start within 300 s")
    url = f"http://127.0.0.1:{port}"
    while not answers(url):
        time.sleep(0.05)

    def close() -> None:
        box["server"].should_exit = True
        thread.join(30)

    return App(box["services"], url, close)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def approved(app: App, number: int) -> int:
    """An approved draft that gives one entry another wording; its id."""
    editing = app.services.editing
    content = dict(editing.current("entry", ENTRY) or {})
    content["variants"] = [*content["variants"], f"新能源车第{number}回问占多少"]
    draft = editing.save(kind="entry", row_id=ENTRY, content=content, by="editor")
    draft = editing.submit(draft.id, by="editor", revision=draft.revision)
    return editing.approve(draft.id, by="reviewer", revision=draft.revision).id


def publish(app: App, draft_id: int) -> tuple[float, float]:
    """Seconds of the preview and of the publication."""
    publisher, started = app.publishing.publisher, time.perf_counter()
    ready = publisher.preview([draft_id], by="reviewer")
    between = time.perf_counter()
    publisher.publish(ready.id, by="reviewer", reason="bench")
    return between - started, time.perf_counter() - between


def ask(url: str, questions: list[str], rate: float, over: threading.Event, watch: Watch) -> None:
    """Send questions at a steady rate from threads of their own, however long each takes."""
    begun, number, asking = time.perf_counter(), 0, list[threading.Thread]()
    limits = httpx.Limits(keepalive_expiry=2)  # shorter than the server's, which else hangs up in between
    with httpx.Client(base_url=url, timeout=30, limits=limits) as client:

        def one(question: str) -> None:
            sent = time.perf_counter()
            try:
                reply = client.post("/api/v1/chat", json={"message": question})
                reply.raise_for_status()
            except httpx.HTTPError as error:
                watch.failed.append(f"{type(error).__name__}: {error}")
                return
            watch.seconds.append(time.perf_counter() - sent)
            watch.answers += [(sent, m["snapshot"]) for m in reply.json()["messages"] if m["snapshot"]]

        while not over.is_set():
            thread = threading.Thread(target=one, args=(questions[number % len(questions)],))
            thread.start()
            asking.append(thread)
            number += 1
            over.wait(max(0.0, begun + number / rate - time.perf_counter()))
        for thread in asking:
            thread.join()


def stale(answers: list[tuple[float, str]], swaps: list[tuple[float, str]]) -> int:
    """Answers whose snapshot was not live any more when their question was sent. `swaps` are the moments from
    which each snapshot was the live one, in order."""
    count = 0
    for sent, snapshot in answers:
        current = max((number for number, (at, _) in enumerate(swaps) if at <= sent), default=0)
        count += snapshot not in {name for _, name in swaps[current:]}
    return count


def swap(app: App, count: int, swaps: list[tuple[float, str]]) -> list[float]:
    """Publish and roll back in turn; seconds of each."""
    seconds, publisher = [], app.publishing.publisher
    for number in range(count):
        if number % 2 == 0:
            draft_id = approved(app, 1000 + number)
            started = time.perf_counter()
            publish(app, draft_id)
        else:
            started = time.perf_counter()
            publisher.roll_back(publisher.history(2)[1].id, by="reviewer", reason="bench")
        seconds.append(time.perf_counter() - started)
        swaps.append((time.perf_counter(), str(app.live.snapshot)))
    return seconds


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--swaps", type=int, default=50)
    report.parser.add_argument("--rate", type=float, default=20.0)
    options = report.parser.parse_args()
    configure_logs("error")
    app = start(Path("var/bench-publish"))
    try:
        live = app.live
        started = time.perf_counter()
        assemble(live.whole.knowledge, live._ingredients)
        report.figure("build.from_nothing", time.perf_counter() - started, "s")
        app.publishing.publisher.warm()  # as opening the page does
        measured = [publish(app, approved(app, number)) for number in range(FIRST)]
        report.figure("publish.first", sum(measured[0]), "s")
        report.figure("publish.p50", statistics.median(map(sum, measured)), "s")
        report.figure("publish.preview.p50", statistics.median(one for one, _ in measured), "s")
        report.figure("publish.commit.p50", statistics.median(other for _, other in measured), "s")
        report.figure("golden_questions", len(app.publishing.golden.all()), "questions")

        questions = [case.question for _, cases in question_sets(None) for case in cases]
        for swaps_wanted, name in ((0, "alone"), (options.swaps, "swapping")):
            watch, over = Watch(), threading.Event()
            swaps = [(time.perf_counter(), str(live.snapshot))]
            asking = threading.Thread(target=ask, args=(app.url, questions, options.rate, over, watch))
            asking.start()
            if swaps_wanted:
                seconds = swap(app, swaps_wanted, swaps)
                report.figure("swaps", len(seconds), "swaps")
                report.figure("swap.p50", statistics.median(seconds), "s")
            else:
                over.wait(15)
            over.set()
            asking.join()
            report.figure(f"{name}.requests", len(watch.seconds) + len(watch.failed), "requests")
            report.figure(f"{name}.failed", len(watch.failed), "requests")
            report.figure(f"{name}.stale", stale(watch.answers, swaps), "answers")
            report.latencies(f"{name}.turn", watch.seconds)
            for line in sorted(set(watch.failed))[:5]:
                print(f"# {line}")
    finally:
        app.close()
    report.close(options.json)


if __name__ == "__main__":
    main()

"""A resident's reply while a run of campaign messages goes out beside it, against the same without the run.

    python -m bench.replies [--json FILE] [--database URL] [--recipients N] [--turns N]

Starts the system on free ports with a store of its own (SQLite in a temporary folder, or --database, an empty
PostgreSQL), in which N residents have a conversation and a subscription. The run goes through the web channel
at the 300 a second that it allows campaigns, by the system's own queue; turns go one at a time over HTTP.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import Engine, func, insert, select

from api.migrations import upgrade
from api.store.tables import conversations
from api.web_channel.sender import CHANNEL
from bench.report import Report, percentiles
from bench.system import running
from bench.turn import UNLIMITED, WARM_UP, turns
from campaigns.audience import Audience
from campaigns.content import Content, Message, Quiz
from campaigns.offer import load_offer
from campaigns.planning.model import frozen
from campaigns.planning.schedule import Schedule
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import subscription_topics, subscriptions
from index.evaluation.cases import question_sets
from knowledge.store import create_engine_for

TOPIC = load_offer().topics.names[0]
CLAUSE = "cq-2022-11#2.6"
AT_ONCE = 5_000
STARTS_WITHIN_S = 60.0


def fill(engine: Engine, count: int) -> None:
    """So many residents, each with a conversation and a subscription on the web channel."""
    began = datetime.now(UTC)
    for start in range(0, count, AT_ONCE):
        people = [(uuid4().hex, secrets.token_hex(20)) for _ in range(min(AT_ONCE, count - start))]
        with engine.begin() as connection:
            connection.execute(
                insert(conversations),
                [
                    {
                        "id": one, "channel": CHANNEL, "pseudonym": person, "token_hash": "0" * 64,
                        "created_at": began, "last_at": began,
                    }
                    for one, person in people
                ],
            )  # fmt: skip
            connection.execute(
                insert(subscriptions),
                [
                    {
                        "id": one, "person": person, "channel": CHANNEL, "district": None, "setting": None,
                        "frequency": "daily", "state": "active", "consented_at": began,
                    }
                    for one, person in people
                ],
            )  # fmt: skip
            topics = [{"subscription_id": one, "topic": TOPIC, "since": began} for one, _ in people]
            connection.execute(insert(subscription_topics), topics)


def schedule_now(engine: Engine) -> None:
    """An approved campaign that is due: the system finds it by itself."""
    quiz = Quiz("绿色出行是哪一种？", ("一个人开车", "走路、骑车"), 1, "走路、骑车都是。", CLAUSE)
    message = Message({"default": Content("今天少开一天车。", quiz=quiz)}, (CLAUSE,))
    moment = datetime.now(UTC)
    audience, schedule = Audience(topics=(TOPIC,)), Schedule(first_at=moment, quiet=None)
    stamp = frozen(message, audience, schedule)
    with engine.begin() as connection:
        connection.execute(
            insert(campaigns).values(
                id=uuid4().hex, title="节能日", state="scheduled", revision=1, content=message.as_json(),
                audience=audience.as_json(), schedule=schedule.as_json(), frozen_hash=stamp,
                tested_hash=stamp, tested_at=moment, approved_hash=stamp, approved_by="b", approved_at=moment,
                next_due_at=moment, created_by="a", created_at=moment, updated_by="a", updated_at=moment,
            )
        )  # fmt: skip


def sent(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).where(deliveries.c.state == "sent")) or 0


def wait_for_the_first(engine: Engine) -> None:
    """Until something is sent. Raises RuntimeError with the run's state where nothing is."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if sent(engine):
            return
        time.sleep(0.2)
    with engine.connect() as connection:
        found = connection.execute(select(runs.c.state, runs.c.held_for, runs.c.recipients)).all()
    raise RuntimeError(f"nothing was sent in {STARTS_WITHIN_S:.0f} s; runs: {found}")


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--database", metavar="URL")
    report.parser.add_argument("--recipients", type=int, default=50_000)
    report.parser.add_argument("--turns", type=int, default=400)
    options = report.parser.parse_args()
    pool = [case.question for _, cases in question_sets(None) for case in cases]
    questions = [pool[number % len(pool)] for number in range(options.turns)]
    with tempfile.TemporaryDirectory() as folder:
        address = options.database or f"sqlite:///{folder}/replies.db"
        upgrade(address)
        engine = create_engine_for(address)
        fill(engine, options.recipients)
        settings = {"LVXIAOYU_DATABASE_URL": address, "LVXIAOYU_RATE_LIMIT_LOOPBACK": UNLIMITED}
        with (
            running(Path("var/bench"), **settings) as system,
            httpx.Client(base_url=system.url, timeout=30) as client,
        ):
            turns(client, questions[:WARM_UP])
            without = turns(client, questions)
            report.latencies("reply.without_run", without)
            schedule_now(engine)
            wait_for_the_first(engine)
            before, started = sent(engine), time.perf_counter()
            during = turns(client, questions)
            seconds, went_out = time.perf_counter() - started, sent(engine) - before
            report.latencies("reply.during_run", during)
            report.figure(
                "reply.p95_ratio", percentiles(during)["p95"] / percentiles(without)["p95"], "times"
            )
            report.figure("run.recipients", options.recipients, "deliveries")
            report.figure("run.sent_per_second", went_out / seconds, "per second")
        engine.dispose()
    report.close(options.json)


if __name__ == "__main__":
    main()

"""A run of 1,000 recipients on Telegram while residents are answered, at the limits of a Bot API on loopback.

    python -m bench.telegram [--json FILE] [--recipients N] [--closed N]

The server takes 30 messages in any second and refuses the first message to every so many chats with a 429.
The dispatcher, the sender, its pace and the channel are those of the app; the server is that of the tests.
A reply is measured from when it is ready to when the server has taken it.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, insert, select

from actions.replies import Reply
from api.channels.addresses import AddressBook
from api.channels.telegram import CHANNEL
from api.channels.telegram.channel import TelegramChannel
from api.channels.telegram.line import Line
from api.channels.telegram.sender import TelegramSender
from api.clock import SystemClock
from api.keys import load_keys
from api.migrations import upgrade
from api.store.tables import conversations
from api.web_channel.notices import NoticeStore
from bench.outbox import TOPIC, plan
from bench.report import Report
from campaigns.delivery.dispatching import Dispatcher
from campaigns.delivery.queue import Queue, open_huey
from campaigns.delivery.runs import Runs
from campaigns.delivery.scheduling import Scheduler
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.store.delivery_tables import deliveries
from campaigns.store.tables import subscription_topics, subscriptions
from knowledge.store import create_engine_for
from tests.channels.fake_telegram import TOKEN, FakeTelegram

FIRST = 10_000
"""The first recipient's chat; residents who ask meanwhile have lower numbers."""
ASKING, EVERY_S = 20, 0.5
LONGEST_RUN_S = 300.0


@dataclass(slots=True)
class Answered:
    """Seconds that each reply took, and how many did not arrive."""

    seconds: list[float]
    lost: int = 0


def fill(engine: Engine, book: AddressBook, count: int) -> None:
    """So many subscribers, each with a chat and a conversation."""
    now = datetime.now(UTC)
    for chat in range(FIRST, FIRST + count):
        address = book.open(CHANNEL, str(chat))
        subscription = uuid4().hex
        with engine.begin() as connection:
            connection.execute(
                insert(conversations).values(
                    id=address.conversation_id, channel=CHANNEL, pseudonym=address.person,
                    token_hash=uuid4().hex, created_at=now, last_at=now,
                )
            )  # fmt: skip
            connection.execute(
                insert(subscriptions).values(
                    id=subscription, person=address.person, channel=CHANNEL, frequency="daily",
                    state="active", consented_at=now,
                )
            )  # fmt: skip
            connection.execute(
                insert(subscription_topics).values(subscription_id=subscription, topic=TOPIC, since=now)
            )


async def answer(channel: TelegramChannel, over: threading.Event, answered: Answered) -> None:
    """Replies to one resident after the other until the run is over."""
    pending: set[asyncio.Task[None]] = set()

    async def one(chat: int) -> None:
        reply = Reply(id=uuid4().hex[:24], as_of=date.today(), snapshot=None, kind="answer", text="有。" * 40)
        began = time.perf_counter()
        try:
            await channel.deliver(str(chat), [reply], in_reply_to=None)
        except Exception:  # noqa: BLE001 - whatever it is, it is counted
            answered.lost += 1
        else:
            answered.seconds.append(time.perf_counter() - began)

    asked = 0
    while not over.is_set():
        task = asyncio.create_task(one(1 + asked % ASKING))
        pending.add(task)
        task.add_done_callback(pending.discard)
        asked += 1
        await asyncio.sleep(EVERY_S)
    await asyncio.gather(*pending)


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--recipients", type=int, default=1000)
    report.parser.add_argument("--closed", type=int, default=20, help="every so many chats begin with a 429")
    given = report.parser.parse_args()
    server = FakeTelegram(per_second=30).start()
    with tempfile.TemporaryDirectory() as folder:
        run(report, given.recipients, given.closed, server, Path(folder))
    server.stop()
    report.close(given.json)


def run(report: Report, count: int, closed: int, server: FakeTelegram, folder: Path) -> None:
    url = f"sqlite:///{folder / 'bench.db'}"
    upgrade(url)
    engine, clock = create_engine_for(url), SystemClock()
    book = AddressBook(engine, keys=load_keys(folder / "secrets"), clock=clock)
    fill(engine, book, count)
    for chat in [*range(FIRST, FIRST + count, closed), 3, 7]:
        server.fail("429", chat=str(chat))
    line = Line(TOKEN, api_url=server.url)
    notices = NoticeStore(engine, clock=clock)
    sender = TelegramSender(line, addresses=book, notices=notices, allowed=lambda: True, site="")
    senders = {CHANNEL: sender}
    dispatcher = Dispatcher(engine, senders, now=clock.now, grounds=AllHold())
    queue = Queue(open_huey("", folder / "queue.db"), dispatcher.work)
    runs = Runs(
        engine, now=clock.now, journal=NoJournal(), grounds=AllHold(), offer=load_offer(), senders=senders
    )
    scheduler = Scheduler(
        engine,
        runs.starter,
        queue,
        now=clock.now,
        channels=senders.keys,
        lease=dispatcher.limits.lease,
        every_s=1.0,
    )
    plan(engine)
    queue.start(2)
    over, answered = threading.Event(), Answered([])
    answering = threading.Thread(
        target=lambda: asyncio.run(answer(TelegramChannel(line, site=""), over, answered))
    )
    sweeping = threading.Thread(target=scheduler.run, args=(over,), daemon=True)
    began = time.perf_counter()
    answering.start()
    sweeping.start()
    while time.perf_counter() - began < LONGEST_RUN_S and not settled(engine, count):
        time.sleep(0.5)
    took_s = time.perf_counter() - began
    over.set()
    queue.stop()
    sweeping.join()
    answering.join()
    line.stop()
    tell(report, engine, server, answered, count, took_s)
    engine.dispose()


def settled(engine: Engine, count: int) -> bool:
    states = states_of(engine)
    return sum(states.values()) == count and not set(states) & {"queued", "leased", "sending"}


def states_of(engine: Engine) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(connection.scalars(select(deliveries.c.state)))


def tell(
    report: Report, engine: Engine, server: FakeTelegram, answered: Answered, count: int, took_s: float
) -> None:
    got = Counter(message.chat for message in server.sent if int(message.chat) >= FIRST)
    report.figure("run.recipients", count, "people")
    report.figure("run.once", sum(1 for times in got.values() if times == 1), "people")
    report.figure("run.twice", sum(1 for times in got.values() if times > 1), "people")
    report.figure("run.missed", count - len(got), "people")
    report.figure("run.refused_429", len(server.refused), "requests")
    report.figure("run.seconds", took_s, "s")
    report.figure("run.rate", len(got) / took_s, "messages/s")
    report.figure("replies.count", len(answered.seconds), "replies")
    report.figure("replies.lost", answered.lost, "replies")
    report.latencies("replies", answered.seconds)
    for state, number in sorted(states_of(engine).items()):
        report.figure(f"deliveries.{state}", number, "rows")


if __name__ == "__main__":
    main()

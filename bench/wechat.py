"""A hundred residents write to the official account in the same moment: how each is answered, and how soon.

    python -m bench.wechat [--json FILE] [--messages N] [--account service|subscription|basic]

Starts the whole system on free ports with an account whose API stands on loopback. Messages come over HTTP in
the encrypted mode, each as WeChat sends it: it waits five seconds, then asks again, three times at most; each
tenth comes twice anyhow. Each has to be answered once: in the response, by a customer-service message, or by
saying 1.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from api.channels.wechat.words import say
from bench.report import Report
from bench.system import running
from index.evaluation.cases import question_sets
from tests.channels.fake_wechat import AES_KEY, APP_ID, SECRET, TOKEN, WAITS_S, FakeWeChat, Phone

WARM_UP = 10
SECOND_WAY_S = 60.0
PROMISED = (say("promised"), say("still_looking"))


@dataclass
class Crowd:
    """`seconds` from the message to the answer in a response, requests without one before it counted in;
    `last_s` of the request that got it; `silent`: requests that got nothing at all in time; `ways` how often
    each resident got one, and by which."""

    fake: FakeWeChat
    people: list[str]
    seconds: list[float] = field(default_factory=list)
    last_s: list[float] = field(default_factory=list)
    silent: int = 0
    ways: dict[str, Counter[str]] = field(default_factory=dict)

    async def ask(self, phone: Phone, questions: list[str]) -> None:
        numbered = [
            (who, question, phone.next_id()) for who, question in zip(self.people, questions, strict=True)
        ]
        self.ways = {who: Counter() for who in self.people}
        asks = [self._one(phone, *each) for each in numbered + numbered[::10]]
        await asyncio.gather(*asks)

    async def fetch(self, phone: Phone, account: str) -> None:
        """What did not come in the response: by customer service, or by saying 1."""
        until = time.perf_counter() + SECOND_WAY_S
        while self._missing() and time.perf_counter() < until:
            if account == "basic":
                for who in self._missing():
                    text = await phone.says("1", who=who)
                    if text is not None and text not in PROMISED:
                        self.ways[who]["fetched"] += 1
            else:
                await asyncio.sleep(0.2)
            self._count_sent()
        await asyncio.sleep(1.0)  # for what comes too often
        self._count_sent()

    async def _one(self, phone: Phone, who: str, question: str, msg_id: str) -> None:
        took: list[float] = []
        text = await phone.insists(question, who=who, msg_id=msg_id, took=took)
        self.silent += sum(seconds >= WAITS_S for seconds in took)
        if text is not None and text not in PROMISED:
            self.ways[who]["response"] += 1
            self.seconds.append(sum(took))
            self.last_s.append(took[-1])

    def _count_sent(self) -> None:
        sent = Counter(chat for chat, _ in self.fake.sent)
        for who in self.people:
            self.ways[who]["customer_service"] = sent[who]

    def _missing(self) -> list[str]:
        return [who for who in self.people if not self.ways[who].total()]


async def run(url: str, crowd: Crowd, questions: list[str], account: str) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        phone = Phone(client, AES_KEY)
        for question in questions[:WARM_UP]:
            await phone.says(question, who="oWarm")
        for who in crowd.people:  # who knows the privacy notice already
            await phone.says("/topics", who=who)
        crowd.fake.sent.clear()
        await crowd.ask(phone, questions)
        await crowd.fetch(phone, account)


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--messages", type=int, default=100)
    report.parser.add_argument("--account", choices=("service", "subscription", "basic"), default="service")
    given = report.parser.parse_args()
    pool = [case.question for _, cases in question_sets(None) for case in cases]
    questions = [pool[number % len(pool)] for number in range(given.messages)]
    fake = FakeWeChat()
    fake.start()
    crowd = Crowd(fake, [f"o{secrets.token_hex(12)}" for _ in questions])
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "wechat.toml"
        keys.write_text(f'secret = "{SECRET}"\ntoken = "{TOKEN}"\naes_key = "{AES_KEY}"\n', encoding="utf-8")
        settings = {
            "LVXIAOYU_DATABASE_URL": f"sqlite:///{folder}/wechat.db",
            "LVXIAOYU_WECHAT_APP_ID": APP_ID,
            "LVXIAOYU_WECHAT_KEYS_FILE": str(keys),
            "LVXIAOYU_WECHAT_ACCOUNT": given.account,
            "LVXIAOYU_WECHAT_API_URL": fake.url,
        }
        with running(Path("var/bench"), **settings) as system:
            asyncio.run(run(system.url, crowd, questions, given.account))
    fake.stop()
    tell(report, crowd)
    report.close(given.json)


def tell(report: Report, crowd: Crowd) -> None:
    totals = [ways.total() for ways in crowd.ways.values()]
    report.figure("messages", len(totals), "messages")
    for way in ("response", "customer_service", "fetched"):
        report.figure(f"answered.{way}", sum(ways[way] for ways in crowd.ways.values()), "messages")
    report.figure("answered.not", totals.count(0), "messages")
    report.figure("answered.twice", sum(1 for total in totals if total > 1), "messages")
    report.figure("requests.silent", crowd.silent, "requests")
    if crowd.seconds:
        report.latencies("response", crowd.seconds)
        report.figure("request.longest", max(crowd.last_s) * 1000, "ms")


if __name__ == "__main__":
    main()

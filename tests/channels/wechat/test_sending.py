"""Campaigns on WeChat: customer service within its window, one mass send by tag for the rest, each person once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from api.channels.addresses import AddressBook
from api.channels.wechat.account import ABILITIES
from api.channels.wechat.line import Line
from api.channels.wechat.mass import MassSends
from api.channels.wechat.reading import MassResult
from api.channels.wechat.sender import WeChatSender
from api.channels.wechat.tables import wechat_mass_sends, wechat_ways
from api.channels.wechat.windows import Windows
from api.keys import load_keys
from api.store.tables import conversations
from api.web_channel.notices import NoticeStore
from campaigns.content import Content, Message, Rendered
from campaigns.delivery.batching import Limits
from campaigns.delivery.senders import Outgoing, Refused, Sent, Way
from campaigns.model import Subscriber
from campaigns.planning.schedule import Schedule
from campaigns.store.tables import consents, subscription_topics, subscriptions
from campaigns.store.tables import metadata as campaign_metadata
from campaigns.store.writing import keep_wording
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import FIRST
from tests.campaigns.sending_world import TOPIC, Clock, World, plan
from tests.channels.fake_wechat import APP_ID, SECRET, FakeWeChat, Fault

DIRECT, BY_MASS = "客服消息（48小时内来过话的人）", "按标签群发"


@dataclass
class HandClock:
    """The campaigns' clock as the app's parts want it."""

    call: Clock

    def now(self) -> datetime:
        return self.call()

    def today(self) -> date:
        return self.call().date()


@dataclass
class Account:
    """An official account with followers `o0`, `o1`, …"""

    engine: Engine
    fake: FakeWeChat
    addresses: AddressBook
    windows: Windows
    mass: MassSends
    sender: WeChatSender
    world: World

    def follow(
        self, count: int, *, talking: int = 0, district: str | None = None, first: int = 0
    ) -> list[str]:
        """So many subscribers; the first `talking` of them have just written. Their persons."""
        people = []
        now = self.world.clock()
        for number in range(first, first + count):
            address = self.addresses.open("wechat", f"o{number}")
            people.append(address.person)
            if number - first < talking:
                self.windows.opened(address.chat_key)
            with self.engine.begin() as connection:
                connection.execute(
                    insert(conversations).values(
                        id=address.conversation_id, channel="wechat", pseudonym=address.person,
                        token_hash="0" * 64, created_at=now, last_at=now,
                    )
                )  # fmt: skip
                connection.execute(
                    insert(subscriptions).values(
                        id=f"s{number}", person=address.person, channel="wechat", district=district,
                        setting=None, frequency="daily", state="active", consented_at=now,
                    )
                )  # fmt: skip
                keep_wording(connection, FIRST, now)
                connection.execute(
                    insert(consents).values(
                        subscription_id=f"s{number}", kind="given", wording_hash=FIRST.hash, at=now,
                        message_id="m-1", topics=[TOPIC], frequency="daily",
                    )
                )  # fmt: skip
                connection.execute(
                    insert(subscription_topics).values(subscription_id=f"s{number}", topic=TOPIC, since=now)
                )
        return people

    def go(self, campaign_id: str, rounds: int = 2) -> dict[str, int]:
        """Start it and let it work; between rounds a minute goes by."""
        run_id = self.world.started(campaign_id).run_id
        for _ in range(rounds):
            self.world.dispatcher.work(run_id, "wechat")
            self.world.clock.ahead(seconds=60)
        return self.world.states(run_id)

    def outgoing(self, person: str, text: str = "你好", run_id: str = "run") -> Outgoing:
        return Outgoing(1, run_id, person, "wechat", Rendered(text), f"{run_id}:{person}"[:64])


MakeAccount = Callable[..., Account]


@pytest.fixture
def make_account(database: Engine, wechat: FakeWeChat, tmp_path: Path) -> Iterator[MakeAccount]:
    lines: list[Line] = []
    with database.begin() as connection:
        for table in reversed(campaign_metadata.sorted_tables):
            connection.execute(table.delete())

    def make(kind: str = "service") -> Account:
        clock, keys = Clock(), load_keys(tmp_path / "secrets")
        ours = HandClock(clock)
        line = Line(APP_ID, SECRET, api_url=wechat.url, timeout_s=1.0)
        lines.append(line)
        addresses, windows = AddressBook(database, keys=keys, clock=ours), Windows(database, clock=ours)
        abilities = ABILITIES[kind]  # type: ignore[index]
        mass = MassSends(database, line, abilities=abilities, addresses=addresses, clock=ours)
        notices = NoticeStore(database, clock=ours)
        sender = WeChatSender(
            line, abilities=abilities, addresses=addresses, windows=windows, mass=mass, notices=notices
        )
        sender.capabilities = replace(sender.capabilities, per_second=1e6)
        world = World(database, sender=sender, clock=clock, limits=Limits(batch=200))
        return Account(database, wechat, addresses, windows, mass, sender, world)

    yield make
    for line in lines:
        line.close()


def test_who_has_written_gets_customer_service_and_the_rest_one_mass_send(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    account.follow(70, talking=5)
    assert account.go(plan(account.engine), rounds=2) == {"sent": 70}
    assert sorted(wechat.sent) == [(f"o{number}", "今天少开一盏灯。") for number in range(5)]
    ((chats, text),) = wechat.mass
    assert (sorted(chats), text) == (sorted(f"o{number}" for number in range(5, 70)), "今天少开一盏灯。")
    assert wechat.calls.count("tags/members/batchtagging") == 2


def test_an_account_that_may_not_write_sends_nothing_and_says_why(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account("basic")
    account.follow(3, talking=1)
    assert account.go(plan(account.engine)) == {"failed:account_may_not": 3}
    assert wechat.calls == []


def test_who_follows_no_more_is_left_out_and_their_subscription_ends(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    people = account.follow(4, talking=1)
    wechat.gone = {"o0", "o2"}
    assert account.go(plan(account.engine), rounds=2) == {"sent": 2, "failed:blocked": 2}
    assert [sorted(chats) for chats, _ in wechat.mass] == [["o1", "o3"]]
    with account.engine.connect() as connection:
        ended = select(subscriptions.c.person).where(subscriptions.c.state == "ended")
        assert set(connection.scalars(ended)) == {people[0], people[2]}
    assert account.addresses.chat_of("wechat", people[2]) is None


def test_who_has_withdrawn_is_not_tagged(make_account: MakeAccount, wechat: FakeWeChat) -> None:
    account = make_account()
    people = account.follow(3)
    run_id = account.world.started(plan(account.engine)).run_id
    subscriber = Subscriber(people[1], "wechat")
    Subscriptions(account.engine, now=account.world.clock).unsubscribe(subscriber=subscriber, reason="asked")
    account.world.dispatcher.work(run_id, "wechat")
    account.world.clock.ahead(seconds=60)
    account.world.dispatcher.work(run_id, "wechat")
    assert account.world.states(run_id) == {"sent": 2, "skipped:no_consent": 1}
    assert [sorted(chats) for chats, _ in wechat.mass] == [["o0", "o2"]]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502, does=True),
        Fault(wait_s=2.0, does=True),
        Fault(nonsense=b"?", does=True),
        Fault(code=-1),
    ],
)
def test_a_mass_send_of_which_nobody_knows_goes_out_once(
    make_account: MakeAccount, wechat: FakeWeChat, fault: Fault
) -> None:
    account = make_account()
    account.follow(3)
    wechat.fail("message/mass/sendall", fault)
    assert account.go(plan(account.engine), rounds=3) == {"sent": 3}
    assert len(wechat.mass) == 1


def test_a_failure_while_tagging_is_gone_on_with(make_account: MakeAccount, wechat: FakeWeChat) -> None:
    account = make_account()
    account.follow(120)
    wechat.fail("tags/members/batchtagging", Fault(), Fault(code=45011), Fault(status=503))
    assert account.go(plan(account.engine), rounds=4) == {"sent": 120}
    ((chats, _),) = wechat.mass
    assert sorted(chats) == sorted(f"o{number}" for number in range(120))
    assert list(wechat.tags) == [100]


def test_a_second_mass_send_of_a_subscription_account_waits_for_tomorrow(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account("subscription")
    account.follow(2)
    assert account.go(plan(account.engine)) == {"sent": 2}
    account.follow(1, first=9)
    late = account.outgoing(account.addresses.open("wechat", "o9").person)
    outcome = account.sender.send(late)
    assert isinstance(outcome, Refused)
    assert (outcome.kind, outcome.reason) == ("retry", "mass_used_today")
    account.world.clock.ahead(seconds=outcome.retry_after_s or 0)
    assert account.sender.send(late) == Sent()
    assert len(wechat.mass) == 2


def test_who_waited_for_the_next_month_gets_a_mass_send_of_their_own(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    account.follow(2)
    for _ in range(4):
        assert account.go(plan(account.engine)) == {"sent": 2}
    account.follow(1, first=9)
    now = account.world.clock()
    skips = plan(account.engine, due=now, schedule=Schedule(first_at=now, quiet=None))
    assert account.go(skips) == {"sent": 1, "skipped:quota": 2}
    waits = plan(account.engine, due=now, schedule=Schedule(first_at=now, quiet=None, over_quota="wait"))
    run_id = account.world.started(waits).run_id
    account.world.dispatcher.work(run_id, "wechat")
    assert account.world.states(run_id) == {"sent": 1, "queued:quota": 2}
    account.world.clock.at = datetime(2026, 11, 30, 16, tzinfo=UTC)  # December begins in Chongqing
    for _ in range(2):  # the second finds the mass send that the first was at
        account.world.dispatcher.work(run_id, "wechat")
        account.world.clock.ahead(seconds=60)
    assert account.world.states(run_id) == {"sent": 3}
    assert [sorted(chats) for chats, _ in wechat.mass[-3:]] == [["o9"], ["o9"], ["o0", "o1"]]


def test_each_district_gets_a_mass_send_of_its_own_text(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    account.follow(2, district="渝中区")
    account.follow(2, district="江北区", first=2)
    message = Message({"default": Content("{district}今天少开一盏灯。")}, ("cq-2022-11#2.6",))
    assert account.go(plan(account.engine, message=message), rounds=2) == {"sent": 4}
    assert sorted((text, sorted(chats)) for chats, text in wechat.mass) == [
        ("江北区今天少开一盏灯。", ["o2", "o3"]),
        ("渝中区今天少开一盏灯。", ["o0", "o1"]),
    ]


def test_a_window_that_wechat_has_closed_leads_into_the_mass_send(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    account.follow(2, talking=2)
    wechat.keeps_windows = True
    assert account.go(plan(account.engine), rounds=2) == {"sent": 2}
    assert wechat.sent == []
    assert sorted(chat for chats, _ in wechat.mass for chat in chats) == ["o0", "o1"]


def test_five_messages_close_a_window_and_a_word_opens_it(make_account: MakeAccount) -> None:
    account = make_account()
    (person,) = account.follow(1, talking=1)
    key = account.addresses.key("wechat", "o0")
    assert [account.windows.take(key) for _ in range(6)] == [True] * 5 + [False]
    account.windows.opened(key)
    account.world.clock.ahead(hours=47)
    assert account.windows.of_person(person) == key
    account.world.clock.ahead(hours=1)
    assert account.windows.of_person(person) is None


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429), Refused("retry", "http_429", 30.0)),
        (Fault(code=45009), Refused("retry", "wechat_45009", 3600.0)),
        (Fault(status=500), Refused("unknown", "http_500")),
        (Fault(status=403), Refused("permanent", "http_403")),
        (Fault(nonsense=b"<html>"), Refused("unknown", "nonsense")),
        (Fault(wait_s=1.5), Refused("unknown", "timeout")),
        (Fault(code=43004), Refused("blocked", "wechat_43004")),
        (Fault(code=45002), Refused("permanent", "wechat_45002")),
        (Fault(), Sent()),
    ],
)
def test_what_wechat_says_to_a_customer_service_message_is_told_truly(
    make_account: MakeAccount, wechat: FakeWeChat, fault: Fault, outcome: object
) -> None:
    account = make_account()
    (person,) = account.follow(1, talking=1)
    wechat.fail("message/custom/send", fault)
    assert account.sender.send(account.outgoing(person)) == outcome


def test_without_a_token_nothing_is_sent_and_all_is_tried_again(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    (person,) = account.follow(1, talking=1)
    wechat.fail("stable_token", Fault(code=40164), Fault(status=500))
    assert account.sender.send(account.outgoing(person)) == Refused("retry", "token_40164", 600.0)
    assert account.sender.send(account.outgoing(person)) == Refused("retry", "no_token", 30.0)
    assert account.sender.send(account.outgoing(person)) == Sent()


def test_a_test_send_to_somebody_who_has_not_written_is_a_preview(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    people = account.follow(2, talking=1)
    assert [account.sender.send(account.outgoing(each, run_id="test-x")) for each in people] == [
        Sent(),
        Sent(),
    ]
    assert (wechat.sent, wechat.previews, wechat.mass) == ([("o0", "你好")], [("o1", "你好")], [])


def test_wechats_word_on_how_it_ended_is_kept_and_its_tag_dropped(
    make_account: MakeAccount, wechat: FakeWeChat
) -> None:
    account = make_account()
    account.follow(2)
    account.go(plan(account.engine))
    account.mass.ended(MassResult("1000", "send success", 2, 0))
    with account.engine.connect() as connection:
        row = connection.execute(select(wechat_mass_sends)).one()
    assert (row.result, row.tag_id) == ({"status": "send success", "sent": 2, "errors": 0}, None)
    assert wechat.tags == {}


def test_ways_and_tags_are_forgotten_after_their_time(make_account: MakeAccount, wechat: FakeWeChat) -> None:
    account = make_account()
    account.follow(3, talking=1)
    account.go(plan(account.engine))
    account.world.clock.ahead(days=2)
    account.mass.sweep()
    assert wechat.tags == {}
    account.world.clock.ahead(days=6)
    account.mass.sweep()
    with account.engine.connect() as connection:
        assert connection.scalars(select(wechat_ways.c.person)).all() == []


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        (
            "service",
            [Way(DIRECT, 2), Way(BY_MASS, 3), Way("到不了：不再关注，或者地址已删除", 1, reached=False)],
        ),
        ("basic", [Way("到不了：公众号没有认证，不能主动发消息", 6, reached=False)]),
    ],
)
def test_the_planner_tells_who_is_reached_by_which_way(
    make_account: MakeAccount, kind: str, ways: list[Way]
) -> None:
    account = make_account(kind)
    people = account.follow(6, talking=2)
    account.addresses.forget("wechat", people[-1])
    with account.engine.connect() as connection:
        found = account.sender.ways(connection, select(subscriptions.c.person), account.world.clock())
    assert list(found) == ways


def test_the_planner_knows_that_todays_mass_send_is_used_and_that_windows_close(
    make_account: MakeAccount,
) -> None:
    account = make_account("subscription")
    account.follow(3)
    account.go(plan(account.engine))
    account.follow(1, talking=1, first=5)
    now, people = account.world.clock(), select(subscriptions.c.person)
    with account.engine.connect() as connection:
        today = list(account.sender.ways(connection, people, now))
        later = list(account.sender.ways(connection, people, now + timedelta(days=3)))
    used = "到不了：今天的群发次数已用完，48小时内也没来过话"
    assert today == [Way(DIRECT, 1), Way(used, 3, reached=False)]
    assert later == [Way(BY_MASS, 4)]

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from campaigns.errors import InvalidInput, NotSubscribed, UnknownTopic
from campaigns.model import Consent, Subscriber, Subscription
from campaigns.outcomes import Subscribed, Unsubscribed
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import FIRST, LAN, OTHER, SECOND, everything_stored, minute, subscribe


def kinds(service: Subscriptions, subscriber: Subscriber = LAN) -> list[tuple[str, tuple[str, ...]]]:
    return [(event.kind, event.topics) for event in service.consents_of(subscriber=subscriber)]


def test_a_subscription_and_its_consent_are_kept_as_given(service: Subscriptions) -> None:
    done = subscribe(
        service, "节能节水", "家电以旧换新", district="渝北区", setting="家庭", frequency="daily"
    )
    expected = Subscription(
        id=done.subscription.id,
        subscriber=LAN,
        district="渝北区",
        topics=("家电以旧换新", "节能节水"),
        setting="家庭",
        frequency="daily",
        state="active",
        consented_at=minute(0),
    )
    assert done == Subscribed(expected, ("家电以旧换新", "节能节水"), changed=True)
    assert service.subscriptions_of(subscriber=LAN) == (expected,)
    assert service.consents_of(subscriber=LAN) == (
        Consent(
            subscription_id=expected.id,
            subscriber=LAN,
            kind="given",
            wording=FIRST,
            at=minute(0),
            message_id="m-1",
            topics=("家电以旧换新", "节能节水"),
            district="渝北区",
            setting="家庭",
            frequency="daily",
        ),
    )


def test_a_new_subscription_starts_with_the_whole_city_and_a_digest(service: Subscriptions) -> None:
    subscription = subscribe(service, "旧物回收").subscription
    assert (subscription.district, subscription.setting, subscription.frequency) == (None, None, "digest")


def test_the_same_twice_is_one_subscription_and_one_consent(service: Subscriptions, engine: Engine) -> None:
    first = subscribe(service, "节能节水", district="渝北区")
    before = everything_stored(engine)
    again = subscribe(service, "节能节水", "节能节水", district="渝北区", message_id="m-2")
    assert again == Subscribed(first.subscription, (), changed=False)
    assert everything_stored(engine) == before


def test_another_topic_joins_the_subscription_and_leaves_its_choices(service: Subscriptions) -> None:
    first = subscribe(service, "节能节水", district="渝北区", frequency="daily")
    more = subscribe(service, "旧物回收", message_id="m-2")
    assert more.added == ("旧物回收",)
    assert more.subscription.id == first.subscription.id
    assert more.subscription.topics == ("节能节水", "旧物回收")
    assert (more.subscription.district, more.subscription.frequency) == ("渝北区", "daily")
    assert kinds(service) == [("given", ("节能节水",)), ("given", ("旧物回收",))]


def test_subscribing_again_with_another_district_changes_it(service: Subscriptions) -> None:
    subscribe(service, "节能节水", district="渝北区")
    again = subscribe(service, "节能节水", district=None)
    assert (again.added, again.changed, again.subscription.district) == ((), True, None)
    assert kinds(service) == [("given", ("节能节水",)), ("changed", ("节能节水",))]


def test_channels_and_persons_stand_apart(service: Subscriptions) -> None:
    elsewhere = Subscriber(LAN.person, "telegram")
    for subscriber in (LAN, elsewhere, OTHER):
        subscribe(service, "节能节水", subscriber=subscriber)
    service.unsubscribe(subscriber=LAN)
    assert service.subscriptions_of(subscriber=LAN) == ()
    assert [s.topics for s in service.subscriptions_of(subscriber=elsewhere)] == [("节能节水",)]
    assert [s.topics for s in service.subscriptions_of(subscriber=OTHER)] == [("节能节水",)]


def test_some_topics_can_be_ended_and_the_rest_goes_on(service: Subscriptions) -> None:
    first = subscribe(service, "节能节水", "旧物回收", "新能源汽车")
    done = service.unsubscribe(
        subscriber=LAN, topics=["旧物回收", "垃圾分类", "没有这个主题"], message_id="m-2"
    )
    assert done.ended == ("旧物回收",)
    assert done.remaining is not None
    assert (done.remaining.id, done.remaining.state) == (first.subscription.id, "active")
    assert done.remaining.topics == ("新能源汽车", "节能节水")
    again = service.unsubscribe(subscriber=LAN, topics=["旧物回收"], message_id="m-3")
    assert again == Unsubscribed((), done.remaining)
    assert kinds(service) == [("given", ("新能源汽车", "旧物回收", "节能节水")), ("withdrawn", ("旧物回收",))]


def test_the_last_topic_ends_the_subscription(service: Subscriptions) -> None:
    subscribe(service, "节能节水", "旧物回收")
    service.unsubscribe(subscriber=LAN, topics=["旧物回收"])
    assert service.unsubscribe(subscriber=LAN, topics=["节能节水"]) == Unsubscribed(("节能节水",), None)
    assert service.subscriptions_of(subscriber=LAN) == ()
    (ended,) = service.subscriptions_of(subscriber=LAN, include_ended=True)
    assert (ended.state, ended.ended_at, ended.end_reason) == ("ended", minute(2), "asked")
    assert ended.topics == ("节能节水",)


def test_ending_all_says_what_ended_and_ending_again_nothing(service: Subscriptions) -> None:
    subscribe(service, "节能节水", "旧物回收")
    assert service.unsubscribe(subscriber=LAN, message_id="m-9").ended == ("旧物回收", "节能节水")
    assert service.unsubscribe(subscriber=LAN) == Unsubscribed((), None)
    assert service.unsubscribe(subscriber=OTHER) == Unsubscribed((), None)
    assert [event.message_id for event in service.consents_of(subscriber=LAN)] == ["m-1", "m-9"]


def test_an_unreachable_channel_ends_without_a_message(service: Subscriptions) -> None:
    subscribe(service, "节能节水")
    service.unsubscribe(subscriber=LAN, reason="unreachable")
    (ended,) = service.subscriptions_of(subscriber=LAN, include_ended=True)
    assert (ended.end_reason, service.consents_of(subscriber=LAN)[-1].message_id) == ("unreachable", None)


def test_subscribing_after_the_end_is_a_new_subscription_and_a_new_consent(service: Subscriptions) -> None:
    first = subscribe(service, "节能节水", district="渝北区").subscription
    service.unsubscribe(subscriber=LAN)
    second = subscribe(service, "节能节水", message_id="m-3").subscription
    assert second.id != first.id
    assert (second.district, second.consented_at) == (None, minute(2))
    history = service.subscriptions_of(subscriber=LAN, include_ended=True)
    assert [(s.id, s.state) for s in history] == [(first.id, "ended"), (second.id, "active")]
    assert [kind for kind, _ in kinds(service)] == ["given", "withdrawn", "given"]


def test_a_topic_ended_and_taken_again_is_consented_to_again(service: Subscriptions) -> None:
    subscribe(service, "节能节水", "旧物回收")
    service.unsubscribe(subscriber=LAN, topics=["旧物回收"])
    assert subscribe(service, "旧物回收", message_id="m-3").added == ("旧物回收",)
    assert kinds(service)[2:] == [("given", ("旧物回收",))]


def test_a_change_is_kept_as_an_event_and_the_same_change_is_none(service: Subscriptions) -> None:
    subscribe(service, "节能节水")
    changed = service.change(
        subscriber=LAN, message_id="m-2", district="城口县", setting="农村", frequency="daily"
    )
    assert (changed.district, changed.setting, changed.frequency) == ("城口县", "农村", "daily")
    assert service.change(subscriber=LAN, message_id="m-3", district="城口县") == changed
    assert service.change(subscriber=LAN, message_id="m-4") == changed
    given, event = service.consents_of(subscriber=LAN)
    assert (given.district, given.frequency) == (None, "digest")
    assert (event.kind, event.district, event.setting, event.frequency) == (
        "changed",
        "城口县",
        "农村",
        "daily",
    )
    assert (event.wording, event.message_id, event.topics) == (FIRST, "m-2", ("节能节水",))


def test_a_setting_can_be_taken_back(service: Subscriptions) -> None:
    subscribe(service, "节能节水", setting="学校", district="渝北区")
    changed = service.change(subscriber=LAN, message_id="m-2", setting=None)
    assert (changed.setting, changed.district) == (None, "渝北区")


def test_a_change_without_a_subscription_says_so(service: Subscriptions) -> None:
    subscribe(service, "节能节水")
    service.unsubscribe(subscriber=LAN)
    with pytest.raises(NotSubscribed, match="no active subscription on web; subscribe first"):
        service.change(subscriber=LAN, message_id="m-2", frequency="daily")


def test_a_newer_wording_is_a_consent_of_its_own_for_each_topic(service: Subscriptions) -> None:
    subscribe(service, "节能节水", "旧物回收")
    assert subscribe(service, "旧物回收", wording=SECOND, message_id="m-2").changed
    assert not subscribe(service, "旧物回收", wording=SECOND, message_id="m-3").changed
    assert subscribe(service, "节能节水", wording=SECOND, message_id="m-4").changed
    events = service.consents_of(subscriber=LAN)
    assert [(event.wording.version, event.topics) for event in events] == [
        ("2026-11", ("旧物回收", "节能节水")),
        ("2027-01", ("旧物回收",)),
        ("2027-01", ("节能节水",)),
    ]


HOSTILE = [
    "'; DROP TABLE subscriptions; --",
    "节能节水\x00",
    "\ud800",
    "节能节水" * 10_000,
    "%_%",
    "",
    "../../etc/passwd",
    None,
    7,
    ["节能节水"],
    {"节能节水": 1},
]


@pytest.mark.parametrize("topic", HOSTILE, ids=lambda topic: type(topic).__name__)
def test_a_topic_that_is_not_offered_is_refused_and_nothing_is_kept(
    service: Subscriptions, engine: Engine, topic: object
) -> None:
    before = everything_stored(engine)
    with pytest.raises(UnknownTopic) as refusal:
        subscribe(service, "节能节水", topic)  # type: ignore[arg-type]
    assert "is not offered; choose from 绿色消费活动周、家电以旧换新" in str(refusal.value)
    assert len(str(refusal.value)) < 300
    str(refusal.value).encode()
    assert everything_stored(engine) == before


@pytest.mark.parametrize("topic", HOSTILE, ids=lambda topic: type(topic).__name__)
def test_ending_a_topic_of_any_name_ends_nothing_else(service: Subscriptions, topic: object) -> None:
    standing = subscribe(service, "节能节水").subscription
    done = service.unsubscribe(subscriber=LAN, topics=[topic])  # type: ignore[list-item]
    assert done == Unsubscribed((), standing)


@pytest.mark.parametrize("topics", ["节能节水", None, 3, [], iter(())])
def test_no_list_of_topics_is_refused(service: Subscriptions, topics: object) -> None:
    with pytest.raises(InvalidInput, match=r"give a list of topic names|There is no topic; choose from"):
        service.subscribe(subscriber=LAN, topics=topics, wording=FIRST, message_id="m")  # type: ignore[arg-type]
    assert service.subscriptions_of(subscriber=LAN, include_ended=True) == ()


def test_a_bare_name_is_no_list_of_topics_to_end(service: Subscriptions) -> None:
    subscribe(service, "节能节水")
    with pytest.raises(InvalidInput, match="give a list of topic names, or None for all"):
        service.unsubscribe(subscriber=LAN, topics="节能节水")


def test_huge_lists_of_topics_do_what_a_short_one_does(service: Subscriptions) -> None:
    done = subscribe(service, *["节能节水", "旧物回收"] * 100_000)
    assert done.subscription.topics == ("旧物回收", "节能节水")
    ended = service.unsubscribe(subscriber=LAN, topics=["旧物回收", *(f"主题{n}" for n in range(100_000))])
    assert ended.ended == ("旧物回收",)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("district", "渝北", "The district is '渝北'; give a district's full name"),
        ("district", "全市", "or None for the whole city"),
        ("district", "渝北区' OR 1=1", "The district is"),
        ("district", 5, "a value of type int"),
        ("setting", "火星", "The setting is '火星'; choose from 机关、学校、企业、社区、农村、家庭, or None"),
        ("frequency", "hourly", "The frequency is 'hourly'; choose one of daily, digest"),
        ("frequency", None, "choose one of daily, digest"),
        ("message_id", "", "The message id is ''; give 1 to 64 printable ASCII signs"),
        ("message_id", "m" * 65, "The message id"),
        ("message_id", "消息", "The message id"),
    ],
)
def test_a_choice_of_the_wrong_shape_is_named(
    service: Subscriptions, field: str, value: object, message: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        subscribe(service, "节能节水", **{field: value})
    assert message in str(refusal.value)
    assert service.subscriptions_of(subscriber=LAN) == ()


@pytest.mark.parametrize(
    ("person", "channel", "named"),
    [
        ("张三", "web", "The person is '张三'"),
        ("", "web", "The person is ''"),
        ("p\n", "web", "The person"),
        ("a" * 65, "web", "The person"),
        ("p", "We Chat", "The channel is 'We Chat'"),
        ("p", None, "The channel is a value of type NoneType"),
    ],
)
def test_a_subscriber_of_the_wrong_shape_is_named(person: str, channel: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Subscriber(person, channel)
    assert named in str(refusal.value)

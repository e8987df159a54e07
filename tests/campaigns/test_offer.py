from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from campaigns.errors import InvalidFile, UnknownTopic
from campaigns.model import DISTRICT
from campaigns.offer import TOPICS_FILE, Offer, load_offer
from campaigns.store.tables import subscription_topics, subscriptions
from knowledge.content_loader import CONTENT


@pytest.fixture
def offer() -> Offer:
    return load_offer()


def test_the_shipped_topics_settings_and_frequencies(offer: Offer) -> None:
    assert offer.topics.names[:3] == ("绿色消费活动周", "家电以旧换新", "新能源汽车")
    assert {"旧物回收", "节能节水", "反食品浪费"} < set(offer.topics.names)
    assert offer.settings.names == ("机关", "学校", "企业", "社区", "农村", "家庭")
    assert offer.frequencies.names == ("daily", "digest")
    assert all(choice.about and choice.words for choice in offer.topics.all)


def test_every_name_fits_its_column(offer: Offer) -> None:
    assert max(map(len, offer.topics.names)) <= subscription_topics.c.topic.type.length  # type: ignore[attr-defined]
    assert max(map(len, offer.settings.names)) <= subscriptions.c.setting.type.length  # type: ignore[attr-defined]


def test_every_district_of_the_lexicon_has_the_shape_of_a_district() -> None:
    districts = yaml.safe_load((CONTENT / "lexicon.yml").read_text(encoding="utf-8"))["districts"]
    assert len(districts) > 38
    assert [name for name in districts if DISTRICT.fullmatch(name) is None] == []


@pytest.mark.parametrize(
    ("said", "topics"),
    [
        ("我想订国补和电动车的消息", ("家电以旧换新", "新能源汽车")),
        ("旧家电回收", ("旧物回收",)),
        ("家电以旧换新", ("家电以旧换新",)),
        ("省电省水的", ("节能节水",)),
        ("收荒匠啥时候来、光盘行动", ("旧物回收", "反食品浪费")),
        ("碳惠通", ("绿色出行",)),
        ("ＧＵＯ国补", ("家电以旧换新",)),
        ("随便", ()),
        ("", ()),
    ],
)
def test_topics_are_found_in_what_residents_say(offer: Offer, said: str, topics: tuple[str, ...]) -> None:
    assert offer.topics_in(said) == topics


def test_everything_means_every_topic_unless_one_is_named(offer: Offer) -> None:
    assert offer.topics_in("全部都要") == offer.topics.names
    assert offer.topics_in("家电的全部消息") == ("家电以旧换新",)


def test_settings_and_frequencies_are_found_too(offer: Offer) -> None:
    assert offer.settings.named_in("我是小学老师") == ("学校",)
    assert offer.settings.named_in("屋头") == ("家庭",)
    assert offer.settings.named_in("不说") == ()
    assert offer.frequencies.named_in("一周发一次嘛") == ("digest",)
    assert offer.frequencies.named_in("天天发") == ("daily",)


def test_checked_topics_come_once_and_in_the_order_of_the_offer(offer: Offer) -> None:
    assert offer.check_topics(iter(["节能节水", "家电以旧换新", "节能节水"])) == ("家电以旧换新", "节能节水")
    with pytest.raises(UnknownTopic, match="'节能' is not offered"):
        offer.check_topics(["节能"])


@pytest.mark.parametrize(
    ("section", "value", "message"),
    [
        ("topics", {}, "topics holds a value of type dict; write a table of names"),
        ("topics", {"长" * 17: {"about": "a", "words": []}}, "use 1 to 16 signs"),
        ("topics", {"甲": {"words": ["乙"]}}, "甲 has no about"),
        (
            "topics",
            {"甲": {"about": "a", "words": ["", "乙"]}},
            "甲 needs a list of words; none may be empty",
        ),
        ("topics", {"甲": {"about": "a", "words": "乙"}}, "甲 needs a list of words"),
        (
            "topics",
            {"甲": {"about": "a", "words": ["丙"]}, "乙": {"about": "b", "words": ["丙"]}},
            "'丙' stands under 甲 and 乙; keep one",
        ),
        ("frequencies", {"daily": ["每天"]}, "frequencies must be daily and digest, no others"),
        ("settings", None, "settings holds a value of type NoneType"),
        ("everything", None, "everything needs a list of words"),
    ],
)
def test_a_file_of_topics_that_cannot_be_used_is_named(
    tmp_path: Path, section: str, value: object, message: str
) -> None:
    path = Path(shutil.copy(TOPICS_FILE, tmp_path / "topics.yml"))
    found = yaml.safe_load(path.read_text(encoding="utf-8")) | {section: value}
    path.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(InvalidFile) as refusal:
        load_offer(path)
    assert str(path) in str(refusal.value)
    assert message in str(refusal.value)

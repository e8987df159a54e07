from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from campaigns.consent import CONSENT_FILE, load_terms
from campaigns.errors import InvalidFile, InvalidInput
from campaigns.model import Wording
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import LAN, OTHER, everything_stored, subscribe


@pytest.fixture
def consent_file(tmp_path: Path) -> Path:
    return Path(shutil.copy(CONSENT_FILE, tmp_path / "consent.yml"))


def edit(path: Path, **changed: object) -> None:
    found = yaml.safe_load(path.read_text(encoding="utf-8")) | changed
    path.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_the_wording_says_who_why_how_long_how_to_stop_and_for_whom_not() -> None:
    terms = load_terms(operator="重庆市某中心")
    for words in (
        "谁在发：重庆市某中心。",
        "为什么：",
        f"记录再留{terms.kept_days_after_end}天",
        "随时说“退订”",
        "删除我的信息",
        "不给未满14周岁的儿童订阅",
        "我们不问你的年龄",
        "不同意也没关系",
    ):
        assert words in terms.wording.text
    assert "{" not in terms.wording.text


def test_the_wording_is_kept_word_for_word_after_the_file_changed(
    service: Subscriptions, consent_file: Path, engine: Engine
) -> None:
    shown = load_terms(path=consent_file).wording
    subscribe(service, "节能节水", wording=shown)
    edit(consent_file, text="全新的话。{operator}，{days}天。", version="2027-03")
    subscribe(service, "节能节水", wording=load_terms(path=consent_file).wording, subscriber=OTHER)

    service.unsubscribe(subscriber=LAN)
    assert [event.wording for event in service.consents_of(subscriber=LAN)] == [shown, shown]
    (event,) = service.consents_of(subscriber=OTHER)
    assert event.wording.version == "2027-03"
    assert event.wording.text.startswith("全新的话。运营绿小渝的单位")
    assert len(everything_stored(engine)["consent_wordings"]) == 2


def test_a_word_changed_under_the_same_version_is_another_wording(
    service: Subscriptions, consent_file: Path
) -> None:
    before = load_terms(path=consent_file).wording
    edit(consent_file, text=before.text + "{operator}{days}。")
    after = load_terms(path=consent_file).wording
    assert before.version == after.version
    assert before.hash != after.hash
    subscribe(service, "节能节水", wording=before)
    assert subscribe(service, "节能节水", wording=after, message_id="m-2").changed
    assert [event.wording for event in service.consents_of(subscriber=LAN)] == [before, after]


def test_a_wording_is_kept_once_however_many_consent_to_it(service: Subscriptions, engine: Engine) -> None:
    wording = load_terms().wording
    for subscriber in (LAN, OTHER):
        subscribe(service, "节能节水", wording=wording, subscriber=subscriber)
    (row,) = everything_stored(engine)["consent_wordings"]
    digest = hashlib.sha256(f"{wording.version}\n{wording.text}".encode()).hexdigest()
    assert row[:3] == (digest, wording.version, wording.text)


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("v 1", "同意吗？"),
        ("", "同意吗？"),
        ("v", ""),
        ("v", " \n"),
        ("v", "同意\x00"),
        ("v", "\ud800"),
        ("v", "长" * 4001),
    ],
)
def test_a_wording_that_could_not_have_been_shown_is_refused(version: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"The wording's (version|text) is"):
        Wording(version, text)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kept_days_after_end": "半年"}, "kept_days_after_end is '半年'; write a whole number of days"),
        ({"kept_days_after_end": True}, "kept_days_after_end is True"),
        ({"text": "没有说谁发"}, "text must name {operator} and {days}"),
        ({"text": None}, "text must name {operator} and {days}"),
        ({"version": 2026}, "The wording's version is a value of type int"),
    ],
)
def test_a_consent_file_that_says_too_little_is_named(
    consent_file: Path, changed: dict[str, object], message: str
) -> None:
    edit(consent_file, **changed)
    with pytest.raises(InvalidFile) as refusal:
        load_terms(path=consent_file)
    assert str(consent_file) in str(refusal.value)
    assert message in str(refusal.value)


@pytest.mark.parametrize("content", ["- a\n", "", ": : :\n\t", None])
def test_a_consent_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "consent.yml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidFile, match=r"consent\.yml"):
        load_terms(path=path)


@pytest.mark.parametrize("operator", ["", "  ", "长" * 101])
def test_an_operator_without_a_name_is_refused(operator: str) -> None:
    with pytest.raises(InvalidInput, match="name whoever sends"):
        load_terms(operator=operator)


def test_an_operator_may_have_braces_in_its_name() -> None:
    assert "谁在发：{days}公司。" in load_terms(operator="{days}公司").wording.text

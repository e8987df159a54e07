"""Who may speak to the official account's address: signatures, the encrypted mode, forgeries and replays."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import xmltodict

from api.channels.wechat.account import read_credentials
from api.channels.wechat.envelope import Envelope, NotFromWeChat
from api.settings import SettingsError, load_settings
from tests.channels.fake_wechat import AES_KEY, APP_ID, TOKEN, Phone, sign
from tests.channels.wechat.conftest import OpenWorld

MESSAGE = {"FromUserName": "oAlice", "MsgType": "text", "Content": "你好", "MsgId": "9"}
PATH = "/channels/wechat"


async def test_wechat_confirms_the_address_with_a_signed_question(open_world: OpenWorld) -> None:
    world = await open_world()
    _, query = world.phone.signed("")
    answer = await world.phone.client.get(PATH, params=query | {"echostr": "5927"})
    forged = await world.phone.client.get(PATH, params=query | {"signature": "0" * 40, "echostr": "5927"})
    assert [(answer.status_code, answer.text), forged.status_code] == [(200, "5927"), 403]


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_forged_message_is_refused_and_never_read(open_world: OpenWorld, sealed: bool) -> None:
    world = await open_world(sealed=sealed)
    name = "msg_signature" if sealed else "signature"
    for signature in ("", "0" * 40, "é"):
        answer = await world.phone.post(world.phone.xml(MESSAGE), **{name: signature})
        assert answer.status_code == 403
    assert world.services.channels.updates.counts("wechat") == {}


@pytest.mark.parametrize("sealed", [False, True])
async def test_an_old_message_is_refused(open_world: OpenWorld, sealed: bool) -> None:
    world = await open_world(sealed=sealed)
    body, query = world.phone.signed(world.phone.xml(MESSAGE), at=str(int(time.time()) - 301))
    answer = await world.phone.client.post(PATH, params=query, content=body)
    assert answer.status_code == 403


async def test_a_signature_is_good_for_one_message_only(open_world: OpenWorld) -> None:
    """In plain mode the signature does not cover the words: it must not carry others."""
    world = await open_world()
    body, query = world.phone.signed(world.phone.xml(MESSAGE))
    other = world.phone.xml(MESSAGE | {"Content": "订阅", "MsgId": "10"}).encode()
    statuses = [
        (await world.phone.client.post(PATH, params=query, content=content)).status_code
        for content in (body, other, body)
    ]
    assert statuses == [200, 403, 200]
    await world.at_rest()
    assert world.services.channels.updates.counts("wechat") == {"settled": 1}


async def test_an_account_with_a_key_takes_no_open_message(open_world: OpenWorld) -> None:
    world = await open_world(sealed=True)
    plain = Phone(world.phone.client)
    assert (await plain.post(plain.xml(MESSAGE))).status_code == 403
    assert (await plain.post(plain.xml(MESSAGE), encrypt_type="aes")).status_code == 403


async def test_a_message_sealed_for_another_account_is_refused() -> None:
    ours = Envelope(app_id="wxother", token=TOKEN, aes_key=AES_KEY)
    phone = Phone(None, AES_KEY)  # type: ignore[arg-type]
    body, query = phone.signed(phone.xml(MESSAGE))
    with pytest.raises(NotFromWeChat, match="other_account"):
        ours.open(query, body)


@pytest.mark.parametrize("encrypt", ["AAAA", "!!!", "A" * 64, "A" * 88])
async def test_a_broken_seal_is_refused_though_it_is_signed(encrypt: str) -> None:
    ours = Envelope(app_id=APP_ID, token=TOKEN, aes_key=AES_KEY)
    at = str(int(time.time()))
    query = {"timestamp": at, "nonce": "n", "encrypt_type": "aes"}
    query["msg_signature"] = sign(TOKEN, at, "n", encrypt)
    body = xmltodict.unparse({"xml": {"Encrypt": encrypt}}).encode()
    with pytest.raises(NotFromWeChat):
        ours.open(query, body)


def test_equal_answers_are_sealed_differently() -> None:
    ours = Envelope(app_id=APP_ID, token=TOKEN, aes_key=AES_KEY)
    assert len({xmltodict.parse(ours.seal("<xml/>"))["xml"]["Encrypt"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "nonsense",
        "<xml></xml>",
        "<a><MsgType>text</MsgType></a>",
        "<xml><MsgType>text</MsgType><CreateTime>1</CreateTime></xml>",
        "<xml><FromUserName>a b</FromUserName><MsgType>text</MsgType><CreateTime>1</CreateTime></xml>",
        "<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><CreateTime>soon</CreateTime></xml>",
        "<xml><FromUserName>o</FromUserName><MsgType>event</MsgType><CreateTime>1</CreateTime></xml>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    ],
)
async def test_signed_nonsense_is_refused_in_words(open_world: OpenWorld, xml: str) -> None:
    world = await open_world()
    answer = await world.phone.post(xml)
    assert (answer.status_code, answer.text) == (400, "This is no message of WeChat's.")


async def test_a_message_without_an_id_is_left_alone(open_world: OpenWorld) -> None:
    world = await open_world()
    assert await world.phone.posts(MESSAGE | {"MsgId": "x"}) is None
    assert world.services.channels.updates.counts("wechat") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("secret = ", "is no TOML file"),
        ('token = "abc"', "has no secret"),
        ('secret = "s"\ntoken = "no good"', "has no usable token"),
        ('secret = "s"\ntoken = "abc"\naes_key = "short"', "has no usable aes_key"),
        ('secret = "s"\ntoken = "abc"\nkey = "x"', "sets 'key'"),
    ],
)
def test_unusable_secrets_are_named(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "wechat.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=says):
        read_credentials(path)


def test_a_missing_file_of_secrets_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_credentials(tmp_path / "nowhere.toml")


def test_the_account_and_its_secrets_belong_together() -> None:
    with pytest.raises(SettingsError, match="LVXIAOYU_WECHAT_APP_ID and LVXIAOYU_WECHAT_KEYS_FILE"):
        load_settings(wechat_app_id="wx1")
    with pytest.raises(SettingsError, match="LVXIAOYU_WECHAT_ACCOUNT"):
        load_settings(wechat_account="gold")

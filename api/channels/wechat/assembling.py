"""Puts WeChat together from what the app has; made only where the account is set up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from api.channels.addresses import AddressBook
from api.channels.wechat.account import ABILITIES, Abilities, Credentials, read_credentials
from api.channels.wechat.line import Line
from api.channels.wechat.mass import MassSends
from api.channels.wechat.sender import WeChatSender
from api.channels.wechat.waiting import Waiting
from api.channels.wechat.windows import Windows
from api.clock import Clock
from api.keys import Keys
from api.settings import Settings
from api.web_channel.notices import NoticeStore


@dataclass(frozen=True, slots=True)
class WeChat:
    credentials: Credentials
    abilities: Abilities
    line: Line
    windows: Windows
    waiting: Waiting
    mass: MassSends
    sender: WeChatSender

    def sweep(self) -> None:
        """Forget what is kept no longer. Blocks."""
        self.waiting.sweep()
        self.mass.sweep()


def build_wechat(
    settings: Settings,
    keys: Keys,
    engine: Engine,
    *,
    addresses: AddressBook,
    clock: Clock,
    notices: NoticeStore,
) -> WeChat:
    """Raises SettingsError where the account's secrets cannot be read."""
    assert settings.wechat_keys_file is not None
    credentials = read_credentials(settings.wechat_keys_file)
    abilities = ABILITIES[settings.wechat_account]
    line = Line(settings.wechat_app_id, credentials.secret, api_url=settings.wechat_api_url)
    windows = Windows(engine, clock=clock)
    mass = MassSends(engine, line, abilities=abilities, addresses=addresses, clock=clock)
    return WeChat(
        credentials=credentials,
        abilities=abilities,
        line=line,
        windows=windows,
        waiting=Waiting(engine, keys=keys, clock=clock),
        mass=mass,
        sender=WeChatSender(
            line, abilities=abilities, addresses=addresses, windows=windows, mass=mass, notices=notices
        ),
    )

"""The staff's side of channels: what runs, what waits for an administrator, how each does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.accounts.roles import Actor, Right
from api.channels.confirming import Confirmation
from api.channels.health import Health
from api.channels.words import listed
from api.services import Services
from api.settings import Settings

WEB = "web"
NOTHING_YET = Health()
Receives = Literal["page", "webhook", "polling", "none"]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """`abroad`: it keeps residents' data abroad, so it runs only while `confirmed`. `updates` counts what
    came in the last days by its state; `receives` is how it comes."""

    name: str
    set_up: bool
    receives: Receives
    abroad: bool = False
    confirmed: Confirmation | None = None
    health: Health = NOTHING_YET
    updates: dict[str, int] | None = None

    @property
    def state(self) -> Literal["off", "waits", "on"]:
        if not self.set_up:
            return "off"
        return "waits" if self.abroad and self.confirmed is None else "on"


class ChannelsDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor, self._parts = services, actor, services.channels

    def listed(self) -> list[ChannelState]:
        """Every channel that there is, the website first. Raises Forbidden."""
        self._actor.require(Right.administer)
        settings = self._services.settings
        found = [
            ("telegram", settings.telegram_token_file is not None, _telegram_receives(settings)),
            ("wechat", settings.wechat_keys_file is not None, "webhook"),
            ("webhook", bool(settings.webhook_url), "webhook"),
        ]
        chats = [self._one(name, set_up, receives) for name, set_up, receives in found]
        return [ChannelState(WEB, set_up=True, receives="page"), *chats]

    def confirm(self, name: str) -> bool:
        """The signed-in administrator has assessed that the channel's data goes abroad; it runs from now on.

        False: it was confirmed before. Raises Forbidden, NotAbroad.
        """
        self._actor.require(Right.administer)
        return self._parts.confirmations.confirm(name, by=self._actor.name)

    def switch_off(self, name: str) -> bool:
        """Nothing is said to the channel any more until it is confirmed again. Raises Forbidden."""
        self._actor.require(Right.administer)
        return self._parts.confirmations.withdraw(name, by=self._actor.name)

    def _one(self, name: str, set_up: bool, receives: Receives) -> ChannelState:
        abroad = name in listed("stored_abroad")
        return ChannelState(
            name,
            set_up,
            receives,
            abroad=abroad,
            confirmed=self._parts.confirmations.of(name) if abroad else None,
            health=self._parts.health.of(name),
            updates=self._parts.updates.counts(name),
        )


def _telegram_receives(settings: Settings) -> Receives:
    return settings.telegram_updates

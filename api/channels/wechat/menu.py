"""The account's menu: at most three columns of five buttons; what a button says comes back as a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.channels.text import utf8
from api.channels.wechat.words import say, words

MOST_COLUMNS, MOST_BUTTONS = 3, 5
COLUMN_BYTES, BUTTON_BYTES, KEY_BYTES = 16, 60, 128


class UnfitMenu(ValueError):
    """A menu that WeChat would not take; the message names the button."""


def menu(columns: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """The menu as WeChat wants it, by default that of `words.yml`. Raises UnfitMenu."""
    columns = words()["menu"] if columns is None else columns
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise UnfitMenu(say("menu_problem", name="menu", why=f"{len(columns)}列，要1到{MOST_COLUMNS}列"))
    return {"button": [_column(column) for column in columns]}


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    name, buttons = str(column["name"]), column["buttons"]
    _fits(name, COLUMN_BYTES, name)
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise UnfitMenu(say("menu_problem", name=name, why=f"{len(buttons)}个按钮，要1到{MOST_BUTTONS}个"))
    return {"name": name, "sub_button": [_button(button) for button in buttons]}


def _button(button: Mapping[str, Any]) -> dict[str, str]:
    name, says = str(button["name"]), str(button["says"])
    _fits(name, BUTTON_BYTES, name)
    _fits(says, KEY_BYTES, name)
    return {"type": "click", "name": name, "key": says}


def _fits(text: str, most: int, name: str) -> None:
    if not 0 < utf8(text) <= most:
        raise UnfitMenu(say("menu_problem", name=name, why=f"“{text}”有{utf8(text)}字节，最多{most}字节"))

"""Why a step with a ticket could not be done, in the words of `inbox_words.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from api.tickets.errors import (
    ContactUnreadable,
    ConversationGone,
    TicketError,
    TicketTaken,
    UnknownTicket,
    WrongWords,
)
from api.tickets.service import LONGEST_REPLY

_FILE = Path(__file__).with_suffix(".yml")


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words


def refusal(error: TicketError) -> str:
    said = _words()
    if isinstance(error, TicketTaken):
        if error.state == "closed":
            return str(said["closed"])
        return str(said["taken"]).format(who=error.held_by or said["somebody"])
    for kind, name in _NAMES.items():
        if isinstance(error, kind):
            return str(said[name]).format(limit=LONGEST_REPLY)
    return str(said["other"])


_NAMES: dict[type[TicketError], str] = {
    UnknownTicket: "unknown",
    ConversationGone: "gone",
    WrongWords: "wrong_words",
    ContactUnreadable: "unreadable",
}

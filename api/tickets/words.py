"""What residents are told about their ticket, from `words.yml`. It must not know how a ticket is kept."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from api.clock import LOCAL
from api.tickets.model import Ticket

WEB = "web"
_FILE = Path(__file__).with_name("words.yml")


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words


def when(moment: datetime) -> str:
    """A moment as residents read it, in Chongqing's time: 11月23日（周一）16:30."""
    local = moment.astimezone(LOCAL)
    return str(_words()["when"]).format(
        month=local.month,
        day=local.day,
        weekday=_words()["weekdays"][local.weekday()],
        time=f"{local:%H:%M}",
    )


def opened(ticket: Ticket, *, reachable: bool) -> str:
    """What a resident is told at once: the id, and by when and where the answer comes.

    `reachable`: whether staff's replies reach the resident in the channel they write in.
    """
    said = _words()["opened"]
    if reachable:
        where = "here" if ticket.channel == WEB else ticket.channel if ticket.channel in said else "chat"
    else:
        where = "contact" if ticket.has_contact else "nowhere"
    told = str(said[where]).format(id=ticket.id, when=when(ticket.expected_at))
    return told + str(_words()["contact_kept"]) if ticket.has_contact else told


def replied(ticket_id: str, text: str) -> str:
    """Staff's words as the message that the resident reads."""
    return str(_words()["replied"]).format(id=ticket_id, text=text)

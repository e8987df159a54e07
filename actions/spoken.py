"""What is said without any text: a failure, and whom to ring. The words stand in texts.yml."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import yaml

from actions.replies import Contact, Reply, Suggestion

TEXTS_FILE = Path(__file__).with_name("texts.yml")


@cache
def texts() -> dict[str, Any]:
    """The words of actions/texts.yml, read once."""
    loaded = yaml.safe_load(TEXTS_FILE.read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def hotline() -> Contact:
    return Contact(**texts()["contacts"]["hotline"])


def failure_reply(request_id: str) -> Reply:
    """What is said when an action failed or took too long; it claims nothing about the texts."""
    words = texts()["failure"]
    return Reply(
        id=uuid4().hex,
        as_of=datetime.now(ZoneInfo("Asia/Shanghai")).date(),
        snapshot=None,
        kind="abstain",
        text=words["text"],
        reason="unverified",
        contacts=[hotline()],
        suggestions=[Suggestion(**suggestion) for suggestion in words["suggestions"]],
    )

"""The parts that the app is put together from, as the app sees them.

Owns the small protocols that `api` asks of its neighbours, and `Services`, which carries one instance of
each. The wiring builds it; routes read it from `request.app.state.services`. It starts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from sqlalchemy import Engine

from actions.replies import Reply
from api.clock import Clock, SystemClock
from api.keys import Keys
from api.settings import Settings
from api.small_talk import SmallTalk
from knowledge.model import Knowledge

PartState = Literal["ready", "degraded", "starting", "unavailable", "not_used"]


class Answering(Protocol):
    """Answers one question from the published knowledge. Total: every failure becomes a reply."""

    def reply(self, question: str, *, request_id: str, as_of: date | None = None) -> Reply: ...


class Dialogue(Protocol):
    """The dialogue process, asked over HTTP. Raises `DialogueUnavailable`, and nothing else."""

    async def send(
        self, sender: str, message: str, request_id: str, metadata: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]: ...


class DialogueProcess(Protocol):
    """The Rasa process that this app keeps alive."""

    @property
    def state(self) -> str:
        """ "ready" while it answers; "starting", "waiting" or "stopped" else."""

    @property
    def restarts(self) -> int: ...


class ActionExecutor(Protocol):
    """Runs Rasa's custom actions: Rasa's request in, Rasa's response out."""

    async def run(self, request_json: dict[str, Any]) -> dict[str, Any]: ...


class Library(Protocol):
    """The snapshot that answers are taken from at this moment; it may be swapped between two calls."""

    @property
    def snapshot(self) -> str | None:
        """The live snapshot's fingerprint, None while there is none."""

    @property
    def knowledge(self) -> Knowledge:
        """The published knowledge of the live snapshot."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What works less well than it should, in words for the operator: no encoder, an older snapshot."""


@dataclass(slots=True)
class Services:
    settings: Settings
    keys: Keys
    engine: Engine
    library: Library
    answerer: Answering
    dialogue: Dialogue | None = None
    rasa: DialogueProcess | None = None
    actions: ActionExecutor | None = None
    small_talk: SmallTalk = field(default_factory=SmallTalk)
    clock: Clock = field(default_factory=SystemClock)

    def knowledge(self) -> Knowledge:
        """The published knowledge that answers come from at this moment."""
        return self.library.knowledge

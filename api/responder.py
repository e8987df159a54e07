"""Who answers a message: the dialogue if it can, else the index itself, and then the reply says so.

Owns the choice between the two, their time limits and the breaker between them. A result that comes after
its time is discarded. It sees masked words only, and knows nothing of HTTP or the store.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from pydantic import ValidationError

from actions.context import Prompt, TurnContext
from actions.replies import Reply
from actions.safety import abusive
from api.breaker import Breaker
from api.dialogue.errors import DialogueUnavailable
from api.metrics import Metrics
from api.services import Dialogue, Services

log = structlog.get_logger(__name__)

PROBE_PATIENCE_S = 0.4
"""How long the resident whose message probes a failed dialogue waits for it; the probe itself goes on."""
ANSWER_THREADS = 4
ABUSE_INTENT = "abuse"


class NobodyAnswers(Exception):
    """Neither the dialogue nor the index gave a reply."""


class _NotThisTime(Exception):
    """The dialogue gives this turn no reply; what went wrong is logged and counted already."""


class Responder:
    def __init__(self, services: Services, metrics: Metrics) -> None:
        self._services, self._metrics = services, metrics
        self._breaker = Breaker(retry_s=services.settings.dialogue_retry_s)
        self._restarts_seen = 0
        self._threads = ThreadPoolExecutor(ANSWER_THREADS, thread_name_prefix="answer")
        self._probes: set[asyncio.Task[list[Reply]]] = set()

    @property
    def dialogue_rests(self) -> bool:
        """Whether the dialogue failed lately and is being left alone."""
        return self._breaker.is_open

    async def respond(
        self, message: str, *, sender: str, request_id: str, channel: str, prompt: Prompt | None = None
    ) -> tuple[list[Reply], bool]:
        """The replies to `message`, and whether they are degraded. `prompt` is the campaign message that it
        replies to. Raises `NobodyAnswers`."""
        dialogue = self._services.dialogue
        permit = self._breaker.permit() if dialogue is not None and self._may_be_up() else "no"
        if dialogue is not None and permit != "no":
            asked = self._ask_dialogue(dialogue, message, sender, request_id, channel, prompt)
            try:
                replies = await (asked if permit == "go" else self._probe(asked))
            except _NotThisTime:
                pass
            else:
                return replies, False
        return [await self._answer_alone(message, request_id, prompt)], True

    async def close(self) -> None:
        for probe in self._probes:
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def complete(self, payload: Mapping[str, Any]) -> Reply:
        """A whole reply from a payload that may hold its words only. Raises `ValidationError`."""
        fields = {name: value for name, value in payload.items() if name != "request_id"}
        today = self._services.clock.today()
        snapshot = self._services.library.snapshot
        return Reply.model_validate({"id": "", "as_of": today, "snapshot": snapshot, **fields})

    def _may_be_up(self) -> bool:
        rasa = self._services.rasa
        if rasa is None:
            return True
        if rasa.state == "ready" and rasa.restarts != self._restarts_seen:
            self._restarts_seen = rasa.restarts
            self._breaker.succeeded()  # another process: what the one before it did is no reason to wait
        return rasa.state == "ready"

    async def _ask_dialogue(
        self,
        dialogue: Dialogue,
        message: str,
        sender: str,
        request_id: str,
        channel: str,
        prompt: Prompt | None,
    ) -> list[Reply]:
        """The dialogue's replies, all of them, in time; everything else raises `_NotThisTime`."""
        started = time.monotonic()
        along = {"channel": channel} | ({"prompt": prompt.as_json()} if prompt else {})
        try:
            async with asyncio.timeout(self._services.settings.rasa_timeout_s):
                payloads = await dialogue.send(sender, message, request_id, along)
            replies = self._read(payloads)
        except (DialogueUnavailable, TimeoutError) as error:
            took_s = time.monotonic() - started
            self._breaker.failed(took_s)
            reason = error.reason if isinstance(error, DialogueUnavailable) else "timeout"
            self._metrics.dialogue_failures.labels(reason).inc()
            log.warning("dialogue_unavailable", reason=reason, why=str(error), ms=round(took_s * 1000))
            raise _NotThisTime from None
        self._breaker.succeeded()
        return replies

    def _read(self, payloads: Sequence[Mapping[str, Any]]) -> list[Reply]:
        try:
            replies = [self.complete(payload) for payload in payloads]
        except ValidationError as error:
            raise DialogueUnavailable("malformed", f"{error.error_count()} invalid fields") from None
        if not replies:
            raise DialogueUnavailable("empty")
        return replies

    async def _probe(self, asked: Any) -> list[Reply]:
        """Give the dialogue a short time; past it, let the probe end by itself and its result be dropped."""
        probe: asyncio.Task[list[Reply]] = asyncio.ensure_future(asked)
        self._probes.add(probe)
        probe.add_done_callback(self._forget)
        done, _ = await asyncio.wait({probe}, timeout=PROBE_PATIENCE_S)
        if not done:
            raise _NotThisTime
        return probe.result()

    def _forget(self, probe: asyncio.Task[list[Reply]]) -> None:
        self._probes.discard(probe)
        if not probe.cancelled():
            probe.exception()  # seen: `_ask_dialogue` has logged it

    async def _answer_alone(self, message: str, request_id: str, prompt: Prompt | None) -> Reply:
        services = self._services
        payload = services.small_talk.find(message)
        if payload is None and abusive(message):
            payload = services.small_talk.say(ABUSE_INTENT)
        if payload is not None:
            return self.complete(payload)
        if services.library.snapshot is None:
            raise NobodyAnswers
        today = services.clock.today()
        loop = asyncio.get_running_loop()
        context = TurnContext(prompt=prompt)
        asked = loop.run_in_executor(
            self._threads,
            lambda: services.answerer.reply(message, request_id=request_id, as_of=today, context=context),
        )
        try:
            async with asyncio.timeout(services.settings.action_timeout_s):
                return await asked
        except TimeoutError:
            log.error("index_timed_out", limit_s=services.settings.action_timeout_s)
            raise NobodyAnswers from None
        except Exception as error:
            log.error("index_failed", exc_type=type(error).__name__, exc_info=True)
            raise NobodyAnswers from None

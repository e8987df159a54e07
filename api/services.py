"""The parts that the app is put together from, as the app sees them.

Owns the small protocols that `api` asks of its neighbours, and `Services`, which carries one instance of
each. The wiring builds it; routes read it from `request.app.state.services`. It starts nothing itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import Engine

from actions.context import TurnContext
from actions.replies import Reply
from api.accounts.assembling import Staff, build_staff
from api.accounts.audit import AuditLog
from api.campaigning.assembling import Campaigning, answerable, build_campaigning
from api.campaigning.delivering import Delivery
from api.channels.assembling import ChannelParts, build_channels
from api.clock import Clock, SystemClock
from api.conflict_watch import ConflictWatch
from api.desk.known_wordings import KnownWordings
from api.feedback import Feedback
from api.importing import Importing
from api.insights.assembling import Insights, build_insights
from api.insights.findings import Findings
from api.insights.golden import SolvedQuestions
from api.keys import Keys
from api.retention.erasure import Erasure
from api.retention.keeping import Retention
from api.settings import Settings
from api.small_talk import SmallTalk
from api.tickets.contacts import ContactBox, ContactStash
from api.tickets.service import Tickets, build_tickets
from api.trials.sources import Trials
from api.web_channel.assembling import WebChannel, build_web_channel
from campaigns.consent import ConsentTerms, load_terms
from campaigns.subscriptions import Subscriptions
from knowledge.conflicts import SettingAside
from knowledge.editing.service import Editing
from knowledge.model import Knowledge
from knowledge.publishing.golden_store import GoldenQuestions

if TYPE_CHECKING:
    from api.accounts.oidc import Provider
    from api.publishing.assembling import Publishing

PartState = Literal["ready", "degraded", "starting", "unavailable", "not_used"]


class Answering(Protocol):
    """Answers one question from the published knowledge. Total: every failure becomes a reply."""

    def reply(
        self,
        question: str,
        *,
        request_id: str,
        as_of: date | None = None,
        context: TurnContext | None = None,
    ) -> Reply: ...


class Dialogue(Protocol):
    """The dialogue process, asked over HTTP. Raises `DialogueUnavailable`, and nothing else."""

    async def send(
        self, sender: str, message: str, request_id: str, metadata: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]: ...

    async def forget(self, senders: Sequence[str]) -> None: ...


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
    publishing: Publishing | None = None
    """Needs the live index, so the wiring puts it here."""
    findings: Findings = field(default_factory=Findings)
    """What was found for turns that still go on."""
    background: list[asyncio.Task[None]] = field(default_factory=list)
    """What runs as long as the app does; the wiring starts and ends it."""
    delivery: Delivery | None = None
    """What sends campaigns in this process; the wiring starts and stops it."""
    tickets: Tickets = field(init=False)
    contact_stash: ContactStash = field(init=False)
    feedback: Feedback = field(init=False)
    retention: Retention = field(init=False)
    subscriptions: Subscriptions = field(init=False)
    terms: ConsentTerms = field(init=False)
    staff: Staff = field(init=False)
    _provider: Provider | None = field(default=None, init=False, repr=False)
    audit: AuditLog = field(init=False)
    """Where every change by staff is written down; the journal that services take."""
    editing: Editing = field(init=False)
    trials: Trials = field(init=False)
    conflicts: ConflictWatch = field(init=False)
    setting_aside: SettingAside = field(init=False)
    importing: Importing = field(init=False)
    known_wordings: KnownWordings = field(default_factory=KnownWordings)
    insights: Insights = field(init=False)
    web_channel: WebChannel = field(init=False)
    channels: ChannelParts = field(init=False)
    campaigning: Campaigning = field(init=False)

    def __post_init__(self) -> None:
        """What needs nothing but the database, the keys and the clock is made here."""
        settings, engine, clock = self.settings, self.engine, self.clock
        self.staff = build_staff(settings, engine, clock)
        self.audit = self.staff.audit
        self.editing = Editing(engine, now=clock.now, journal=self.audit)
        self.trials = Trials(self.library, self.editing, today=clock.today)
        self.conflicts = ConflictWatch(
            self.library,
            self.editing.content,
            now=clock.now,
            today=clock.today,
            folder=settings.data_dir / "conflicts",
        )
        self.setting_aside = SettingAside(engine, now=clock.now, journal=self.audit)
        self.importing = Importing(settings, engine, clock=clock, journal=self.audit, editing=self.editing)
        self.tickets = build_tickets(settings, self.keys, engine, clock)
        self.contact_stash = ContactStash(engine, box=ContactBox(self.keys.contact_key), clock=clock)
        self.subscriptions = Subscriptions(engine, now=clock.now)
        self.terms = load_terms(operator=settings.operator or None)
        self.feedback = Feedback(engine, clock=clock)
        self.insights = build_insights(
            engine,
            clock=clock,
            library=self.library,
            journal=self.audit,
            editor=self.editing,
            golden=SolvedQuestions(GoldenQuestions(engine, now=clock.now, journal=self.audit)),
        )
        self.web_channel = build_web_channel(engine, clock=clock, knowledge=self._answerable)
        self.channels = build_channels(
            settings,
            self.keys,
            engine,
            clock=clock,
            journal=self.audit,
            notices=self.web_channel.notices,
        )
        self.campaigning = build_campaigning(
            engine,
            clock=clock,
            journal=self.audit,
            knowledge=self._answerable,
            senders={self.web_channel.sender.channel: self.web_channel.sender, **self.channels.senders},
            pseudonym=self.keys.pseudonym,
        )
        erasure = Erasure(engine, pseudonym=self.keys.pseudonym, clock=clock, keep_days=settings.keep_days)
        self.retention = Retention(
            erasure,
            dialogue=self.dialogue,
            keep_days=settings.keep_days,
            also=self._sweep_the_rest,
        )

    def _sweep_the_rest(self) -> None:
        """What is kept for a time of its own, beside conversations."""
        self.subscriptions.delete_ended(kept_days=self.terms.kept_days_after_end)
        self.insights.gaps.forget(self.settings.keep_days)
        self.campaigning.campaigns.forget_old_keys()
        self.channels.sweep(self.settings.keep_days)

    def provider(self) -> Provider:
        """Who vouches for staff. Blocks while it is made; its libraries load only where one is set."""
        if self._provider is None:
            from api.accounts.oidc import Provider

            self._provider = Provider(self.settings, key=self.keys.console_key)
        return self._provider

    def _published(self) -> Knowledge | None:
        return self.library.knowledge if self.library.snapshot is not None else None

    def _answerable(self) -> Knowledge | None:
        published = self._published()
        return None if published is None else answerable(self.library, published)

    def knowledge(self) -> Knowledge:
        """The published knowledge that answers come from at this moment."""
        return self.library.knowledge

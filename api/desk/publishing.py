"""The staff's side of publishing: what is approved, previews, history, taking back at once, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.accounts.roles import Actor, Right
from api.publishing.assembling import Publishing
from api.publishing.corrections import Correction
from api.publishing.provenance import Trace
from api.services import Services
from knowledge.editing.model import Draft
from knowledge.errors import KnowledgeError
from knowledge.model import Entry, Knowledge
from knowledge.publishing.due import Overdue
from knowledge.publishing.golden_runs import Progress
from knowledge.publishing.model import Release, Target, TargetKind, Withdrawal
from knowledge.publishing.planning import StateChange
from knowledge.publishing.withdrawals import silenced

LISTED = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Something that can be taken back; `entries` says how many answers it takes along."""

    target: Target
    title: str
    detail: str
    entries: int


class PublishingDesk:
    """What reviewers do with approved drafts; everybody may look."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._publishing = _there(services)

    def approved(self) -> list[Draft]:
        self._actor.require(Right.read)
        return list(self._services.editing.drafts(state="approved"))

    def at_work(self) -> str | None:
        """Who is previewing or publishing at this moment."""
        self._actor.require(Right.read)
        return self._publishing.publisher.publisher_at_work()

    def overdue(self) -> list[Overdue]:
        """Scheduled drafts that were not published when their time came."""
        self._actor.require(Right.read)
        return self._publishing.publisher.overdue()

    def waiting(self) -> list[Release]:
        self._actor.require(Right.read)
        return self._publishing.publisher.waiting()

    def history(self, limit: int = 50) -> list[Release]:
        self._actor.require(Right.read)
        return self._publishing.publisher.history(limit)

    def release(self, release_id: str) -> Release:
        self._actor.require(Right.read)
        return self._publishing.publisher.release(release_id)

    def live_snapshot(self) -> str | None:
        self._actor.require(Right.read)
        return self._services.library.snapshot

    def preview(
        self,
        draft_ids: Sequence[int],
        *,
        states: Sequence[StateChange] = (),
        progress: Progress = lambda what, share: None,
    ) -> Release:
        self._actor.require(Right.review)
        return self._publishing.publisher.preview(
            draft_ids, by=self._actor.name, states=states, progress=progress
        )

    def publish(self, release_id: str, *, reason: str = "") -> Release:
        self._actor.require(Right.review)
        return self._publishing.publisher.publish(release_id, by=self._actor.name, reason=reason)

    def roll_back(self, release_id: str, *, reason: str) -> Release:
        self._actor.require(Right.review)
        return self._publishing.publisher.roll_back(release_id, by=self._actor.name, reason=reason)

    def warm(self) -> None:
        """Have the live answers to the golden questions at hand before they are compared."""
        self._actor.require(Right.read)
        self._publishing.publisher.warm()


class EmergencyDesk:
    """Taking back at once, its review, where an answer came from, and corrections."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._publishing = _there(services)

    def find(self, kind: TargetKind, words: str) -> list[Found]:
        """What of this kind is answered from and has `words` in its name or id."""
        self._actor.require(Right.withdraw)
        knowledge = self._services.knowledge()
        resting: dict[str, int] = {}
        for entry in knowledge.entries:
            for clause in {quote.clause_id for quote in entry.quotes}:
                resting[clause] = resting.get(clause, 0) + 1
        found: list[Found] = []
        if kind == "entry":
            found = [Found(Target(kind, e.id), e.question, e.id, 1) for e in knowledge.entries]
        elif kind == "clause":
            found = [
                Found(Target(kind, c.id), c.label, c.id, resting.get(c.id, 0)) for c in knowledge.clauses
            ]
        elif kind == "document":
            for document in knowledge.documents:
                count = sum(resting.get(clause.id, 0) for clause in knowledge.clauses_of(document.id))
                found.append(Found(Target(kind, document.id), document.title, document.id, count))
        elif kind == "programme":
            found = [
                Found(Target(kind, p.id), p.title, p.id, resting.get(p.id, 0)) for p in knowledge.programmes
            ]
        elif kind == "tag":
            tags = dict.fromkeys(tag for entry in knowledge.entries for tag in entry.tags)
            for tag in tags:
                count = sum(tag in entry.tags for entry in knowledge.entries)
                found.append(Found(Target(kind, tag), tag, "对象", count))
        else:
            for item, others in knowledge.lexicon.items.items():
                names = (item, *others)
                count = sum(any(name in entry.question for name in names) for entry in knowledge.entries)
                found.append(Found(Target(kind, item), item, "、".join(others), count))
        wanted = words.strip()
        return [one for one in found if wanted in one.title or wanted in one.detail][:LISTED]

    def would_silence(self, target: Target) -> list[Entry]:
        """The entries that fall silent with it, of those that are answered with now."""
        self._actor.require(Right.withdraw)
        return silenced(self._services.knowledge(), target)

    def silenced_by(self, withdrawal: Withdrawal) -> list[Entry]:
        """The published entries that it keeps silent, those whose ground was withdrawn with it among them."""
        self._actor.require(Right.read)
        content, target = self._services.editing.content(), withdrawal.target
        entries = (
            item for item in content.entries if item.state == "published" or item.entry.id == target.id
        )
        stored = Knowledge(
            documents=tuple(item.document for item in content.documents),
            clauses=tuple(clause for item in content.documents for clause in item.clauses),
            entries=tuple(item.entry for item in entries),
            programmes=tuple(item.programme for item in content.programmes),
            lexicon=content.lexicon,
        )
        return silenced(stored, target)

    def withdraw(self, target: Target, *, reason: str) -> Withdrawal:
        self._actor.require(Right.withdraw)
        return self._publishing.publisher.withdraw_now(target, by=self._actor.name, reason=reason)

    def settle(self) -> None:
        """Build the snapshot without it now; somebody else's publication does it otherwise."""
        self._actor.require(Right.withdraw)
        self._publishing.publisher.catch_up()

    def review(self, withdrawal_id: str, *, confirm: bool, note: str = "") -> Withdrawal:
        self._actor.require(Right.withdraw)
        return self._publishing.publisher.review(
            withdrawal_id, confirm=confirm, by=self._actor.name, note=note
        )

    def withdrawals(self, *, only_open: bool = False) -> list[Withdrawal]:
        self._actor.require(Right.read)
        return self._publishing.publisher.withdrawals(only_open=only_open)

    def trace(self, message_id: str) -> Trace:
        self._actor.require(Right.read)
        return self._publishing.provenance.trace(message_id)

    def reachable(self, trace: Trace, *, only_snapshot: bool) -> int:
        self._actor.require(Right.withdraw)
        snapshot = trace.snapshot if only_snapshot else None
        return self._publishing.corrections.reachable(
            entry=trace.entry, clause=trace.clause, snapshot=snapshot
        )

    def correct(self, trace: Trace, *, text: str, only_snapshot: bool) -> Correction:
        self._actor.require(Right.withdraw)
        return self._publishing.corrections.send(
            text=text, entry=trace.entry, clause=trace.clause, by=self._actor.name,
            snapshot=trace.snapshot if only_snapshot else None,
        )  # fmt: skip

    def corrections(self) -> list[Correction]:
        self._actor.require(Right.read)
        return self._publishing.corrections.sent()


def _there(services: Services) -> Publishing:
    if services.publishing is None:
        raise KnowledgeError("这个进程没有打开发布功能，请在运行控制台的进程里操作。")
    return services.publishing

"""The findings that plain reading gives: contradictions, lost quotes, ended texts, wordings told twice.

Pure. `content` is the whole store with states, since an entry that silently dropped out of what is
published is just what nobody would notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.conflicts.model import Finding, Side
from knowledge.contradictions import contradictions
from knowledge.messages import say
from knowledge.model import Clause, Entry, Programme, Quote, status_on
from knowledge.shipped import Shipped, ShippedDocument, ShippedProgramme
from knowledge.wordings import marks, near_pairs, telling_bigrams

_ENDED = {"expired", "superseded"}
_TOLD = 3
"""Pairs of wordings named in a sentence; all of them are marked."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """A text that entries quote, with what it belongs to."""

    side: Side
    owner: ShippedDocument | ShippedProgramme


def find_plain(content: Shipped, today: date) -> list[Finding]:
    """All of them, entries in the order of their ids."""
    grounds = _grounds(content)
    entries = sorted(
        (item.entry for item in content.entries if item.state == "published"), key=lambda entry: entry.id
    )
    held = [entry for entry in entries if status_on(today, entry.valid_from, entry.valid_to) != "expired"]
    return [
        *_contradictions(held),
        *(finding for entry in held for finding in _gone(entry, grounds)),
        *(finding for entry in held for finding in _ended(entry, grounds, today)),
        *_duplicates(held),
    ]


def entry_side(entry: Entry, marked: Iterable[str] = ()) -> Side:
    """An entry as residents read it: the plain sentence, then its quotes."""
    lines = (entry.plain or "", *(quote.text for quote in entry.quotes))
    text = "\n".join(dict.fromkeys(line for line in lines if line))
    return Side("entry", entry.id, entry.question, text, tuple(dict.fromkeys(marked)))


def clause_side(clause: Clause, title: str, marked: Iterable[str] = ()) -> Side:
    """`title` is its document's."""
    return Side("clause", clause.id, f"{title} {clause.label}".strip(), clause.text, tuple(marked))


def programme_side(programme: Programme, marked: Iterable[str] = ()) -> Side:
    return Side("programme", programme.id, programme.title, programme.text, tuple(marked))


def _contradictions(entries: Iterable[Entry]) -> Iterator[Finding]:
    for found in contradictions(entries):
        held, other_held = ([item.words for item in side] for side in (found.held, found.other_held))
        yield Finding(
            "contradiction",
            entry_side(found.first, held),
            entry_side(found.second, other_held),
            say(
                "conflict.contradiction",
                wording=found.wording,
                other_wording=found.other_wording,
                held="、".join(dict.fromkeys(held)),
                other_held="、".join(dict.fromkeys(other_held)),
            ),
        )


def _gone(entry: Entry, grounds: Mapping[str, _Ground]) -> Iterator[Finding]:
    for quote in (*entry.quotes, *entry.also):
        ground = grounds.get(quote.clause_id)
        if ground is None:
            said = say("conflict.no_clause", clause=quote.clause_id, words=quote.text[:30])
            yield Finding("gone", entry_side(entry, (quote.text,)), None, said)
        elif not quote.text or quote.text not in ground.side.text:
            said = say("conflict.quote_gone", where=ground.side.title, words=quote.text[:30])
            yield Finding("gone", entry_side(entry, (quote.text,)), ground.side, said)


def _ended(entry: Entry, grounds: Mapping[str, _Ground], today: date) -> Iterator[Finding]:
    """Once for each document or programme that no longer holds."""
    told: set[str] = set()
    for quote in entry.quotes:
        ground = grounds.get(quote.clause_id)
        if ground is None:
            continue
        said, owner = _no_longer(ground.owner, today)
        if said and owner not in told:
            told.add(owner)
            side = Side(
                ground.side.kind, ground.side.id, ground.side.title, ground.side.text, _within(quote, ground)
            )
            yield Finding("ended", entry_side(entry, (quote.text,)), side, said)


def _no_longer(owner: ShippedDocument | ShippedProgramme, today: date) -> tuple[str | None, str]:
    """Why a text must not be answered from, None where it may; and its id."""
    text = owner.document if isinstance(owner, ShippedDocument) else owner.programme
    if owner.state != "published":
        return say(f"conflict.state_{owner.state}", title=text.title), text.id
    status = text.status_on(today)
    if status not in _ENDED:
        return None, text.id
    if status == "superseded":
        by = owner.document.superseded_by if isinstance(owner, ShippedDocument) else ""
        return say("conflict.superseded", title=text.title, by=by), text.id
    end = owner.document.effective_to if isinstance(owner, ShippedDocument) else owner.programme.valid_to
    return say("conflict.expired", title=text.title, day=end), text.id


def _within(quote: Quote, ground: _Ground) -> tuple[str, ...]:
    return (quote.text,) if quote.text in ground.side.text else ()


def _duplicates(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Pairs of entries with wordings that are nearly one, unless they contradict each other in what they
    distinguish (two years, two kinds of car)."""
    asked = [(entry, text) for entry in entries for text in (entry.question, *entry.variants)]
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    by_id = {entry.id: entry for entry, _ in asked}
    for here, there in near_pairs([telling_bigrams(text) for _, text in asked]):
        (first, wording), (second, other) = asked[here], asked[there]
        if first.id != second.id and marks(wording) == marks(other):
            pairs[first.id, second.id].append((wording, other))
    for (first_id, second_id), alike in pairs.items():
        first, second = by_id[first_id], by_id[second_id]
        told = "；".join(f"“{wording}”和“{other}”" for wording, other in alike[:_TOLD])
        yield Finding(
            "duplicate",
            _asking_side(first, (wording for wording, _ in alike)),
            _asking_side(second, (other for _, other in alike)),
            say("conflict.duplicate", count=len(alike), told=told),
        )


def _asking_side(entry: Entry, wordings: Iterable[str]) -> Side:
    """An entry by the wordings that are in question, with what it answers below."""
    listed = tuple(dict.fromkeys(wordings))
    answer = entry_side(entry).text
    return Side("entry", entry.id, entry.question, "\n".join((*listed, "——", answer)), listed)


def _grounds(content: Shipped) -> dict[str, _Ground]:
    grounds = {
        clause.id: _Ground(clause_side(clause, item.document.title), item)
        for item in content.documents
        for clause in item.clauses
    }
    cards = {item.programme.id: _Ground(programme_side(item.programme), item) for item in content.programmes}
    return grounds | cards

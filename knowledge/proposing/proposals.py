"""Which entries a new or changed text calls for. A person accepts, edits or strikes each of them out."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.force import force_of
from knowledge.model import Clause, Entry, Force, Lexicon, Quote
from knowledge.parsing.departments import duty_of
from knowledge.proposing.asking import Asked, ask, topic_of
from knowledge.proposing.figures import FigureChange, changed_figures
from knowledge.proposing.wording import Residents, variants_of
from knowledge.sentences import Span, sentences
from knowledge.versions.comparing import Comparison
from knowledge.versions.resting import Resting
from knowledge.versions.words import likeness
from knowledge.wordings import same_form

_SILENT = {"title", "annex", "annex_task"}
_SILENT_PATHS = {"contents", "signature"}
_WITH_HEADS = {"notice", "preamble", "annex"}
_ENDS = ("。", "！", "？", "；")
_SHORTEST = 8
_SAME_SENTENCE = 0.4
_SAFE = re.compile(r"[^a-z0-9.]+")
_ID_LENGTH = 48


@dataclass(frozen=True, slots=True)
class NearQuestion:
    """Something residents asked and got no answer to; `likeness` 0 to 1, `count` how often."""

    text: str
    likeness: float
    count: int = 1


class Nearby(Protocol):
    """The port to what residents asked in vain, by meaning."""

    def near(self, texts: Sequence[str]) -> Sequence[Sequence[NearQuestion]]:
        """For each text the unanswered questions near it, the nearest first; equal to the texts in number."""


class NoneNearby:
    """Where nothing is logged."""

    def near(self, texts: Sequence[str]) -> Sequence[Sequence[NearQuestion]]:
        return [()] * len(texts)


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """`id` follows from document, words and fact: proposing again gives the same. `entry` is
    whole, with an id that is free; `updates` names the entry that it takes the place of, if any."""

    id: str
    fact: str
    entry: Entry
    departments: tuple[str, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    asked: tuple[NearQuestion, ...] = ()
    updates: str | None = None


def propose(
    clauses: Sequence[Clause],
    *,
    title: str,
    lexicon: Lexicon,
    entries: Iterable[Entry] = (),
    comparison: Comparison | None = None,
    resting: Sequence[Resting] = (),
    nearby: Nearby | None = None,
) -> list[ProposedEntry]:
    """The proposals of a document in the order of its text.

    Without `comparison` the whole text is new; with it only what was added or changed in it. `entries` are
    those there are: what one of them quotes already is not proposed again, but an entry whose quote went
    (`resting`) is proposed with the nearest words of the new text.
    """
    words, by_id = Residents(lexicon), {clause.id: clause for clause in clauses}
    held = list(entries)
    updates = _updates(resting)
    taken = {same_form(text) for entry in held for text in (entry.question, *entry.variants)}
    ids = {entry.id for entry in held}
    quoted = _quoted(held, resting)
    drafts: list[tuple[Clause, Span, Asked, Entry | None]] = []
    for clause in clauses:
        if not _speaks(clause, comparison):
            continue
        topic = topic_of(clause, by_id) or title
        for span in sentences(clause):
            if span.kind != "departments" and (len(span.text) < _SHORTEST or not _states(clause, span)):
                continue
            old = updates.get((clause.id, span.start))
            if old is None and _is_quoted(span, quoted.get(clause.id, ())):
                continue
            asked = ask(clause, span, topic=topic, title=title)
            if asked is not None:
                drafts.append((clause, span, asked, old))
    near = (nearby or NoneNearby()).near([asked.question for _, _, asked, _ in drafts])
    out: list[ProposedEntry] = []
    repeats: Counter[str] = Counter()
    for (clause, span, asked, old), found in zip(drafts, near, strict=True):
        entry = _entry(clause, span, asked, old, words, taken, ids, found)
        if entry is None:
            continue
        key = _key(clause, span, asked)
        repeats[key] += 1
        ids.add(entry.id)
        taken.update(same_form(text) for text in (entry.question, *entry.variants))
        out.append(
            ProposedEntry(
                key if repeats[key] == 1 else f"{key}-{repeats[key]}",
                asked.fact,
                entry,
                clause.departments or duty_of(span.text).departments,
                _figures(clause, span, comparison),
                tuple(found),
                old.id if old is not None else None,
            )
        )
    return out


def _speaks(clause: Clause, comparison: Comparison | None) -> bool:
    """Whether a clause says something, and something that was not there before."""
    if clause.kind in _SILENT or clause.path in _SILENT_PATHS or clause.incomplete:
        return False
    if comparison is None:
        return True
    change = comparison.by_after.get(clause.path)
    return change is not None and change.kind in ("added", "changed")


def _states(clause: Clause, span: Span) -> bool:
    """Whether a span is a sentence, and no letterhead, address or head of a table."""
    return clause.kind not in _WITH_HEADS or span.text.endswith(_ENDS)


def _entry(
    clause: Clause,
    span: Span,
    asked: Asked,
    old: Entry | None,
    words: Residents,
    taken: Collection[str],
    ids: Collection[str],
    found: Sequence[NearQuestion],
) -> Entry | None:
    quote = Quote(clause.id, span.start, span.end, span.text)
    if old is not None:
        return Entry(
            old.id,
            old.question,
            old.variants,
            (
                quote,
                *(other for other in old.quotes if other.clause_id.partition("#")[0] != clause.document_id),
            ),
            force=_force(span.text, asked),
            valid_from=old.valid_from,
            valid_to=old.valid_to,
            tags=old.tags,
            programmes=old.programmes,
        )
    question = asked.question
    if same_form(question) in taken:
        return None
    wordings = variants_of(question, (*(near.text for near in found), *asked.variants), words, taken)
    return Entry(
        _free_id(clause, ids),
        question,
        wordings,
        (quote,),
        force=_force(span.text, asked),
        tags=words.audiences(span.text),
    )


def _force(sentence: str, asked: Asked) -> Force:
    """What the sentence's own words bind to; where they state no more than a plan, its kind of fact."""
    stated = force_of(sentence)
    return asked.force if stated == "work_plan" else stated


def _free_id(clause: Clause, ids: Collection[str]) -> str:
    document, _, path = clause.id.partition("#")
    base = _SAFE.sub("-", f"{document}-{path}".lower()).strip("-.")[: _ID_LENGTH - 4]
    number = 1
    while f"{base}-{number:02d}" in ids:
        number += 1
    return f"{base}-{number:02d}"


def _key(clause: Clause, span: Span, asked: Asked) -> str:
    raw = "\x1f".join((clause.document_id, span.text, asked.fact))
    return hashlib.sha256(raw.encode()).hexdigest()[:24]


def _figures(clause: Clause, span: Span, comparison: Comparison | None) -> tuple[FigureChange, ...]:
    """The figures of a sentence against the likest sentence of the clause as it was."""
    change = comparison.by_after.get(clause.path) if comparison is not None else None
    if change is None or change.before is None:
        return ()
    best, before = _SAME_SENTENCE, ""
    for old in sentences(change.before):
        score = likeness(old.text, span.text)
        if score > best:
            best, before = score, old.text
    return changed_figures(before, span.text) if before else ()


def _updates(resting: Iterable[Resting]) -> dict[tuple[str, int], Entry]:
    """Entries whose words went, by the place of the nearest words of the new text."""
    return {
        (standing.nearest.clause_id, standing.nearest.start): item.entry
        for item in resting
        for standing in item.standings
        if standing.nearest is not None
    }


def _quoted(entries: Iterable[Entry], resting: Iterable[Resting]) -> dict[str, list[Quote]]:
    """What entries quote of each clause, quotes that moved with their clause where they stand now."""
    out: dict[str, list[Quote]] = {}
    for item in resting:
        for standing in item.standings:
            if standing.now is not None:
                out.setdefault(standing.now.clause_id, []).append(standing.now)
    for entry in entries:
        for quote in (*entry.quotes, *entry.also):
            out.setdefault(quote.clause_id, []).append(quote)
    return out


def _is_quoted(span: Span, quotes: Iterable[Quote]) -> bool:
    """Whether an entry quotes the sentence, or a good part of it, in the words that it has now."""
    return any(quote.text in span.text or span.text in quote.text for quote in quotes)

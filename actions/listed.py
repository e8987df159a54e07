"""The reply that lists: every item with its place and its words, and that this is all the library holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from actions.catalogue import Item
from actions.citations import cite
from actions.composing import make_reply
from actions.listing import Listing, Wanted
from actions.replies import Citation, Reply
from actions.wording import load
from index.search import Searcher
from knowledge.model import Force

_QUOTED = 20
"""Items up to which the text quotes each; a longer list names them all and leaves the words to its cards."""
_WHOLLY = 0.99
_CLAIMABLE: frozenset[Force] = frozenset({"right", "duty", "price"})


def list_reply(searcher: Searcher, listing: Listing, wanted: Wanted, day: date) -> Reply | None:
    """The list that is asked for; None where nothing belongs on it."""
    items = listing.items(wanted, day, lambda words, text: _speaks_of(searcher, words, text))
    if not items:
        return None
    words = load("answers")["list"]
    citations = [cite(searcher.knowledge, i.quote.clause_id, i.quote.start, i.quote.end, day) for i in items]
    head = words["head"].format(what=_what(wanted), count=len(items))
    closing = words["all"].format(count=len(items))
    forces = {item.force for item in items}
    force: Force = items[0].force if len(forces) == 1 else "work_plan"
    notes = [] if forces <= _CLAIMABLE else [words["target" if forces == {"target"} else "wish"]]
    if any(citation.source_kind == "programme" for citation in citations):
        notes.append(load("answers")["answer"]["disclaimer"])
    lines = [head, *_lines(items, citations, wanted), closing, *notes]
    plain = "".join([head.rstrip(words["head"][-1]), words["stop"], closing])
    return make_reply(
        "answer", day, searcher, "\n".join(lines), plain=plain, force=force, citations=citations
    )


def _lines(items: Sequence[Item], citations: Sequence[Citation], wanted: Wanted) -> list[str]:
    """One line an item under its document's title; past `_QUOTED` items one a clause, with its number."""
    words = load("answers")["list"]
    led = {name for group in wanted.departments for name in group}
    lines: list[str] = []
    times = Counter(citation.clause_id for citation in citations)
    number, title, last = 0, "", ""
    for item, citation in zip(items, citations, strict=True):
        if len(items) > _QUOTED and citation.clause_id == last:
            continue
        last = citation.clause_id
        if citation.document_title != title:
            title = citation.document_title
            lines.append(words["document"].format(title=title))
        number += 1
        lead = words["lead"] if not led.isdisjoint(item.lead) else ""
        form = "quoted" if len(items) <= _QUOTED else "named" if times[last] == 1 else "several"
        quote = " ".join(citation.quote.split("\n"))
        label = citation.clause_label
        lines.append(
            words[form].format(number=number, label=label, lead=lead, quote=quote, count=times[last])
        )
    return lines


def _what(wanted: Wanted) -> str:
    """What limits the list, as the reply says it."""
    words = load("answers")["list"]
    said = [
        words["led" if wanted.led else "department"].format(name=words["or"].join(group))
        for group in wanted.departments
    ]
    said += [words["year"].format(year=year) for year in wanted.years]
    said += [words["audience"].format(name=name) for name in wanted.audiences]
    if not wanted.whole:
        said.append(words["rest"].format(words=words["or"].join(wanted.rest.split())))
    return str(words["and"].join(said))


def _speaks_of(searcher: Searcher, words: str, text: str) -> bool:
    """Whether a text has all telling words, itself or by the lexicon."""
    return searcher.evidence.prepare(words).covered_by(text) >= _WHOLLY

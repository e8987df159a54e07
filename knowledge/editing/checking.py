"""What is wrong with drafts, before they are submitted and again before they are published. Pure.

A draft is checked as the row it would become, with `knowledge.validation` and the search for contradictions;
then everything that is published beside it is checked for what the draft would break.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from knowledge.contradictions import check_contradictions
from knowledge.editing.model import Draft, LexiconLine
from knowledge.editing.overlaying import overlay
from knowledge.messages import say
from knowledge.shipped import Shipped
from knowledge.validation import check_document, check_entry, check_id, check_programme, ground_of
from knowledge.wordings import check_shared_wordings


def problems_of(content: Shipped, drafts: Sequence[Draft], *, beside: Sequence[Draft] = ()) -> list[str]:
    """Everything that would be wrong in `content` once `drafts` are published together, in whole sentences.

    `beside` are other open drafts that may be rested on: a question is written before the document that
    answers it is published. What was wrong before is not told again.
    """
    ids = {(draft.kind, draft.row_id) for draft in drafts}
    others = [draft for draft in beside if (draft.kind, draft.row_id) not in ids and not draft.withdraws]
    before, after = overlay(content, others), overlay(content, [*others, *drafts])
    staying = [draft for draft in drafts if not draft.withdraws]
    changed = _checked(after, {(draft.kind, draft.row_id) for draft in staying})
    # What rests on something that is withdrawn on purpose falls silent with it: that is no mistake.
    quiet = [draft for draft in drafts if draft.withdraws and draft.kind != "lexicon"]
    kept = overlay(content, [*others, *(draft for draft in drafts if draft not in quiet)])
    rest = _rest(kept, ids, drafts)
    known = set(_rest(before, ids, drafts)) if rest else set()
    return list(dict.fromkeys([*changed, *(problem for problem in rest if problem not in known)]))


def _checked(content: Shipped, ids: Collection[tuple[str, str]]) -> list[str]:
    """What is wrong with the rows of `ids` themselves."""
    problems: list[str] = []
    for document in content.documents:
        if ("document", document.document.id) in ids:
            problems += check_document(document)
    drafts = [item.programme for item in content.programmes if item.state != "published"]
    known = {item.programme.id for item in content.programmes if item.state == "published"}
    for programme in content.programmes:
        if ("programme", programme.programme.id) in ids:
            problems += check_programme(programme, drafts, known)
    entries = {item.entry.id for item in content.entries if ("entry", item.entry.id) in ids}
    if entries:
        ground = ground_of(content)
        published = [item.entry for item in content.entries if item.state == "published"]
        for entry in published:
            if entry.id in entries:
                problems += check_id(say("where.entry", id=entry.id), entry.id)
                problems += check_entry(entry, ground, published=True)
        problems += check_shared_wordings(published, of=entries)
        problems += check_contradictions(published, of=entries)
    for row_id in (row_id for kind, row_id in ids if kind == "lexicon"):
        section, _, name = row_id.partition("/")
        problems += _line(LexiconLine(section, name, getattr(content.lexicon, section).get(name, ())))
    return problems


def _rest(content: Shipped, ids: Collection[tuple[str, str]], drafts: Sequence[Draft]) -> list[str]:
    """What is wrong with the published rows that are not among `ids`; where only entries change, nothing else
    rests on them."""
    if all(draft.kind == "entry" for draft in drafts):
        return []
    ground, problems = ground_of(content), list[str]()
    for item in content.entries:
        if item.state == "published" and ("entry", item.entry.id) not in ids:
            problems += check_entry(item.entry, ground, published=True)
    unpublished = [item.programme for item in content.programmes if item.state != "published"]
    known = {item.programme.id for item in content.programmes if item.state == "published"}
    for programme in content.programmes:
        if programme.state == "published" and ("programme", programme.programme.id) not in ids:
            problems += check_programme(programme, unpublished, known)
    return problems


def _line(line: LexiconLine) -> list[str]:
    words = [text for text in (line.name, *line.words) if not text.strip()]
    if words or not line.words:
        return [say("check.no_words", where=say("where.line", id=line.id))]
    return []

"""One reply to a question of several parts: each part's sentence and quote in order, or that it has none.

Parts with the same answer are answered together. It must not know how a question is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from actions.abstaining import reason_given, whom_to_ask
from actions.composing import Answer, answer, make_reply
from actions.parts import MOST, Part
from actions.replies import Reply
from actions.understanding import find
from actions.wording import load
from index.search import Candidate, Outcome, Searcher

_WHOLLY = 0.99
"""Coverage from which a sentence speaks of a part in all its words."""
_SUBJECTS = 2


@dataclass(frozen=True, slots=True)
class _Answered:
    labels: tuple[str, ...]
    best: Candidate


def several_reply(searcher: Searcher, parts: Sequence[Part], whole: Outcome, day: date) -> Reply | None:
    """The reply to all parts; None where the question as a whole is answered as well or better."""
    if _of_one_piece(parts, whole):
        return None
    found = [_search(searcher, part, whole, day) for part in parts[:MOST]]
    answered = _together(parts, found)
    lacking = any(outcome.verdict != "answer" for outcome in found)
    one_sentence = len({_span(group.best) for group in answered}) == 1
    if not answered or (one_sentence and _better_whole(answered[0], whole, lacking)):
        return None
    words = load("answers")["parts"]
    lines: list[str] = []
    plain: list[str] = []
    given: list[Answer] = []
    for part, outcome in zip(parts, found, strict=False):
        group = next((group for group in answered if part.label in group.labels), None)
        if group is None:
            lines.append(_about((part.label,)) + _why(searcher, outcome))
            plain.append(lines[-1])
        elif part.label == group.labels[0]:
            given.append(answer(searcher, group.best, "，".join(group.labels), day))
            lines += [_about(group.labels), *given[-1].lines]
            plain.append(_about(group.labels) + (given[-1].plain or given[-1].lines[0]))
    closing = [*([whom_to_ask()] if lacking else []), *([words["rest"]] if parts[MOST:] else [])]
    disclaimers = dict.fromkeys(line for one in given for line in one.disclaimers)
    citations = {(c.clause_id, c.start, c.end): c for one in given for c in one.citations}
    return make_reply(
        "answer", day, searcher, "\n".join([*lines, *disclaimers, *closing]),
        plain="\n".join([*plain, *closing]), force=given[0].force, citations=list(citations.values()),
    )  # fmt: skip


def _of_one_piece(parts: Sequence[Part], whole: Outcome) -> bool:
    """Whether the parts are one question: one that is answered of all things together, or one whose
    further clause only asks for more of the same, and the text does not hold that."""
    if whole.verdict == "answer":
        return any(part.joint for part in parts)
    return bool(whole.lacking) and any(part.bare for part in parts)


def _search(searcher: Searcher, part: Part, whole: Outcome, day: date) -> Outcome:
    """What answers the part; a lone word is read with what the whole question is about."""
    found = find(searcher, part.reading, day)
    if found.verdict == "answer" or _tellable(searcher, part, found):
        return replace(found, verdict="answer")
    if found.why == "vague" and whole.verdict == "answer":
        subjects = sorted(searcher.evidence.prepare(whole.candidates[0].passage.text).widened.items)
        named = [find(searcher, f"{subject}{part.label}", day) for subject in subjects[:_SUBJECTS]]
        for outcome in (*named, whole):
            if outcome.verdict == "answer" and _speaks_of(searcher, part, outcome.candidates[0]):
                return outcome
    return found


def _speaks_of(searcher: Searcher, part: Part, best: Candidate) -> bool:
    text = f"{best.passage.heading} {best.passage.text}"
    return searcher.evidence.prepare(part.label).covered_by(text) >= _WHOLLY


def _tellable(searcher: Searcher, part: Part, outcome: Outcome) -> bool:
    """What is vague as a question, but can be told of among others: a word of which only one clause speaks
    (限行), or a thing (充电桩)."""
    if outcome.why != "vague" or outcome.probability < searcher.ranking.answer_at:
        return False
    clauses = {candidate.passage.clause_id for candidate in outcome.candidates}
    return len(clauses) == 1 or searcher.evidence.prepare(part.reading).widened.only_item


def _together(parts: Sequence[Part], found: Sequence[Outcome]) -> list[_Answered]:
    """The answered parts in order, those of one approved answer or one sentence together."""
    groups: dict[tuple[object, ...], _Answered] = {}
    for part, outcome in zip(parts, found, strict=False):
        if outcome.verdict != "answer":
            continue
        best = outcome.candidates[0]
        key = (*_span(best), best.entry.id if best.entry else None)
        before = groups.get(key)
        labels = (*before.labels, part.label) if before else (part.label,)
        groups[key] = _Answered(labels, before.best if before else best)
    return list(groups.values())


def _better_whole(only: _Answered, whole: Outcome, lacking: bool) -> bool:
    """Whether one answer is all there is and the whole question finds it, or another surely."""
    if whole.verdict != "answer":
        return False
    return not lacking or _span(whole.candidates[0]) != _span(only.best)


def _span(best: Candidate) -> tuple[str, int, int]:
    return best.passage.clause_id, best.passage.start, best.passage.end


def _about(labels: Sequence[str]) -> str:
    words = load("answers")["parts"]
    return str(words["about"].format(labels="".join(words["label"].format(label=x) for x in labels)))


def _why(searcher: Searcher, outcome: Outcome) -> str:
    """Why a part has no answer."""
    if outcome.verdict == "clarify" or outcome.why in {"unsure", "nothing"}:
        return str(load("answers")["parts"]["unsure"])
    return reason_given(searcher, outcome)[1]

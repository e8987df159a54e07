"""A question cut into the several that it asks, each readable alone.

Cuts only what is plainly several: things enumerated with 都, 分别 or 各 behind them, or clauses that all
ask. A story with commas stays whole. The patterns stand in `parts.yml`. It must not know what is searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.wording import load, pattern
from index.terms import telling_terms
from index.text import normalise

MOST = 4
"""Parts answered at once; what is asked beyond them is asked again."""
_THING = 12
"""Characters of one enumerated thing at most; a longer one is a clause."""
_UNLIKE = 3
"""Characters by which things that 都 asks one question of may differ: 这个补贴个人和企业 begins with more
than a thing."""
_NAME = 2
"""Characters that a thing's name has at least."""


@dataclass(frozen=True, slots=True)
class Part:
    """`label` is the part as asked, `reading` the question that it stands for. A `bare` part names nothing
    of its own; a `joint` one may be half of a single question (报废和置换都能领不)."""

    label: str
    reading: str
    bare: bool = False
    joint: bool = False


def split(question: str) -> tuple[Part, ...]:
    """The parts in order, all of them; empty where the question is one."""
    clauses = _clauses(question)
    if len(clauses) > 1 and all(pattern("parts", "asks").search(clause) for clause in clauses):
        return _asked(clauses)
    return _enumerated(question)


def _clauses(question: str) -> list[str]:
    """The pieces between signs, spaces and joining words that tell anything, without greetings."""
    rules = load("parts")
    pieces = [normalise(piece) for piece in re.split(rules["stops"], question)]
    pieces = [clause for piece in pieces for clause in re.split(rules["joins"], piece)]
    pieces = [re.sub(rf"^(?:{rules['greeting']})+", "", piece) for piece in pieces]
    return [piece for piece in pieces if telling_terms(piece)]


def _asked(clauses: list[str]) -> tuple[Part, ...]:
    """买电车免不免税，限不限行: a clause that names nothing is read with what the one before is about."""
    parts: list[Part] = []
    subject = ""
    for clause in clauses:
        asks = pattern("parts", "asks").search(clause)
        before = clause[: asks.start()] if asks else clause
        if parts and not names(clause):
            parts.append(Part(clause, f"{subject}{clause}", bare=True))
        else:
            subject = before if names(before) else clause
            parts.append(Part(clause, clause))
    return tuple(parts)


def names(clause: str) -> bool:
    """Whether a normalised clause names a thing, beside what it asks: 最多补好多 and 电话有没得 do not."""
    left = re.sub(load("parts")["aspects"], " ", pattern("parts", "asks").sub(" ", clause))
    return any(len(term) >= _NAME for term in telling_terms(left))


def _enumerated(question: str) -> tuple[Part, ...]:
    """旧衣服和旧手机分别咋处理: each thing with what follows 分别, and with what all of them share."""
    rules = load("parts")
    text = normalise(re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "、", question))
    text = re.sub(rf"^(?:{rules['greeting']})+[,!。]*", "", text)
    found = re.match(
        rf"(?P<things>.+?)[,、]?(?P<together>{rules['together']})(?P<asked>[^,;]*?)[?!。,]*$", text
    )
    if not found:
        return ()
    things = [thing for thing in re.split(rules["between"], found["things"]) if thing]
    asked = found["asked"]
    told = re.fullmatch(rules["telling"], asked)
    if not (told or pattern("parts", "asks").search(asked)):
        return ()
    if len(things) < 2 or any(len(thing) > _THING or not telling_terms(thing) for thing in things):
        return ()
    if any(pattern("parts", "asks").search(thing) for thing in things):
        return ()
    shared = re.match(rules["shared"], things[0])
    head = shared.group() if shared else ""
    things[0] = things[0][len(head) :]
    lengths = sorted(map(len, things))
    if not told and lengths[-1] - lengths[0] > _UNLIKE:
        return ()
    end = "" if told else asked
    joint = not told and found["together"] == rules["joint"]
    return tuple(Part(thing, f"{head}{thing}{end}", joint=joint) for thing in things)

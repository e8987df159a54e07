"""Readings of a question that leans on the one before: what it leaves out is taken from there.

那手机呢 keeps the act and changes the thing, 那2030年呢 the year; 不是说汽车，是说家电 takes back what was
assumed; 第二个 is the second choice. Owns which readings there are and their order, best first. It must not
know what is found with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.context import Memory
from actions.mentions import KINDS, Mention, Mentions
from actions.wording import load
from index.text import normalise

_WORDS = re.compile("[\u4e00-\u9fff]{2}")
_WITH_THE_THING = 2
"""Readings where the question before spoke of a thing: with that, and with all of that question."""
_LONGEST = 14
"""Characters of a question that may be a mere fragment."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """`readings` take what is left out from the question before. `alone_first`: the question may stand by
    itself, and they count only where it finds nothing. `within`: they count only where they find what was
    cited before. `chosen`: it names a choice that was offered."""

    readings: tuple[str, ...]
    alone_first: bool = False
    within: bool = False
    chosen: bool = False


def undone(question: str) -> bool:
    """Whether a message says only that the answer missed the question."""
    return bool(re.search(load("follow_up")["undoes"], normalise(question)))


def named(question: str) -> str | None:
    """What a question like 那冰箱呢 names, to be asked like the question before."""
    text = normalise(question).rstrip("?!。,.~")
    for rule in load("follow_up")["follows"]:
        if found := re.match(rule, text):
            return str(found.group(1))
    return None


def without_opening(question: str) -> str:
    """The question without what is said before it: 换个话题，…"""
    left = re.sub(load("follow_up")["opens"], "", question.strip())
    return left if len(left) > 1 else question


def leaning(question: str, memory: Memory, mentions: Mentions) -> Leaning | None:
    """How `question` leans on what the conversation remembers; None where it does not."""
    text = normalise(question).strip("?!。,. ")
    if choice := _chosen(text, memory.offered):
        return Leaning((choice,), chosen=True)
    if memory.asked is None or not text:
        return None
    if right := _corrected(text, mentions):
        return Leaning(_readings(right, memory, mentions))
    if pointing := re.match(load("follow_up")["points"], text):
        return Leaning(_readings(pointing.group(1), memory, mentions))
    follows = named(question)
    said = follows or text
    now = mentions.find(said)
    rest = mentions.rest(said, now)
    readings = _readings(said, memory, mentions)
    if follows:
        return Leaning((said, *readings) if rest else readings, alone_first=bool(rest))
    if len(text) > _LONGEST:
        return None
    if mentions.names_nothing(text) and _WORDS.search(text) and not _places(text):
        return Leaning(readings)
    kinds = {mention.kind for mention in now}
    if now and not rest:
        return Leaning(readings, alone_first={"item", "act"} <= kinds)
    if "item" in kinds or _places(text) or len(readings) < _WITH_THE_THING:
        return None
    return Leaning(readings[:-1], alone_first=True, within=True)


def remembered(question: str, memory: Memory, mentions: Mentions) -> dict[str, str | None]:
    """What was last spoken of once `question`, complete in itself, has been asked: where and for whom one
    asks goes on, the subject is what it names now."""
    now = {mention.kind: mention.name for mention in reversed(mentions.find(normalise(question)))}
    kept = {"district": memory.district, "role": memory.role}
    return {kind: now.get(kind, kept.get(kind)) for kind in KINDS}


def _chosen(text: str, offered: tuple[str, ...]) -> str | None:
    if not offered:
        return None
    places = _places(text)
    if not places:
        return None
    last = len(load("follow_up")["ordinals"]) - 1
    place = len(offered) - 1 if places[0] == last else places[0]
    return offered[place] if place < len(offered) else None


def _places(text: str) -> list[int]:
    """Which of the ordinals a message is."""
    return [place for place, rule in enumerate(load("follow_up")["ordinals"]) if re.search(rule, text)]


def _corrected(text: str, mentions: Mentions) -> str | None:
    """What a message says was meant, where it names something that can be put in the other's place."""
    for rule in load("follow_up")["corrects"]:
        found = re.search(rule, text)
        if found and mentions.find(found["right"]):
            return re.sub("(?:的|吗|嘛|哈|啊|噻|撒|哦)+$", "", found["right"])
    return None


def _readings(said: str, memory: Memory, mentions: Mentions) -> tuple[str, ...]:
    before = memory.asked or ""
    now, then = mentions.find(said), mentions.find(before)
    rest = mentions.rest(said, now)
    found: list[str] = []
    if now and not rest:
        found.append(_replaced(before, now, then))
    thing = next((m.said for m in now if m.kind == "item"), None)
    act = next((m.name for m in then if m.kind == "act"), memory.act)
    if thing and act:
        found.append(f"{thing}{act}")
    item = next((m.said for m in then if m.kind == "item"), memory.item)
    if not thing and item:
        found.append(f"{item}{said}")
    found.append(f"{said} {before}")
    return tuple(dict.fromkeys(found))


def _replaced(before: str, now: tuple[Mention, ...], then: tuple[Mention, ...]) -> str:
    """`before` with each thing named `now` in the place of the first of its kind, others of it dropped; a
    kind that it does not name is put in front, an act at the end."""
    text, front, end = before, "", ""
    spots: list[tuple[int, int, str]] = []
    for kind in KINDS:
        new = "和".join(m.said for m in now if m.kind == kind)
        old = [m for m in then if m.kind == kind]
        if not new:
            continue
        if not old and kind == "act":
            end = new
        elif not old:
            front += new
        spots += [(m.start, m.end, new if m is old[0] else "") for m in old]
    for start, stop, new in sorted(spots, reverse=True):
        text = f"{text[:start]}{new}{text[stop:]}"
    return f"{front}{text}{end}"

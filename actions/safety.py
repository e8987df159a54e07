"""What a message holds that must not wait for an answer: danger, a fraud, an instruction to the assistant.

Decides by words and patterns alone (`safety.yml`), so that it holds whether the dialogue is up or not. It
must not know who asks it, nor answer what else the message asks: it only says what is left to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from actions.spoken import hotline
from actions.wording import load, pattern
from index.text import normalise

ConcernKind = Literal["self_harm", "threat", "override", "fraud"]
_CLAUSES = re.compile(r"[^。！!？?；;，,\n]+[。！!？?；;，,\n]*")
_ADDRESS = 4
"""Characters that an insult may have around it and still ask nothing: 你是…吗."""
_NAMED = re.compile(r"<([a-z]+)>")


@dataclass(frozen=True, slots=True)
class Concern:
    """`rest` is what the message asks besides, in the resident's words; empty where there is nothing."""

    kind: ConcernKind
    rest: str = ""

    @property
    def go_on(self) -> bool:
        return bool(self.rest)


@dataclass(frozen=True, slots=True)
class _Sign:
    """Found where each of `needed` is and `unless` is not."""

    needed: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None

    def found_in(self, text: str) -> bool:
        return all(needed.search(text) for needed in self.needed) and not (
            self.unless and self.unless.search(text)
        )


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs of one kind of concern, and the idioms that only look like them."""

    kind: ConcernKind
    idioms: re.Pattern[str]
    signs: tuple[_Sign, ...]

    def found_in(self, text: str) -> bool:
        meant = self.idioms.sub(",", text)
        return any(sign.found_in(meant) for sign in self.signs)


def examine(text: str) -> Concern | None:
    """The gravest concern that a resident's message gives, None where it gives none."""
    normal = normalise(text)
    for signs in _kinds():
        if signs.found_in(normal):
            return Concern(signs.kind, _asked_besides(text) if signs.kind == "fraud" else "")
    return None


def spoken(concern: Concern) -> dict[str, Any]:
    """The reply to a concern, as a payload: kind, text and whom to turn to."""
    says, contacts = load("safety")["kinds"][concern.kind]["says"], load("safety")["contacts"]
    people = [contacts[name] if name in contacts else hotline().model_dump() for name in says["contacts"]]
    return {"kind": says["kind"], "text": says["text"].replace(" ", ""), "contacts": people}


def abusive(text: str) -> bool:
    """Whether a message is an insult and nothing else: one that asks something is a question."""
    normal = normalise(text)
    beside = _one("abuse").sub("", normal)
    if beside == normal or _one("topic", "go_on").search(beside):
        return False
    return len(beside) <= _ADDRESS or not pattern("parts", "asks").search(beside)


def _asked_besides(text: str) -> str:
    """The clauses of a report of fraud that ask something else; all of it where they need the rest.

    领券要验证码吗 and 有人喊我加群领车补，到底补好多 are asked as a whole; 是不是骗人的 is answered already.
    """
    asking = [clause for clause in _CLAUSES.findall(text) if _asks(clause)]
    apart = [clause for clause in asking if not _holds("suspicious", clause)]
    if apart and any(_holds("topic", clause) for clause in apart):
        return "".join(apart).strip()
    return text if asking and _holds("topic", text) else ""


def _asks(clause: str) -> bool:
    undoubting = _one("doubt", "go_on").sub("", normalise(clause))
    return bool(pattern("parts", "asks").search(undoubting))


def _holds(name: str, text: str) -> bool:
    return bool(_one(name, "go_on").search(normalise(text)))


@cache
def _kinds() -> tuple[_Signs, ...]:
    return tuple(
        _Signs(kind, _compiled("|".join(f"(?:{idiom})" for idiom in table["idioms"])), tuple(_signs(table)))
        for kind, table in load("safety")["kinds"].items()
    )


def _signs(table: dict[str, Any]) -> Iterator[_Sign]:
    for sign in table["signs"]:
        rule: dict[str, Any] = {"all": [sign]} if isinstance(sign, str) else sign
        unless = _compiled(rule["unless"]) if "unless" in rule else None
        yield _Sign(tuple(_compiled(needed) for needed in rule["all"]), unless)


@cache
def _one(name: str, table: str | None = None) -> re.Pattern[str]:
    """A single pattern of the file."""
    entries = load("safety")[table] if table else load("safety")
    return _compiled(entries[name])


def _compiled(source: str) -> re.Pattern[str]:
    """A pattern of the file with the alternatives of `words` in the place of each `<name>`."""
    words = load("safety")["words"]
    return re.compile(_NAMED.sub(lambda found: str(words[found[1]]), source))

"""From a sentence to the question that it answers, by the patterns of `templates.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from knowledge.model import Clause, Force
from knowledge.sentences import Span

_TOPIC_LENGTH = 22
_OBJECT_LENGTH = 34
_EDGES = "，。；：、 的地得和与及等并或在对将要把为"
_LEADING = re.compile(
    r"^(?:积极|大力|加快|进一步|全面|有序|深入|持续|稳步|着力|切实|逐步|鼓励|支持|推动|推进|推广|建立|完善|加强|强化|提升)+"
)
_TRAILING_MARK = re.compile(r"[（(][^）)]*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sentence is asked for: `fact` names the kind of template, `force` is its word on it."""

    fact: str
    question: str
    variants: tuple[str, ...]
    force: Force


def is_idle(sentence: str) -> bool:
    """Whether a sentence only opens, addresses or refers, and states nothing anyone would ask for."""
    return any(pattern.search(sentence) for pattern in _templates().skip)


def ask(clause: Clause, span: Span, *, topic: str, title: str) -> Asked | None:
    """The question that `span` answers, None where it states no fact."""
    templates = _templates()
    if clause.kind == "annex_row":
        return templates.row.put({"topic": _trimmed(clause.heading or topic), "title": title})
    if span.kind == "departments":
        return templates.departments.put({"topic": topic, "title": title})
    told = span.kind == "sentence" or (span.kind == "heading" and _tells(clause.heading))
    if not told or is_idle(span.text):
        return None
    for template in templates.kinds:
        match = template.when.search(span.text)
        if match is None:
            continue
        for finer in template.finer:
            found = finer.when.search(span.text)
            if found is not None and (asked := finer.put(_words(found, topic, title))) is not None:
                return asked
        if (asked := template.put(_words(match, topic, title))) is not None:
            return asked
    return None


def topic_of(clause: Clause, by_id: Mapping[str, Clause]) -> str:
    """What a clause speaks of: its heading, or that of what it stands under, if it names a subject."""
    here: Clause | None = clause
    while here is not None:
        if here.heading and here.heading not in _templates().generic and not _tells(here.heading):
            return _trimmed(_LEADING.sub("", here.heading) or here.heading)
        here = by_id.get(here.parent) if here.parent is not None else None
    return ""


def _tells(heading: str) -> bool:
    """Whether what stands behind a clause's number is its first sentence and names no subject."""
    return _templates().telling_heading.search(heading) is not None


def spoken_for() -> Mapping[str, Sequence[str]]:
    """Plain words of a question, and what residents say for them."""
    return _templates().spoken


@dataclass(frozen=True, slots=True)
class _Template:
    fact: str
    when: re.Pattern[str]
    question: str
    variants: tuple[str, ...]
    force: Force
    finer: tuple[_Template, ...] = ()

    def put(self, words: Mapping[str, str]) -> Asked | None:
        """The question with the words in it; None where one that it needs is missing."""
        needed = set(re.findall(r"\{(\w+)\}", self.question))
        if any(len(words.get(name, "")) < 1 for name in needed):
            return None
        filled = [
            text.format(**words)
            for text in self.variants
            if all(words.get(name) for name in re.findall(r"\{(\w+)\}", text))
        ]
        return Asked(self.fact, self.question.format(**words), tuple(filled), self.force)


@dataclass(frozen=True, slots=True)
class _Templates:
    skip: tuple[re.Pattern[str], ...]
    kinds: tuple[_Template, ...]
    departments: _Template
    row: _Template
    spoken: Mapping[str, Sequence[str]]
    generic: frozenset[str]
    telling_heading: re.Pattern[str]


def _words(match: re.Match[str], topic: str, title: str) -> dict[str, str]:
    groups = {name: value for name, value in match.groupdict().items() if value}
    words = {
        name: value if name == "year" else _trimmed(value, _OBJECT_LENGTH) for name, value in groups.items()
    }
    return {"topic": topic or words.get("object", ""), "title": title, **words}


def _trimmed(text: str, limit: int = _TOPIC_LENGTH) -> str:
    """A noun phrase short enough for a question, without loose words at its ends; empty where it can't be."""
    text = _TRAILING_MARK.sub("", text).strip(_EDGES)
    if any(text.count(opening) != text.count(closing) for opening, closing in ("《》", "“”", "（）", "〔〕")):
        return ""
    if len(text) <= limit:
        return text
    if limit > _TOPIC_LENGTH:
        return ""
    cut = max(text.rfind(sign, 0, limit) for sign in "、和及与")
    return (text[:cut] if cut >= 4 else text[:limit]).strip(_EDGES)


@cache
def _templates() -> _Templates:
    raw = yaml.safe_load(Path(__file__).with_name("templates.yml").read_text(encoding="utf-8"))
    return _Templates(
        tuple(re.compile(pattern) for pattern in raw["skip"]),
        tuple(_template(item, item) for item in raw["kinds"]),
        _template({"when": "", **raw["departments"]}, raw["departments"]),
        _template({"when": "", **raw["row"]}, raw["row"]),
        raw["spoken"],
        frozenset(raw["generic"]),
        re.compile(raw["telling_heading"]),
    )


def _template(raw: Mapping[str, Any], kind: Mapping[str, Any]) -> _Template:
    return _Template(
        kind["kind"],
        re.compile(raw["when"]),
        raw["question"],
        tuple(raw.get("variants") or ()),
        cast(Force, kind["force"]),
        tuple(_template(item, kind) for item in raw.get("ask") or ()),
    )

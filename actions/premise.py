"""A figure that a question says the text holds, beside what the text does hold.

"方案说新能源车要占50%对吧" is answered with what is written, and told that it differs. Only where the quote
gives figures of the same unit and not this one is anything said; the resident's own figures (我买16万的车)
are no premise. The patterns stand in `premise.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from actions.figures import Figure, figures
from actions.wording import load
from index.constraints import YEAR
from index.text import normalise

_PARTS = re.compile(r"[,;?!。]")


def differing(question: str, quotes: Iterable[str], issued_on: date | None = None) -> str | None:
    """The figure of the question, as it says it, that `quotes` contradict; None where nothing does.

    `issued_on` is the cited document's: its year dates the text and is no target.
    """
    text, quoted = normalise(question), normalise("\n".join(quotes))
    written = figures(quoted)
    claimed = [(figure, _comparable(figure, written)) for figure in _claimed(text)]
    if not any(_agrees(figure, others) for figure, others in claimed):
        for figure, others in claimed:
            if others:
                return figure.said
    return _other_year(text, quoted, issued_on)


def asked_openly(question: str) -> str | None:
    """The question with its stated figures asked for instead, 要占50% as 要占多少; None if it states none."""
    text = normalise(question)
    claimed = _claimed(text)
    if not claimed:
        return None
    words = load("premise")["figure"]
    for figure in reversed(claimed):
        asked = words.get(figure.kind, words["other"]).format(unit=figure.unit)
        text = f"{text[: figure.start]}{asked}{text[figure.end :]}"
    return text


def _claimed(text: str) -> list[Figure]:
    """The figures that a question says the text holds, in order."""
    rules = load("premise")
    if re.search(rules["open"], text):
        return []
    cue = bool(re.search(rules["cue"], text))
    claimed: list[Figure] = []
    for figure in figures(text):
        before = _PARTS.split(text[: figure.start])[-1]
        if not re.search(f"(?:{rules['claims'][figure.kind]})$", before):
            continue
        if not cue and (figure.kind in rules["needs_cue"] or re.search(rules["own"], before)):
            continue
        if figure.kind != "share" and text[figure.end :].startswith("的"):
            continue  # 16万元的车: what the resident's thing is like
        claimed.append(figure)
    return claimed


def _comparable(figure: Figure, written: list[Figure]) -> list[Figure]:
    """The written figures of the same unit; for 个, the only count that is written in another."""
    if figure.kind == "money":
        return [other for other in written if other.kind == "money"]
    same = [other for other in written if other.unit == figure.unit]
    counts = [other for other in written if other.kind == "count"]
    if same or figure.unit != "个" or len(counts) != 1:
        return same
    return counts


def _agrees(figure: Figure, written: list[Figure]) -> bool:
    return any(other.value == figure.value for other in written)


def _other_year(text: str, quoted: str, issued_on: date | None) -> str | None:
    """The year for which the question names a target, where the quote sets it for others alone."""
    patterns = load("premise")["target_year"]
    written = {year for year in YEAR.findall(quoted) if _finds(patterns["text"], year, quoted)}
    asked = [year for year in YEAR.findall(text) if _finds(patterns["asked"], year, text)]
    dated = str(issued_on.year) if issued_on else ""
    if not written or any(year in written for year in asked):
        return None
    other = next((year for year in asked if year != dated and year not in quoted), None)
    return f"{other}年" if other else None


def _finds(template: str, year: str, text: str) -> bool:
    return bool(re.search(template.replace("{year}", year), text))

"""A calculation's result in words, with the programmes' lines that it rests on.

Owns the order of what is said; the words stand in card.yml. It reckons nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from actions.citations import cite
from actions.eligibility.facts import DateSpan
from actions.eligibility.money import written
from actions.eligibility.results import Assessment, Check, Entitlement
from actions.replies import Citation
from actions.wording import load
from knowledge.model import Knowledge, Quote
from knowledge.rules import CHOICES, Condition

_DATED = ("not_yet", "ended")


def card(assessment: Assessment, knowledge: Knowledge, day: date) -> tuple[list[str], list[Citation]]:
    """Lines of text and the citations behind them, each span once. What has not begun or has ended is said
    only where nothing else of its programme holds."""
    words = _words()
    shown = _shown(assessment.entitlements)
    if not shown:
        return [words["nothing"]], []
    lines: list[str] = []
    spans: list[Quote] = []
    groups = _rivals(shown)
    rivals = [item for group in groups for item in group]
    for group in groups:
        lines.append(words["exclusive"]["choice"].format(words=_plain(group[0].exclusive_line)))
        lines += [line for item in group for line in _said(item, assessment.day)]
        lines.append(_larger(group))
    for item in shown:
        if item not in rivals:
            lines += _said(item, assessment.day)
            if item.standing == "due" and item.exclusive_line:
                lines.append(words["limit"].format(words=_plain(item.exclusive_line)))
    for item in (*rivals, *(item for item in shown if item not in rivals)):
        spans += _rests_on(item)
    due = [item for item in shown if item.standing == "due"]
    if due:
        unchecked = [text for item in due for text in _unchecked(item)]
        lines += [words["unchecked"].format(words=words["and"].join(dict.fromkeys(unchecked)))] * bool(
            unchecked
        )
        lines.append(words["not_a_decision"])
    lines.append(f"{load('answers')['answer']['disclaimer']}")
    unique = dict.fromkeys((quote.clause_id, quote.start, quote.end) for quote in spans)
    return lines, [cite(knowledge, *span, day) for span in unique]


def _words() -> dict[str, Any]:
    return load("eligibility/card")


def _shown(found: Sequence[Entitlement]) -> list[Entitlement]:
    live = {item.programme_id for item in found if item.standing not in _DATED}
    return [item for item in found if item.standing not in _DATED or item.programme_id not in live]


def _rivals(shown: Sequence[Entitlement]) -> list[list[Entitlement]]:
    """Those due with an amount that exclude each other, two or more together, the largest first."""
    groups: dict[str, list[Entitlement]] = {}
    for item in shown:
        if item.exclusive_group and item.amount is not None:
            groups.setdefault(item.exclusive_group, []).append(item)
    return [sorted(group, key=lambda item: not item.largest) for group in groups.values() if len(group) > 1]


def _larger(group: Sequence[Entitlement]) -> str:
    words = _words()["exclusive"]
    best = group[0]
    if not best.largest or best.amount is None:
        return str(words["same"])
    return str(
        words["larger"].format(
            title=best.title, what=best.what, amount=written(best.amount), unit=_unit(best)[0]
        )
    )


def _said(item: Entitlement, day: date) -> list[str]:
    words = _words()
    about = {
        "title": item.title,
        "what": item.what,
        "day": day,
        "start": item.valid_from,
        "end": item.valid_to,
    }
    if item.standing in _DATED:
        return [words[item.standing].format(**about)]
    if item.standing == "open":
        return [words["open"].format(**about)]
    if item.standing == "missed":
        return [words["missed"]["head"].format(**about), *map(_reason, item.in_state("missed"))]
    lines = [_due(item, about) if item.chosen else f"{words['other_way']}{_due(item, about)}"]
    if item.base and item.amount is not None:
        lines.append(words["base"].format(words=_plain(item.base)))
    if met := dict.fromkeys(_plain(check.line) for check in _met(item)):
        lines.append(words["met"].format(words=words["and"].join(met)))
    lines.append(_period(item))
    if item.limit:
        lines.append(words["limit"].format(words=_plain(item.limit)))
    if item.dated_by:
        lines.append(words["dated_by"].format(words=_plain(item.dated_by), day=day))
    return lines


def _due(item: Entitlement, about: dict[str, Any]) -> str:
    words = _words()
    due, unit = words["due"], _unit(item)[0]
    if item.amount is not None and item.product is not None:
        amount = written(item.amount)
        template = due["amount"].get(item.kind, due["amount"]["other"])
        return str(
            template.format(
                **about,
                amount=amount,
                unit=unit,
                formula=item.formula,
                rounded=_rounded(item),
                capped=_capped(item),
            )
        )
    if item.rate is None:
        return str(due["cap"].format(**about, ceiling=_ceiling(item)))
    template = due["rate"].get(item.kind, due["rate"]["other"])
    why = due["no_price"] if item.base else due["no_base"]
    return f"{template.format(**about, percent=written(item.rate * 100), ceiling=_ceiling(item))}{why}"


def _rounded(item: Entitlement) -> str:
    if item.amount == item.product or item.amount == item.cap or item.amount is None:
        return ""
    return str(_words()["rounded"].format(amount=written(item.amount)))


def _capped(item: Entitlement) -> str:
    if item.cap is None or item.product is None:
        return ""
    key = "below" if item.product < item.cap else "just" if item.product == item.cap else "cut"
    return str(_words()["capped"][key].format(cap=written(item.cap), unit=_unit(item)[0]))


def _ceiling(item: Entitlement) -> str:
    if item.cap is None:
        return ""
    unit, thing = _unit(item)
    return str(
        _words()["ceiling"]["each" if thing else "total"].format(
            cap=written(item.cap), unit=unit, thing=thing
        )
    )


def _unit(item: Entitlement) -> tuple[str, str]:
    """元/辆 as 元 and 辆."""
    unit, _, thing = (item.unit or "").partition("/")
    return unit, thing


def _period(item: Entitlement) -> str:
    start, end = item.valid_from, item.valid_to
    key = "both" if start and end else "from" if start else "until" if end else "none"
    return str(_words()["period"][key].format(start=start, end=end))


def _reason(check: Check) -> str:
    reason = _words()["missed"]["reason"][check.condition.fact]
    words = _plain(check.line)
    return str(reason.format(said=_told(check.told), limit=_limit(check.condition), words=words))


def _limit(condition: Condition) -> str:
    if condition.by is not None:
        return condition.by.isoformat()
    if condition.at_most is not None:
        return written(Decimal(condition.at_most))
    return _named(condition.one_of)


def _told(value: object) -> str:
    if isinstance(value, DateSpan):
        if value.exact:
            return value.first.isoformat()
        return str(_words()["span"].format(first=value.first, last=value.last))
    if isinstance(value, Decimal):
        return written(value)
    return _named(sorted(value)) if isinstance(value, frozenset) else str(value)


def _named(values: Iterable[str]) -> str:
    words = _words()
    known = {value for choices in CHOICES.values() for value in choices}
    return str(words["or"].join(words["values"][value] if value in known else value for value in values))


def _met(item: Entitlement) -> list[Check]:
    """What is sure to be met: nothing beside what the resident could not tell of the same fact."""
    unsure = {check.condition.fact for check in item.in_state("unsure")}
    return [check for check in item.in_state("met") if check.condition.fact not in unsure]


def _unchecked(item: Entitlement) -> list[str]:
    words = _words()
    unsure = [words["unsure"].format(words=_plain(check.line)) for check in item.in_state("unsure")]
    return [*unsure, *item.unchecked, *([words["lacking"]] if item.lacking else [])]


def _rests_on(item: Entitlement) -> list[Quote]:
    """The amount's line first; then what was held against the case."""
    found = [item.line, item.base, item.limit, item.dated_by, item.exclusive_line]
    if item.standing == "missed":
        found = [item.line, *(check.line for check in item.in_state("missed"))]
    elif item.standing != "due":
        found = [item.line]
    else:
        found += [check.line for check in item.checks]
    return [quote for quote in found if quote is not None]


def _plain(quote: Quote | None) -> str:
    """The words without their full stop, for a sentence of ours."""
    return quote.text.rstrip("。") if quote else ""

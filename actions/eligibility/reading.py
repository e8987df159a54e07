"""A resident's words as facts: which field was asked decides how its answer is read.

Every reader gives the fact's value or a `Problem` that names what is wrong, and never raises. The patterns
stand in reading.yml, the kinds of goods in the programmes, their other names in the lexicon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from actions.eligibility.dates import read_date
from actions.eligibility.facts import DateSpan
from actions.eligibility.prices import read_price
from actions.eligibility.problems import Problem
from actions.wording import any_of, load
from index.text import normalise
from knowledge.model import Knowledge, Programme
from knowledge.rules import TASKS

Value = str | Decimal | DateSpan | frozenset[str]

_FUELS = frozenset({"petrol", "diesel", "other"})
_DISPLACEMENT = re.compile(
    r"(?<![a-z0-9.])(?P<figure>\d+(?:\.\d+)?)\s?(?P<unit>{millilitres}|tdi|tsi|td|t|l|升)?(?!\.?\d|[a-z]|[万元年款匹座缸])"
)
_FIGURES = str.maketrans("零〇一二两三四五六七八九点", "00122345678" + "9.")


def read(field: str, text: str, *, knowledge: Knowledge, today: date) -> Value | Problem:
    """The value of `field`, one of `facts.FIELDS`, in what was said. Raises KeyError for another field."""
    readers: dict[str, Callable[[], Value | Problem]] = {
        "task": lambda: read_task(text, knowledge),
        "way": lambda: read_way(text),
        "new_energy": lambda: read_new_energy(text),
        "goods": lambda: read_goods(text, knowledge),
        "displacement": lambda: read_displacement(text),
        "old_registered": lambda: read_date(text, today),
        "old_energy": lambda: read_old_energy(text),
        "level": lambda: read_level(text),
        "price": lambda: read_price(text),
        "bought_on": lambda: read_date(text, today),
    }
    return readers[field]()


def cannot_tell(text: str) -> bool:
    """Whether the resident says that they don't know: the field goes to `Facts.unsure`."""
    return re.search(_words()["cannot_tell"], normalise(text)) is not None


def read_new_energy(text: str) -> frozenset[str] | Problem:
    """nev or fuel; of 油车换电车 what stands behind 换."""
    plain = normalise(text)
    old, swap, new = _parted(plain)
    kinds = (_kinds(new) if swap else set()) or _kinds(old if swap and not new.strip() else plain)
    broad = {kind if kind in ("nev", "hybrid") else "fuel" for kind in kinds}
    return _one_energy(broad, text, "energy.none")


def read_old_energy(text: str) -> frozenset[str] | Problem:
    """Every kind that the words leave possible: 油车 may be petrol, diesel or another fuel."""
    plain = normalise(text)
    old, swap, _ = _parted(plain)
    kinds = _kinds(old if swap else plain)
    kinds -= {"fuel"} if kinds & _FUELS else set()
    found = _one_energy(kinds, text, "old_energy.none")
    return _FUELS if found == frozenset({"fuel"}) else found


def _one_energy(kinds: set[str], text: str, none: str) -> frozenset[str] | Problem:
    """A hybrid of which the plate is told is what the plate says."""
    settled = kinds - {"hybrid"}
    if len(settled) > 1:
        return Problem("energy.both", text.strip())
    if settled:
        return frozenset(settled)
    return Problem("energy.hybrid", text.strip()) if kinds else Problem(none)


def _kinds(plain: str) -> set[str]:
    """The kinds that are named; 不是电车 names a car of the other kind."""
    words = _words()["energy"]
    denied = {
        kind for kind, key in (("fuel", "not_nev"), ("nev", "not_fuel")) if re.search(words[key], plain)
    }
    for key in ("not_nev", "not_fuel"):
        plain = re.sub(words[key], " ", plain)
    named = {kind for kind, pattern in words["kinds"].items() if re.search(pattern, plain)}
    return named or denied


def _parted(plain: str) -> tuple[str, str, str]:
    """What stands before 换 and behind it, with the word itself; all of it first where there is none."""
    found = re.search(_words()["energy"]["swap"], plain)
    if found is None:
        return plain, "", ""
    return plain[: found.start()], found.group(), plain[found.end() :]


def read_displacement(text: str) -> Decimal | Problem:
    """Litres: 1.5T, 2.0, 两升, 1998cc."""
    words = _words()["displacement"]
    plain = normalise(text).translate(_FIGURES)
    pattern = _DISPLACEMENT.pattern.replace("{millilitres}", words["millilitres"])
    found = list(re.finditer(pattern, plain))
    found = [match for match in found if match["unit"]] or found
    if not found:
        return Problem("displacement.none")
    if len({match["figure"] for match in found}) > 1:
        return Problem("displacement.several", "、".join(match.group() for match in found))
    litres = Decimal(found[0]["figure"])
    if re.fullmatch(words["millilitres"], found[0]["unit"] or ""):
        litres = litres.scaleb(-3)
    if not Decimal(words["least"]) <= litres <= Decimal(words["most"]):
        return Problem("displacement.unlikely", found[0].group())
    return litres


def read_way(text: str) -> frozenset[str] | Problem:
    """scrap, replace or neither; scrap and replace together for who has not decided."""
    words = _words()["way"]
    plain = normalise(text)
    for key in ("not_scrap", "not_replace"):
        plain = re.sub(words[key], " ", plain)
    if re.search(words["both"], plain):
        return frozenset({"scrap", "replace"})
    found = {way for way in ("scrap", "replace") if re.search(words[way], plain)}
    if found:
        return frozenset(found)
    return frozenset({"neither"}) if re.search(words["neither"], plain) else Problem("way.none")


def read_goods(text: str, knowledge: Knowledge) -> str | Problem:
    """What is bought, by the name that a programme gives it, else by its own: a thing that no programme names
    is a fact, too."""
    found = _goods_in(text, knowledge)
    if len(found) > 1:
        return Problem("goods.several", "、".join(found))
    if found:
        return found[0]
    none = re.search(_words()["goods"]["none_of_these"], normalise(text))
    return none.group() if none else Problem("goods.none", "、".join(sorted(goods_of(knowledge.programmes))))


def _goods_in(text: str, knowledge: Knowledge) -> list[str]:
    names = _names_of_goods(knowledge)
    return list(dict.fromkeys(names[match.group()] for match in any_of(names).finditer(normalise(text))))


def _names_of_goods(knowledge: Knowledge) -> Mapping[str, str]:
    """Each way of naming a thing, normalised, with the name that rules use; 智能手表（手环） has two."""
    names = {normalise(word): word for word in _words()["goods"]["others"]}
    for good in goods_of(knowledge.programmes):
        own = {good, *filter(None, re.split(r"[（）()]", good))}
        for name, others in knowledge.lexicon.items.items():
            if own & {name, *others}:
                own |= {name, *others}
        names |= {normalise(word): good for word in own}
    return names


def goods_of(programmes: Iterable[Programme], task: str | None = None) -> set[str]:
    """The kinds of goods that rules name, of one task or of all."""
    return {
        good
        for programme in programmes
        for rule in programme.rules
        for condition in rule.conditions
        if condition.fact == "goods" and (task is None or task in rule.tasks)
        for good in condition.one_of
    }


def read_level(text: str) -> str | Problem:
    """The level of energy or water efficiency as a figure."""
    words = _words()["level"]
    plain = normalise(text)
    for sign, figure in words["numbers"].items():
        plain = plain.replace(sign, figure)
    found = re.findall(rf"(?<![\d.十])([1-5])\s?(?:{words['word']})", plain) or re.findall(
        r"^[^\d十]*([1-5])\D*$", plain
    )
    if len(set(found)) > 1:
        return Problem("level.several", "、".join(found))
    return found[0] if found else Problem("level.none")


def read_task(text: str, knowledge: Knowledge) -> str | Problem:
    """What to reckon; a thing that is named belongs to the task of its rule. 购置税 goes before 车."""
    plain = normalise(text)
    found = [task for task, pattern in _words()["task"].items() if re.search(pattern, plain)]
    if "vehicle_tax" in found:
        found = [task for task in found if task != "car"]
    named = set(_goods_in(text, knowledge))
    found += [task for task in TASKS if named & goods_of(knowledge.programmes, task)]
    if not found:
        return Problem("task.none")
    return found[0] if len(set(found)) == 1 else Problem("task.several", text.strip())


def _words() -> Mapping[str, Any]:
    return load("eligibility/reading")

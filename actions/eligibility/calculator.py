"""What a case comes to under every rule that programmes publish, and what has to be asked next.

Pure: programmes, facts and a day in, data out. All figures, conditions and dates are the programmes'; where a
card doesn't say what a rate is taken of, nothing is reckoned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from actions.eligibility.conditions import applies, in_order, judge
from actions.eligibility.facts import DateSpan, Facts
from actions.eligibility.grants import Grant, grants
from actions.eligibility.lines import amount_line, words_in
from actions.eligibility.money import share, written
from actions.eligibility.results import Assessment, Check, Entitlement, Standing
from actions.wording import load
from knowledge.model import Programme


def entitlements(programmes: Iterable[Programme], facts: Facts, day: date) -> Assessment:
    """Every rule that concerns the case as told, on `day`. Of rules that exclude each other also those of
    another way than the resident's, where they are due as far as was told."""
    held = [(grant, _held(grant, facts, day)) for grant in grants(programmes, facts, day)]
    chosen = [item for _, item in held if item is not None]
    groups = {item.exclusive_group for item in chosen} - {None}
    others = [_other_way(grant, facts, day) for grant, item in held if item is None and grant.group in groups]
    found = _with_largest([*chosen, *(item for item in others if item is not None)])
    return Assessment(day, tuple(found), _next(chosen, facts))


def next_question(programmes: Iterable[Programme], facts: Facts, day: date) -> str | None:
    """The fact to ask next, or None where no answer would change what is due on `day`. A fact that was told
    already comes up again only where it was told too roughly."""
    return entitlements(programmes, facts, day).needs


def _next(chosen: Iterable[Entitlement], facts: Facts) -> str | None:
    if facts.task is None and facts.goods is None:
        return None if "task" in facts.unsure else "task"
    needed = {fact for item in chosen if item.standing == "open" for fact in item.needs}
    if "bought_on" in needed:
        return "bought_on"
    ordered = in_order(needed, facts)
    return ordered[0] if ordered else None


def _held(grant: Grant, facts: Facts, day: date) -> Entitlement | None:
    """The grant held against the facts; None where the resident's choices speak of something else."""
    chosen, choices = applies(grant.rule.applies, facts)
    if not chosen:
        return None
    entitlement = _bare(grant, facts)
    standing = _standing(grant, facts, day)
    if standing != "due":
        needs = ("bought_on",) if standing == "open" and "bought_on" not in facts.unsure else ()
        return replace(entitlement, standing=standing, needs=needs)
    outcome = judge([condition for condition, _ in grant.conditions], facts)
    checks = tuple(
        Check(condition, state, line, getattr(facts, condition.fact))
        for (condition, line), state in zip(grant.conditions, outcome.states, strict=True)
        if state is not None
    )
    entitlement = replace(entitlement, checks=checks, standing="due")
    if outcome.missed:
        return replace(entitlement, standing="missed")
    needed = {*choices, *outcome.needs}
    if entitlement.base and facts.price is None and "price" not in facts.unsure:
        needed.add("price")
    if needed or _undecided(grant, facts):
        return replace(entitlement, standing="open", needs=in_order(needed, facts))
    return _reckoned(entitlement, facts)


def _undecided(grant: Grant, facts: Facts) -> bool:
    """Whether the resident cannot tell what selects the rule. Whoever cannot tell the way has the choice."""
    return any(choice.fact in facts.unsure - {"way"} for choice in grant.rule.applies)


def _bare(grant: Grant, facts: Facts) -> Entitlement:
    programme, rule, amount = grant.programme, grant.rule, grant.amount
    start, end = grant.period
    assumed = rule.dated_by if facts.bought_on is None else None
    return Entitlement(
        programme_id=programme.id,
        title=programme.title,
        kind=programme.kind,
        rule_id=rule.id,
        what=amount.what,
        standing="open",
        rate=Decimal(amount.rate) if amount.rate is not None else None,
        cap=Decimal(amount.cap) if amount.cap is not None else None,
        unit=amount.unit,
        valid_from=start,
        valid_to=end,
        line=amount_line(programme, amount),
        base=words_in(programme, rule.base) if rule.base else None,
        per=rule.per,
        limit=words_in(programme, rule.limit) if rule.limit else None,
        dated_by=words_in(programme, assumed) if assumed else None,
        unchecked=grant.unchecked,
        lacking=grant.lacking,
        exclusive_group=grant.group,
        exclusive_line=grant.group_line,
    )


def _standing(grant: Grant, facts: Facts, day: date) -> Standing:
    """ "due" where the amount holds on the day that counts: the purchase's where the card says so and it was
    told, else `day`."""
    counted = facts.bought_on if grant.rule.dated_by and facts.bought_on else DateSpan(day, day)
    start, end = grant.period
    if start is not None and counted.last < start:
        return "not_yet"
    if end is not None and counted.first > end:
        return "ended"
    inside = (start is None or counted.first >= start) and (end is None or counted.last <= end)
    return "due" if inside else "open"


def _reckoned(item: Entitlement, facts: Facts) -> Entitlement:
    """With its amount, where the card says what the rate is taken of and the price is known."""
    if item.base is None or item.rate is None or facts.price is None:
        return item
    result = share(facts.price, item.rate, item.cap)
    formula = load("eligibility/card")["formula"].format(
        price=written(facts.price), percent=written(item.rate * 100), product=written(result.product)
    )
    return replace(
        item,
        amount=result.amount,
        price=facts.price,
        product=result.product,
        cap_reached=result.cap_reached,
        formula=formula,
    )


def _other_way(grant: Grant, facts: Facts, day: date) -> Entitlement | None:
    """The grant as if the resident took its way."""
    ways = [choice.one_of for choice in grant.rule.applies if choice.fact == "way"]
    if not ways:
        return None
    item = _held(grant, replace(facts, way=frozenset(ways[0])), day)
    if item is None or item.standing != "due" or item.amount is None:
        return None
    return replace(item, chosen=False)


def _with_largest(found: Sequence[Entitlement]) -> Iterator[Entitlement]:
    """Marks the larger of those due that exclude each other; none where they are alike."""
    for item in found:
        rivals = [
            other.amount
            for other in found
            if other is not item
            and other.exclusive_group == item.exclusive_group
            and other.amount is not None
        ]
        larger = item.exclusive_group is not None and item.amount is not None and bool(rivals)
        yield replace(item, largest=larger and all(item.amount > rival for rival in rivals))  # type: ignore[operator]

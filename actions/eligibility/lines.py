"""Where a programme's card says something, so that it can be cited."""

from __future__ import annotations

import re

from knowledge.model import Amount, Programme, Quote

_BEFORE = r"(?m)^(?:\d+\. )?"
"""A card puts a number before each of its conditions."""


def words_in(programme: Programme, words: str) -> Quote:
    """`words` as the card has them, where they are an item of their own if they are; the summary where they
    stand nowhere."""
    whole = re.search(f"{_BEFORE}(?P<words>{re.escape(words)})$", programme.text)
    start = whole.start("words") if whole else programme.text.find(words)
    if start < 0:
        return _line_at(programme, 0)
    return Quote(programme.id, start, start + len(words), words)


def amount_line(programme: Programme, amount: Amount) -> Quote:
    """The line of an amount: a card renders its summary first and then its amounts, a line each."""
    start = 0
    for _ in range(programme.amounts.index(amount) + 1):
        start = programme.text.find("\n", start) + 1
    quote = _line_at(programme, start)
    return quote if amount.what in quote.text else words_in(programme, amount.what)


def _line_at(programme: Programme, place: int) -> Quote:
    end = programme.text.find("\n", place)
    end = len(programme.text) if end < 0 else end
    return Quote(programme.id, place, end, programme.text[place:end])

"""The telling parts of a question: its character bigrams once words that tell nothing are gone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from index.text import words


@cache
def _function_words() -> tuple[tuple[str, ...], frozenset[str]]:
    """Words of two characters or more, longest first (of one length in an order of their own, so that every
    process cuts alike), and single characters."""
    listed = set(Path(__file__).with_name("function_words.txt").read_text(encoding="utf-8").split())
    longer = sorted((word for word in listed if len(word) > 1), key=lambda word: (-len(word), word))
    return tuple(longer), frozenset(word for word in listed if len(word) == 1)


def telling_terms(text: str) -> tuple[str, ...]:
    """The bigrams of a normalised question without its function words and signs; a lone character stays."""
    return tuple(dict.fromkeys(term for run in without_function_words(text).split() for term in bigrams(run)))


def without_function_words(text: str) -> str:
    """A normalised text with a space for each function word and sign."""
    longer, single = _function_words()
    for word in longer:
        text = text.replace(word, " ")
    return "".join(" " if char in single or not char.isalnum() else char for char in text)


def bigrams(run: str) -> list[str]:
    return [run] if len(run) < 3 else [run[i : i + 2] for i in range(len(run) - 1)]


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Dice coefficient of two collections of bigrams."""
    first, second = set(one), set(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def pieces(text: str) -> frozenset[str]:
    """Every run of one, two or three characters of a normalised text, spaces left out, and its words: what a
    question is made of, the asking words included."""
    joined = text.replace(" ", "")
    runs = (joined[start : start + size] for size in (1, 2, 3) for start in range(len(joined) - size + 1))
    return frozenset(runs) | frozenset(words(text))

"""Pairs of texts that belong together, read from the public training texts.

Owns what a pair is and where it comes from; it must not know how an encoder learns from it. The data are
read where they lie (`laws.jsonl.xz`, `news.jsonl.xz`, `stard.jsonl.xz`, `atec.tsv.xz`) and never copied.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

FILES = ("laws.jsonl.xz", "news.jsonl.xz", "stard.jsonl.xz", "atec.tsv.xz")
TARGET_PAIRS = 192_000
LONGEST = 256  # characters of a context; an article's later paragraphs say something else
NEIGHBOURS = 3  # sentences on either side of the one taken out

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_TAG = re.compile(r"</?\w+[^>]*>")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean or concern the same; `group` marks pairs that are no negatives of each other."""

    query: str
    context: str
    group: str


class TrainingDataError(Exception):
    """The training data is missing or not what it should be."""


def read_pairs(data: Path, *, seed: int, target: int = TARGET_PAIRS) -> list[Pair]:
    """The pairs of all sources: the labelled ones whole, inverse cloze from laws and news up to `target`."""
    missing = [name for name in FILES if not (data / name).is_file()]
    if missing:
        raise TrainingDataError(f"{data} lacks {', '.join(missing)}: give the folder of the training texts")
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    labelled = [*lay_pairs(data / "stard.jsonl.xz"), *paraphrase_pairs(data / "atec.tsv.xz")]
    news = list(news_pairs(data / "news.jsonl.xz", rng))
    laws = list(law_pairs(data / "laws.jsonl.xz", rng))
    rng.shuffle(laws)
    pairs = [*labelled, *news, *islice(laws, max(0, target - len(labelled) - len(news)))]
    rng.shuffle(pairs)
    return pairs


def law_pairs(path: Path, rng: random.Random) -> Iterator[Pair]:
    """From each article of two sentences one, of four two, of six three, each with those around it.

    The law's title goes with the context, as it does where articles are searched.
    """
    for number, row in enumerate(_rows(path)):
        sentences = _sentences(row["text"])
        for query, context in _cloze(sentences, rng, taken=max(1, min(3, len(sentences) // 2))):
            yield Pair(query, f"{row['title']}\n{context}"[:LONGEST], f"law:{number}")


def news_pairs(path: Path, rng: random.Random) -> Iterator[Pair]:
    """From each item: headline and a paragraph, and a sentence and its neighbours in up to two paragraphs."""
    for number, row in enumerate(_rows(path)):
        pieces = (_TAG.sub("\n", raw).split("\n") for raw in row["paragraphs"])
        paragraphs = [part for part in chain.from_iterable(pieces) if part.strip()]
        if not paragraphs:
            continue
        group = f"news:{number}"
        yield Pair(row["headline"], rng.choice(paragraphs[:3])[:LONGEST], group)
        for paragraph in rng.sample(paragraphs, min(2, len(paragraphs))):
            for query, context in _cloze(_sentences(paragraph), rng):
                yield Pair(query, context, group)


def lay_pairs(path: Path) -> Iterator[Pair]:
    """Lay questions and the statutes that answer them; the training split only."""
    for row in _rows(path):
        if row["split"] == "train":
            for name, text in row["articles"].items():
                yield Pair(row["query"], f"{name}\n{text}"[:LONGEST], f"question:{row['query_id']}")


def paraphrase_pairs(path: Path) -> Iterator[Pair]:
    """Sentence pairs that people marked as saying the same."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            first, second, label = line.rstrip("\n").split("\t")
            if label == "1":
                yield Pair(first, second, f"paraphrase:{number}")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _sentences(text: str) -> list[str]:
    return [piece for piece in map(str.strip, _SENTENCE.findall(text)) if len(piece) >= 6]


def _cloze(sentences: list[str], rng: random.Random, taken: int = 1) -> Iterator[tuple[str, str]]:
    """Sentences drawn at random, each with its neighbours and without itself."""
    if len(sentences) < 2:
        return
    for place in rng.sample(range(len(sentences)), min(taken, len(sentences))):
        around = sentences[max(0, place - NEIGHBOURS) : place] + sentences[place + 1 : place + 1 + NEIGHBOURS]
        yield sentences[place][:LONGEST], "".join(around)[:LONGEST]

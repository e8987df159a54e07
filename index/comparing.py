"""One question told by several snapshots, side by side, and in what they differ.

Pure. How a reply is composed is not known here: whoever asks says what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Point = Literal["verdict", "clause", "quote", "text", "probability"]
POINTS: tuple[Point, ...] = get_args(Point)
MOST_QUESTIONS = 500
LONGEST_QUESTION = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """What one snapshot says to a question. `verdict` is the kind of the reply, `clause_id` and `quote` its
    first citation, empty where it has none; `probability` that of the first candidate being right; `text`
    what a resident reads. `expected` says whether it does what a golden question asks for, None where
    nobody wrote that down."""

    verdict: str
    clause_id: str
    clause_name: str
    quote: str
    probability: float
    text: str
    expected: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A question with what each snapshot says, in the order in which they were asked."""

    question: str
    told: tuple[Told, ...]

    @property
    def differing(self) -> frozenset[Point]:
        """In what the snapshots differ; a probability only as far as it is shown, to a hundredth."""
        seen: dict[Point, set[object]] = {
            "verdict": {one.verdict for one in self.told},
            "clause": {one.clause_id for one in self.told},
            "quote": {one.quote for one in self.told},
            "text": {one.text for one in self.told},
            "probability": {f"{one.probability:.2f}" for one in self.told},
        }
        return frozenset(point for point, values in seen.items() if len(values) > 1)

    @property
    def differs(self) -> bool:
        """Whether a resident would notice."""
        return bool(self.differing - {"probability"})


def questions_of(pasted: str) -> list[str]:
    """The questions of a pasted list, one a line, each once, in order; a column of a table that was pasted
    along is left off. Raises ValueError where there are none, too many or one too long."""
    lines = (line.split("\t")[0].strip() for line in pasted.splitlines())
    found = list(dict.fromkeys(line for line in lines if line))
    if not found:
        raise ValueError("请写上要试的问题，一行一个。")
    if len(found) > MOST_QUESTIONS:
        raise ValueError(f"一次最多试 {MOST_QUESTIONS} 个问题，现在有 {len(found)} 个，请分几次。")
    long = next((line for line in found if len(line) > LONGEST_QUESTION), None)
    if long is not None:
        raise ValueError(f"“{long[:20]}…”有 {len(long)} 个字，居民一次最多能说 {LONGEST_QUESTION} 个字。")
    return found


def tally(lines: Iterable[Line], sources: int) -> Sequence[tuple[int, int]]:
    """Per source, how many golden questions among `lines` it does right, of how many."""
    counts = [[0, 0] for _ in range(sources)]
    for line in lines:
        for count, told in zip(counts, line.told, strict=True):
            if told.expected is not None:
                count[0] += told.expected
                count[1] += 1
    return [(right, of) for right, of in counts]

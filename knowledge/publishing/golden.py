"""Golden questions: what every snapshot is asked before it goes live, and how two runs differ.

Pure. A question is right where it is answered, and first from one of the clauses or programmes that it
expects; one that expects nothing is right where it is not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Origin = Literal["shipped", "editor", "solved_group"]


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """`expects` None: no text answers it. `note` tells editors why it is here."""

    id: str
    text: str
    expects: frozenset[str] | None
    origin: Origin = "editor"
    note: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What a snapshot says to a question: the kind of reply, the first clause or programme cited, its
    quote, and the approved sentence."""

    kind: str
    clause: str = ""
    quote: str = ""
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    question: GoldenQuestion
    given: Given

    @property
    def right(self) -> bool:
        answered = self.given.kind == "answer"
        if self.question.expects is None:
            return not answered
        return answered and self.given.clause in self.question.expects


@dataclass(frozen=True, slots=True)
class Run:
    """All golden questions asked of one snapshot."""

    snapshot: str
    answers: tuple[Answered, ...]

    @property
    def right(self) -> int:
        return sum(answer.right for answer in self.answers)

    @property
    def share(self) -> float:
        """1 where nothing was asked."""
        return self.right / len(self.answers) if self.answers else 1.0


@dataclass(frozen=True, slots=True)
class Changed:
    """One question whose answer would be another; `before` and `after` with whether they are right."""

    question: str
    expects: tuple[str, ...] | None
    before: Given
    before_right: bool
    after: Given
    after_right: bool

    @property
    def broken(self) -> bool:
        return self.before_right and not self.after_right

    @property
    def mended(self) -> bool:
        return self.after_right and not self.before_right


@dataclass(frozen=True, slots=True)
class Wrong:
    """One question that a candidate does wrongly, whatever it got before, and what it says."""

    question: str
    given: Given


@dataclass(frozen=True, slots=True)
class Comparison:
    """The run of a candidate beside that of what is live. `wrong` names every question that the candidate
    does wrongly; None in releases of before it was kept."""

    asked: int
    right_before: int
    right_after: int
    changed: tuple[Changed, ...]
    wrong: tuple[Wrong, ...] | None = None

    @property
    def share(self) -> float:
        return self.right_after / self.asked if self.asked else 1.0

    @property
    def broken(self) -> int:
        return sum(change.broken for change in self.changed)

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, raw: Mapping[str, Any]) -> Comparison:
        changed = tuple(
            Changed(
                **{
                    **item,
                    "before": Given(**item["before"]),
                    "after": Given(**item["after"]),
                    "expects": None if item["expects"] is None else tuple(item["expects"]),
                }
            )
            for item in raw["changed"]
        )
        kept = raw.get("wrong")
        wrong = None if kept is None else tuple(Wrong(w["question"], Given(**w["given"])) for w in kept)
        return cls(raw["asked"], raw["right_before"], raw["right_after"], changed, wrong)


def ask_all(
    snapshot: str,
    questions: Sequence[GoldenQuestion],
    ask: Callable[[str], Given],
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Run:
    """Every active question once, in order."""
    active = [question for question in questions if question.active]
    answers = []
    for number, question in enumerate(active, 1):
        answers.append(Answered(question, ask(question.text)))
        progress(number, len(active))
    return Run(snapshot, tuple(answers))


def compare(before: Run, after: Run) -> Comparison:
    """Both runs asked the same questions."""
    changed = tuple(
        Changed(
            question=now.question.text,
            expects=None if now.question.expects is None else tuple(sorted(now.question.expects)),
            before=then.given,
            before_right=then.right,
            after=now.given,
            after_right=now.right,
        )
        for then, now in zip(before.answers, after.answers, strict=True)
        if then.given != now.given
    )
    wrong = tuple(Wrong(now.question.text, now.given) for now in after.answers if not now.right)
    return Comparison(len(after.answers), before.right, after.right, _worst_first(changed), wrong)


def _worst_first(changed: Iterable[Changed]) -> tuple[Changed, ...]:
    return tuple(sorted(changed, key=lambda change: (not change.broken, change.mended)))

"""Solved questions as golden ones: no later publication may lose their answers unseen."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Literal, Protocol

from knowledge.errors import InvalidContent

log = logging.getLogger(__name__)


class Golden(Protocol):
    """What groups ask of golden questions."""

    def learn(self, question: str, *, clauses: Collection[str], source: str, by: str) -> bool:
        """From now on `question` is to be answered from one of `clauses`. False: it was known already."""


class Saves(Protocol):
    """The golden questions of publishing. Raises InvalidContent for words that another question has."""

    def save(
        self,
        *,
        text: str,
        expects: Collection[str] | None,
        by: str,
        note: str = "",
        origin: Literal["solved_group"] = "solved_group",
    ) -> object: ...


class SolvedQuestions:
    def __init__(self, questions: Saves) -> None:
        self._questions = questions

    def learn(self, question: str, *, clauses: Collection[str], source: str, by: str) -> bool:
        try:
            self._questions.save(text=question, expects=clauses, by=by, note=source, origin="solved_group")
        except InvalidContent:
            log.info("a solved question is no new golden question", extra={"source": source})
            return False
        return True

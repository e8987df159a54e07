"""Which reading of a question counts."""

from __future__ import annotations

import pytest

from actions.context import Memory
from actions.mentions import Mentions
from actions.understanding import understand
from index.search import Searcher
from index.snapshot import Ingredients, assemble
from tests.index import tiny

BEFORE = "旧衣服可以捐吗？"


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking(0.2)))


def asked(searcher: Searcher, question: str) -> tuple[str, str]:
    memory = Memory(asked=BEFORE, cited=("plan#1",))
    read = understand(searcher, Mentions(searcher.knowledge.lexicon), question, tiny.DAY, memory)
    return read.question, read.outcome.verdict


def test_the_question_before_alone_answers_nothing_else(searcher: Searcher) -> None:
    """哪个来搬嘛 beside the whole question before would find what answered that."""
    assert searcher.search(f"哪个来搬嘛 {BEFORE}", as_of=tiny.DAY).verdict == "answer"
    question, verdict = asked(searcher, "哪个来搬嘛")
    assert (question, verdict == "answer") == ("哪个来搬嘛", False)


def test_what_the_answer_speaks_of_is_asked_with_the_question_before(searcher: Searcher) -> None:
    assert asked(searcher, "找哪个捐") == (f"找哪个捐 {BEFORE}", "answer")

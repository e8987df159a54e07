"""Words of like meaning, worked out by hand with an encoder of three directions; pieces of a question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index.coverage import Meanings, SoftCoverage
from index.snapshot import Ingredients, assemble
from index.terms import pieces
from tests.index import tiny

WEIGHT = {"馆子": 1.0, "捐赠": 0.5, "餐饮": 0.8, "企业": 0.2, "旧衣": 0.6}


class WordEncoder:
    """馆子 lies near 餐饮 (cosine 0.8), opposite to 企业; every other word has nothing to do with them."""

    dimension = 3
    fingerprint = "by hand"
    _known = {  # noqa: RUF012 - never changed
        "馆子": (1.0, 0.0, 0.0), "餐饮": (0.8, 0.6, 0.0), "企业": (-1.0, 0.0, 0.0), "捐赠": (0.0, 0.0, 1.0),
        "旧衣": (0.0, 0.8, 0.6),
    }  # fmt: skip

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [self._known.get(text, (0.0, 0.0, 0.0)) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), 3)


def covering(
    question: str,
    pairs: Sequence[tuple[str, str]],
    replaced: dict[str, tuple[str, ...]] | None = None,
    encoder: WordEncoder | None = None,
) -> SoftCoverage:
    meanings = Meanings(encoder or WordEncoder(), lambda word: WEIGHT.get(word, 0.0))
    sentences = meanings.read([sentence for sentence, _ in pairs])
    questions = meanings.read([asked for _, asked in pairs])
    return meanings.cover(meanings.meant(question, replaced or {}), sentences, questions)


def test_a_word_of_like_meaning_counts_as_far_as_it_is_like() -> None:
    cover = covering("馆子捐赠", [("餐饮", ""), ("餐饮", "旧衣"), ("馆子", "捐赠"), ("企业", "企业")])
    assert cover.by_sentence == pytest.approx([0.8 / 1.5, 0.8 / 1.5, 1.0 / 1.5, 0.0])
    assert cover.by_both == pytest.approx([0.8 / 1.5, (0.8 + 0.5 * 0.6) / 1.5, 1.0, 0.0])


def test_the_worst_is_the_most_telling_word_that_neither_text_speaks_of() -> None:
    cover = covering("馆子捐赠", [("餐饮", ""), ("餐饮", "捐赠"), ("捐赠", ""), ("馆子", "捐赠")])
    assert cover.worst == pytest.approx([0.5, 0.2, 1.0, 0.0], abs=1e-6)


def test_the_share_back_is_of_the_approved_questions_own_words() -> None:
    cover = covering("馆子", [("", "馆子"), ("", "餐饮捐赠"), ("", "旧衣"), ("馆子", "")])
    assert cover.back == pytest.approx([1.0, 0.8 * 0.8 / 1.3, 0.0, 0.0])


def test_a_word_of_the_lexicon_counts_where_it_is_nearer_than_what_was_said() -> None:
    pairs = [("餐饮", ""), ("企业", "")]
    assert covering("馆子", pairs, {"馆子": ("餐饮",)}).by_sentence == pytest.approx([1.0, 0.0])
    assert covering("馆子", pairs, {"馆子": ("企业",)}).by_sentence == pytest.approx([0.8, 1.0])


@pytest.mark.parametrize("text", ["", "的吗呢", "？！"])
def test_a_text_without_words_covers_nothing_and_is_not_met(text: str) -> None:
    cover = covering("馆子捐赠", [(text, text), ("馆子", text), (text, "捐赠")])
    assert cover.by_sentence == pytest.approx([0.0, 1.0 / 1.5, 0.0])
    assert cover.by_both == pytest.approx([0.0, 1.0 / 1.5, 0.5 / 1.5])
    assert cover.worst == pytest.approx([1.0, 0.5, 1.0])
    assert cover.back == pytest.approx([0.0, 0.0, 1.0])


@pytest.mark.parametrize("question", ["", "的吗呢", "？？"])
def test_a_question_without_words_is_covered_by_nothing(question: str) -> None:
    cover = covering(question, [("馆子", "捐赠")])
    assert [part.tolist() for part in (cover.by_sentence, cover.by_both, cover.worst, cover.back)] == [
        [0.0]
    ] * 4


def test_a_word_said_twice_counts_once() -> None:
    once, twice = (covering(question, [("餐饮", "旧衣")]) for question in ("馆子捐赠", "馆子捐赠馆子"))
    assert once.by_both.tolist() == twice.by_both.tolist()


def test_words_that_weigh_nothing_cover_nothing() -> None:
    cover = covering("电视", [("电视", "电视")])
    assert cover.by_sentence.tolist() == cover.worst.tolist() == cover.back.tolist() == [0.0]


def test_without_an_encoder_everything_is_zero() -> None:
    meanings = Meanings(None, lambda _: 1.0)
    meant = meanings.meant("馆子捐赠", {})
    cover = meanings.cover(meant, meanings.read(["馆子", "捐赠"]), meanings.read(["", "馆子"]))
    assert meant is None
    assert [part.tolist() for part in (cover.by_sentence, cover.by_both, cover.worst, cover.back)] == [
        [0.0, 0.0]
    ] * 4


def test_no_candidates_are_covered_by_nothing() -> None:
    assert covering("馆子", []).by_sentence.shape == (0,)


def test_texts_read_later_do_not_change_those_read_before() -> None:
    meanings = Meanings(WordEncoder(), WEIGHT.__getitem__)
    early = meanings.read(["餐饮"])
    meant = meanings.meant("馆子", {})
    alone = meanings.cover(meant, early, meanings.read([""])).by_sentence
    meanings.read(["旧衣捐赠", "企业馆子"])
    again = meanings.cover(meant, [*early, *meanings.read(["馆子"])], meanings.read(["", ""])).by_sentence
    assert alone == pytest.approx([0.8])
    assert again == pytest.approx([0.8, 1.0])


def test_the_pieces_of_a_question_are_its_short_runs_and_its_words() -> None:
    assert pieces("绿牌 车补") == {
        "绿", "牌", "车", "补", "绿牌", "牌车", "车补", "绿牌车", "牌车补",
    }  # fmt: skip
    assert pieces("餐饮企业") >= {"餐饮企业", "餐饮企", "饮企业", "企业"}
    assert pieces("") == frozenset()


def test_what_neither_passage_nor_approved_question_has_is_unmet() -> None:
    evidence = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking())).evidence
    number = next(
        n for n, p in enumerate(evidence.passages.passages) if p.text == "鼓励居民通过慈善组织捐赠旧衣物。"
    )
    unit = evidence.passages.questions.texts.index("不要的衣裳捐给哪个")
    question = evidence.prepare("衣裳捐赠")
    assert evidence.unmet(question, number, unit) == {"裳捐赠"}
    assert evidence.unmet(question, number, -1) == {"裳", "衣裳", "裳捐", "衣裳捐", "裳捐赠"}


def test_an_approved_question_in_full_width_is_met_by_its_plain_form() -> None:
    entry = tiny.entry("cars", tiny.CARS, "建成综合能源站100座。", "能源站ＡＢ")
    evidence = assemble(
        tiny.knowledge(entries=(entry,)), Ingredients(tiny.BigramEncoder(), tiny.ranking())
    ).evidence
    number = evidence.passages.questions.passages[0]
    assert evidence.unmet(evidence.prepare("ab"), number, 0) == frozenset()

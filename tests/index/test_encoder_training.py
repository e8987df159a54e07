"""index.training: pairs of texts, and what the encoder learns from them."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench.statutes import main
from index.static_features import StaticFeatures
from index.training.encoder import (
    Recipe,
    choose_vocabulary,
    count_features,
    encode_pairs,
    initial_vectors,
    train,
)
from index.training.encoder_pairs import (
    Pair,
    TrainingDataError,
    law_pairs,
    lay_pairs,
    news_pairs,
    paraphrase_pairs,
    read_pairs,
)
from tests.index.training_texts import TOPICS, write_rows, write_texts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_texts(tmp_path / "data")
    return tmp_path / "data"


def test_a_cloze_leaves_the_sentence_out_of_its_context(data: Path) -> None:
    pairs = list(law_pairs(data / "laws.jsonl.xz", random.Random(0)))
    assert len(pairs) == len(TOPICS)
    for pair, topic in zip(pairs, TOPICS, strict=True):
        assert {pair.query, pair.context.split("\n")[1]} == {
            f"回收{topic}应当登记。",
            f"销售{topic}应当标明价格。",
        }
        assert pair.context.startswith(f"{topic}条例\n")


def test_news_pairs_carry_no_markup(data: Path) -> None:
    pairs = list(news_pairs(data / "news.jsonl.xz", random.Random(0)))
    assert {pair.query for pair in pairs} >= {f"{topic}销量上升" for topic in TOPICS}
    assert not [pair for pair in pairs if "<" in pair.query + pair.context]


def test_development_questions_are_never_learnt_from(data: Path) -> None:
    assert [pair.query for pair in lay_pairs(data / "stard.jsonl.xz")] == [
        f"买{topic}要不要给发票？" for topic in TOPICS[1:]
    ]
    assert f"买{TOPICS[0]}要不要给发票？" not in {pair.query for pair in read_pairs(data, seed=0)}


def test_only_sentences_marked_the_same_are_paraphrases(data: Path) -> None:
    assert [(pair.query, pair.context) for pair in paraphrase_pairs(data / "atec.tsv.xz")] == [
        ("怎么换手机", "手机如何更换")
    ]


def test_the_same_seed_reads_the_same_pairs(data: Path) -> None:
    assert read_pairs(data, seed=3) == read_pairs(data, seed=3)
    assert read_pairs(data, seed=3) != read_pairs(data, seed=4)


def test_missing_training_texts_are_named(data: Path) -> None:
    (data / "news.jsonl.xz").unlink()
    with pytest.raises(TrainingDataError, match=r"news\.jsonl\.xz"):
        read_pairs(data, seed=0)


def test_vocabulary_keeps_what_is_always_wanted_before_what_is_frequent() -> None:
    counts = Counter({"车": 5, "灯": 3, "云": 2})
    assert choose_vocabulary(counts, Recipe(min_count=3, vocabulary=3), ["镜", "灯"]) == ["灯", "镜", "车"]


def test_training_brings_pairs_together_and_others_apart() -> None:
    pairs = [
        Pair(f"问{a}{a}", f"答{b}{b}", a) for a, b in zip("甲乙丙丁戊己庚辛", "东南西北春夏秋冬", strict=True)
    ]
    recipe = Recipe(dimension=16, min_count=1, batch=8, epochs=120)
    counts = count_features(text for pair in pairs for text in (pair.query, pair.context))
    vocabulary = choose_vocabulary(counts, recipe)
    start = initial_vectors(vocabulary, counts, recipe)
    before = start.rows.copy()
    learnt = train(start, encode_pairs(pairs, vocabulary), recipe, lambda line: None)
    module = StaticFeatures.quantised(learnt.vocabulary, learnt.rows)
    scores = module.encode([pair.query for pair in pairs]) @ module.encode([pair.context for pair in pairs]).T
    assert scores.argmax(axis=1).tolist() == list(range(8))
    assert scores.diagonal().min() > np.sort(scores, axis=1)[:, -2].max()
    assert np.array_equal(start.rows, before)


def test_pairs_of_one_group_are_no_negatives_of_each_other() -> None:
    pairs = [Pair("甲", "东", "one"), Pair("乙", "东", "one")]
    recipe = Recipe(dimension=4, min_count=1, batch=2, epochs=1)
    counts = count_features("甲乙东")
    vocabulary = choose_vocabulary(counts, recipe)
    start = initial_vectors(vocabulary, counts, recipe)
    lines: list[str] = []
    learnt = train(start, encode_pairs(pairs, vocabulary), recipe, lines.append)
    assert "loss 0.000" in lines[-1]
    assert np.allclose(learnt.rows, start.rows)


def test_the_benchmark_measures_every_ranking_in_one_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(
        tmp_path / "statutes_articles.jsonl.xz",
        [{"id": n, "name": f"第{n}条", "text": f"事项{n}由{TOPICS[n % 8]}组办理"} for n in range(120)],
    )
    queries = [
        {"id": 0, "split": "dev", "query": "空调组办理什么", "relevant": [1]},
        {"id": 1, "split": "train", "query": "不问", "relevant": [2]},
    ]
    (tmp_path / "statutes_queries.jsonl").write_text("\n".join(json.dumps(row) for row in queries))
    module = StaticFeatures(
        ["空调", "汽车"], np.array([[1, 0], [0, 1]], dtype=np.int8), np.ones(2, np.float32)
    )
    module.save(str(tmp_path / "model"))
    main(["--data", str(tmp_path), "--encoder", str(tmp_path / "model"), "--only-ranking"])
    measured = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    for system in ("bm25", "encoder", "ranking"):
        value, unit = measured[f"statutes.{system}.recall_at_100"]
        assert (float(value), unit) == (1.0, "ratio")
    value, unit = measured["statutes.questions"]
    assert (float(value), unit) == (1.0, "count")

"""index.training: pairs, splits, what the encoder learns, and the whole command on a handful of texts."""

from __future__ import annotations

import json
import lzma
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench.statutes import figures, measure
from index.encoder import load_encoder
from index.static_features import StaticFeatures
from index.train import main
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
from index.training.encoder_questions import question_pairs, split_wordings
from index.training.split import split_of, wordings
from knowledge.model import Clause, Document, Entry, Knowledge, Quote

TOPICS = ("汽车", "空调", "冰箱", "手机", "自行车", "洗衣机", "电视", "家具")


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_rows(
        folder / "laws.jsonl.xz",
        [
            {"title": f"{topic}条例", "text": f"回收{topic}应当登记。销售{topic}应当标明价格。"}
            for topic in TOPICS
        ]
        + [{"title": "短条例", "text": "只有一句话的条文。"}],
    )
    write_rows(
        folder / "news.jsonl.xz",
        [
            {
                "headline": f"{topic}销量上升",
                "paragraphs": [f"今年{topic}卖得更多。</p><p>专家说{topic}更省电了。补贴也来了，大家高兴。"],
            }
            for topic in TOPICS
        ],
    )
    write_rows(
        folder / "stard.jsonl.xz",
        [
            {
                "query_id": number,
                "split": "dev" if number == 0 else "train",
                "query": f"买{topic}要不要给发票？",
                "articles": {f"{topic}法第一条": f"出售{topic}的，应当开具发票。"},
            }
            for number, topic in enumerate(TOPICS)
        ],
    )
    with lzma.open(folder / "atec.tsv.xz", "wt", encoding="utf-8") as file:
        file.write("怎么换手机\t手机如何更换\t1\n怎么换手机\t今天下雨吗\t0\n")
    return folder


def knowledge(facts: int = 40) -> Knowledge:
    document = Document("d", "通知", None, ("市政府",), None, "重庆")
    clauses = tuple(
        Clause(f"d#{n}", "d", str(n), "paragraph", f"第{n}段", f"第{n}号事项由{TOPICS[n % 8]}组办理。", n)
        for n in range(facts)
    )
    entries = tuple(
        Entry(
            f"e{n}",
            f"第{n}号事项谁办？",
            tuple(
                f"{way}{n}号事项"
                for way in ("问问", "哪个管", "找谁办", "谁负责", "归谁管", "请问", "啷个办")
            ),
            (Quote(c.id, 0, len(c.text), c.text),),
        )
        for n, c in enumerate(clauses)
    )
    return Knowledge((document,), clauses, entries)


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


def test_the_split_holds_out_a_seventh_of_facts_and_two_wordings_in_eight() -> None:
    by_fact = [Counter(split_of(f"entry-{fact}", index) for index in range(8)) for fact in range(2000)]
    held_out = [counts for counts in by_fact if "facts" in counts]
    assert all(counts == {"facts": 8} for counts in held_out)
    assert all(counts == {"train": 6, "wordings": 2} for counts in by_fact if "facts" not in counts)
    assert 0.13 < len(held_out) / len(by_fact) < 0.17


def test_the_split_never_moves() -> None:
    assert [split_of("e1", index) for index in range(8)] == [split_of("e1", index + 8) for index in range(8)]
    drawn = [split_of(f"e{number}", 0) for number in range(12)]
    assert [number for number, split in enumerate(drawn) if split == "facts"] == [0, 8]
    assert [number for number, split in enumerate(drawn) if split == "wordings"] == [6, 11]


def test_wordings_are_the_question_and_its_variants_each_once() -> None:
    entry = Entry("e", "甲？", ("乙？", "甲？", "丙？", "乙？"), ())
    assert wordings(entry) == ("甲？", "乙？", "丙？")


def test_question_pairs_of_the_train_split_hold_nothing_of_the_others() -> None:
    whole = knowledge()
    texts = {
        side for pair in question_pairs(whole, ("train",), seed=0) for side in (pair.query, pair.context)
    }
    for entry in whole.entries:
        for text, split in split_wordings(entry):
            assert (text in texts) == (split == "train")


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


def test_the_command_trains_a_model_that_loads(data: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.npz"
    common = [
        "encoder",
        "--data",
        str(data),
        "--base",
        str(base),
        "--features",
        "60",
        "--epochs",
        "2",
    ]
    main([*common, "--out", str(tmp_path / "first")])
    main([*common, "--out", str(tmp_path / "again")])
    first, again = load_encoder(tmp_path / "first"), load_encoder(tmp_path / "again")
    assert first.dimension == 256
    assert np.allclose(np.linalg.norm(first.encode(["汽车应当登记"]), axis=1), 1)
    assert first.fingerprint == again.fingerprint
    notes = json.loads((tmp_path / "first" / "training.json").read_text())
    assert (notes["kept_features"], notes["holdout"], notes["tuning"]) == (60, False, None)


def test_the_command_says_what_it_can_train() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "index.train", "--help"], capture_output=True, text=True, check=True
    )
    assert "encoder" in shown.stdout


def test_recall_and_reciprocal_rank_by_hand() -> None:
    ranked = np.array([[7, 1, 2, 3, 4, 5, *range(10, 104)], [9, 8, 6, 5, 4, 3, *range(10, 104)]])
    assert figures(ranked, [{1, 5}, {50}]) == {
        "recall_at_5": 0.25,
        "recall_at_10": 0.5,
        "recall_at_100": 1.0,
        "mrr_at_10": 0.25,
    }


def test_the_benchmark_measures_both_systems_in_one_run(tmp_path: Path) -> None:
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
    measured = measure(tmp_path, load_encoder(tmp_path / "model"))
    assert measured["statutes.encoder.recall_at_100"] == (1.0, "ratio")
    assert measured["statutes.bm25.recall_at_100"] == (1.0, "ratio")
    assert measured["statutes.questions"] == (1.0, "count")

"""Statutes: articles as knowledge, both searches added up, and what the benchmark tells of a whole search."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from bench import statutes, statutes_search
from index.evaluation.statutes import (
    ARTICLES,
    LEXICAL_SHARE,
    QUERIES,
    Article,
    Collection,
    rank_together,
    read_collection,
)
from index.lexical import LexicalIndex
from index.passages import collect
from index.snapshot import Ingredients, SnapshotStore
from index.static_features import StaticFeatures
from index.text import lexical_tokens
from tests.index import tiny

ARTICLE_ROWS = [
    {"id": 40, "name": "试行法第一条", "text": "空调由甲组回收。\n乙组登记空调。"},
    {"id": 41, "name": "试行法第二条", "text": "汽车由丙组回收。"},
    {"id": 42, "name": "试行法第三条", "text": "冰箱由丁组回收。"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with lzma.open(tmp_path / ARTICLES, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ARTICLE_ROWS)
    queries = [
        {"id": 0, "split": "dev", "query": "哪个组回收汽车", "relevant": [41]},
        {"id": 1, "split": "train", "query": "不问", "relevant": [42]},
    ]
    (tmp_path / QUERIES).write_text("\n".join(json.dumps(row) for row in queries), encoding="utf-8")
    return tmp_path


def test_questions_of_the_asked_split_point_at_places_of_articles(data: Path) -> None:
    assert read_collection(data) == Collection(
        [f"{row['name']}\n{row['text']}" for row in ARTICLE_ROWS], ["哪个组回收汽车"], [{1}]
    )


def test_an_article_is_one_unit_with_its_name_however_many_sentences_it_has() -> None:
    articles = [
        Article(7, "试行法第一条", "空调由甲组回收。\n乙组登记空调。"),
        Article(8, "试行法第二条", "丙。"),
    ]
    knowledge = statutes_search.statutes_as_knowledge(articles, tiny.knowledge())
    passages = collect(knowledge)
    assert passages.sentences.texts == ("试行法第一条 空调由甲组回收。\n乙组登记空调。", "试行法第二条 丙。")
    assert [p.clause_id for p in passages.passages] == ["statutes#0", "statutes#1"]
    assert (passages.questions.texts, knowledge.programmes) == ((), ())
    assert knowledge.lexicon == tiny.knowledge().lexicon


def test_words_count_beside_the_cosine_by_their_share() -> None:
    collection = Collection(["空调回收", "汽车回收", "冰箱回收"], ["汽车"], [{1}])
    share = LexicalIndex.build(collection.articles).scores(lexical_tokens("汽车"))
    assert share[1] > share[0] == share[2] == 0
    lead = LEXICAL_SHARE * share[1]
    ahead = rank_together(collection, np.asarray([[0.5 + 0.9 * lead, 0.5, 0.0]], dtype=np.float32))
    behind = rank_together(collection, np.asarray([[0.5 + 1.1 * lead, 0.5, 0.0]], dtype=np.float32))
    assert (ahead.tolist(), behind.tolist()) == ([[1, 0, 2]], [[0, 1, 2]])


def test_a_snapshot_of_articles_is_built_opened_and_asked(data: Path) -> None:
    store = SnapshotStore(data / "snapshots")
    ingredients = Ingredients(tiny.BigramEncoder(), tiny.ranking())
    articles = [Article(row["id"], row["name"], row["text"]) for row in ARTICLE_ROWS]  # type: ignore[arg-type]
    knowledge = statutes_search.statutes_as_knowledge(articles, tiny.knowledge())
    built = statutes_search.build(store, knowledge, ingredients)
    asked = statutes_search.ask(store, ["哪个组回收汽车"], ingredients)
    units = {name: unit for name, (_, unit) in (built | asked).items()}
    assert units == {
        "build_s": "s", "build_peak_mb": "MB", "open_s": "s", "first_pass.p50": "ms", "first_pass.p95": "ms",
        "p50": "ms", "p95": "ms", "rss_mb": "MB", "open_peak_mb": "MB",
    }  # fmt: skip
    assert min(value for value, _ in (built | asked).values()) > 0
    pointer = store.pointer()
    assert pointer is not None
    found = store.open(pointer.snapshot, ingredients).search("哪个组回收汽车", as_of=tiny.DAY)
    assert found.candidates[0].passage.clause_id == "statutes#1"


def test_the_benchmark_ranks_by_words_by_vectors_and_by_both(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = StaticFeatures(
        ["空调", "汽车"], np.array([[1, 0], [0, 1]], dtype=np.int8), np.ones(2, np.float32)
    )
    module.save(str(data / "model"))
    out = data / "figures.json"
    statutes.main(
        ["--data", str(data), "--encoder", str(data / "model"), "--only-ranking", "--json", str(out)]
    )
    figures = json.loads(out.read_text())
    ranked = {name: value for name, value in figures.items() if name.endswith(("mrr_at_10", "recall_at_100"))}
    assert ranked == {
        f"statutes.{system}.{figure}": 1.0
        for system in ("bm25", "encoder", "ranking")
        for figure in ("mrr_at_10", "recall_at_100")
    }
    assert (figures["statutes.questions"], figures["statutes.articles"]) == (1, 3)
    assert "statutes.ranking.mrr_at_10 1.000 ratio" in capsys.readouterr().out

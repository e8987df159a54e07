"""A snapshot built from the work done for another one, and the live index that builds, swaps and follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import bm25s
import numpy as np
import pytest

from index.errors import SnapshotFault
from index.lexical import LexicalIndex
from index.live import LiveIndex
from index.snapshot import Ingredients, SnapshotStore, assemble
from index.text import lexical_tokens
from knowledge.model import Knowledge
from knowledge.publishing.withheld import Withheld
from tests.index import tiny

TEXTS = ("旧衣服可以捐吗", "新能源车要占多少", "能点小份菜吗", "旧衣服可以捐吗", "")


class CountingEncoder(tiny.BigramEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return super().encode(texts)


def changed() -> Knowledge:
    """The tiny knowledge with another wording of one entry, one entry less and one more."""
    known = tiny.knowledge()
    clothes, _ = known.entries
    food = tiny.entry(
        "food", tiny.FOOD, "鼓励餐饮企业提供小份菜、半份菜。", "能点小份菜吗？", "菜可以少上点不"
    )
    return replace(known, entries=(replace(clothes, variants=("旧毛衣送给哪个",)), food))


def test_our_count_is_bm25s_own() -> None:
    ours = LexicalIndex.build(TEXTS)
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index([lexical_tokens(text) for text in TEXTS], show_progress=False)
    for text in (*TEXTS[:3], "旧衣服占多少"):
        known = [theirs.vocab_dict[token] for token in lexical_tokens(text) if token in theirs.vocab_dict]
        own = [ours.vocabulary[token] for token in lexical_tokens(text) if token in ours.vocabulary]
        assert ours._engine is not None
        np.testing.assert_allclose(
            ours._engine.get_scores_from_ids(own), theirs.get_scores_from_ids(known), rtol=1e-5
        )


def test_an_index_built_from_another_scores_as_one_built_from_nothing(tmp_path: Path) -> None:
    earlier = LexicalIndex.build(TEXTS)
    earlier.save(tmp_path / "index")
    texts = ("家电补贴多少钱", TEXTS[2], TEXTS[0], "")
    row_of = {text: row for row, text in enumerate(TEXTS)}
    fresh = LexicalIndex.build(texts)
    for source in (earlier, LexicalIndex.load(tmp_path / "index")):
        reused = LexicalIndex.build(texts, source, row_of)
        assert set(reused.vocabulary) == set(fresh.vocabulary)
        for question in ("小份菜多少钱", "旧衣服捐", "没有见过的话"):
            tokens = lexical_tokens(question)
            np.testing.assert_allclose(reused.scores(tokens), fresh.scores(tokens), rtol=1e-6)
            assert [reused.idf(token) for token in tokens] == [fresh.idf(token) for token in tokens]


def test_a_searcher_built_from_another_finds_the_same_and_encodes_only_what_is_new() -> None:
    encoder = CountingEncoder()
    ingredients = Ingredients(encoder, tiny.ranking())
    first = assemble(tiny.knowledge(), ingredients)
    encoder.asked.clear()
    reused = assemble(changed(), ingredients, like=first)
    wordings = [text for text in encoder.asked if len(text) > 4]
    assert wordings == ["旧毛衣送给哪个", "能点小份菜吗？", "菜可以少上点不"]
    fresh = assemble(changed(), ingredients)
    for question in ("旧衣服可以捐吗", "旧毛衣送给哪个", "小份菜", "新能源汽车占比", "冰箱补多少", "天气"):
        one, other = (s.search(question, as_of=tiny.DAY) for s in (reused, fresh))
        assert [c.passage for c in one.candidates] == [c.passage for c in other.candidates]
        assert (one.verdict, one.why) == (other.verdict, other.why)
        assert one.probability == pytest.approx(other.probability, abs=1e-6)


def test_nothing_of_another_encoders_work_is_used() -> None:
    first = assemble(tiny.knowledge(), Ingredients(CountingEncoder(), tiny.ranking()))
    encoder = CountingEncoder()
    assemble(tiny.knowledge(), Ingredients(encoder, tiny.ranking()), like=first)
    assert "旧衣服可以捐吗？" in encoder.asked


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def live(store: SnapshotStore) -> LiveIndex:
    index = LiveIndex(store, Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    index.start(tiny.knowledge())
    return index


def cited(index: LiveIndex, question: str) -> str:
    found = index.searcher().search(question, as_of=tiny.DAY)
    return found.candidates[0].passage.clause_id if found.verdict == "answer" else ""


def test_what_is_prepared_lies_whole_on_disk_and_is_not_live(store: SnapshotStore) -> None:
    index = live(store)
    candidate = index.prepare(changed())
    assert index.snapshot != candidate.snapshot_id
    assert store.open(candidate.snapshot_id, index._ingredients).knowledge == changed()
    index.go_live(candidate)
    assert (index.snapshot, index.searcher()) == (candidate.snapshot_id, candidate)
    pointer = store.pointer()
    assert pointer is not None
    assert (pointer.snapshot, pointer.source) == (candidate.snapshot_id, changed().fingerprint)


def test_a_commit_that_fails_leaves_everything_as_it_was(store: SnapshotStore) -> None:
    index = live(store)
    before, pointer = index.searcher(), store.pointer()

    def fail() -> None:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError, match="not now"):
        index.go_live(index.prepare(changed()), commit=fail)
    assert (index.searcher(), store.pointer()) == (before, pointer)
    assert list(store.folder.glob(".pointer-*")) == []


def test_a_pointer_that_cannot_be_written_is_known_before_the_commit(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = live(store)
    candidate = index.prepare(changed())

    def full(*_args: object, **_more: object) -> tuple[int, str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.snapshot.tempfile.mkstemp", full)
    committed: list[str] = []
    with pytest.raises(SnapshotFault, match="No space left"):
        index.go_live(candidate, commit=lambda: committed.append("yes"))
    assert committed == []


def test_a_snapshot_that_cannot_be_written_leaves_the_live_one(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = live(store)
    before = index.snapshot

    def full(*_args: object) -> None:
        raise RuntimeError("Error in fwrite: No space left on device")  # as FAISS says it

    monkeypatch.setattr("index.vectors.VectorIndex.save", full)
    with pytest.raises(SnapshotFault, match="No space left"):
        index.prepare(changed())
    assert index.snapshot == before
    assert list(store.folder.glob(".building-*")) == []


def test_another_process_follows_the_pointer(store: SnapshotStore) -> None:
    one, other = live(store), live(store)
    assert not other.follow()
    one.go_live(one.prepare(changed()))
    assert other.follow()
    assert other.snapshot == one.snapshot
    assert not other.follow()
    assert not one.follow()


def test_a_pointer_to_a_damaged_snapshot_is_reported_and_not_followed(store: SnapshotStore) -> None:
    one, other = live(store), live(store)
    before = other.snapshot
    one.go_live(one.prepare(changed()))
    (store.folder / str(one.snapshot) / "knowledge.json").write_text("{}")
    assert not other.follow()
    assert other.snapshot == before
    assert any("knowledge.json" in warning for warning in other.warnings)


def test_a_swap_whose_pointer_was_lost_is_settled(store: SnapshotStore) -> None:
    index = live(store)
    index.go_live(index.prepare(changed()))
    (store.folder / "CURRENT").unlink()
    index.settle()
    pointer = store.pointer()
    assert pointer is not None
    assert pointer.snapshot == index.snapshot


CAR, CLOTHES, FRIDGE = "新能源车要占多少？", "旧衣服可以捐吗？", "冰箱补多少"


@pytest.mark.parametrize(
    ("withheld", "gone"),
    [
        (Withheld(clauses=frozenset({"plan#2"})), {CAR}),
        (Withheld(documents=frozenset({"plan"})), {CAR, CLOTHES}),
        (Withheld(documents=frozenset({"fridge"})), {FRIDGE}),
        (Withheld(items=frozenset({"冰箱"})), {FRIDGE}),
    ],
)
def test_what_is_withheld_is_never_found_in_any_process(
    store: SnapshotStore, withheld: Withheld, gone: set[str]
) -> None:
    one, other = live(store), live(store)
    questions = {CAR, CLOTHES, FRIDGE}
    assert {question for question in questions if cited(one, question)} == questions
    one.withhold(withheld)
    for index in (one, other):  # the other one learns of it with its very next question
        assert {question for question in questions if not cited(index, question)} == gone
    assert other.knowledge == withheld.left_of(tiny.knowledge())
    one.withhold(Withheld())
    assert {question for question in questions if cited(other, question)} == questions


def test_a_withheld_entry_leads_nowhere_and_its_words_are_not_said(store: SnapshotStore) -> None:
    index = live(store)
    index.withhold(Withheld(entries=frozenset({"clothes"})))
    found = index.searcher().search("不要的衣裳捐给哪个", as_of=tiny.DAY)
    assert all(candidate.entry is None or candidate.entry.id != "clothes" for candidate in found.candidates)
    assert "clothes" not in index.knowledge.entry_by_id


def test_what_is_withheld_stays_so_through_a_swap_and_a_restart(store: SnapshotStore) -> None:
    index = live(store)
    index.withhold(Withheld(clauses=frozenset({"plan#1"})))
    index.go_live(index.prepare(changed()))
    assert cited(index, "旧毛衣送给哪个") == ""
    assert cited(live(store), CLOTHES) == ""


def test_a_withheld_file_that_cannot_be_read_brings_nothing_back(store: SnapshotStore) -> None:
    index = live(store)
    index.withhold(Withheld(clauses=frozenset({"plan#1"})))
    (store.folder / "WITHHELD").write_text("nonsense")
    assert cited(index, CLOTHES) == ""
    (store.folder / "WITHHELD").unlink()
    assert cited(index, CLOTHES) == ""

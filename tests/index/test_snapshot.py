"""Snapshots on disk: whole or not at all, one pointer, the way back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import SnapshotFault
from index.live import LiveIndex
from index.snapshot import Ingredients, SnapshotStore
from knowledge.model import Knowledge
from tests.index import tiny

INGREDIENTS = Ingredients(tiny.BigramEncoder(), tiny.ranking())


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def changed(knowledge: Knowledge, title: str) -> Knowledge:
    return replace(knowledge, documents=(replace(knowledge.documents[0], title=title),))


def damage(store: SnapshotStore, name: str) -> Path:
    victim = next((store.folder / name).rglob("vectors.faiss"))
    victim.write_bytes(victim.read_bytes()[:-7] + b"garbage")
    return victim


def live(store: SnapshotStore) -> LiveIndex:
    return LiveIndex(store, INGREDIENTS)


def test_a_snapshot_read_back_answers_as_the_one_in_memory(store: SnapshotStore) -> None:
    searcher = store.open(store.build(tiny.knowledge(), INGREDIENTS), INGREDIENTS)
    assert searcher.knowledge == tiny.knowledge()
    assert searcher.search("电车占好多", as_of=tiny.DAY).candidates[0].passage.clause_id == "plan#2"


def test_the_same_content_is_built_once(store: SnapshotStore) -> None:
    first = store.build(tiny.knowledge(), INGREDIENTS)
    written = (store.folder / first / "manifest.json").stat().st_mtime_ns
    assert store.build(tiny.knowledge(), INGREDIENTS) == first
    assert (store.folder / first / "manifest.json").stat().st_mtime_ns == written


def test_any_change_of_content_model_or_weights_gives_another_snapshot(store: SnapshotStore) -> None:
    other_weights = Ingredients(tiny.BigramEncoder(), tiny.ranking(answer_at=0.9))
    names = {
        store.build(tiny.knowledge(), INGREDIENTS),
        store.build(changed(tiny.knowledge(), "另一个方案"), INGREDIENTS),
        store.build(tiny.knowledge(), Ingredients(None, tiny.ranking())),
        store.build(tiny.knowledge(), other_weights),
    }
    assert len(names) == 4


def test_builders_at_once_leave_one_whole_snapshot(store: SnapshotStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(lambda _: store.build(tiny.knowledge(), INGREDIENTS), range(4)))
    assert len(names) == 1
    assert store.open(names.pop(), INGREDIENTS)
    assert [path.name for path in store.folder.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_file_is_named(store: SnapshotStore) -> None:
    name = store.build(tiny.knowledge(), INGREDIENTS)
    victim = damage(store, name)
    with pytest.raises(SnapshotFault, match=victim.name):
        store.open(name, INGREDIENTS)


def test_a_missing_file_is_a_fault_and_no_crash(store: SnapshotStore) -> None:
    name = store.build(tiny.knowledge(), INGREDIENTS)
    (store.folder / name / "knowledge.json").unlink()
    with pytest.raises(SnapshotFault, match=r"knowledge\.json"):
        store.open(name, INGREDIENTS)


def test_a_manifest_of_nonsense_is_a_fault(store: SnapshotStore) -> None:
    name = store.build(tiny.knowledge(), INGREDIENTS)
    for nonsense in ("", "[]", "{", json.dumps({"format": 99, "files": {}})):
        (store.folder / name / "manifest.json").write_text(nonsense)
        with pytest.raises(SnapshotFault):
            store.open(name, INGREDIENTS)


def test_publishing_what_does_not_exist_is_refused(store: SnapshotStore) -> None:
    with pytest.raises(SnapshotFault, match="missing-one"):
        store.publish("missing-one", source="x")


def test_a_damaged_snapshot_at_start_gives_way_to_the_one_before_and_is_mended(store: SnapshotStore) -> None:
    before = live(store)
    before.start(tiny.knowledge())
    now = changed(tiny.knowledge(), "新的方案")
    current = live(store)
    current.start(now)
    damage(store, str(current.snapshot))

    index = live(store)
    assert index.start(now) is True
    assert index.snapshot == before.snapshot
    assert any("damaged" in warning for warning in index.warnings)
    assert any(str(before.snapshot) in warning for warning in index.warnings)

    assert index.rebuild(now) == current.snapshot
    assert index.warnings == ()
    assert index.knowledge.documents[0].title == "新的方案"


def test_a_damaged_only_snapshot_is_built_again_at_start(store: SnapshotStore) -> None:
    first = live(store)
    first.start(tiny.knowledge())
    damage(store, str(first.snapshot))
    index = live(store)
    assert index.start(tiny.knowledge()) is False
    assert index.snapshot == first.snapshot


def test_a_pointer_of_nonsense_is_written_anew(store: SnapshotStore) -> None:
    live(store).start(tiny.knowledge())
    (store.folder / "CURRENT").write_text("nonsense")
    index = live(store)
    index.start(tiny.knowledge())
    assert store.pointer() is not None
    assert store.pointer().snapshot == index.snapshot  # type: ignore[union-attr]


def test_a_rollback_outlives_a_restart_until_the_store_changes(store: SnapshotStore) -> None:
    old, new = tiny.knowledge(), changed(tiny.knowledge(), "新的方案")
    index = live(store)
    index.start(old)
    earlier = str(index.snapshot)
    index.rebuild(new)
    index.roll_back(earlier, new)
    assert index.snapshot == earlier

    restarted = live(store)
    restarted.start(new)
    assert restarted.snapshot == earlier

    later = live(store)
    later.start(changed(new, "更新的方案"))
    assert later.knowledge.documents[0].title == "更新的方案"


def test_a_question_under_way_keeps_its_snapshot_through_a_swap(store: SnapshotStore) -> None:
    index = live(store)
    index.start(tiny.knowledge())
    held = index.searcher()
    index.rebuild(changed(tiny.knowledge(), "新的方案"))
    assert held.knowledge.documents[0].title == "绿色消费试行方案"
    assert index.searcher().knowledge.documents[0].title == "新的方案"


def test_old_snapshots_are_discarded_but_never_the_live_one(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "snapshots", keep=2)
    index = live(store)
    for number in range(5):
        index.rebuild(changed(tiny.knowledge(), f"方案{number}"))
    assert len(store.newest_first()) == 3
    assert index.snapshot in store.newest_first()

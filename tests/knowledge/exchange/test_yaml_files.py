"""Knowledge as the YAML that ships: out and in again without a trace."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from knowledge.content_loader import CONTENT, read_content
from knowledge.errors import InvalidContent
from knowledge.exchange import content_files, write_folder, zipped
from knowledge.shipped import Shipped
from knowledge.store import seed
from knowledge.store.loading import load_all


def _written(content: Shipped, folder: Path) -> Path:
    write_folder(content_files(content), folder)
    return folder


def test_what_ships_comes_back_with_the_same_fingerprint(shipped: Shipped, tmp_path: Path) -> None:
    folder = _written(shipped, tmp_path / "out")
    again = read_content(folder)
    assert again == shipped
    assert again.published().fingerprint == shipped.published().fingerprint


def test_what_the_store_holds_comes_back_with_the_same_fingerprint(
    engine: Engine, shipped: Shipped, tmp_path: Path
) -> None:
    with Session(engine) as session:
        seed(session)
        content = load_all(session)
    again = read_content(_written(content, tmp_path / "out"))
    assert again.published().fingerprint == shipped.published().fingerprint
    assert content_files(again) == content_files(content) == content_files(shipped)


def test_the_same_content_gives_the_same_bytes(shipped: Shipped) -> None:
    first, second = content_files(shipped), content_files(shipped)
    assert first == second
    assert zipped(first) == zipped(dict(reversed(second.items())))
    with zipfile.ZipFile(io.BytesIO(zipped(first))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == first


def test_the_files_of_questions_and_policies_are_the_repositorys_own(shipped: Shipped) -> None:
    files = content_files(shipped)
    for name, data in files.items():
        if name.startswith(("faq/", "policies/")):
            assert data == (CONTENT / name).read_bytes(), name


def test_a_repository_sees_only_what_changed(shipped: Shipped, content: Path) -> None:
    """Files that say the same stay as they are written, comments included."""
    assert write_folder(content_files(shipped, like=content), content, replace=True) == []
    entry = shipped.entries[0]
    changed = replace(entry, entry=replace(entry.entry, plain="另一句话。"))
    programmes = tuple(item for item in shipped.programmes if item.programme.id != "low-carbon-day")
    mixed = replace(shipped, entries=(changed, *shipped.entries[1:]), programmes=programmes)
    before = {path: path.read_bytes() for path in content.rglob("*.yml")}
    written = write_folder(content_files(mixed, like=content), content, replace=True)
    assert written == ["faq/cq-2020-1891.yml", "programmes/low-carbon-day.yml"]
    after = {path: path.read_bytes() for path in content.rglob("*.yml")}
    differing = {path.name for path in before if before[path] != after.get(path)}
    assert differing == {"cq-2020-1891.yml", "low-carbon-day.yml"}
    lines = [before[content / written[0]].splitlines(), after[content / written[0]].splitlines()]
    assert len(set(lines[0]) ^ set(lines[1])) == 2


def test_a_new_question_goes_to_the_file_of_its_document(shipped: Shipped) -> None:
    entry = next(item for item in shipped.entries if item.entry.id == "cq-2022-11-preamble-01")
    new = replace(entry, entry=replace(entry.entry, id="new-01", question="新的问题？", variants=()))
    files = content_files(replace(shipped, entries=(*shipped.entries, new)))
    assert b"\n- id: new-01\n" in files["faq/cq-2022-11.yml"]
    assert files["faq/cq-2020-1891.yml"] == content_files(shipped)["faq/cq-2020-1891.yml"]


def test_states_and_a_tree_that_no_parser_gives_again_are_kept(shipped: Shipped, tmp_path: Path) -> None:
    document = shipped.documents[0]
    clause = replace(document.clauses[1], label="改过的名字", departments=("某局",))
    mended = replace(
        document,
        clauses=(document.clauses[0], clause, *document.clauses[2:]),
        document=replace(document.document, warnings=("请核对。",)),
        state="withdrawn",
    )
    entry = replace(shipped.entries[0], state="withdrawn")
    content = replace(
        shipped,
        documents=(mended, *shipped.documents[1:]),
        entries=(entry, *shipped.entries[1:]),
    )
    assert read_content(_written(content, tmp_path / "out")) == content


def test_a_folder_that_is_not_ours_is_left_alone(shipped: Shipped, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("x")
    files = content_files(shipped)
    with pytest.raises(InvalidContent, match="里已有内容"):
        write_folder(files, tmp_path)
    with pytest.raises(InvalidContent, match=r"有不属于知识内容的 thesis\.doc"):
        write_folder(files, tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]

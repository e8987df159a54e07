"""A file of any format becomes a draft, and so does a text that was pasted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from api.cli import app
from knowledge.errors import InvalidContent, UnreadableDocument
from knowledge.reading import Progress, read_pasted
from knowledge.store import ImportDetails, import_document, import_source, import_text, show
from tests.knowledge.reading.ofd_writer import as_ofd
from tests.knowledge.reading.texts import as_docx, blocks_of, seed_text, tree

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.docx"
    path.write_bytes(as_docx(blocks_of(seed_text("cq-2020-1891"))))
    return path


def test_a_word_file_becomes_the_draft_that_its_text_would(session: Session, notice: Path) -> None:
    told: list[Progress] = []
    report = import_document(session, path=notice, by="editor", now=NOW, progress=told.append)
    assert (report.document.id, report.kind, report.document.source) == (
        "cq-2020-1891",
        "docx",
        "notice.docx",
    )
    assert [item.where for item in report.set_aside] == ["页眉", "页脚"]
    assert report.document.issuers == ("重庆市发展和改革委员会", "重庆市司法局")
    assert told == [Progress(1, 1)]
    session.commit()
    stored = show(session, kind="document", row_id="cq-2020-1891")
    assert stored.state == "draft"
    assert list(stored.clauses) == tree(seed_text("cq-2020-1891"), "cq-2020-1891")


def test_every_way_in_gives_the_same_draft(session: Session, notice: Path, tmp_path: Path) -> None:
    text = seed_text("cq-2020-1891")
    ofd = tmp_path / "notice.ofd"
    ofd.write_bytes(as_ofd(blocks_of(text)))
    clauses = [
        show(session, kind="document", row_id=report.document.id).clauses
        for report in (
            import_document(session, path=notice, by="editor", details=ImportDetails(id="a"), now=NOW),
            import_document(session, path=ofd, by="editor", details=ImportDetails(id="a"), now=NOW),
            import_text(
                session, text=text, name="a.txt", by="editor", details=ImportDetails(id="a"), now=NOW
            ),
            import_source(
                session,
                source=read_pasted(text),
                name="粘贴",
                by="editor",
                details=ImportDetails(id="a"),
                now=NOW,
            ),
        )
    ]
    assert clauses == [tuple(tree(text, "a"))] * 4


def test_warnings_of_the_reader_stay_with_the_document(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("一、节约用水。\n二、节约用电。\n".encode("gb18030"))
    report = import_document(
        session, path=path, by="editor", details=ImportDetails(id="a", title="甲"), now=NOW
    )
    assert report.document.warnings == (f"{path}：文件不是 UTF-8，已按 GB18030 读取，请核对文字是否正确。",)
    assert show(session, kind="document", row_id="a").document.warnings == report.document.warnings


def test_a_pasted_text_without_a_number_asks_for_an_id(session: Session) -> None:
    with pytest.raises(InvalidContent, match="粘贴的文本：没有找到文号，请指定编号"):
        import_source(session, source=read_pasted("一、甲"), name="粘贴的文本", by="editor")


def test_a_pasted_text_is_tidied_and_an_empty_one_refused() -> None:
    assert read_pasted("⼀、甲\u200b\r\n二、乙").text == "一、甲\n二、乙"
    with pytest.raises(UnreadableDocument, match="粘贴的文本：没有读到任何文字"):
        read_pasted(" \n")


def test_the_command_line_imports_a_word_file(
    tmp_path: Path, notice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    result = CliRunner().invoke(app, ["knowledge", "import", str(notice), "--id", "cq-test"])
    assert result.exit_code == 0, result.output
    assert "cq-test" in result.output
    assert "draft, read as docx" in result.output
    assert "页眉" in result.output
    path = tmp_path / "scan.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "WordDocument".encode("utf-16-le"))
    result = CliRunner().invoke(app, ["knowledge", "import", str(path)])
    assert result.exit_code == 1
    assert "另存为 .docx" in result.output

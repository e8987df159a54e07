"""`lvxiaoyu knowledge export` and `import-entries`, as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from knowledge.content_loader import load_shipped
from knowledge.editing import Editing
from knowledge.journal import NoJournal
from knowledge.store import create_engine_for
from tests.knowledge.editing.conftest import NOW


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "var"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["knowledge", *map(str, words)])


def test_knowledge_goes_out_and_comes_in_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("export", out).exit_code == 0
    assert load_shipped(out).fingerprint == load_shipped().fingerprint
    result = run("import-entries", out, "--dry-run")
    assert (result.exit_code, result.stdout.split("unchanged")[0]) == (0, "new 0  changed 0  ")
    again = run("export", out)
    assert again.exit_code == 1
    assert "里已有内容" in again.stderr
    replaced = run("export", out, "--replace")
    assert (replaced.exit_code, "0 of them new or changed" in replaced.stdout) == (0, True)


def test_a_changed_table_becomes_a_draft(tmp_path: Path, data_dir: Path) -> None:
    table = tmp_path / "one.csv"
    assert run("export", table, "--id", "cq-2022-11-preamble-01").exit_code == 0
    text = table.read_text(encoding="utf-8-sig")
    table.write_text(text.replace("绿色消费到底是什么意思？", "绿色消费究竟是什么？"), encoding="utf-8")
    dry = run("import-entries", table, "--dry-run")
    assert "new 0  changed 1  unchanged 0" in dry.stdout
    assert "changed  cq-2022-11-preamble-01  绿色消费究竟是什么？  问题" in dry.stdout
    assert "A dry run: nothing was imported." in dry.stderr
    editing = Editing(
        create_engine_for(f"sqlite:///{data_dir / 'lvxiaoyu.db'}"), now=lambda: NOW, journal=NoJournal()
    )
    assert editing.drafts() == []
    done = run("import-entries", table, "--note", "改了说法")
    assert (done.exit_code, "1 drafts saved" in done.stdout) == (0, True)
    assert [(draft.row_id, draft.note) for draft in editing.drafts()] == [
        ("cq-2022-11-preamble-01", "改了说法")
    ]


def test_wrong_rows_are_named_and_nothing_is_imported(tmp_path: Path) -> None:
    table = tmp_path / "bad.csv"
    table.write_text("编号,问题,约束力\nok-01,好的？,工作安排\nbad-01,坏的？,必须\n", encoding="utf-8")
    result = run("import-entries", table)
    assert result.exit_code == 1
    assert "bad.csv 第3行“约束力”：“必须”不对" in result.stderr
    assert "nothing was imported" in result.stderr
    missing = run("import-entries", tmp_path / "none.csv")
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (1, True)
    unknown = run("export", tmp_path / "x.xlsx", "--id", "none-01")
    assert (unknown.exit_code, "没有编号为 none-01 的内容" in unknown.stderr) == (1, True)

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

POLICY = """重庆市某某委员会
关于印发《某某实施方案》的通知
渝某发〔2026〕5号

各区县（自治县）人民政府：
现将方案印发给你们。

重庆市某某委员会
2026年3月1日

某某实施方案

一、总体要求
（一）目标。到2027年建成绿色商场一百家。
（二）原则。坚持节约优先。
"""


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "var"


@pytest.fixture
def held_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_port_in_use_is_named_before_anything_slow(held_port: int, data_dir: Path) -> None:
    result = run("serve", "--port", str(held_port))
    assert result.exit_code == 1
    assert f"Port {held_port} on 127.0.0.1 is in use" in result.stderr
    assert f"PORT={held_port + 1}" in result.stderr
    assert not data_dir.exists()


def test_a_dialogue_port_in_use_is_named(held_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PORT", str(held_port))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert str(held_port) in result.stderr
    assert "RASA_PORT" in result.stderr


def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    result = run("ask", "旧家电怎么回收")
    assert result.exit_code == 1
    assert "PORT has the value 'many'" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_date_that_is_none_is_named() -> None:
    result = run("ask", "旧家电怎么回收", "--date", "2026-13-01")
    assert result.exit_code == 1
    assert "2026-13-01" in result.stderr


def test_an_empty_question_is_refused() -> None:
    assert run("ask", "  ").exit_code == 1


def test_the_shipped_knowledge_is_listed_shown_and_valid() -> None:
    rows = json.loads(run("knowledge", "list", "--kind", "document", "--json").stdout)
    assert {row["id"] for row in rows} == {"cq-2022-11", "cq-2020-1891"}
    shown = run("knowledge", "show", "cq-2022-11")
    assert "cq-2022-11#2.6" in shown.stdout
    assert run("knowledge", "validate").exit_code == 0


def test_an_entry_is_shown_with_whom_it_concerns_and_its_programmes(data_dir: Path) -> None:
    assert run("knowledge", "list").exit_code == 0
    with sqlite3.connect(data_dir / "lvxiaoyu.db") as database:
        database.execute(
            "UPDATE entries SET tags = ?, programmes = ? WHERE id = ?",
            ('["居民", "学校"]', '["nev-purchase-tax"]', "cq-2022-11-2.6-03"),
        )
        # as an editor's change, which the next start leaves alone
        database.execute("UPDATE entries SET content_hash = 'edited' WHERE id = 'cq-2022-11-2.6-03'")
    lines = run("knowledge", "show", "cq-2022-11-2.6-03").stdout.splitlines()
    assert lines[-2:] == ["  for 居民、学校", "  beside it nev-purchase-tax"]
    shown = json.loads(run("knowledge", "show", "cq-2022-11-2.6-03", "--json").stdout)
    assert (shown["entry"]["tags"], shown["entry"]["programmes"]) == (["居民", "学校"], ["nev-purchase-tax"])


def test_coverage_lists_clauses_and_fails_where_one_has_no_entry(tmp_path: Path) -> None:
    before = json.loads(run("knowledge", "coverage", "--json").stdout)
    transport = next(item for item in before if item["clause_id"] == "cq-2022-11#2.6")
    assert (transport["kind"], transport["sentences"], transport["is_gap"]) == ("section", 12, False)
    path = tmp_path / "policy.txt"
    path.write_text(POLICY, encoding="utf-8")
    assert run("knowledge", "import", str(path)).exit_code == 0
    assert json.loads(run("knowledge", "coverage", "--json").stdout) == before  # a draft is not counted
    with sqlite3.connect(tmp_path / "var" / "lvxiaoyu.db") as database:
        database.execute("UPDATE documents SET state = 'published' WHERE id = 'cq-2026-5'")
    result = run("knowledge", "coverage", "--missing")
    assert result.exit_code == 1
    assert "cq-2026-5#1.1" in result.stderr
    assert "cq-2026-5#1," not in result.stderr  # a heading alone
    lines = result.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if "cq-2026-5#1.1 " in line)
    assert lines[at].split() == ["0", "0", "1", "1", "section", "cq-2026-5#1.1", "第一部分（一）目标"]
    assert lines[at + 1] == "    - 到2027年建成绿色商场一百家。"


def test_a_policy_is_imported_as_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(POLICY, encoding="utf-8")
    result = run("knowledge", "import", str(path))
    assert result.exit_code == 0, result.stderr
    assert "cq-2026-5" in result.stdout
    rows = json.loads(run("knowledge", "list", "--state", "draft", "--kind", "document", "--json").stdout)
    assert [row["id"] for row in rows] == ["cq-2026-5"]
    assert "建成绿色商场一百家" in run("knowledge", "show", "cq-2026-5").stdout


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff\xfe\x80" * 50])
def test_a_policy_file_without_text_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(content)
    result = run("knowledge", "import", str(path), "--id", "cq-2026-6")
    assert result.exit_code == 1
    assert "policy.txt" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_id_that_nothing_has_is_named() -> None:
    result = run("knowledge", "show", "nobody")
    assert result.exit_code == 1
    assert "'nobody'" in result.stderr


def test_the_doctor_changes_nothing(data_dir: Path) -> None:
    result = run("doctor")
    assert "database" in result.stdout
    assert not data_dir.exists()


def test_the_doctor_says_who_can_read_a_secret(data_dir: Path) -> None:
    (data_dir / "secrets").mkdir(parents=True)
    (data_dir / "secrets" / "action_token").write_text("x" * 40)
    (data_dir / "secrets" / "action_token").chmod(0o644)
    result = run("doctor")
    assert result.exit_code == 1
    assert "others can read" in result.stdout
    assert "chmod 600" in result.stdout


def test_the_doctor_knows_a_port_that_a_stranger_holds(
    held_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(held_port))
    result = run("doctor")
    assert result.exit_code == 1
    assert f"{held_port} is in use" in result.stdout

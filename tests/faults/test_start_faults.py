"""A start that meets something broken: one clear sentence and status 1, or a start that goes on and says so."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bench.system import free_port, running
from tests.e2e.system import LVXIAOYU, RASA_PYTHON, ROOT, chat, environment, get, wait_for

ALONE = {"LVXIAOYU_MANAGE_RASA": "false"}
QUESTION = "家里旧家电以旧换新，有活动吗"


def refused(data_dir: Path, folder: Path | None = None, **variables: str) -> str:
    """What `lvxiaoyu serve` says when it refuses to start: one line beside the progress."""
    usual = {
        "PORT": str(free_port()),
        "RASA_PORT": str(free_port()),
        "LVXIAOYU_RASA_PYTHON": str(RASA_PYTHON),
    }
    ended = subprocess.run(
        [str(LVXIAOYU), "serve"],
        cwd=folder or data_dir, env=environment(data_dir, **(usual | variables)),
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    progress = re.compile(r" *\d+\.\d s  ")
    (said,) = [line for line in ended.stderr.splitlines() if line and not progress.match(line)]
    assert said.startswith("error  ")
    return said.removeprefix("error  ")


@contextmanager
def held_port(host: str) -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind((host, 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_named_with_another_to_choose(tmp_path: Path, host: str) -> None:
    with held_port(host) as port:
        said = refused(tmp_path, PORT=str(port))
    assert said == (
        f"Port {port} on 127.0.0.1 is in use. Stop what holds it, or choose another: PORT={port + 1}."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_dialogue_port_in_use_is_named_with_its_setting(tmp_path: Path, host: str) -> None:
    with held_port(host) as port:
        said = refused(tmp_path, RASA_PORT=str(port))
    assert said == (
        f"Port {port} on 127.0.0.1 is in use: stop what holds it or choose another with RASA_PORT."
    )


def test_a_missing_dialogue_python_is_named_with_its_remedy(tmp_path: Path) -> None:
    said = refused(tmp_path, LVXIAOYU_RASA_PYTHON="/nowhere/bin/python")
    assert "/nowhere/bin/python cannot be run" in said
    assert "requirements/install.sh rasa" in said
    assert "LVXIAOYU_RASA_PYTHON" in said


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("port = = 1", "lvxiaoyu.toml is not valid TOML"),
        ("prot = 8000", "lvxiaoyu.toml sets 'prot', which is no setting"),
        ("log_level = 'loud'", "LVXIAOYU_LOG_LEVEL has the value 'loud'"),
        ("rasa_timeout_s = 1.0", "LVXIAOYU_ACTION_TIMEOUT_S (2.5 s) must be shorter than"),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, content: str, named: str
) -> None:
    (tmp_path / "lvxiaoyu.toml").write_text(content)
    assert named in refused(tmp_path / "var", folder=tmp_path)


def test_a_database_that_is_none_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    database = tmp_path / "lvxiaoyu.db"
    content = os.urandom(20_000)
    database.write_bytes(content)
    said = refused(tmp_path, **ALONE)
    assert f"The database sqlite:///{database} cannot be used" in said
    assert "lvxiaoyu doctor" in said
    assert database.read_bytes() == content


def test_an_encoder_that_is_missing_leaves_search_by_words(tmp_path: Path) -> None:
    with running(tmp_path, 60, status="degraded", LVXIAOYU_ENCODER="/nonexistent/model", **ALONE) as system:
        ready = get(system, "/readyz")
        assert ready.status_code == 200
        index = ready.json()["parts"]["index"]
        assert index["status"] == "degraded"
        assert "searching by words only" in index["detail"]
        assert "/nonexistent/model" in index["detail"]
        (message,) = chat(system, QUESTION)["messages"]
        assert message["kind"] == "answer"
        assert message["snapshot"] == ready.json()["snapshot"]
    assert "searching by words only" in (tmp_path / "serve.log").read_text("utf-8")


def test_a_damaged_live_snapshot_gives_way_to_the_one_before_and_is_repaired(tmp_path: Path) -> None:
    asked(tmp_path)
    earlier = live(tmp_path)
    with closing(sqlite3.connect(tmp_path / "lvxiaoyu.db")) as database, database:
        database.execute("UPDATE entries SET state = 'withdrawn' WHERE id = (SELECT min(id) FROM entries)")
    asked(tmp_path)
    damaged = live(tmp_path)
    assert damaged != earlier
    file = tmp_path / "snapshots" / damaged / "sentences" / "vectors.faiss"
    whole = file.read_bytes()
    file.write_bytes(whole[:-100] + bytes(100))

    with running(tmp_path, 60, **ALONE) as system:
        log = (tmp_path / "serve.log").read_text("utf-8")
        assert f"snapshot {damaged} is damaged: sentences/vectors.faiss" in log
        assert f"serving snapshot {earlier} instead" in log
        assert f"index: snapshot {earlier}" in log
        assert chat(system, QUESTION)["messages"][0]["kind"] == "answer"
        wait_for(lambda: get(system, "/readyz").json()["snapshot"] == damaged, 20, "the snapshot is repaired")
    assert file.read_bytes() == whole
    assert live(tmp_path) == damaged


def test_a_missing_python_3_10_is_one_sentence(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "cat", "sha256sum", "cut", "mkdir", "grep", "rm"):
        (tools / name).symlink_to(str(shutil.which(name)))
    ended = subprocess.run(
        [str(tmp_path / "requirements" / "install.sh"), "rasa"],
        env={"PATH": str(tools), "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    (said,) = ended.stderr.splitlines()
    assert said.startswith("Python 3.10 is missing: install it (")
    assert said.endswith("and run the same command again.")
    assert ended.stdout == ""
    assert not (tmp_path / ".venv-rasa").exists()


def asked(data_dir: Path) -> None:
    """One question on the command line: it brings the index up to the knowledge in the database."""
    subprocess.run(
        [str(LVXIAOYU), "ask", QUESTION, "--json"],
        cwd=data_dir, env=environment(data_dir), capture_output=True, timeout=240, check=True,
    )  # fmt: skip


def live(data_dir: Path) -> str:
    return json.loads((data_dir / "snapshots" / "CURRENT").read_text("utf-8"))["snapshot"]

"""A backup of what is in use, restored elsewhere and compared; and every file that must not be restored."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import stat
import tarfile
import threading
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from api.backup import archive, databases, service
from api.backup.errors import BackupError
from api.cli import app
from tests.backup.conftest import Place, all_of
from tests.campaigns.sending_world import subscribe_many

Usage = namedtuple("Usage", "total used free")


def quiet(line: str) -> None:
    pass


def made(place: Place, target: Path) -> Path:
    service.back_up(place.data_dir, place.database, target, quiet)
    return target


def test_what_is_restored_is_what_was_there(
    engine: Engine, place: Place, empty: Place, tmp_path: Path
) -> None:
    subscribe_many(engine, 300)
    before = all_of(place.database)
    assert sum(len(rows) for rows in before.values()) > 300
    file = made(place, tmp_path / "backup.tgz")
    subscribe_many(engine, 5, first=900)
    assert all_of(place.database) != before
    service.restore(file, empty.data_dir, empty.database, quiet)
    assert all_of(empty.database) == before
    for key in sorted(path.name for path in (place.data_dir / "secrets").iterdir()):
        assert (empty.data_dir / "secrets" / key).read_bytes() == (
            place.data_dir / "secrets" / key
        ).read_bytes()
    with closing(sqlite3.connect(empty.data_dir / "dialogue.db")) as connection:
        assert connection.execute("select count(*) from events").fetchone() == (50,)
    assert databases.revision_of(empty.database) == databases.revision_of(place.database)


def test_the_backup_is_of_one_moment_while_writers_go_on(
    engine: Engine, place: Place, empty: Place, tmp_path: Path
) -> None:
    stop = threading.Event()
    earlier, written = len(all_of(place.database)["subscriptions"]), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            subscribe_many(engine, 20, first=5000 + written)
            written += 20

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written < 100:
            pass
        file = made(place, tmp_path / "backup.tgz")
        at_least = written
        while written < at_least + 20:
            pass
    finally:
        stop.set()
        writer.join()
    service.restore(file, empty.data_dir, empty.database, quiet)
    people = len(all_of(empty.database)["subscriptions"]) - earlier
    assert 100 <= people <= written
    assert people % 20 == 0, "a transaction is in it whole or not at all"


def test_only_its_owner_may_read_keys_and_archive(place: Place, empty: Place, tmp_path: Path) -> None:
    file = made(place, tmp_path / "backup.tgz")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    service.restore(file, empty.data_dir, empty.database, quiet)
    assert stat.S_IMODE((empty.data_dir / "secrets").stat().st_mode) == 0o700
    assert all(stat.S_IMODE(key.stat().st_mode) == 0o600 for key in (empty.data_dir / "secrets").iterdir())


def test_a_place_in_use_is_left_as_it_is(place: Place, tmp_path: Path) -> None:
    file = made(place, tmp_path / "backup.tgz")
    before = all_of(place.database)
    with pytest.raises(BackupError, match="already"):
        service.restore(file, place.data_dir, place.database, quiet)
    with pytest.raises(BackupError, match="already"):
        service.restore(file, tmp_path / "fresh", place.database, quiet)
    assert all_of(place.database) == before
    assert not (tmp_path / "fresh" / "secrets").exists()


def changed(file: Path, change: Callable[[dict[str, object], dict[str, bytes]], None]) -> None:
    """The archive written again with a change to its manifest or its members."""
    with tarfile.open(file) as opened:
        members = {info.name: opened.extractfile(info).read() for info in opened}  # type: ignore[union-attr]
    manifest = json.loads(members.pop(archive.MANIFEST))
    change(manifest, members)
    with tarfile.open(file, "w:gz") as opened:
        for name, data in {archive.MANIFEST: json.dumps(manifest).encode(), **members}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))


def a_key_exchanged(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    members["secrets/contact_key"] = b"x" * 43


def a_stranger_in_it(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    members["../outside"] = b"x"


def a_stranger_named(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    members["../outside"] = b"x"
    manifest["members"]["../outside"] = "0" * 64  # type: ignore[index]


def a_member_gone(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    del members["secrets/contact_key"]


def of_a_later_version(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    manifest["revision"] = "9999"


def of_another_format(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    manifest["format"] = 2


def of_another_database(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    manifest["database"] = "postgresql" if manifest["database"] == "sqlite" else "sqlite"


def with_a_field_too_many(manifest: dict[str, object], members: dict[str, bytes]) -> None:
    manifest["surprise"] = 1


@pytest.mark.parametrize(
    "change",
    [
        a_key_exchanged, a_stranger_in_it, a_stranger_named, a_member_gone, of_a_later_version,
        of_another_format, of_another_database, with_a_field_too_many,
    ],
)  # fmt: skip
def test_what_is_not_as_it_was_written_is_refused_whole(
    change: Callable[[dict[str, object], dict[str, bytes]], None], place: Place, empty: Place, tmp_path: Path
) -> None:
    file = made(place, tmp_path / "backup.tgz")
    changed(file, change)
    with pytest.raises(BackupError):
        service.restore(file, empty.data_dir, empty.database, quiet)
    assert list(empty.data_dir.iterdir()) == []
    assert not (tmp_path / "outside").exists()
    if databases.kind_of(empty.database) == "postgresql":
        assert databases.tables_in(empty.database) == []


@pytest.mark.parametrize("left", [0, 1, 500, -200])
def test_a_file_that_is_cut_off_or_no_archive_is_refused(
    left: int, place: Place, empty: Place, tmp_path: Path
) -> None:
    file = made(place, tmp_path / "backup.tgz")
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(BackupError, match="backup"):
        service.restore(file, empty.data_dir, empty.database, quiet)
    assert list(empty.data_dir.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_is_copied(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10, 10, 1000))
    with pytest.raises(BackupError, match="another disk"):
        made(place, tmp_path / "backup.tgz")
    assert not (tmp_path / "backup.tgz").exists()


def test_a_backup_that_fails_leaves_the_last_one_and_nothing_else(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    last = made(place, folder / "backup.tgz").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        made(place, folder / "backup.tgz")
    assert (folder / "backup.tgz").read_bytes() == last
    assert os.listdir(folder) == ["backup.tgz"]


def test_where_nothing_was_set_up_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="keys"):
        service.back_up(tmp_path, f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "b.tgz", quiet)
    (tmp_path / "secrets").mkdir()
    with pytest.raises(BackupError, match="no database"):
        service.back_up(tmp_path, f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "b.tgz", quiet)
    assert not (tmp_path / "a.db").exists()


def test_on_the_command_line_it_says_what_was_done_and_what_is_wrong(
    place: Place, empty: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(command: str, there: Place) -> Result:
        monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(there.data_dir))
        monkeypatch.setenv("LVXIAOYU_DATABASE_URL", there.database)
        return CliRunner().invoke(app, [command, str(tmp_path / "backup.tgz")])

    assert "There is no file" in call("restore", empty).output
    assert call("backup", place).exit_code == 0
    restored = call("restore", empty)
    assert (restored.exit_code, "Restored what was there on 20" in restored.output) == (0, True)
    again = call("restore", empty)
    assert (again.exit_code, "already" in again.output) == (1, True)
    assert all_of(empty.database) == all_of(place.database)

"""Backing up a running installation, and restoring into an empty one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from api.backup import archive, databases
from api.backup.archive import Manifest
from api.backup.errors import BackupError

SECRETS = "secrets"
DIALOGUE = "dialogue.db"
_SQLITE, _POSTGRESQL = "database.sqlite", "database.pgdump"
_SPARE = 1.1
"""Of the space that the copies take: the archive stands beside them while it is written."""

Progress = Callable[[str], None]


def back_up(data_dir: Path, database: str, target: Path, progress: Progress) -> Manifest:
    """Writes `target` (an existing one is replaced at the end, in one step); the app may run meanwhile. The
    database is of one moment, Rasa's conversations of another. Raises BackupError, OSError."""
    kind = databases.kind_of(database)
    if not (data_dir / SECRETS).is_dir():
        raise BackupError(
            f"There are no keys in {data_dir / SECRETS}: name the data folder by LVXIAOYU_DATA_DIR."
        )
    dialogue = data_dir / DIALOGUE
    _room_for(
        target.parent, databases.size_of(database) + (dialogue.stat().st_size if dialogue.exists() else 0)
    )
    revision = databases.revision_of(database)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as name:
        folder = Path(name)
        progress("Copying the database")
        if kind == "sqlite":
            databases.copy_sqlite(databases.existing(database), folder / _SQLITE)
        else:
            databases.dump_postgresql(database, folder / _POSTGRESQL)
        if dialogue.exists():
            progress("Copying Rasa's conversations")
            databases.copy_sqlite(dialogue, folder / DIALOGUE)
        shutil.copytree(data_dir / SECRETS, folder / SECRETS)
        progress("Writing the archive")
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        return archive.write(target, folder, made_at=made_at, database=kind, revision=revision)


def restore(source: Path, data_dir: Path, database: str, progress: Progress) -> Manifest:
    """Into a data folder and a database that hold nothing yet; one that does is left as it is. Raises
    BackupError; everything is checked before anything is put in its place."""
    kind = databases.kind_of(database)
    if not source.is_file():
        raise BackupError(f"There is no file {source}.")
    _refuse_used(data_dir, database)
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as name:
        folder = Path(name)
        progress("Reading and checking the archive")
        manifest = archive.unpack(source, folder)
        if manifest.database != kind:
            raise BackupError(
                f"{source} is of {manifest.database}, and LVXIAOYU_DATABASE_URL names {kind}: use the same."
            )
        if manifest.revision not in databases.known_revisions():
            raise BackupError(f"{source} is of a later version of this software. Install that version first.")
        for path in (folder / _SQLITE, folder / DIALOGUE):
            if path.exists():
                databases.check_sqlite(path)
        progress("Putting everything in its place")
        if kind == "postgresql":
            databases.load_postgresql(database, folder / _POSTGRESQL)
        else:
            path = databases.sqlite_path(database)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / _SQLITE, path)
        if (folder / DIALOGUE).exists():
            os.replace(folder / DIALOGUE, data_dir / DIALOGUE)
        (folder / SECRETS).chmod(0o700)
        os.replace(folder / SECRETS, data_dir / SECRETS)
    return manifest


def _refuse_used(data_dir: Path, database: str) -> None:
    used = [name for name in (SECRETS, DIALOGUE) if (data_dir / name).exists()]
    if used:
        raise BackupError(
            f"{data_dir} holds {' and '.join(used)} already. Stop the assistant and move it away first."
        )
    if databases.kind_of(database) == "sqlite":
        path = databases.sqlite_path(database)
        if path.exists():
            raise BackupError(
                f"The database {path} exists already. Stop the assistant, move it away, and try again."
            )
    elif tables := databases.tables_in(database):
        raise BackupError(
            f"The database holds {len(tables)} tables already: name an empty one in LVXIAOYU_DATABASE_URL."
        )


def _room_for(folder: Path, bytes_needed: int) -> None:
    if not folder.is_dir():
        raise BackupError(f"There is no folder {folder}: make it, or name another file.")
    free, needed = shutil.disk_usage(folder).free, bytes_needed * (1 + _SPARE)
    if free < needed:
        raise BackupError(
            f"{folder} has {free / 1e6:,.0f} MB left and some {needed / 1e6:,.0f} MB are needed:"
            " name a file on another disk."
        )

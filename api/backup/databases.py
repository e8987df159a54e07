"""A consistent copy of a database that is in use, and a database made from such a copy.

SQLite's own backup and PostgreSQL's own pg_dump both read one moment's state and keep no writer waiting.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Literal

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, inspect, make_url

from api import migrations
from api.backup.errors import BackupError

Kind = Literal["sqlite", "postgresql"]
_BUSY_S = 60.0


def kind_of(address: str) -> Kind:
    """Raises BackupError for a database of another kind."""
    match make_url(address).get_backend_name():
        case "sqlite":
            return "sqlite"
        case "postgresql":
            return "postgresql"
        case other:
            raise BackupError(
                f"A database of the kind {other} cannot be backed up; use SQLite or PostgreSQL."
            )


def size_of(address: str) -> int:
    """Bytes that a copy takes at most, roughly."""
    if kind_of(address) == "sqlite":
        return existing(address).stat().st_size
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            size = connection.exec_driver_sql("select pg_database_size(current_database())").scalar_one()
            return int(size)
    finally:
        engine.dispose()


def sqlite_path(address: str) -> Path:
    """Where an SQLite database is, or would be."""
    return Path(make_url(address).database or "")


def existing(address: str) -> Path:
    """The file of an SQLite database. Raises BackupError where there is none."""
    path = sqlite_path(address)
    if not path.is_file():
        raise BackupError(
            f"There is no database at {path}: nothing was set up here yet. Run `make run` first."
        )
    return path


def copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=_BUSY_S)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)
        copy.execute("pragma journal_mode = delete")  # one file, without a journal beside it


def check_sqlite(path: Path) -> None:
    """Raises BackupError where the file is no whole database."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
            said = opened.execute("pragma integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"The copy of {path.name} is damaged ({said}). Take another backup file.")


def dump_postgresql(address: str, target: Path) -> None:
    _run("pg_dump", address, "--format=custom", "--compress=1", "--no-owner", "--no-acl", f"--file={target}")


def load_postgresql(address: str, source: Path) -> None:
    """All or nothing, into a database without tables."""
    _run(
        "pg_restore",
        address,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-acl",
        str(source),
    )


def tables_in(address: str) -> list[str]:
    engine = create_engine(address)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def revision_of(address: str) -> str | None:
    """The revision of the schema that a database has."""
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def known_revisions() -> frozenset[str]:
    """Those that this version can bring up to date."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def _run(program: str, address: str, *arguments: str) -> None:
    """The password goes by the environment: a command line can be read by everyone on the machine."""
    if shutil.which(program) is None:
        raise BackupError(f"{program} is not installed: `apt-get install postgresql-client`, then try again.")
    url = make_url(address)
    password = {"PGPASSWORD": url.password} if url.password else {}
    command = [program, f"--dbname={_without_password(url)}", "--no-password", *arguments]
    ran = subprocess.run(  # noqa: S603 - a fixed program; the rest is our own settings
        command, env={**os.environ, **password}, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        said = ran.stderr.strip().splitlines()
        raise BackupError(f"{program} failed: {said[0] if said else f'exit status {ran.returncode}'}.")


def _without_password(url: URL) -> str:
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string(hide_password=False)

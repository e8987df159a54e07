"""The shipped texts parsed once, and databases of both kinds."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.migrations import upgrade
from knowledge.content_loader import CONTENT, read_content
from knowledge.model import Clause
from knowledge.shipped import Shipped
from knowledge.store import Base, create_engine_for


@pytest.fixture(scope="session")
def shipped() -> Shipped:
    return read_content()


@pytest.fixture(scope="session")
def clauses(shipped: Shipped) -> dict[str, Clause]:
    return {clause.id: clause for item in shipped.documents for clause in item.clauses}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the shipped content that a test may change."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own, on a socket in a temporary folder."""
    try:
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("PostgreSQL's programs are not installed")
    programs = Path(found.stdout.strip())
    if not (programs / "initdb").exists():
        pytest.skip("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    options: dict[str, object] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options |= {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}

    def call(program: str, *arguments: str) -> None:
        subprocess.run([str(programs / program), *arguments], check=True, timeout=60, **options)  # type: ignore[call-overload]

    data = str(folder / "data")
    call("initdb", "-D", data, "-A", "trust", "-U", "test", "--no-sync", "-E", "UTF8", "--locale=C")
    call("pg_ctl", "-D", data, "-w", "-o", f"-c listen_addresses= -k {folder} -c fsync=off", "start")
    try:
        yield f"postgresql+psycopg://test@/postgres?host={folder}"
    finally:
        call("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'var' / 'app.db'}"
        upgrade(address)
        engine = create_engine_for(address)
    else:
        address = request.getfixturevalue("postgresql")
        upgrade(address)
        engine = create_engine_for(address)
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session

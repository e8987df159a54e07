"""An installation with something in it, on either database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.engine import Engine

from api.keys import load_keys
from knowledge.store import create_engine_for
from tests.knowledge.conftest import engine, postgresql  # noqa: F401 - fixtures


@dataclass(frozen=True)
class Place:
    data_dir: Path
    database: str


def say_something(dialogue: Path, events: int) -> None:
    """Rasa's conversations, in the way in which Rasa keeps them open."""
    dialogue.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(dialogue)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table if not exists events (id integer primary key, data text)")
        connection.executemany("insert into events (data) values (?)", [(f"{n}",) for n in range(events)])
        connection.commit()


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Place:  # noqa: F811
    data_dir = tmp_path / "var"
    load_keys(data_dir / "secrets")
    say_something(data_dir / "dialogue.db", 50)
    return Place(data_dir, engine.url.render_as_string(hide_password=False))


@pytest.fixture
def empty(engine: Engine, tmp_path: Path) -> Iterator[Place]:  # noqa: F811
    """Another machine: its data folder, and an empty database of the same kind."""
    data_dir = tmp_path / "elsewhere"
    if engine.dialect.name == "sqlite":
        yield Place(data_dir, f"sqlite:///{data_dir / 'lvxiaoyu.db'}")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("drop database if exists elsewhere")
        connection.exec_driver_sql("create database elsewhere")
    address = make_url(engine.url).set(database="elsewhere").render_as_string(hide_password=False)
    yield Place(data_dir, address)


def all_of(address: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    opened = create_engine_for(address)
    try:
        with opened.connect() as connection:
            names = sorted(opened.dialect.get_table_names(connection))
            return {
                name: sorted(
                    (tuple(row) for row in connection.exec_driver_sql(f'select * from "{name}"')), key=repr
                )
                for name in names
            }
    finally:
        opened.dispose()

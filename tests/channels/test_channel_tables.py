"""Migrations and the command line of channels."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from typer.testing import CliRunner

from api.accounts.assembling import build_staff
from api.accounts.audit import Sought
from api.accounts.roles import Role
from api.channels import tables
from api.cli import app
from api.clock import SystemClock
from api.migrations import config_for, upgrade
from api.settings import Settings
from knowledge.store import create_engine_for

OURS = {"channel_addresses", "channel_updates", "channel_confirmations", "channel_health"}


def test_models_and_migrations_agree(database: Engine) -> None:
    def ours(_item: object, name: str | None, kind: str, _reflected: bool, _compare: object) -> bool:
        return kind != "table" or name in OURS

    with database.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []


def test_channels_can_be_taken_back(database: Engine) -> None:
    with database.connect() as connection:
        command.downgrade(config_for(connection), "0018")
        connection.commit()
    assert not OURS & set(inspect(database).get_table_names())
    upgrade(database)
    assert set(inspect(database).get_table_names()) >= OURS


def test_an_administrator_confirms_and_withdraws_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVXIAOYU_DATA_DIR", str(tmp_path))
    settings = Settings(data_dir=tmp_path)
    upgrade(settings.database)
    engine = create_engine_for(settings.database)
    staff = build_staff(settings, engine, SystemClock())
    staff.accounts.add("li", roles=[Role.administrator], password="correct horse battery", by="cli:test")
    staff.accounts.add("wang", roles=[Role.editor], password="correct horse battery", by="cli:test")
    run = CliRunner().invoke
    for words, code, said in (
        (["show"], 0, "telegram: not set up, off: not confirmed"),
        (["confirm", "telegram", "--by", "wang"], 1, "wang is no active administrator"),
        (["confirm", "webhook", "--by", "li"], 1, "needs no confirmation"),
        (["withdraw", "telegram", "--by", "li"], 1, "is not confirmed"),
        (["confirm", "telegram", "--by", "li"], 0, "telegram may run now"),
        (["confirm", "telegram", "--by", "li"], 0, "was confirmed before"),
        (["show"], 0, "confirmed by li"),
        (["withdraw", "telegram", "--by", "li"], 0, "telegram is off"),
    ):
        result = run(app, ["channel", *words])
        assert (result.exit_code, said in result.output.replace("\n", " ")) == (code, True), result.output
    lines = [(line.what, line.by) for line in staff.audit.lines(Sought(kind="channel"))]
    assert lines == [("channel.withdrawn", "li"), ("channel.confirmed", "li")]
    engine.dispose()

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, delete, text, update
from sqlalchemy.exc import DBAPIError

from api.accounts.assembling import Staff
from api.accounts.audit import AuditLine, Sought
from api.accounts.tables import audit_log
from api.console.audit_export import as_csv, as_json_lines, between, harmless
from api.store.tables import metadata
from knowledge.journal import Journal
from knowledge.store import create_engine_for
from tests.api.kept import FRIDAY, SetClock


def write(staff: Staff, engine: Engine, *lines: tuple[str, str, str, str]) -> None:
    with engine.begin() as connection:
        for by, what, kind, subject in lines:
            staff.audit.record(connection, by=by, what=what, kind=kind, subject=subject)


def test_the_log_is_the_journal_that_services_take(staff: Staff) -> None:
    journal: Journal = staff.audit
    assert journal is staff.audit


def test_a_line_can_be_neither_changed_nor_deleted(staff: Staff, database: Engine) -> None:
    write(staff, database, ("li", "published", "entry", "e-1"))
    for statement in (update(audit_log).values(by="somebody else"), delete(audit_log)):
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
            connection.execute(statement)
    if database.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
            connection.execute(text("TRUNCATE audit_log"))
    assert [(line.by, line.subject) for line in staff.audit.lines(Sought())] == [("li", "e-1")]


def test_tables_made_without_migrations_are_guarded_as_well() -> None:
    engine = create_engine_for("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(audit_log.insert().values(at=FRIDAY, by="a", what="b", kind="c", subject="d"))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(delete(audit_log))


def test_a_change_that_fails_leaves_no_line(staff: Staff, database: Engine) -> None:
    with database.connect() as connection:
        staff.audit.record(connection, by="li", what="published", kind="entry", subject="e-1")
        connection.rollback()
    assert staff.audit.count(Sought()) == 0


def test_before_and_after_come_back_as_plain_json(staff: Staff, database: Engine) -> None:
    with database.begin() as connection:
        staff.audit.record(
            connection,
            by="li",
            what="draft.saved",
            kind="entry",
            subject="e-1",
            before={"valid_to": None},
            after={"valid_to": date(2026, 12, 31), "标签": ["居民"]},
        )
    (line,) = staff.audit.lines(Sought())
    assert line.before == {"valid_to": None}
    assert line.after == {"valid_to": "2026-12-31", "标签": ["居民"]}
    assert line.at == FRIDAY


def test_lines_are_found_by_person_verb_kind_subject_and_time(
    staff: Staff, database: Engine, clock: SetClock
) -> None:
    write(staff, database, ("li", "draft.saved", "entry", "e-1"), ("wang", "published", "entry", "e-1"))
    clock.later(days=1)
    write(
        staff, database, ("li", "draft.approved", "document", "cq_2026"), ("li", "drafted", "entry", "100%")
    )

    def found(sought: Sought) -> list[str]:
        return [line.what for line in staff.audit.lines(sought)]

    assert found(Sought(by="li")) == ["drafted", "draft.approved", "draft.saved"]
    assert found(Sought(what="draft")) == ["draft.approved", "draft.saved"]
    assert found(Sought(what="published")) == ["published"]
    assert found(Sought(kind="document")) == ["draft.approved"]
    assert found(Sought(text="_")) == ["draft.approved"]
    assert found(Sought(text="%")) == ["drafted"]
    assert found(Sought(since=FRIDAY + timedelta(hours=1))) == ["drafted", "draft.approved"]
    assert found(Sought(until=FRIDAY + timedelta(hours=1))) == ["published", "draft.saved"]
    assert staff.audit.count(Sought(by="li", kind="entry")) == 2
    assert staff.audit.choices() == {
        "by": ["li", "wang"],
        "what": ["draft.approved", "draft.saved", "drafted", "published"],
        "kind": ["document", "entry"],
    }


def test_every_line_is_read_page_by_page_and_none_twice(staff: Staff, database: Engine) -> None:
    write(staff, database, *[("li", "saved", "entry", str(number)) for number in range(1203)])
    read = [line.subject for line in staff.audit.every_line(Sought())]
    assert read == [str(number) for number in reversed(range(1203))]


def test_days_mean_days_in_chongqing(staff: Staff) -> None:
    first, end = between(date(2026, 11, 20), date(2026, 11, 20))
    assert first is not None
    assert end is not None
    assert (first.isoformat(), end.isoformat()) == ("2026-11-20T00:00:00+08:00", "2026-11-21T00:00:00+08:00")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    line = AuditLine(7, FRIDAY, "li", "saved", "entry", '=HYPERLINK("x")', None, {"问": '他说"好"\n换行'})
    written = "".join(as_csv([line]))
    assert written.startswith("\ufeffposition,at,by")
    (row,) = csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert row == {
        "position": "7",
        "at": "2026-11-20T16:00:00+08:00",
        "by": "li",
        "what": "saved",
        "kind": "entry",
        "subject": '\'=HYPERLINK("x")',
        "before": "",
        "after": json.dumps({"问": '他说"好"\n换行'}, ensure_ascii=False),
    }


def test_json_lines_hold_everything_as_it_is() -> None:
    line = AuditLine(7, FRIDAY, "li", "saved", "entry", "=1", {"a": 1}, None)
    (written,) = as_json_lines([line])
    assert json.loads(written) == {
        "position": 7,
        "at": "2026-11-20T08:00:00+00:00",
        "by": "li",
        "what": "saved",
        "kind": "entry",
        "subject": "=1",
        "before": {"a": 1},
        "after": None,
    }

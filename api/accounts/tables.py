"""The tables of accounts, their sessions and failures, and the audit log that only grows.

Passwords are argon2 hashes, session ids SHA-256 hashes. Who failed to sign in is kept as a hash as well:
people type passwords into the field for names.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
)

from api.store.tables import UtcDateTime, metadata

NAME_LENGTH = 64

staff = Table(
    "staff",
    metadata,
    Column("name", String(NAME_LENGTH), primary_key=True),
    Column("display_name", String(64), nullable=False),
    Column("password_hash", Text, nullable=True),
    Column("must_change", Boolean, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("external_id", String(512), nullable=True, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(NAME_LENGTH), nullable=False),
    Column("signed_in_at", UtcDateTime, nullable=True),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("name", ForeignKey("staff.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name_hash", String(64), nullable=True, index=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("locked_until", UtcDateTime, nullable=True),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("by", String(NAME_LENGTH), nullable=False, index=True),
    Column("what", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("before", JSON(none_as_null=True), nullable=True),
    Column("after", JSON(none_as_null=True), nullable=True),
    Index(None, "kind", "subject"),
)

GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_log_keeps_{verb.lower()} BEFORE {verb} ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_log_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_log is append-only'; END $$",
        "CREATE TRIGGER audit_log_keeps_rows BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_refuses()",
        "CREATE TRIGGER audit_log_keeps_all BEFORE TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuses()",
    ),
}
"""What makes the log append-only, a list of statements for each kind of database."""

for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        event.listen(audit_log, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

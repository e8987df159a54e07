"""The parts of accounts, put together over one database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from api.accounts.audit import AuditLog
from api.accounts.lockout import Lockout
from api.accounts.passwords import Passwords
from api.accounts.service import Accounts
from api.accounts.sessions import Sessions
from api.accounts.signing_in import SignIn
from api.clock import Clock
from api.settings import Settings


@dataclass(frozen=True, slots=True)
class Staff:
    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    audit: AuditLog


def build_staff(
    settings: Settings, engine: Engine, clock: Clock, *, passwords: Passwords | None = None
) -> Staff:
    audit = AuditLog(engine, clock=clock)
    passwords = passwords or Passwords()
    lockout = Lockout(engine, clock=clock)
    sessions = Sessions(
        engine,
        clock=clock,
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
    )
    accounts = Accounts(
        engine, clock=clock, journal=audit, sessions=sessions, lockout=lockout, passwords=passwords
    )
    sign_in = SignIn(
        engine, clock=clock, journal=audit, sessions=sessions, lockout=lockout, passwords=passwords
    )
    return Staff(accounts, sessions, sign_in, audit)

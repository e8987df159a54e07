"""Accounts over both kinds of database, a clock that is set, and a hasher that takes no time."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from api.accounts.assembling import Staff, build_staff
from api.accounts.passwords import Passwords
from api.settings import Settings
from tests.api.conftest import database
from tests.api.kept import SetClock
from tests.knowledge.conftest import postgresql

__all__ = ["database", "postgresql"]

PASSWORD = "春风-gentle-7788"
QUICK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


def quick_passwords() -> Passwords:
    return Passwords(PasswordHasher(**QUICK))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def staff(database: Engine, clock: SetClock, tmp_path: Path) -> Staff:
    settings = Settings(data_dir=tmp_path, session_idle_minutes=60, session_hours=12)
    return build_staff(settings, database, clock, passwords=quick_passwords())

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from api.accounts.assembling import Staff, build_staff
from api.accounts.audit import Sought
from api.accounts.errors import AccountTaken, SignInRefused
from api.accounts.passwords import Passwords
from api.accounts.roles import Right, Role
from api.accounts.sessions import hash_of
from api.accounts.signing_in import Vouched
from api.accounts.tables import staff as table
from api.accounts.tables import staff_sessions
from api.settings import Settings
from tests.accounts.conftest import PASSWORD, QUICK
from tests.api.kept import SetClock


class CountingHasher(PasswordHasher):
    """Counts what takes time."""

    def __init__(self) -> None:
        super().__init__(**QUICK)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return super().verify(hash, password)


def test_unknown_closed_and_wrong_cost_the_same_and_say_the_same(
    database: Engine, clock: SetClock, tmp_path: Path
) -> None:
    hasher = CountingHasher()
    staff = build_staff(Settings(data_dir=tmp_path), database, clock, passwords=Passwords(hasher))
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    staff.accounts.add("gone", roles=[Role.editor], password=PASSWORD, by="root")
    staff.accounts.close("gone", by="root")
    said = set()
    for name, password in (("li-lei", "wrong-wrong-1"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        before = hasher.verified
        with pytest.raises(SignInRefused) as refused:
            staff.sign_in.by_password(name, password, address="a")
        said.add(str(refused.value))
        assert hasher.verified == before + 1
    assert said == {"账号或密码不正确。"}


def test_a_name_that_nobody_has_is_written_nowhere(staff: Staff, database: Engine) -> None:
    with pytest.raises(SignInRefused):
        staff.sign_in.by_password("my-secret-password", "x", address="10.0.0.1")
    (line,) = staff.audit.lines(Sought())
    assert (line.by, line.what, line.subject, line.after) == (
        "?",
        "sign_in.refused",
        "?",
        {"address": "10.0.0.1"},
    )
    with database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, name_hash FROM sign_in_failures").all()
    assert len(rows) == 3
    assert "my-secret-password" not in str(rows)


def test_every_sign_in_makes_a_new_id_and_ends_the_one_before(staff: Staff) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    planted = staff.sign_in.by_password("li-lei", PASSWORD, address="a")
    mine = staff.sign_in.by_password("li-lei", PASSWORD, address="a", replacing=planted)
    assert mine != planted
    assert staff.sessions.find(planted) is None
    assert staff.sessions.find(mine) is not None


def test_the_database_holds_no_session_id(staff: Staff, database: Engine) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    token = staff.sign_in.by_password("li-lei", PASSWORD, address="a")
    with database.connect() as connection:
        assert list(connection.scalars(select(staff_sessions.c.id_hash))) == [hash_of(token)]
    assert hash_of(token) != token
    assert staff.sessions.find(hash_of(token)) is None


def test_a_session_ends_after_an_hour_without_use(staff: Staff, clock: SetClock) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    token = staff.sign_in.by_password("li-lei", PASSWORD, address="a")
    for _ in range(3):
        clock.later(minutes=59)
        assert staff.sessions.find(token) is not None
    clock.later(minutes=60)
    assert staff.sessions.find(token) is None


def test_a_session_ends_after_twelve_hours_of_use(staff: Staff, clock: SetClock) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    token = staff.sign_in.by_password("li-lei", PASSWORD, address="a")
    for _ in range(23):
        clock.later(minutes=30)
        assert staff.sessions.find(token) is not None
    clock.later(minutes=30)
    assert staff.sessions.find(token) is None


def test_asking_which_sessions_go_on_is_no_use_of_them(staff: Staff, clock: SetClock) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    session = hash_of(staff.sign_in.by_password("li-lei", PASSWORD, address="a"))
    clock.later(minutes=59)
    assert staff.sessions.still_open([session, "other"]) == {session}
    clock.later(minutes=1)
    assert staff.sessions.still_open([session]) == set()


def test_an_old_hash_is_made_anew_when_its_holder_signs_in(
    staff: Staff, database: Engine, clock: SetClock, tmp_path: Path
) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")
    stronger = Passwords(PasswordHasher(**{**QUICK, "memory_cost": 16}))
    today = build_staff(Settings(data_dir=tmp_path), database, clock, passwords=stronger)
    today.sign_in.by_password("li-lei", PASSWORD, address="a")
    with database.connect() as connection:
        assert "m=16,t=1,p=1" in str(connection.scalar(select(table.c.password_hash)))
    assert today.sign_in.by_password("li-lei", PASSWORD, address="a")


def test_somebody_vouched_for_gets_an_account_with_the_roles_of_the_provider(staff: Staff) -> None:
    person = Vouched("https://id|7", "Wang.Fang", "王芳", frozenset({Role.reviewer}))
    found = staff.sessions.find(staff.sign_in.by_provider(person, address="a"))
    assert found is not None
    assert (found.actor.name, found.actor.display_name) == ("wang.fang", "王芳")
    assert found.actor.may(Right.review)
    with pytest.raises(SignInRefused):
        staff.sign_in.by_password("wang.fang", "", address="a")


def test_other_roles_at_the_provider_are_followed_and_end_the_sessions(staff: Staff) -> None:
    person = Vouched("https://id|7", "wang", "王芳", frozenset({Role.reviewer}))
    before = staff.sign_in.by_provider(person, address="a")
    now = Vouched("https://id|7", "renamed", "王芳", frozenset({Role.viewer}))
    after = staff.sign_in.by_provider(now, address="a")
    assert staff.sessions.find(before) is None
    found = staff.sessions.find(after)
    assert found is not None
    assert (found.actor.name, found.actor.roles) == ("wang", frozenset({Role.viewer}))
    assert [line.what for line in staff.audit.lines(Sought(what="account"))] == [
        "account.changed",
        "account.added",
    ]


def test_the_provider_does_not_take_over_an_account_of_the_same_name(staff: Staff) -> None:
    staff.accounts.add("wang", roles=[Role.administrator], password=PASSWORD, by="root")
    with pytest.raises(AccountTaken, match="wang"):
        staff.sign_in.by_provider(Vouched("https://id|7", "wang", "", frozenset({Role.viewer})), address="a")


def test_somebody_without_a_role_does_not_get_in(staff: Staff) -> None:
    with pytest.raises(SignInRefused, match="角色"):
        staff.sign_in.by_provider(Vouched("https://id|7", "wang", "", frozenset()), address="a")
    assert staff.accounts.listed() == []

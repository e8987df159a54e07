from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, select

from api.accounts.assembling import Staff
from api.accounts.audit import Sought
from api.accounts.errors import AccountError, AccountTaken, InvalidAccount, SignInRefused, UnknownAccount
from api.accounts.roles import Role
from api.accounts.tables import staff as table
from tests.accounts.conftest import PASSWORD


def add(staff: Staff, name: str, *roles: Role) -> None:
    staff.accounts.add(name, roles=roles or (Role.editor,), password=PASSWORD, by="root")


def sign_in(staff: Staff, name: str, password: str = PASSWORD) -> str:
    return staff.sign_in.by_password(name, password, address="10.0.0.1")


def test_a_name_differs_neither_by_case_nor_by_width(staff: Staff) -> None:
    add(staff, " Ｌi.Lei ")
    assert [account.name for account in staff.accounts.listed()] == ["li.lei"]
    with pytest.raises(AccountTaken, match=r"li\.lei"):
        add(staff, "LI.LEI")
    assert staff.sessions.find(sign_in(staff, "Li.Lei")) is not None


@pytest.mark.parametrize("name", ["", "a", "a b", ".dot", "x" * 65, "a/b", "a\nb", "=cmd"])
def test_a_name_that_cannot_be_used_is_named(staff: Staff, name: str) -> None:
    with pytest.raises(InvalidAccount, match="账号名"):
        add(staff, name)
    assert staff.accounts.listed() == []


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-1", "长度"),
        ("x" * 129, "长度"),
        ("aaaaaaaaaabb", "太简单"),
        ("my-li-lei-pass", "账号名"),
        ("Password123", "太常见"),
    ],
)
def test_a_poor_password_is_refused(staff: Staff, password: str, why: str) -> None:
    with pytest.raises(InvalidAccount, match=why):
        staff.accounts.add("li-lei", roles=[Role.viewer], password=password, by="root")


def test_an_account_needs_a_role(staff: Staff) -> None:
    with pytest.raises(InvalidAccount, match="角色"):
        staff.accounts.add("li-lei", roles=[], password=PASSWORD, by="root")


def test_passwords_are_kept_as_argon2_hashes(staff: Staff, database: Engine) -> None:
    add(staff, "li-lei")
    with database.connect() as connection:
        stored = connection.scalar(select(table.c.password_hash))
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_an_invited_person_must_change_the_password_that_was_shown_once(staff: Staff) -> None:
    first = staff.accounts.invite("han", roles=[Role.viewer], by="root", display_name="韩")
    found = staff.sessions.find(sign_in(staff, "han", first))
    assert found is not None
    assert found.must_change
    staff.accounts.change_own_password("han", old=first, new=PASSWORD, address="10.0.0.1")
    assert staff.sessions.still_open([found.session]) == set()
    again = staff.sessions.find(sign_in(staff, "han"))
    assert again is not None
    assert not again.must_change


def test_the_own_password_changes_only_with_the_old_one(staff: Staff) -> None:
    add(staff, "li-lei")
    with pytest.raises(SignInRefused, match="原密码"):
        staff.accounts.change_own_password("li-lei", old="wrong-wrong", new="另一个-password-9", address="a")
    with pytest.raises(InvalidAccount, match="不能和原密码相同"):
        staff.accounts.change_own_password("li-lei", old=PASSWORD, new=PASSWORD, address="a")
    assert sign_in(staff, "li-lei")


def test_what_takes_rights_away_ends_the_sessions_at_once(staff: Staff) -> None:
    add(staff, "root-user", Role.administrator)
    ended: list[str] = []
    staff.sessions.watch(ended.extend)
    for change in (
        lambda: staff.accounts.change("li-lei", roles=[Role.viewer], by="root-user"),
        lambda: staff.accounts.set_password("li-lei", PASSWORD, by="root-user"),
        lambda: staff.accounts.close("li-lei", by="root-user"),
    ):
        if not ended:
            add(staff, "li-lei")
        token = sign_in(staff, "li-lei")
        found = staff.sessions.find(token)
        assert found is not None
        change()
        assert staff.sessions.find(token) is None
        assert ended[-1] == found.session


def test_another_display_name_ends_no_session(staff: Staff) -> None:
    add(staff, "li-lei")
    token = sign_in(staff, "li-lei")
    staff.accounts.change("li-lei", display_name="李雷", by="root")
    found = staff.sessions.find(token)
    assert found is not None
    assert found.actor.display_name == "李雷"


def test_a_closed_account_signs_in_again_after_it_was_reopened(staff: Staff) -> None:
    add(staff, "root-user", Role.administrator)
    add(staff, "li-lei")
    staff.accounts.close("li-lei", by="root-user")
    with pytest.raises(SignInRefused):
        sign_in(staff, "li-lei")
    staff.accounts.reopen("li-lei", by="root-user")
    assert sign_in(staff, "li-lei")


def test_the_last_administrator_stays(staff: Staff) -> None:
    add(staff, "one", Role.administrator)
    add(staff, "two", Role.administrator, Role.editor)
    assert staff.accounts.has_administrator()
    staff.accounts.change("two", roles=[Role.editor], by="one")
    with pytest.raises(AccountError, match="最后一个"):
        staff.accounts.close("one", by="two")
    with pytest.raises(AccountError, match="最后一个"):
        staff.accounts.change("one", roles=[Role.viewer], by="one")
    assert staff.accounts.has_administrator()


def test_two_administrators_closing_each_other_leave_one(staff: Staff) -> None:
    add(staff, "one", Role.administrator)
    add(staff, "two", Role.administrator)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def close(name: str, by: str) -> None:
        start.wait()
        try:
            staff.accounts.close(name, by=by)
            outcomes.append("closed")
        except AccountError:
            outcomes.append("kept")

    threads = [threading.Thread(target=close, args=pair) for pair in (("one", "two"), ("two", "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "kept"]
    assert staff.accounts.has_administrator()


def test_an_unknown_name_is_named(staff: Staff) -> None:
    for call in (staff.accounts.get, lambda name: staff.accounts.close(name, by="root")):
        with pytest.raises(UnknownAccount, match="nobody"):
            call("nobody")


def test_each_change_of_an_account_is_written_down_with_before_and_after(staff: Staff) -> None:
    add(staff, "one", Role.administrator)
    add(staff, "li-lei", Role.editor)
    staff.accounts.change("li-lei", roles=[Role.reviewer, Role.editor], display_name="李雷", by="one")
    staff.accounts.reset_password("li-lei", by="one")
    staff.accounts.close("li-lei", by="one")
    staff.accounts.close("li-lei", by="one")
    staff.accounts.reopen("li-lei", by="one")
    lines = staff.audit.lines(Sought(text="li-lei"))
    assert [(line.by, line.what, line.before, line.after) for line in reversed(lines)] == [
        ("root", "account.added", None, {"roles": ["editor"], "display_name": ""}),
        (
            "one",
            "account.changed",
            {"roles": ["editor"], "display_name": ""},
            {"roles": ["editor", "reviewer"], "display_name": "李雷"},
        ),
        ("one", "account.password_reset", None, None),
        ("one", "account.closed", None, None),
        ("one", "account.reopened", None, None),
    ]

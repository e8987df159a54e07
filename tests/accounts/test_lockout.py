from __future__ import annotations

import threading

import pytest

from api.accounts.assembling import Staff
from api.accounts.errors import SignInLocked, SignInRefused
from api.accounts.roles import Role
from tests.accounts.conftest import PASSWORD
from tests.api.kept import SetClock

HERE = "10.0.0.1"


@pytest.fixture(autouse=True)
def _account(staff: Staff) -> None:
    staff.accounts.add("li-lei", roles=[Role.editor], password=PASSWORD, by="root")


def fail(staff: Staff, times: int = 1, name: str = "li-lei", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused, match="不正确"):
            staff.sign_in.by_password(name, "wrong-wrong-1", address=address)


def wait_of(staff: Staff, name: str = "li-lei", address: str = HERE, password: str = PASSWORD) -> int:
    with pytest.raises(SignInLocked) as locked:
        staff.sign_in.by_password(name, password, address=address)
    return locked.value.wait_s


def test_five_failures_lock_even_the_right_password_out(staff: Staff) -> None:
    fail(staff, 5)
    assert wait_of(staff) == 30


def test_the_wait_doubles_with_each_further_failure_up_to_a_quarter_of_an_hour(
    staff: Staff, clock: SetClock
) -> None:
    fail(staff, 5)
    waits = []
    for _ in range(7):
        waits.append(wait_of(staff))
        clock.later(seconds=waits[-1])
        fail(staff)
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_who_waits_gets_in_and_starts_anew(staff: Staff, clock: SetClock) -> None:
    fail(staff, 5)
    clock.later(seconds=30)
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)
    fail(staff, 4)
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_trying_while_locked_does_not_make_it_longer(staff: Staff, clock: SetClock) -> None:
    fail(staff, 5)
    for _ in range(50):
        assert wait_of(staff, password="wrong-wrong-1") == 30
    clock.later(seconds=30)
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_a_stranger_does_not_lock_the_owner_out_at_once(staff: Staff) -> None:
    fail(staff, 5, address="203.0.113.9")
    assert wait_of(staff, address="203.0.113.9") == 30
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_many_addresses_together_lock_the_person(staff: Staff) -> None:
    for number in range(15):
        fail(staff, address=f"203.0.113.{number}")
    assert wait_of(staff, address=HERE) == 30


def test_many_names_from_one_address_lock_the_address(staff: Staff) -> None:
    for number in range(50):
        fail(staff, name=f"guess-{number}", address="203.0.113.9")
    assert wait_of(staff, address="203.0.113.9") == 30
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_signing_in_well_does_not_clean_the_address_of_failures_with_other_names(staff: Staff) -> None:
    for number in range(49):
        fail(staff, name=f"guess-{number}")
        if number % 10 == 0:
            assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)
    fail(staff, name="guess-last")
    assert wait_of(staff) == 30


def test_a_name_that_nobody_has_locks_just_the_same(staff: Staff) -> None:
    fail(staff, 5, name="nobody")
    assert wait_of(staff, name="nobody") == 30


def test_failures_are_forgotten_after_a_day(staff: Staff, clock: SetClock) -> None:
    fail(staff, 4)
    clock.later(hours=24, seconds=1)
    fail(staff, 4)
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_an_administrator_unlocks(staff: Staff) -> None:
    fail(staff, 5)
    assert staff.accounts.get("li-lei").locked_until is not None
    staff.accounts.unlock("li-lei", by="root")
    assert staff.accounts.get("li-lei").locked_until is None
    assert staff.sign_in.by_password("li-lei", PASSWORD, address=HERE)


def test_forty_guesses_at_once_are_no_more_than_five(staff: Staff) -> None:
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def guess() -> None:
        start.wait()
        for _ in range(5):
            try:
                staff.sign_in.by_password("li-lei", "wrong-wrong-1", address=HERE)
            except SignInLocked:
                outcomes.append("locked")
            except SignInRefused:
                outcomes.append("tried")

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("tried"), len(outcomes)) == (5, 40)

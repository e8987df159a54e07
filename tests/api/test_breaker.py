from __future__ import annotations

from api.breaker import Breaker


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_slow_failure_opens_at_once_and_one_caller_probes_later() -> None:
    hand = Hand()
    breaker = Breaker(retry_s=3.0, monotonic=hand)
    assert breaker.permit() == "go"
    breaker.failed(took_s=4.0)
    assert breaker.permit() == "no"
    hand.now = 3.0
    assert [breaker.permit(), breaker.permit()] == ["probe", "no"]
    breaker.succeeded()
    assert breaker.permit() == "go"


def test_quick_failures_open_it_only_in_a_row() -> None:
    breaker = Breaker(retry_s=3.0, monotonic=Hand())
    breaker.failed(took_s=0.01)
    breaker.failed(took_s=0.01)
    breaker.succeeded()
    breaker.failed(took_s=0.01)
    breaker.failed(took_s=0.01)
    assert breaker.permit() == "go"
    breaker.failed(took_s=0.01)
    assert breaker.permit() == "no"


def test_the_wait_doubles_with_each_failed_probe_up_to_half_a_minute() -> None:
    hand = Hand()
    breaker = Breaker(retry_s=3.0, monotonic=hand)
    breaker.failed(took_s=4.0)
    waits = []
    for _ in range(6):
        start = hand.now
        while breaker.permit() != "probe":
            hand.now += 1.0
        waits.append(hand.now - start)
        breaker.failed(took_s=4.0)
    assert waits == [3.0, 6.0, 12.0, 24.0, 30.0, 30.0]

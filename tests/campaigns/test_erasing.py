from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from campaigns.consent import load_terms
from campaigns.errors import InvalidInput
from campaigns.model import Subscriber
from campaigns.outcomes import Erased
from campaigns.subscriptions import Subscriptions
from tests.campaigns.parts import FIRST, LAN, OTHER, PERSON, SteppingClock, everything_stored, subscribe


def test_erasing_leaves_nothing_that_names_the_person(service: Subscriptions, engine: Engine) -> None:
    subscribe(service, "节能节水", "旧物回收", district="渝北区", message_id="by-lan-1")
    service.change(subscriber=LAN, district="城口县", message_id="by-lan-2")
    service.unsubscribe(subscriber=LAN, message_id="by-lan-3")
    subscribe(service, "节能节水", message_id="by-lan-4")
    subscribe(service, "节能节水", subscriber=Subscriber(PERSON, "telegram"), message_id="by-lan-5")
    subscribe(service, "反食品浪费", subscriber=OTHER, message_id="by-other")
    before = repr(everything_stored(engine))
    ids = {
        subscription.id
        for channel in ("web", "telegram")
        for subscription in service.subscriptions_of(
            subscriber=Subscriber(PERSON, channel), include_ended=True
        )
    }
    traces = {PERSON, *ids, *(f"by-lan-{number}" for number in range(1, 6))}
    assert len(ids) == 3
    assert all(trace in before for trace in traces)

    assert service.erase(person=PERSON) == Erased(subscriptions=3, consents=5)

    stored = everything_stored(engine)
    assert not [trace for trace in traces if trace in repr(stored)]
    assert [row[1:] for row in stored["subscription_erasures"]] == [(date(2026, 11, 20), "asked", 3, 5)]
    (kept,) = service.subscriptions_of(subscriber=OTHER)
    assert kept.topics == ("反食品浪费",)
    assert [event.wording for event in service.consents_of(subscriber=OTHER)] == [FIRST]


def test_erasing_a_person_who_left_nothing_leaves_no_row(service: Subscriptions, engine: Engine) -> None:
    subscribe(service, "节能节水")
    service.erase(person=PERSON)
    before = everything_stored(engine)
    assert service.erase(person=PERSON) == Erased(0, 0)
    assert everything_stored(engine) == before


def test_a_person_may_subscribe_again_after_erasure(service: Subscriptions) -> None:
    first = subscribe(service, "节能节水").subscription
    service.erase(person=PERSON)
    again = subscribe(service, "旧物回收").subscription
    assert service.subscriptions_of(subscriber=LAN, include_ended=True) == (again,)
    assert again.id != first.id


def test_a_person_of_the_wrong_shape_is_refused(service: Subscriptions) -> None:
    with pytest.raises(InvalidInput, match="The person is '%'; give a pseudonym"):
        service.erase(person="%")


def test_what_ended_is_deleted_after_the_days_that_the_wording_promises(
    service: Subscriptions, clock: SteppingClock, engine: Engine
) -> None:
    days = load_terms().kept_days_after_end
    subscribe(service, "节能节水")
    service.unsubscribe(subscriber=LAN)
    subscribe(service, "节能节水", subscriber=OTHER)
    clock.ahead(days=days, minutes=-5)
    assert service.delete_ended(kept_days=days) == Erased(0, 0)
    clock.ahead(minutes=5)
    assert service.delete_ended(kept_days=days) == Erased(subscriptions=1, consents=2)
    assert service.subscriptions_of(subscriber=LAN, include_ended=True) == ()
    assert len(service.subscriptions_of(subscriber=OTHER)) == 1
    (figures,) = everything_stored(engine)["subscription_erasures"]
    assert figures[2:] == ("expired", 1, 2)


@pytest.mark.parametrize("days", [-1, 10**9])
def test_days_out_of_bounds_are_named(service: Subscriptions, days: int) -> None:
    with pytest.raises(InvalidInput, match=f"kept_days is {days}; give"):
        service.delete_ended(kept_days=days)

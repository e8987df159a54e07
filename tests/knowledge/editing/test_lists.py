"""What ends soon, and what is old but often used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from knowledge.editing import Ageing, Draft, Editing, Ending
from tests.knowledge.editing.conftest import NOW, Clock

TODAY = date(2026, 11, 21)


def test_what_ends_within_thirty_days_is_listed_the_soonest_first(
    editing: Editing,
    current: Callable[..., dict[str, Any]],
    approved: Callable[..., Draft],
    publish: Callable[..., None],
) -> None:
    assert editing.ending(TODAY) == []
    publish(
        approved("entry", "ride-01", current("entry", "ride-01", valid_to="2026-12-21")),
        approved("entry", "ride-02", current("entry", "ride-02", valid_to="2026-12-22")),
        approved("entry", "loan-01", current("entry", "loan-01", valid_to="2026-11-20")),
        approved("programme", "bike-service", current("programme", "bike-service", valid_to="2026-11-21")),
        approved("document", "xx-2026-1", current("document", "xx-2026-1", effective_to="2026-12-01")),
    )
    assert editing.ending(TODAY) == [
        Ending("programme", "bike-service", "自行车借用", date(2026, 11, 21), 0),
        Ending("document", "xx-2026-1", "某区绿色出行办法", date(2026, 12, 1), 10),
        Ending("entry", "ride-01", "哪里可以停自行车？", date(2026, 12, 21), 30),
    ]
    assert [item.id for item in editing.ending(TODAY, days=31)][-1] == "ride-02"


def test_what_is_withdrawn_does_not_end(
    editing: Editing,
    current: Callable[..., dict[str, Any]],
    approved: Callable[..., Draft],
    publish: Callable[..., None],
) -> None:
    publish(approved("entry", "ride-01", current("entry", "ride-01", valid_to="2026-12-21")))
    draft = editing.propose_withdrawal(kind="entry", row_id="ride-01", by="li", note="过时")
    draft = editing.submit(draft.id, by="li", revision=1)
    publish(editing.approve(draft.id, by="wang", revision=2))
    assert editing.ending(TODAY) == []


def test_what_is_old_but_often_used_is_listed_the_most_used_first(
    editing: Editing,
    current: Callable[..., dict[str, Any]],
    approved: Callable[..., Draft],
    publish: Callable[..., None],
    clock: Clock,
) -> None:
    asked: list[datetime] = []

    def uses(since: datetime) -> Mapping[str, int]:
        asked.append(since)
        return {"ride-01": 12, "ride-02": 40, "loan-01": 9, "gone-01": 99}

    seeded = NOW - timedelta(days=400)
    assert editing.ageing(uses) == [
        Ageing("ride-02", "自行车道要建多长？", seeded, 40),
        Ageing("ride-01", "哪里可以停自行车？", seeded, 12),
    ]
    assert asked == [NOW - timedelta(days=90)]
    assert [item.id for item in editing.ageing(uses, at_least=9)] == ["ride-02", "ride-01", "loan-01"]
    publish(approved("entry", "ride-02", current("entry", "ride-02", plain="一百公里。")))
    assert [item.id for item in editing.ageing(uses)] == ["ride-01"]
    clock.forward(days=181)
    assert [item.id for item in editing.ageing(uses)] == ["ride-02", "ride-01"]

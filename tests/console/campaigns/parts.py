"""Campaigns and runs in the console's database, as staff and the sender leave them, and their pages' parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, func, insert, select, update

from api.clock import LOCAL, SystemClock
from campaigns.planning.model import Campaign
from campaigns.planning.service import Campaigns
from campaigns.store.campaign_tables import campaign_history, campaigns
from campaigns.store.delivery_tables import deliveries, run_sums, runs
from campaigns.store.tables import subscription_topics, subscriptions

TOPIC = "绿色消费活动周"
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
SLOW_MS = 60_000
GRAIN = "cq-2022-11#2.3"
QUIZ = {
    "question": "食堂怎么供餐？",
    "options": ["只供大份", "小份菜、半份菜"],
    "right": 1,
    "explanation": "方案鼓励小份菜、半份菜。",
    "clause_id": GRAIN,
}
CONTENT: dict[str, Any] = {
    "versions": {
        "default": {
            "text": "{district}的街坊，今天碗里不剩。",
            "links": [{"label": "看方案", "url": "https://www.cq.gov.cn/"}],
            "quick_replies": ["食堂可以提供小份菜、半份菜吗？"],
            "quiz": QUIZ,
            "pledge": "今天三顿饭，碗里不剩。",
        }
    },
    "clause_ids": [GRAIN],
}


def subscribe(engine: Engine, count: int, *, topic: str = TOPIC, district: str | None = None) -> list[str]:
    """So many new daily subscribers of the web pages; their pseudonyms."""
    people = [f"person-{uuid4().hex}" for _ in range(count)]
    since = SystemClock().now() - timedelta(days=9)
    rows = [
        {
            "id": uuid4().hex, "person": person, "channel": "web", "district": district, "setting": None,
            "frequency": "daily", "state": "active", "consented_at": since,
        }
        for person in people
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(subscriptions), rows)
        topics = [{"subscription_id": row["id"], "topic": topic, "since": since} for row in rows]
        connection.execute(insert(subscription_topics), topics)
    return people


def run_of(
    engine: Engine,
    campaign_id: str,
    states: Mapping[tuple[str, str | None], int],
    *,
    state: str = "finished",
    due_at: datetime | None = None,
    district: str | None = None,
) -> str:
    """A run of the campaign with so many deliveries in each state and reason; its id."""
    due = due_at or SystemClock().now() - timedelta(hours=1)
    run_id = uuid4().hex
    with engine.begin() as connection:
        row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()
        connection.execute(
            insert(runs).values(
                id=run_id, campaign_id=campaign_id, due_at=due, state=state, held_for=None,
                content=row.content, audience=row.audience, schedule=row.schedule,
                frozen_hash=row.frozen_hash, recipients=sum(states.values()), corrects=None, created_at=due,
                started_at=due, finished_at=due if state == "finished" else None,
            )
        )  # fmt: skip
        connection.execute(
            insert(deliveries),
            [
                {
                    "run_id": run_id, "person": uuid4().hex, "channel": "web", "district": district,
                    "state": name, "reason": reason, "attempts": 1,
                    "settled_at": None if name in ("queued", "leased", "sending") else due,
                }
                for (name, reason), number in states.items()
                for _ in range(number)
            ],
        )  # fmt: skip
    return run_id


def not_before(engine: Engine, run_id: str, when: datetime) -> None:
    """The run's queued deliveries wait until then."""
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.run_id == run_id).values(not_before=when))


def counted(engine: Engine, run_id: str, sums: Mapping[tuple[str, str], int], day: date) -> None:
    """What residents did after it."""
    rows = [
        {"run_id": run_id, "what": what, "which": which, "day": day, "count": number}
        for (what, which), number in sums.items()
    ]
    with engine.begin() as connection:
        connection.execute(insert(run_sums), rows)


def settle(engine: Engine, run_id: str, number: int) -> None:
    """So many of the run's queued deliveries went out."""
    chosen = select(deliveries.c.id).where(deliveries.c.run_id == run_id, deliveries.c.state == "queued")
    with engine.begin() as connection:
        ids = list(connection.scalars(chosen.limit(number)))
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(state="sent", settled_at=SystemClock().now())
        )


def draft(planning: Campaigns, title: str, **given: Any) -> Campaign:
    first = datetime.combine(SystemClock().today() + timedelta(days=3), datetime.min.time(), LOCAL)
    values = {
        "content": CONTENT,
        "audience": {"topics": [TOPIC]},
        "schedule": {"first_at": first.replace(hour=9, minute=30).isoformat()},
    } | given
    return planning.create(title=title, by="campaigner", key=uuid4().hex, **values)


def sure(planning: Campaigns, campaign: Campaign) -> set[str]:
    """Yes to all that is asked."""
    return {found.code for found in planning.problems(campaign) if found.asks}


def reviewed(planning: Campaigns, title: str, **given: Any) -> Campaign:
    made = draft(planning, title, **given)
    tested = planning.tested(made.id, hash=made.frozen_hash, by="campaigner", key=uuid4().hex)
    confirm = sure(planning, tested)
    return planning.submit(
        made.id, revision=tested.revision, by="campaigner", key=uuid4().hex, confirm=confirm
    )


def approved(planning: Campaigns, title: str, **given: Any) -> Campaign:
    made = reviewed(planning, title, **given)
    confirm = sure(planning, made)
    return planning.approve(made.id, revision=made.revision, by="approver", key=uuid4().hex, confirm=confirm)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/camp-{name}.png", full_page=True)


def no_wider(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def state(page: Page, name: str) -> None:
    expect(page.locator(".camp-badges .console-badge").first).to_have_text(name)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def row_of(engine: Engine, campaign_id: str) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()


def events(engine: Engine, campaign_id: str, what: str) -> int:
    table = campaign_history.c
    wanted = select(func.count()).where(table.campaign_id == campaign_id, table.what == what)
    with engine.connect() as connection:
        return connection.scalar(wanted) or 0

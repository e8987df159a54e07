"""The part "queue" of /readyz: whether campaigns' work can be handed on."""

from __future__ import annotations

import threading

import httpx
import pytest

from api.app import create_app
from api.campaigning.delivering import build_delivery
from tests.api.conftest import MakeServices


@pytest.mark.parametrize(
    ("url", "status", "detail"),
    [
        ("", "ready", None),
        (
            "redis://127.0.0.1:1/0",
            "unavailable",
            "the queue cannot be reached; campaigns wait, answers go on",
        ),
    ],
)
async def test_a_queue_that_is_gone_is_told_and_residents_get_answers_still(
    make_services: MakeServices, url: str, status: str, detail: str | None
) -> None:
    services = make_services(settings={"queue_url": url})
    services.delivery = build_delivery(
        services.settings,
        services.engine,
        clock=services.clock,
        senders=services.campaigning.senders,
        grounds=services.campaigning.grounds,
        runs=services.campaigning.runs,
    )
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["parts"]["queue"] == {"status": status, "detail": detail}


async def test_starting_and_stopping_leaves_no_thread_behind(make_services: MakeServices) -> None:
    services = make_services()
    delivery = build_delivery(
        services.settings,
        services.engine,
        clock=services.clock,
        senders=services.campaigning.senders,
        grounds=services.campaigning.grounds,
        runs=services.campaigning.runs,
    )
    before = set(threading.enumerate())
    delivery.start()
    assert {thread.name for thread in set(threading.enumerate()) - before} >= {"scheduler", "Worker-1"}
    delivery.stop()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]

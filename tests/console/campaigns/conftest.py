"""Campaigns in the database of a console that runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from api.clock import SystemClock
from api.web_channel.sender import WebSender
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.service import Campaigns
from knowledge.store import create_engine_for
from tests.console.campaigns.parts import subscribe
from tests.console.conftest import Console


@pytest.fixture(scope="module")
def engine(console: Console) -> Iterator[Engine]:
    engine = create_engine_for(console.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def subscribers(engine: Engine) -> list[str]:
    return subscribe(engine, 12) + subscribe(engine, 30, district="渝中区")


@pytest.fixture
def planning(engine: Engine) -> Campaigns:
    """The service over the same database, as the command line uses it."""
    return Campaigns(
        engine, now=SystemClock().now, journal=NoJournal(), grounds=AllHold(), offer=load_offer(),
        capabilities={"web": WebSender.capabilities},
    )  # fmt: skip

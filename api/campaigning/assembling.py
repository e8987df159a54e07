"""Puts campaigns together from the database, the channels and what is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy import Engine

from api.campaigning.grounds import PublishedGrounds
from api.campaigning.testing import TestSends
from api.clock import Clock
from campaigns.activities import Activities
from campaigns.delivery.runs import Runs
from campaigns.delivery.senders import Capabilities, Reaching, Sender
from campaigns.grounds import Grounds
from campaigns.journal import Journal
from campaigns.offer import load_offer
from campaigns.planning.service import Campaigns
from campaigns.planning.week import Weeks
from knowledge.model import Knowledge
from knowledge.publishing.withheld import Withheld


@runtime_checkable
class Withholding(Protocol):
    """A library from whose snapshot something was taken back at once."""

    @property
    def withheld(self) -> Withheld: ...


class CampaignOffice(Protocol):
    """What the desks of campaigns need of the app: all of it, or a command line's part."""

    @property
    def engine(self) -> Engine: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def campaigning(self) -> Campaigning: ...


@dataclass(frozen=True, slots=True)
class Campaigning:
    """`senders` are the channels there are, by name."""

    senders: Mapping[str, Sender]
    capabilities: Mapping[str, Capabilities]
    grounds: Grounds
    runs: Runs
    campaigns: Campaigns
    weeks: Weeks
    activities: Activities
    test_sends: TestSends


def build_campaigning(
    engine: Engine,
    *,
    clock: Clock,
    journal: Journal,
    knowledge: Callable[[], Knowledge | None],
    senders: Mapping[str, Sender],
    pseudonym: Callable[[str], str],
) -> Campaigning:
    """`knowledge` gives what may be answered from at this moment, None while there is no snapshot."""
    grounds, offer = PublishedGrounds(knowledge), load_offer()
    able = {name: sender.capabilities for name, sender in senders.items()}
    runs = Runs(engine, now=clock.now, journal=journal, grounds=grounds, offer=offer, senders=senders)
    campaigns = Campaigns(
        engine, now=clock.now, journal=journal, grounds=grounds, offer=offer, capabilities=able, runs=runs,
        reaching={name: sender for name, sender in senders.items() if isinstance(sender, Reaching)},
    )  # fmt: skip
    return Campaigning(
        senders=senders,
        capabilities=able,
        grounds=grounds,
        runs=runs,
        campaigns=campaigns,
        weeks=Weeks(engine, campaigns, now=clock.now, journal=journal, capabilities=able),
        activities=Activities(engine, now=clock.now, journal=journal, grounds=grounds, offer=offer),
        test_sends=TestSends(campaigns, senders, pseudonym=pseudonym),
    )


def answerable(library: object, knowledge: Knowledge) -> Knowledge:
    """`knowledge` without what was taken back at once."""
    return library.withheld.left_of(knowledge) if isinstance(library, Withholding) else knowledge

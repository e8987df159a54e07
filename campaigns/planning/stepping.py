"""One step of a campaign, as every button takes it: the key claimed, the checks made, one guarded change, its
line in the history and in the journal. Which steps there are is not known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from campaigns.errors import ChangedMeanwhile, NotAllowed
from campaigns.finding import open_findings
from campaigns.journal import Journal
from campaigns.offer import Offer
from campaigns.planning import keys, rows
from campaigns.planning.checks import Checks
from campaigns.planning.model import Campaign, InTheWay
from campaigns.store.transactions import writing
from campaigns.words import say

Step = Callable[[Connection, Campaign, datetime], Mapping[str, Any]]
"""What the step sets in the campaign's row, nothing for no change; it may raise."""


class Stepping:
    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime], journal: Journal, offer: Offer, checks: Checks
    ) -> None:
        self._engine, self._now, self._journal = engine, now, journal
        self._offer, self._checks = offer, checks

    def take(
        self,
        what: str,
        states: Collection[str],
        campaign_id: str,
        *,
        by: str,
        key: str,
        step: Step,
        confirm: Collection[str] = (),
        checks: bool = False,
        edited: bool = False,
        note: str | None = None,
    ) -> Campaign:
        """Claim the key, take the step in one guarded change, write it down. The checks, which may take a
        second over a million subscriptions, are made before, and hold for the revision they looked at."""
        looked: Campaign | None = None
        if checks:
            with self._engine.connect() as connection:
                first = keys.earlier(connection, key, what=what, subject=campaign_id, by=by)
                if first is not None:
                    return rows.campaign_from(first, self._offer)
                looked = rows.read(connection, campaign_id, self._offer)
                found = self._checks.all(connection, looked, self._now())
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what=what, subject=campaign_id, by=by, at=at)
            if first is not None:
                return rows.campaign_from(first, self._offer)
            campaign = rows.read(connection, campaign_id, self._offer, lock=True)
            if campaign.state not in states:
                state = say(f"state_{campaign.state}")
                raise NotAllowed(
                    say("step_not_now", title=campaign.title, state=state, step=say(f"step_{what}"))
                )
            values = step(connection, campaign, at)
            if looked is not None:
                check_revision(campaign, looked.revision)
                if standing := open_findings(found, confirm):
                    raise InTheWay(standing)
            after = campaign
            if values:
                rows.change(connection, campaign, **values)
                after = rows.read(connection, campaign_id, self._offer)
                said = note if not confirm else "；".join(filter(None, (note, "、".join(sorted(confirm)))))
                self.tell(
                    connection, after, at=at, by=by, what=what, edited=edited, note=said, before=campaign
                )
            keys.keep(connection, key, after.as_json())
            return after

    def tell(
        self,
        connection: Connection,
        campaign: Campaign,
        *,
        at: datetime,
        by: str,
        what: str,
        edited: bool,
        note: str | None,
        before: Campaign | None = None,
    ) -> None:
        """Write a step down, in the history and in the journal."""
        rows.note_down(
            connection, campaign.id, at=at, by=by, what=what, state=campaign.state, hash=campaign.frozen_hash,
            edited=edited, note=note,
        )  # fmt: skip
        self._journal.record(
            connection, by=by, what=f"campaign.{what}", kind="campaign", subject=campaign.id,
            before=None if before is None else _telling(before), after=_telling(campaign, note),
        )  # fmt: skip


def check_revision(campaign: Campaign, revision: int) -> None:
    """Raises ChangedMeanwhile where somebody else has changed it since."""
    if campaign.revision != revision:
        raise ChangedMeanwhile(say("campaign_changed", title=campaign.title))


def _telling(campaign: Campaign, note: str | None = None) -> dict[str, Any]:
    told = {"title": campaign.title, "state": campaign.state, "hash": campaign.frozen_hash}
    return told | ({"note": note} if note else {})

"""The staff's side of activities: written by campaign staff, approved by somebody else, told to residents."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from api.accounts.roles import Actor, Right
from api.campaigning.assembling import CampaignOffice
from campaigns.activities import Activity
from campaigns.finding import Finding


class ActivityDesk:
    def __init__(self, services: CampaignOffice, actor: Actor) -> None:
        self._actor = actor
        self._activities = services.campaigning.activities

    def list(self, *, states: Collection[str] | None = None, over: bool = True) -> Sequence[Activity]:
        """Those that begin last first."""
        self._actor.require(Right.read)
        return self._activities.list(states=states, over=over)

    def read(self, activity_id: str) -> Activity:
        self._actor.require(Right.read)
        return self._activities.read(activity_id)

    def problems(self, activity_id: str) -> tuple[Finding, ...]:
        self._actor.require(Right.read)
        return self._activities.problems(self._activities.read(activity_id))

    def create(self, *, key: str, **fields: object) -> Activity:
        self._actor.require(Right.campaign)
        return self._activities.create(by=self._actor.name, key=key, **fields)

    def save(self, activity_id: str, *, revision: int, key: str, **fields: object) -> Activity:
        self._actor.require(Right.campaign)
        return self._activities.save(activity_id, revision=revision, by=self._actor.name, key=key, **fields)

    def submit(self, activity_id: str, *, revision: int, key: str) -> Activity:
        self._actor.require(Right.campaign)
        return self._activities.submit(activity_id, revision=revision, by=self._actor.name, key=key)

    def approve(self, activity_id: str, *, revision: int, key: str) -> Activity:
        self._actor.require(Right.approve)
        return self._activities.approve(activity_id, revision=revision, by=self._actor.name, key=key)

    def send_back(self, activity_id: str, *, key: str, note: str) -> Activity:
        self._actor.require(Right.approve)
        return self._activities.send_back(activity_id, by=self._actor.name, key=key, note=note)

    def cancel(self, activity_id: str, *, key: str, reason: str = "") -> Activity:
        self._actor.require(Right.campaign)
        return self._activities.cancel(activity_id, by=self._actor.name, key=key, reason=reason)

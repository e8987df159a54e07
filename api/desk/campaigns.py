"""The staff's side of campaigns: planning, previews, test sends, approval, starting and stopping.

Everybody who may read may look; `campaign` plans and starts what is approved; `approve` approves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api.accounts.roles import Actor, Right
from api.campaigning.assembling import CampaignOffice
from campaigns import audiences
from campaigns.audience import audience_from
from campaigns.audiences import Counted, Sampled
from campaigns.content import Rendered
from campaigns.delivery.model import Progress
from campaigns.delivery.senders import Capabilities, Way
from campaigns.finding import Finding
from campaigns.offer import Offer, load_offer
from campaigns.planning.model import Campaign, Event
from campaigns.planning.people import people_of
from campaigns.planning.preset import KnownDay, Preset, known_days, load_preset
from campaigns.planning.week import Day, Week
from campaigns.rendering import names_for, render


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an audience means at this moment, before anything is sent; the sample names nobody."""

    counted: Counted
    by_district: Mapping[str | None, int]
    sample: Sequence[Sampled]


class CampaignDesk:
    def __init__(self, services: CampaignOffice, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._campaigns = services.campaigning.campaigns

    def list(
        self, *, states: Collection[str] | None = None, week_id: str | None = None
    ) -> Sequence[Campaign]:
        """Those touched last first."""
        self._actor.require(Right.read)
        return self._campaigns.list(states=states, week_id=week_id)

    def read(self, campaign_id: str) -> Campaign:
        self._actor.require(Right.read)
        return self._campaigns.read(campaign_id)

    def history(self, campaign_id: str) -> Sequence[Event]:
        self._actor.require(Right.read)
        return self._campaigns.history(campaign_id)

    def ways(self, campaign_id: str) -> Mapping[str, Sequence[Way]]:
        """By which way whom it would reach, and whom not: of the channels that reach people in several."""
        self._actor.require(Right.read)
        return self._campaigns.ways(self._campaigns.read(campaign_id))

    def problems(self, campaign_id: str) -> tuple[Finding, ...]:
        """What must be mended or confirmed before it goes out."""
        self._actor.require(Right.read)
        return self._campaigns.problems(self._campaigns.read(campaign_id))

    def capabilities(self) -> Mapping[str, Capabilities]:
        """The channels there are."""
        self._actor.require(Right.read)
        return self._services.campaigning.capabilities

    def offer(self) -> Offer:
        """The topics, settings and frequencies that an audience can name."""
        self._actor.require(Right.read)
        return load_offer()

    def preview(self, campaign_id: str, channel: str, district: str | None = None) -> Rendered:
        """As somebody of that district would see it there. Raises KeyError for a channel not there."""
        self._actor.require(Right.read)
        able = self._services.campaigning.capabilities[channel]
        return render(self._campaigns.read(campaign_id).message, channel, able, names_for(district))

    def reach(self, audience: object, *, sampled: int = 10) -> Reach:
        """Count an audience, given in its JSON form. Takes up to a second over a million subscriptions."""
        self._actor.require(Right.read)
        whom, now = audience_from(audience, load_offer()), self._services.clock.now()
        with self._services.engine.connect() as connection:
            return Reach(
                audiences.counted(connection, whom, now),
                audiences.by_district(connection, whom, now),
                audiences.sample(connection, whom, now, sampled),
            )

    def sending_s(self, campaign_id: str) -> float:
        """How many seconds of sending it would take now."""
        self._actor.require(Right.read)
        campaign = self._campaigns.read(campaign_id)
        with self._services.engine.connect() as connection:
            people = people_of(connection, campaign, self._services.clock.now())
        return self._campaigns.sending_s(campaign, people)

    def progress(self, campaign_id: str) -> Sequence[Progress]:
        """Where each run of it stands, the latest first."""
        self._actor.require(Right.read)
        runs = self._services.campaigning.runs
        return [runs.progress(run.id) for run in runs.of_campaign(campaign_id)]

    def create(
        self,
        *,
        title: str,
        content: object,
        audience: object,
        schedule: object,
        key: str,
        week_id: str | None = None,
    ) -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.create(
            title=title, content=content, audience=audience, schedule=schedule, by=self._actor.name, key=key,
            week_id=week_id,
        )  # fmt: skip

    def save(
        self,
        campaign_id: str,
        *,
        revision: int,
        title: str,
        content: object,
        audience: object,
        schedule: object,
        key: str,
    ) -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.save(
            campaign_id, revision=revision, title=title, content=content, audience=audience,
            schedule=schedule, by=self._actor.name, key=key,
        )  # fmt: skip

    def copy(self, campaign_id: str, *, key: str, title: str | None = None) -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.copy(campaign_id, by=self._actor.name, key=key, title=title)

    def test(
        self, campaign_id: str, *, channel: str, conversation: str, key: str, district: str | None = None
    ) -> Campaign:
        """Send what stands now to a conversation of the tester's own."""
        self._actor.require(Right.campaign)
        return self._services.campaigning.test_sends.send(
            campaign_id, channel=channel, conversation=conversation, district=district, by=self._actor.name,
            key=key,
        )  # fmt: skip

    def submit(self, campaign_id: str, *, revision: int, key: str, confirm: Collection[str] = ()) -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.submit(
            campaign_id, revision=revision, by=self._actor.name, key=key, confirm=confirm
        )

    def approve(
        self, campaign_id: str, *, revision: int, key: str, confirm: Collection[str] = ()
    ) -> Campaign:
        self._actor.require(Right.approve)
        return self._campaigns.approve(
            campaign_id, revision=revision, by=self._actor.name, key=key, confirm=confirm
        )

    def send_back(self, campaign_id: str, *, key: str, note: str) -> Campaign:
        self._actor.require(Right.approve)
        return self._campaigns.send_back(campaign_id, by=self._actor.name, key=key, note=note)

    def start(self, campaign_id: str, *, key: str, confirm: Collection[str] = ()) -> Campaign:
        """What is approved: at its time, or at once where it has none."""
        self._actor.require(Right.campaign)
        return self._campaigns.schedule(campaign_id, by=self._actor.name, key=key, confirm=confirm)

    def pause(self, campaign_id: str, *, key: str, reason: str = "") -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.pause(campaign_id, by=self._actor.name, key=key, reason=reason)

    def resume(self, campaign_id: str, *, key: str) -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.resume(campaign_id, by=self._actor.name, key=key)

    def cancel(self, campaign_id: str, *, key: str, reason: str = "") -> Campaign:
        self._actor.require(Right.campaign)
        return self._campaigns.cancel(campaign_id, by=self._actor.name, key=key, reason=reason)


class WeekDesk:
    """Campaign weeks, and the days to hang a campaign on."""

    def __init__(self, services: CampaignOffice, actor: Actor) -> None:
        self._actor, self._services = actor, services
        self._weeks = services.campaigning.weeks

    def list(self) -> Sequence[Week]:
        """The latest first."""
        self._actor.require(Right.read)
        return self._weeks.list()

    def read(self, week_id: str) -> Week:
        self._actor.require(Right.read)
        return self._weeks.read(week_id)

    def messages(self, week_id: str) -> Sequence[Campaign]:
        """In the order in which they go out."""
        self._actor.require(Right.read)
        return self._weeks.messages(week_id)

    def preset(self) -> Preset:
        self._actor.require(Right.read)
        return load_preset()

    def create(
        self, *, starts_on: object, source: str, key: str, title: str | None = None, short_only: bool = False
    ) -> Week:
        self._actor.require(Right.campaign)
        return self._weeks.create(
            starts_on=starts_on, source=source, by=self._actor.name, key=key, title=title,
            short_only=short_only,
        )  # fmt: skip

    def copy(
        self, week_id: str, *, starts_on: object, source: str, key: str, title: str | None = None
    ) -> Week:
        self._actor.require(Right.campaign)
        return self._weeks.copy(
            week_id, starts_on=starts_on, source=source, by=self._actor.name, key=key, title=title
        )

    def known_days(self) -> Sequence[KnownDay]:
        """Names of days with where their dates are found."""
        self._actor.require(Right.read)
        return known_days()

    def days(self, *, since: date | None = None) -> Sequence[Day]:
        self._actor.require(Right.read)
        return self._weeks.days(since=since)

    def type_day(self, *, name: str, starts_on: object, source: str, key: str, ends_on: object = None) -> Day:
        self._actor.require(Right.campaign)
        return self._weeks.type_day(
            name=name, starts_on=starts_on, source=source, by=self._actor.name, key=key, ends_on=ends_on
        )

    def remove_day(self, day_id: str) -> None:
        self._actor.require(Right.campaign)
        self._weeks.remove_day(day_id, by=self._actor.name)

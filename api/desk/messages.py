"""What somebody who writes a campaign is shown while writing: each channel's view, what is wrong, whom it
reaches and when it would be through. Takes the form as it stands in the page, saved or not; changes nothing
but the pictures that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.accounts.roles import Actor, Right
from api.services import Services
from api.web_channel.notices import Notice
from api.web_channel.sender import CHANNEL as WEB
from campaigns.audience import audience_from
from campaigns.content import Rendered, message_from
from campaigns.delivery.senders import Capabilities, Way
from campaigns.finding import Finding
from campaigns.model import DISTRICT
from campaigns.offer import load_offer
from campaigns.planning.people import people_of
from campaigns.planning.schedule import Schedule, schedule_from
from campaigns.rendering import names_for, render

_DUES_TOLD = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as one channel shows it. `card` is what the widget draws, for the web channel alone."""

    channel: str
    able: Capabilities
    rendered: Rendered
    card: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """`people` by channel would get it now; from `begins`, sending takes `takes_s` seconds and would be over
    at `ends`, breaks counted. `begins` None: as soon as somebody starts it; `ends` is reckoned from now.
    `ways`: of the channels that reach people in more than one."""

    findings: tuple[Finding, ...]
    people: Mapping[str, int]
    begins: datetime | None
    ends: datetime | None
    takes_s: float
    dues: Sequence[datetime]
    ways: Mapping[str, Sequence[Way]]


@dataclass(frozen=True, slots=True)
class Ground:
    """A clause or programme that a message cites, in words; None of it where it is not published."""

    id: str
    title: str
    label: str
    text: str


class MessageDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor

    def shown(self, content: object, channel: str, district: str | None = None) -> Shown:
        """As somebody of `district` would see it. Raises InvalidInput; KeyError for a channel not there."""
        self._actor.require(Right.read)
        able = self._services.campaigning.capabilities[channel]
        rendered = render(message_from(content), channel, able, names_for(district))
        return Shown(channel, able, rendered, self._card(rendered) if channel == WEB else None)

    def judged(self, campaign_id: str, form: Mapping[str, Any]) -> Judged:
        """What stands in the form: title, content, audience and schedule. Raises InvalidInput."""
        self._actor.require(Right.read)
        campaigning, now = self._services.campaigning, self._services.clock.now()
        campaign = replace(
            campaigning.campaigns.read(campaign_id),
            title=str(form["title"]),
            message=message_from(form["content"]),
            audience=audience_from(form["audience"], load_offer()),
            schedule=schedule_from(form["schedule"]),
        )
        with self._services.engine.connect() as connection:
            people = people_of(connection, campaign, now)
        takes_s = campaigning.campaigns.sending_s(campaign, people)
        begins = campaign.schedule.next_due(now)
        fixed = campaign.schedule.first_at is not None
        start = begins or (None if fixed else now)
        return Judged(
            findings=campaigning.campaigns.problems(campaign),
            people=people,
            begins=begins,
            ends=campaign.schedule.done_after(start, takes_s) if start else None,
            takes_s=takes_s,
            dues=campaign.schedule.dues(now, _DUES_TOLD),
            ways=campaigning.campaigns.ways(campaign),
        )

    def people(self, campaign_id: str) -> Mapping[str, int]:
        """How many a channel it would go to now."""
        self._actor.require(Right.read)
        campaign = self._services.campaigning.campaigns.read(campaign_id)
        with self._services.engine.connect() as connection:
            return people_of(connection, campaign, self._services.clock.now())

    def dues(self, schedule: Schedule, since: datetime, until: datetime) -> Sequence[datetime]:
        """When it is due between two moments, the second not included: for calendars."""
        self._actor.require(Right.read)
        found: list[datetime] = []
        after = since
        while len(found) < 50 and (due := schedule.next_due(after)) is not None and due < until:
            found.append(due)
            after = due
        return found

    def grounds(self, ids: Sequence[str]) -> Sequence[Ground]:
        """What the ids stand for, those that are not published left out."""
        self._actor.require(Right.read)
        held = self._services.library.knowledge
        found = []
        for each in ids:
            if (clause := held.clause_by_id.get(each)) is not None:
                title = held.document_by_id[clause.document_id].title
                found.append(Ground(each, title, clause.label, clause.text))
            elif (card := held.programme_by_id.get(each)) is not None:
                found.append(Ground(each, card.title, "", card.text))
        return found

    def districts(self) -> Sequence[str]:
        """Those that residents can choose."""
        self._actor.require(Right.read)
        names = self._services.library.knowledge.lexicon.districts
        return [name for name in names if DISTRICT.fullmatch(name)]

    def keep_picture(self, data: bytes) -> str:
        """Its address for a message. Raises ValueError where it can't be shown."""
        self._actor.require(Right.campaign)
        return self._services.web_channel.pictures.keep(data, by=self._actor.name)

    def _card(self, rendered: Rendered) -> dict[str, Any]:
        now = self._services.clock.now()
        notice = Notice(
            position=0, id="preview", conversation_id="preview", run_id="preview", content=rendered,
            created_at=now, opened_at=now, chosen=None, pledged_at=None,
        )  # fmt: skip
        (card,) = self._services.web_channel.showing.shown([notice])
        return card

"""Everything that is wrong with a campaign, or worth a question, before it goes out: in words.

Reads the store; changes nothing. Times are reckoned from the declared rates of the channels, of which a fifth
is kept for replies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from campaigns import rendering
from campaigns.content import Message
from campaigns.delivery.senders import Capabilities, Quota, Reaching, Way
from campaigns.finding import Finding, finding
from campaigns.grounds import Grounds
from campaigns.offer import Offer
from campaigns.planning.model import Campaign
from campaigns.planning.over_quota import Over, dues_of, over_quota
from campaigns.planning.people import people_of, persons_of
from campaigns.planning.rows import campaign_from
from campaigns.planning.schedule import LOCAL, Schedule, local_day
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import runs
from campaigns.words import say

FOR_BROADCASTS = 0.8
"""The share of a channel's rate that campaigns may take; the rest is for replies to residents."""
SAME_AGAIN = timedelta(hours=48)
_WAITING = ("approved", "scheduled", "running", "paused")


class Checks:
    """`capabilities` is read at each check, so that a channel that is switched on later counts."""

    def __init__(
        self,
        grounds: Grounds,
        offer: Offer,
        capabilities: Mapping[str, Capabilities],
        reaching: Mapping[str, Reaching] | None = None,
    ) -> None:
        """`reaching`: the channels that do not reach all their people alike, by name."""
        self._grounds, self._offer, self._capabilities = grounds, offer, capabilities
        self._reaching = reaching or {}

    def all(self, connection: Connection, campaign: Campaign, now: datetime) -> tuple[Finding, ...]:
        """Faults first, questions after them."""
        people = people_of(connection, campaign, now)
        found = [
            *self._content(campaign, people),
            *self._clauses(campaign, now),
            *self._audience(campaign, people),
            *self._reach(connection, campaign, people, now),
            *self._times(campaign, people, now),
            *self._quota(connection, campaign, people, now),
            *self._again(connection, campaign, now),
        ]
        return tuple(sorted(found, key=lambda each: each.asks))

    def sending_s(self, schedule: Schedule, people: Mapping[str, int]) -> float:
        """How many seconds of sending so many people a channel take."""
        by_channel = [
            number / (self._capabilities[channel].per_second * FOR_BROADCASTS)
            for channel, number in people.items()
            if channel in self._capabilities
        ]
        capped = sum(people.values()) / schedule.per_second if schedule.per_second else 0.0
        return max([capped, *by_channel])

    def ways(self, connection: Connection, campaign: Campaign, now: datetime) -> dict[str, tuple[Way, ...]]:
        """By which way whom it would reach when it begins, and whom not, by channel: of the channels that
        tell."""
        begins = _begins(campaign, now)
        return {
            channel: tuple(sender.ways(connection, persons_of(campaign, channel, now), begins))
            for channel, sender in sorted(self._reaching.items())
        }

    def _reach(
        self, connection: Connection, campaign: Campaign, people: Mapping[str, int], now: datetime
    ) -> Iterator[Finding]:
        for channel, ways in self.ways(connection, campaign, now).items():
            missed = [way for way in ways if not way.reached]
            if channel not in people or not missed:
                continue
            yield finding(
                "reach_not_all",
                asks=True,
                channel=channel,
                number=sum(way.people for way in missed),
                ways="；".join(say("reach_way", way=way.name, number=way.people) for way in ways),
            )

    def _content(self, campaign: Campaign, people: Mapping[str, int]) -> Iterator[Finding]:
        wanted = set(people) | set(campaign.audience.channels)
        reached = {channel: able for channel, able in self._capabilities.items() if channel in wanted}
        yield from rendering.problems(campaign.message, reached)
        if not campaign.message.clause_ids and campaign.message.activity_id is None:
            yield finding("nothing_cited", asks=True)
        for channel, number in people.items():
            if channel not in self._capabilities and self._capabilities:
                yield finding("channel_without_sender", asks=True, channel=channel, number=number)

    def _clauses(self, campaign: Campaign, now: datetime) -> Iterator[Finding]:
        day = local_day(_begins(campaign, now))
        for clause, reason in self._grounds.problems(cited(campaign.message), day).items():
            yield finding("clause_not_in_force", where=clause, clause=clause, reason=reason, day=day)

    def _audience(self, campaign: Campaign, people: Mapping[str, int]) -> Iterator[Finding]:
        number = sum(people.values())
        if number == 0:
            yield finding("audience_nobody")
        elif campaign.audience.everybody and campaign.corrects is None:
            yield finding("audience_everybody", asks=True, number=number)

    def _times(self, campaign: Campaign, people: Mapping[str, int], now: datetime) -> Iterator[Finding]:
        schedule = campaign.schedule
        running = campaign.state in ("running", "paused")
        if schedule.first_at is not None and schedule.first_at <= now and not running:
            if schedule.recurrence is None:
                yield finding("start_in_the_past", at=said(schedule.first_at))
                return
            if schedule.next_due(now) is None:
                yield finding("recurrence_over", day=schedule.ends_on)
                return
        if schedule.quiet is None:
            yield finding("quiet_hours_off", asks=True)
        begins = _begins(campaign, now)
        if not schedule.open_at(begins):
            yield finding(
                "start_while_closed", asks=True, at=said(begins), opens=said(schedule.next_opening(begins))
            )
        needs = self.sending_s(schedule, people)
        done, closes = schedule.done_after(begins, needs), schedule.closes_after(begins)
        if closes is not None and done > closes:
            yield finding(
                "window_too_short", asks=True, closes=said(closes), ends=said(done), takes=_span(needs)
            )
        following = schedule.next_due(begins)
        if following is not None and done > following:
            yield finding("runs_overlap", asks=True, ends=said(done), next=said(following))
        if following is not None and following - begins < SAME_AGAIN:
            yield finding("same_text_each_time", asks=True)

    def _quota(
        self, connection: Connection, campaign: Campaign, people: Mapping[str, int], now: datetime
    ) -> Iterator[Finding]:
        quotas = {
            channel: able.quota
            for channel, able in self._capabilities.items()
            if able.quota and channel in people
        }
        if not quotas:
            return
        others = [each for each in self._waiting(connection) if each.id != campaign.id]
        for channel, quota in quotas.items():
            over = over_quota(connection, campaign, others, channel, quota, now)
            if over is not None:
                yield finding(
                    f"quota_{quota.period}", asks=True, channel=channel, count=quota.count,
                    period=_period(over.since, quota), number=over.people, then=_then(campaign, over),
                )  # fmt: skip

    def _again(self, connection: Connection, campaign: Campaign, now: datetime) -> Iterator[Finding]:
        if campaign.corrects is not None:
            return
        begins, texts = _begins(campaign, now), _texts(campaign.message)
        whom = _whom(campaign.audience.as_json())
        recent = select(runs.c.content, runs.c.audience, runs.c.due_at, campaigns.c.title).join_from(
            runs, campaigns
        ).where(
            runs.c.due_at > begins - SAME_AGAIN, runs.c.due_at <= begins, runs.c.campaign_id != campaign.id,
            runs.c.state != "cancelled", runs.c.corrects.is_(None),
        )  # fmt: skip
        for row in connection.execute(recent):
            same = texts & {version["text"].strip() for version in row.content["versions"].values()}
            if same and _whom(row.audience) == whom:
                yield finding("same_text_again", asks=True, title=row.title, at=said(row.due_at))
                return
        for other in self._waiting(connection):
            if other.id == campaign.id or _whom(other.audience.as_json()) != whom:
                continue
            near = [due for due in dues_of(other, now) if abs(due - begins) < SAME_AGAIN]
            if near and texts & _texts(other.message):
                yield finding("same_text_again", asks=True, title=other.title, at=said(near[0]))
                return

    def _waiting(self, connection: Connection) -> list[Campaign]:
        wanted = select(campaigns).where(campaigns.c.state.in_(_WAITING))
        return [campaign_from(dict(row), self._offer) for row in connection.execute(wanted).mappings()]


def cited(message: Message) -> tuple[str, ...]:
    """Every clause and programme that the message rests on, its quizzes' too."""
    quizzes = (content.quiz.clause_id for content in message.versions.values() if content.quiz)
    return tuple(dict.fromkeys((*message.clause_ids, *(clause for clause in quizzes if clause))))


def said(moment: datetime) -> str:
    """As people read it, in Chongqing's time."""
    local = moment.astimezone(LOCAL)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def _begins(campaign: Campaign, now: datetime) -> datetime:
    """When the next run begins, or would if it were started now."""
    return campaign.schedule.next_due(now) or max(now, campaign.schedule.first_at or now)


def _period(since: datetime, quota: Quota) -> str:
    local = since.astimezone(LOCAL)
    return f"{local.year}年{local.month}月" + (f"{local.day}日" if quota.period == "day" else "")


def _then(campaign: Campaign, over: Over) -> str:
    """What becomes of those over the quota."""
    if campaign.schedule.over_quota == "skip":
        return say("quota_skip")
    return say("quota_late" if over.waits_until is None else "quota_wait", until=said(over.next_opens))


def _texts(message: Message) -> set[str]:
    return {content.text.strip() for content in message.versions.values()}


def _whom(audience: Mapping[str, object]) -> dict[str, object]:
    """The audience without what does not say whom it means."""
    return {name: value for name, value in audience.items() if name != "exclude_recent_h"}


def _span(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes}分钟" if minutes < 120 else f"{minutes / 60:.1f}小时"

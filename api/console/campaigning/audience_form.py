"""Whom a campaign is for: filters over what residents chose themselves, with the count and a sample that
names nobody, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import events, ui

from api.console.campaigning.elements import named, section
from api.console.campaigning.filling import filled
from api.console.campaigning.places import Places
from api.console.campaigning.words import table, word
from api.console.parts import failures_said, figure_card, in_thread, when
from api.console.writing.days import day_input
from api.console.writing.form import Form
from api.desk.campaigns import CampaignDesk, Reach
from api.desk.runs import SMALLEST_GROUP
from campaigns.audience import MOST_HOURS, WHOLE_CITY
from campaigns.audiences import Sampled
from campaigns.offer import Offer

_SAMPLED = 8
_DISTRICTS_TOLD = 8


class AudienceForm:
    def __init__(
        self,
        form: Form,
        desk: CampaignDesk,
        *,
        places: Places,
        offer: Offer,
        districts: Sequence[str],
        channels: Sequence[str],
        corrects: str | None,
    ) -> None:
        self._form, self._desk = form, desk
        self._choices: dict[str, ui.select] = {}
        if corrects is not None:
            with section("发给谁"):
                ui.label("这是更正：只发给收到上一批消息的人，一个不多，一个不少。").classes(
                    "camp-banner calm"
                )
                ui.link("看上一批", f"/campaigns/runs/{corrects}")
                places.here("audience")
            return
        with ui.element("div").classes("camp-two"):
            with section("发给谁", "只有订阅了的居民会收到。什么都不选就是全部订阅者。"):
                self._select("订阅的主题", "topics", {name: name for name in offer.topics.names})
                named_districts = {WHOLE_CITY: "没选区县的人（全市）", **{name: name for name in districts}}
                self._select("区县", "districts", named_districts)
                self._select("渠道", "channels", {name: word("channel", name) for name in channels})
                self._select("自己说的场所", "settings", {name: name for name in offer.settings.names})
                self._select("想怎么收", "frequency", table("frequency"), many=False)
                self._since = day_input(
                    "从哪天起订阅的（可不填）",
                    value=self._audience.get("since"),
                    on_day=lambda day: self._put("since", day),
                )
                self._since.classes("full-width").enabled = form.editable
                self._recent = ui.number(
                    "最近多少小时收过别的宣传就不发（0 表示不管）",
                    value=self._audience.get("exclude_recent_h", 0),
                    min=0,
                    max=MOST_HOURS,
                    precision=0,
                )
                named(self._recent.props("outlined dense hide-bottom-space"), "最近收过的小时数").classes(
                    "full-width"
                )
                self._recent.enabled = form.editable
                self._recent.on_value_change(lambda event: self._put("exclude_recent_h", _hours(event.value)))
                places.here("audience")
            with section("现在是哪些人"):
                self._counted = ui.column().classes("full-width").props("role=status aria-live=polite")
        form.on_redraw(self._redraw)
        form.watch(self._count, delay_s=0.6)

    @property
    def _audience(self) -> dict[str, Any]:
        audience: dict[str, Any] = self._form.content["audience"]
        return audience

    def _select(self, label: str, field: str, options: Mapping[str, str], *, many: bool = True) -> None:
        value = self._audience.get(field)
        chosen: Any = list(value or []) if many else value
        known = dict(options) | {each: each for each in (chosen if many else []) if each not in options}
        box = ui.select(known, label=label, value=chosen, multiple=many, clearable=True)
        box.props("outlined dense options-dense" + (" use-chips" if many else ""))
        named(box, label).classes("full-width")
        box.enabled = self._form.editable

        def changed(event: events.ValueChangeEventArguments[Any]) -> None:
            self._put(field, list(event.value or []) if many else event.value)

        box.on_value_change(changed)
        self._choices[field] = box

    def _put(self, field: str, value: Any) -> None:
        if self._audience.get(field) != value:
            self._audience[field] = value
            self._form.touch()

    def _redraw(self) -> None:
        for field, box in self._choices.items():
            value = self._audience.get(field)
            box.value = value if field == "frequency" else list(value or [])
        self._since.value = self._audience.get("since") or ""
        self._recent.value = self._audience.get("exclude_recent_h", 0)

    async def _count(self) -> None:
        wanted = filled(self._form.content)["audience"]
        with failures_said():
            reach = await in_thread(self._desk.reach, wanted, sampled=_SAMPLED)
            if filled(self._form.content)["audience"] != wanted:
                return  # a newer question is on its way
            self._counted.clear()
            with self._counted:
                self._draw(reach)

    def _draw(self, reach: Reach) -> None:
        counted = reach.counted
        with ui.row().classes("camp-figures"):
            figure_card("会收到", f"{counted.total:,} 人")
            for channel, number in counted.by_channel.items():
                figure_card(word("channel", channel), f"{number:,}")
        if counted.recent:
            ui.label(f"另有 {counted.recent:,} 人条件符合，但最近收过别的宣传，这次不发。").classes("dim")
        if not counted.total:
            ui.label("现在一个人也没有。").classes("writing-trouble")
            return
        told = [
            f"{name or '全市'} {number:,}"
            for name, number in reach.by_district.items()
            if number >= SMALLEST_GROUP
        ][:_DISTRICTS_TOLD]
        if told:
            ui.label("区县：" + "、".join(told)).classes("dim")
        ui.label("随手抽几个看看（看不到是谁）").classes("text-weight-medium")
        with ui.column().classes("camp-sample").props('role=list aria-label="抽样"'):
            for each in reach.sample:
                ui.label(_sampled(each)).props("role=listitem")


def _hours(typed: float | None) -> int:
    return min(MOST_HOURS, max(0, int(typed or 0)))


def _sampled(each: Sampled) -> str:
    parts = [word("channel", each.channel), each.district or "全市", each.setting or "没说场所"]
    return " · ".join([*parts, word("frequency", each.frequency), f"{when(each.since, year=True)[:10]} 订阅"])

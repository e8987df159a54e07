"""When a campaign goes out: by hand, once, or again and again; the hours in which it may; and when it would
be through, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from nicegui import ui

from api.clock import LOCAL
from api.console.campaigning.elements import WEEKDAYS, clock_input, moment_said, named, section, span_said
from api.console.campaigning.places import Places
from api.console.writing.days import day_input
from api.console.writing.form import Form
from api.desk.messages import Judged

_MODES = {"by_hand": "批准后手动开始", "once": "定一个时间", "again": "重复发送"}
_EVERY = {"daily": "每天", "weekly": "每周的这几天", "monthly": "每月的这一天", "own": "按原来的规则"}
_OVER_QUOTA = {"skip": "这次跳过，不发了", "wait": "等下一个额度周期再发"}
_CRON_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = "09:30"
_QUIET = ["21:00", "08:00"]


class ScheduleForm:
    def __init__(self, form: Form, *, places: Places) -> None:
        self._form = form
        with ui.element("div").classes("camp-two"):
            with section("什么时候发", "都是重庆时间。"):
                self._body = ui.column().classes("full-width")
                places.here("schedule")
            with section("发出去会是这样"):
                self._told = ui.column().classes("full-width").props("role=status aria-live=polite")
        form.on_redraw(self.draw)
        self.draw()

    @property
    def _schedule(self) -> dict[str, Any]:
        schedule: dict[str, Any] = self._form.content["schedule"]
        return schedule

    def tell(self, judged: Judged | None) -> None:
        """How it would go, as the form stands; None while it can't be told."""
        self._told.clear()
        with self._told:
            if judged is None:
                ui.label("把时间填完整，这里会说什么时候发完。").classes("dim")
                return
            number = sum(judged.people.values())
            begins = moment_said(judged.begins) if judged.begins else "有人点“开始”的时候"
            _line("event", f"第一条发出：{begins}")
            _line(
                "groups",
                f"现在有 {number:,} 人，全部发出大约要 {span_said(timedelta(seconds=judged.takes_s))}",
            )
            for ways in judged.ways.values():
                for way in ways:
                    _line("near_me" if way.reached else "person_off", f"{way.name}：{way.people:,} 人")
            if judged.ends is not None:
                by_hand = "如果现在开始，" if judged.begins is None else ""
                _line("flag", f"{by_hand}预计 {moment_said(judged.ends)} 发完")
            if len(judged.dues) > 1:
                _line("repeat", "接下来：" + "、".join(moment_said(due) for due in judged.dues))

    def draw(self) -> None:
        self._body.clear()
        with self._body:
            mode = ui.radio(_MODES, value=self._mode, on_change=lambda event: self._switch(event.value))
            mode.props('inline dense aria-label="怎么发"').enabled = self._form.editable
            if self._mode != "by_hand":
                self._draw_first()
            if self._mode == "again":
                self._draw_again()
            ui.separator()
            self._draw_hours("只在这个时段里发", "window", ["09:00", "20:00"])
            self._draw_hours("免打扰时段（这段时间一条也不发，剩下的等开了再发）", "quiet", _QUIET)
            self._draw_over_quota()
            with ui.expansion("更多").props("dense").classes("full-width"):
                self._number("晚了多少分钟以上，就停下等人决定", "misfire_limit_min", whole=True)
                self._number("每秒最多发几条（不填就按渠道的速度）", "per_second", whole=False)

    @property
    def _mode(self) -> str:
        if self._schedule.get("first_at") is None:
            return "by_hand"
        return "again" if self._schedule.get("recurrence") else "once"

    def _put(self, field: str, value: Any, *, redraw: bool = False) -> None:
        if self._schedule.get(field) != value:
            self._schedule[field] = value
            self._form.touch()
            if redraw:
                self.draw()

    def _switch(self, mode: str) -> None:
        if mode == "by_hand":
            self._schedule.update(first_at=None, recurrence=None, ends_on=None)
        else:
            if self._schedule.get("first_at") is None:
                tomorrow = datetime.now(LOCAL).date() + timedelta(days=1)
                self._schedule["first_at"] = _moment(tomorrow, _AT)
            self._schedule["recurrence"] = {"day_of_week": "mon"} if mode == "again" else None
            if mode == "once":
                self._schedule["ends_on"] = None
        self._form.touch()
        self.draw()

    def _draw_first(self) -> None:
        first = datetime.fromisoformat(self._schedule["first_at"]).astimezone(LOCAL)
        parts = {"day": first.date().isoformat(), "at": f"{first:%H:%M}"}

        def changed(field: str, value: str | None) -> None:
            parts[field] = value or parts[field]
            self._put("first_at", _moment(date.fromisoformat(parts["day"]), parts["at"]))

        with ui.row().classes("camp-pair"):
            label = "第一次：日期" if self._mode == "again" else "日期"
            box = day_input(label, value=parts["day"], on_day=lambda day: changed("day", day))
            box.enabled = self._form.editable
            at = clock_input("钟点", parts["at"], lambda value: changed("at", value))
            at.enabled = self._form.editable

    def _draw_again(self) -> None:
        recurrence: Mapping[str, str] = self._schedule["recurrence"]
        every = _every(recurrence)
        options = {name: text for name, text in _EVERY.items() if name != "own" or every == "own"}
        chosen = ui.select(options, label="多久一次", value=every)
        named(chosen.props("outlined dense options-dense"), "多久一次").classes("full-width")
        chosen.enabled = self._form.editable
        chosen.on_value_change(lambda event: self._repeat(event.value))
        if every == "weekly":
            days = recurrence["day_of_week"].split(",")
            with ui.row().classes("camp-days").props('role=group aria-label="星期"'):
                for at, name in enumerate(_CRON_DAYS):
                    box = ui.checkbox(f"周{WEEKDAYS[at]}", value=name in days)
                    box.enabled = self._form.editable
                    box.on_value_change(lambda event, name=name: self._weekday(name, event.value))
        elif every == "monthly":
            day = ui.number("每月几号", value=int(recurrence["day"]), min=1, max=31, precision=0)
            named(day.props("outlined dense hide-bottom-space"), "每月几号")
            day.enabled = self._form.editable
            day.on_value_change(lambda e: self._put("recurrence", {"day": str(int(e.value or 1))}))
        elif every == "own":
            ui.label("，".join(f"{name} {value}" for name, value in recurrence.items())).classes("dim")
        until = day_input(
            "到哪天为止（不填就一直发下去）",
            value=self._schedule.get("ends_on"),
            on_day=lambda day: self._put("ends_on", day),
        )
        until.classes("full-width").enabled = self._form.editable

    def _repeat(self, every: str) -> None:
        rules = {"daily": {"day": "*"}, "weekly": {"day_of_week": "mon"}, "monthly": {"day": "1"}}
        if every in rules:
            self._put("recurrence", rules[every], redraw=True)

    def _weekday(self, name: str, on: bool) -> None:
        days = set(self._schedule["recurrence"]["day_of_week"].split(",")) - {""}
        days = days | {name} if on else days - {name}
        if not days:
            ui.notify("至少要留一天。", type="warning")
            self.draw()
            return
        kept = ",".join(each for each in _CRON_DAYS if each in days)
        self._put("recurrence", {"day_of_week": kept})

    def _draw_hours(self, label: str, field: str, blank: list[str]) -> None:
        hours = self._schedule.get(field)
        switch = ui.switch(label, value=hours is not None)
        switch.enabled = self._form.editable
        switch.on_value_change(
            lambda event: self._put(field, list(blank) if event.value else None, redraw=True)
        )
        if hours is None:
            return

        def changed(at: int, value: str) -> None:
            if value:
                now = list(self._schedule[field])
                now[at] = value
                self._put(field, now)

        with ui.row().classes("camp-pair"):
            for at, said in enumerate(("从", "到")):
                name = f"{'免打扰' if field == 'quiet' else '时段'}{said}"
                box = clock_input(name, str(hours[at])[:5], partial(changed, at))
                box.enabled = self._form.editable

    def _draw_over_quota(self) -> None:
        ui.label("有的渠道每人每天或每月只能收几条。额度用完的人：").classes("dim")
        choice = ui.radio(_OVER_QUOTA, value=self._schedule.get("over_quota", "skip"))
        choice.props('inline dense aria-label="额度用完的人"').enabled = self._form.editable
        choice.on_value_change(lambda event: self._put("over_quota", event.value))

    def _number(self, label: str, field: str, *, whole: bool) -> None:
        box = ui.number(label, value=self._schedule.get(field), min=0, precision=0 if whole else None)
        named(box.props("outlined dense hide-bottom-space"), label).classes("full-width")
        box.enabled = self._form.editable
        box.on_value_change(lambda e: self._put(field, _number(e.value, whole=whole)))


def _line(icon: str, text: str) -> None:
    with ui.row().classes("camp-told"):
        ui.icon(icon, size="20px")
        ui.label(text).classes("writing-grow")


def _every(recurrence: Mapping[str, str]) -> str:
    if set(recurrence) == {"day_of_week"} and set(recurrence["day_of_week"].split(",")) <= set(_CRON_DAYS):
        return "weekly"
    if set(recurrence) == {"day"}:
        if recurrence["day"] == "*":
            return "daily"
        if recurrence["day"].isdecimal():
            return "monthly"
    return "own"


def _moment(day: date, clock: str) -> str:
    return datetime.combine(day, time.fromisoformat(clock), LOCAL).isoformat()


def _number(value: float | None, *, whole: bool) -> float | int | None:
    if value is None or value <= 0:
        return 60 if whole else None
    return int(value) if whole else float(value)

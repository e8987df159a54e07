"""One activity on a page: written, submitted, approved by somebody else, or called off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.clock import LOCAL
from api.console.campaigning.clauses import choose_clause
from api.console.campaigning.elements import (
    ask_words,
    badge,
    clock_input,
    load_campaigning,
    named,
    new_key,
    section,
    show_faults,
)
from api.console.campaigning.places import Note, Places
from api.console.parts import confirm, done, failures_said, heading, in_thread, when
from api.console.visit import Visit
from api.console.writing.days import day_input
from api.console.writing.elements import Leaving
from api.console.writing.form import Form
from api.desk.activities import ActivityDesk
from api.desk.campaigns import CampaignDesk
from api.desk.messages import MessageDesk
from api.desk.writing import WritingDesk
from campaigns.activities import LENGTHS, Activity
from campaigns.errors import ChangedMeanwhile
from campaigns.planning.model import InTheWay

_LABELS = {
    "title": "活动名称", "place": "地点", "organiser": "主办单位", "about": "活动内容", "source": "消息来源",
}  # fmt: skip
_WIDE = ("about", "source")
_EDITABLE = ("draft", "in_review", "approved")
Act = Callable[[str], Awaitable[None]]


class ActivityPage:
    def __init__(self, visit: Visit, activity_id: str | None) -> None:
        services, actor = visit.services, visit.actor
        self._visit, self._id = visit, activity_id
        self._desk, self._writing = ActivityDesk(services, actor), WritingDesk(services, actor)
        self._campaigns, self._messages = CampaignDesk(services, actor), MessageDesk(services, actor)
        self._places = Places()
        self._activity: Activity | None = None
        self._save_key = new_key()

    async def open(self) -> None:
        """Raises UnknownCampaign."""
        load_campaigning()
        if self._id is not None:
            self._activity = await in_thread(self._desk.read, self._id)
        self._settings = list((await in_thread(self._campaigns.offer)).settings.names)
        self._districts = list(await in_thread(self._messages.districts))
        self._form = Form(_form_of(self._activity, self._visit.services.clock.today()))
        self._base = deepcopy(self._form.content)
        self._form.editable = self._visit.actor.may(Right.campaign) and (
            self._activity is None or self._activity.state in _EDITABLE
        )
        self._draw()
        await self._show()
        self._form.watch(self._say_saved, delay_s=0.0)
        self._form.start()

    @property
    def _unsaved(self) -> bool:
        return self._form.content != self._base

    def _draw(self) -> None:
        with ui.element("div").classes("writing-head"):
            back = ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/activities"))
            back.props('flat round dense aria-label="回到活动"')
            if self._activity is None:
                heading("新建活动")
            else:
                title = ui.label(self._activity.title).classes("writing-head-title")
                title.props("role=heading aria-level=1")
            self._badges = ui.row()
        self._about = ui.label().classes("dim")
        self._problems = ui.column().classes("full-width")
        with Leaving() as self._leaving:
            self._leaving.classes("writing-guard")
            with ui.element("div").classes("writing-bar camp-bar"):
                with ui.row().classes("writing-saved").props("role=status aria-live=polite"):
                    self._saved = ui.label()
                self._save_button = ui.button("保存", icon="save", on_click=self._save)
                self._steps = ui.row().classes("camp-steps")
            with ui.element("div").classes("camp-two"):
                with section("是什么活动"):
                    for field in ("title", "about", "organiser", "source"):
                        self._text(field)
                with section("在哪里，什么时候，适合谁"):
                    self._text("place")
                    self._draw_whom()
                    self._draw_times()
                    self._grounds = ui.column().classes("full-width")
                    self._draw_grounds()

    def _text(self, field: str) -> None:
        make: Any = ui.textarea if field in _WIDE else ui.input
        box = make(_LABELS[field], value=self._form.content[field])
        box.props(f"outlined dense hide-bottom-space maxlength={LENGTHS[field]}")
        if field in _WIDE:
            box.props("autogrow")
        named(box, _LABELS[field]).classes("full-width")
        box.enabled = self._form.editable
        box.on_value_change(lambda event: self._form.put(field, event.value or ""))
        self._places.here(field)

    def _draw_whom(self) -> None:
        everywhere = {"": "全市", **{name: name for name in self._districts}}
        district = ui.select(
            everywhere, value=self._form.content["district"] or "", label="区县", with_input=True
        )
        named(district.props("outlined dense options-dense"), "区县").classes("full-width")
        district.on_value_change(lambda event: self._form.put("district", event.value or None))
        settings = ui.select(
            self._settings, value=list(self._form.content["settings"]), multiple=True,
            label="适合哪些场所（不选就是都适合）",
        )  # fmt: skip
        named(settings.props("outlined dense options-dense use-chips"), "适合的场所").classes("full-width")
        settings.on_value_change(lambda event: self._form.put("settings", list(event.value or [])))
        for box in (district, settings):
            box.enabled = self._form.editable

    def _draw_times(self) -> None:
        for field, said in (("starts", "开始"), ("ends", "结束")):
            with ui.row().classes("camp-pair"):
                day = day_input(
                    f"{said}日期",
                    value=self._form.content[f"{field}_day"],
                    on_day=lambda value, field=field: self._form.put(f"{field}_day", value or ""),  # type: ignore[misc]
                )
                clock = clock_input(
                    f"{said}钟点",
                    self._form.content[f"{field}_at"],
                    lambda value, field=field: self._form.put(f"{field}_at", value),  # type: ignore[misc]
                )
                day.enabled = clock.enabled = self._form.editable
        self._places.here("times")

    def _draw_grounds(self) -> None:
        cited: list[str] = self._form.content["clause_ids"]
        self._grounds.clear()
        with self._grounds:
            for at, clause in enumerate(cited):
                with ui.row().classes("camp-ground"):
                    ui.label(f"依据：{clause}").classes("writing-grow")
                    if self._form.editable:
                        drop = ui.button(icon="close", on_click=lambda _, at=at: self._uncite(at))
                        drop.props(f'flat round dense color=grey-7 aria-label="删去依据{at + 1}"')
            if self._form.editable and len(cited) < 20:
                ui.button("加依据条款", icon="menu_book", on_click=self._cite).props("outline dense")

    async def _cite(self) -> None:
        cited: list[str] = self._form.content["clause_ids"]
        chosen = await choose_clause(self._writing, near=cited[-1] if cited else None)
        if chosen is not None and chosen not in cited:
            self._form.put("clause_ids", [*cited, chosen])
            self._draw_grounds()

    def _uncite(self, at: int) -> None:
        cited = self._form.content["clause_ids"]
        self._form.put("clause_ids", [*cited[:at], *cited[at + 1 :]])
        self._draw_grounds()

    # ---- how it stands

    async def _show(self) -> None:
        activity = self._activity
        self._save_button.set_visibility(self._form.editable)
        self._badges.clear()
        self._steps.clear()
        self._problems.clear()
        await self._say_saved()
        self._about.set_visibility(activity is not None)
        if activity is None:
            return
        with self._badges:
            badge(activity.state, "activity_state")
        self._about.text = f"{activity.updated_by} {when(activity.updated_at)} 改过" + (
            f"，{activity.approved_by} {when(activity.approved_at)} 批准" if activity.approved_by else ""
        )
        with self._steps:
            self._draw_steps(activity)
        if activity.state == "cancelled":
            return
        with failures_said(), self._problems:
            for found in await in_thread(self._desk.problems, activity.id):
                with ui.row().classes("camp-finding"):
                    ui.icon("error_outline", size="18px")
                    ui.label(found.text).classes("writing-grow")

    def _draw_steps(self, activity: Activity) -> None:
        writes, approves = (self._visit.actor.may(right) for right in (Right.campaign, Right.approve))
        if writes and activity.state == "draft":
            self._button("送审", "outbox", self._submit)
        if approves and activity.state == "in_review":
            self._button("批准", "verified", self._approve)
            self._button("退回", "reply", self._send_back, flat=True)
        if writes and activity.state in _EDITABLE:
            self._button("取消活动", "event_busy", self._cancel, flat=True)

    async def _say_saved(self) -> None:
        if self._activity is None:
            self._saved.text = "还没有保存过"
        else:
            moved = f"已保存 {when(self._activity.updated_at)}"
            self._saved.text = "有没保存的改动" if self._unsaved else moved
        self._save_button.set_enabled(self._activity is None or self._unsaved)
        self._leaving.remember(self._unsaved)

    def _button(self, label: str, icon: str, act: Act, *, flat: bool = False) -> None:
        key = new_key()
        button = ui.button(label, icon=icon).props("outline" if flat else "")

        async def press() -> None:
            if self._unsaved:
                ui.notify("请先保存改动。", type="warning")
                return
            button.disable()
            try:
                await act(key)
            finally:
                if not button.is_deleted:
                    button.enable()

        button.on_click(press)

    # ---- saving and steps

    async def _save(self) -> None:
        notes = _faults(self._form.content)
        self._places.tell(notes)
        if notes:
            ui.notify(notes[0].text, type="negative")
            return
        if self._activity is not None and self._activity.state == "approved":
            detail = "保存后回到草稿，重新批准以前居民问不到它。"
            if not await confirm("改动已批准的活动？", detail=detail, action="保存"):
                return
        self._save_button.disable()
        written = _written(self._form.content)
        with failures_said():
            if self._activity is None:
                made = await in_thread(self._desk.create, key=self._save_key, **written)
                self._leaving.remember(False)
                self._base = deepcopy(self._form.content)
                ui.navigate.to(f"/activities/{made.id}")
                return
            try:
                self._activity = await in_thread(
                    self._desk.save, self._activity.id, revision=self._activity.revision,
                    key=self._save_key, **written,
                )  # fmt: skip
            except ChangedMeanwhile:
                await self._first()
                return
            self._save_key = new_key()
            self._base = deepcopy(self._form.content)
            done("已保存")
            await self._show()
        await self._say_saved()

    async def _first(self) -> None:
        """Somebody else saved meanwhile: the person chooses, and nothing is lost before they do."""
        assert self._activity is not None
        theirs = await in_thread(self._desk.read, self._activity.id)
        asked = f"{theirs.updated_by} 在 {when(theirs.updated_at)} 先改了这个活动"
        detail = "点“看新的”会换成对方保存的内容，您没保存的字会丢掉；点“取消”先留着，可以抄下来。"
        if await confirm(asked, detail=detail, action="看新的"):
            self._leaving.remember(False)
            self._base = deepcopy(self._form.content)
            ui.navigate.to(f"/activities/{theirs.id}")
        else:
            await self._say_saved()

    async def _step(self, step: Callable[[], Activity], said: str) -> None:
        with failures_said():
            try:
                after = await in_thread(step)
            except InTheWay as error:
                await show_faults(error.findings, title="还不行")
                return
            done(said)
            ui.navigate.to(f"/activities/{after.id}")

    async def _submit(self, key: str) -> None:
        activity = self._known()
        await self._step(
            lambda: self._desk.submit(activity.id, revision=activity.revision, key=key), "已送审"
        )

    async def _approve(self, key: str) -> None:
        activity = self._known()
        await self._step(
            lambda: self._desk.approve(activity.id, revision=activity.revision, key=key),
            "已批准，居民问得到了",
        )

    async def _send_back(self, key: str) -> None:
        note = await ask_words("退回给作者", label="要改哪里", action="退回", needed=True)
        if note is not None:
            activity = self._known()
            await self._step(lambda: self._desk.send_back(activity.id, key=key, note=note), "已退回")

    async def _cancel(self, key: str) -> None:
        reason = await ask_words(
            "取消这个活动",
            label="为什么（可不填）",
            detail="居民以后问不到它，不能撤销。",
            action="取消活动",
            needed=False,
            danger=True,
        )
        if reason is not None:
            activity = self._known()
            await self._step(lambda: self._desk.cancel(activity.id, key=key, reason=reason), "已取消")

    def _known(self) -> Activity:
        assert self._activity is not None
        return self._activity


def _form_of(activity: Activity | None, today: date) -> dict[str, Any]:
    if activity is None:
        day = (today + timedelta(days=7)).isoformat()
        times = {"starts_day": day, "starts_at": "09:00", "ends_day": day, "ends_at": "17:00"}
        blank: dict[str, Any] = dict.fromkeys(LENGTHS, "")
        return blank | times | {"district": None, "settings": [], "clause_ids": []}
    starts, ends = activity.starts_at.astimezone(LOCAL), activity.ends_at.astimezone(LOCAL)
    return {
        **{field: getattr(activity, field) for field in LENGTHS},
        "starts_day": starts.date().isoformat(),
        "starts_at": f"{starts:%H:%M}",
        "ends_day": ends.date().isoformat(),
        "ends_at": f"{ends:%H:%M}",
        "district": activity.district,
        "settings": list(activity.settings),
        "clause_ids": list(activity.clause_ids),
    }


def _faults(content: Mapping[str, Any]) -> list[Note]:
    found = [Note(field, f"请填写{_LABELS[field]}。") for field in LENGTHS if not content[field].strip()]
    if not all(content[f"{field}_{part}"] for field in ("starts", "ends") for part in ("day", "at")):
        found.append(Note("times", "请填写开始和结束的日期、钟点。"))
    elif _moment(content, "starts") >= _moment(content, "ends"):
        found.append(Note("times", "结束要在开始以后。"))
    return found


def _written(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the service takes."""
    kept = {field: content[field] for field in (*LENGTHS, "district", "settings", "clause_ids")}
    return kept | {f"{field}_at": _moment(content, field) for field in ("starts", "ends")}


def _moment(content: Mapping[str, Any], field: str) -> datetime:
    day, clock = content[f"{field}_day"], content[f"{field}_at"]
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), LOCAL)

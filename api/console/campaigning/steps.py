"""The steps of a campaign as buttons: each with a key of its own made when it is drawn, so that it happens
once however often it is pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from api.accounts.roles import Actor, Right
from api.console.campaigning.elements import ask_words, confirmed, moment_said, named, new_key
from api.console.campaigning.words import word
from api.console.parts import done, failures_said, in_thread
from api.desk.campaigns import CampaignDesk
from campaigns.planning.model import Campaign

Act = Callable[[str], Awaitable[None]]
_OWN_CONVERSATION = """
(() => {
  for (let at = 0; at < localStorage.length; at++) {
    const name = localStorage.key(at);
    if (!name.startsWith("lvxiaoyu:")) continue;
    try {
      const kept = JSON.parse(localStorage.getItem(name));
      if (kept && typeof kept.id === "string") return kept.id;
    } catch (error) { /* another page's */ }
  }
  return "";
})()
"""
"""The conversation that this browser last had on the residents' page."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What the page says before a step: whether all is saved, and what follows one."""

    saved: Callable[[], bool]
    taken: Callable[[Campaign], Awaitable[None]]


class Steps:
    def __init__(
        self,
        desk: CampaignDesk,
        actor: Actor,
        ready: Ready,
        *,
        channels: Sequence[str],
        districts: Sequence[str],
    ) -> None:
        self._desk, self._actor, self._ready = desk, actor, ready
        self._channels, self._districts = channels, districts
        self._row = ui.row().classes("camp-steps")

    def show(self, campaign: Campaign) -> None:
        """The steps that are possible now, for who looks at it."""
        self._campaign = campaign
        writes, approves = self._actor.may(Right.campaign), self._actor.may(Right.approve)
        state = campaign.state
        self._row.clear()
        with self._row:
            if writes and state in ("draft", "in_review"):
                self._button("试发", "send_to_mobile", self._test, flat=campaign.tested)
            if writes and state == "draft":
                self._button("送审", "outbox", self._submit)
            if approves and state == "in_review":
                self._button("批准", "verified", self._approve)
                self._button("退回", "reply", self._send_back, flat=True)
            if writes and state == "approved":
                fixed = campaign.schedule.first_at is not None
                self._button(
                    "定时" if fixed else "开始", "schedule_send" if fixed else "play_arrow", self._start
                )
            if writes and state in ("scheduled", "running"):
                self._button("暂停", "pause", self._pause)
            if writes and state == "paused":
                self._button("继续", "play_arrow", self._resume)
            if writes:
                with ui.button(icon="more_vert").props('flat round dense aria-label="更多"'), ui.menu():
                    self._item("复制一份", self._copy)
                    if state not in ("finished", "cancelled"):
                        self._item("取消这条消息", self._cancel)

    def _button(self, label: str, icon: str, act: Act, *, flat: bool = False) -> None:
        key = new_key()
        button = ui.button(label, icon=icon).props("outline" if flat else "")
        button.on_click(lambda: self._take(button, act, key))

    def _item(self, label: str, act: Act) -> None:
        key = new_key()
        item = ui.menu_item(label).props("role=menuitem")
        item.on_click(lambda: self._take(None, act, key))

    async def _take(self, button: ui.button | None, act: Act, key: str) -> None:
        if not self._ready.saved():
            ui.notify("请先保存改动。", type="warning")
            return
        if button is not None:
            button.disable()
        try:
            await act(key)
        finally:
            if button is not None and not button.is_deleted:
                button.enable()

    async def _checked(
        self, step: Callable[[frozenset[str]], Campaign], *, action: str, said: Callable[[Campaign], str]
    ) -> None:
        """A step that checks first, with its questions."""
        after: list[Campaign] = []

        async def attempt(sure: frozenset[str]) -> None:
            after.append(await in_thread(step, sure))

        if await confirmed(attempt, action=action):
            done(said(after[-1]))
            await self._ready.taken(after[-1])
        else:
            await self._again()

    async def _plainly(self, step: Callable[[], Campaign], said: str) -> None:
        after: list[Campaign] = []
        with failures_said():
            after.append(await in_thread(step))
            done(said)
        if after:
            await self._ready.taken(after[0])
        else:
            await self._again()

    async def _again(self) -> None:
        """Refused: somebody else may have been first, so the page shows how it stands."""
        with failures_said():
            now = await in_thread(self._desk.read, self._campaign.id)
            if now.revision != self._campaign.revision:
                await self._ready.taken(now)

    async def _submit(self, key: str) -> None:
        campaign = self._campaign
        await self._checked(
            lambda sure: self._desk.submit(campaign.id, revision=campaign.revision, key=key, confirm=sure),
            action="送审",
            said=lambda _: "已送审，请审批人来看",
        )

    async def _approve(self, key: str) -> None:
        campaign = self._campaign
        await self._checked(
            lambda sure: self._desk.approve(campaign.id, revision=campaign.revision, key=key, confirm=sure),
            action="批准",
            said=lambda _: "已批准，内容、对象和时间都定住了",
        )

    async def _start(self, key: str) -> None:
        campaign = self._campaign
        await self._checked(
            lambda sure: self._desk.start(campaign.id, key=key, confirm=sure),
            action="发送" if campaign.schedule.first_at is None else "定时",
            said=_started,
        )

    async def _send_back(self, key: str) -> None:
        note = await ask_words("退回给作者", label="要改哪里", action="退回", needed=True)
        if note is not None:
            campaign_id = self._campaign.id
            await self._plainly(lambda: self._desk.send_back(campaign_id, key=key, note=note), "已退回")

    async def _pause(self, key: str) -> None:
        detail = "正在发的那一小批会发完，其余的停下来，直到有人点继续。"
        reason = await ask_words(
            "暂停发送", label="为什么（可不填）", detail=detail, action="暂停", needed=False
        )
        if reason is not None:
            campaign_id = self._campaign.id
            await self._plainly(lambda: self._desk.pause(campaign_id, key=key, reason=reason), "已暂停")

    async def _resume(self, key: str) -> None:
        campaign_id = self._campaign.id
        await self._plainly(lambda: self._desk.resume(campaign_id, key=key), "继续了")

    async def _cancel(self, key: str) -> None:
        detail = "没发出去的以后也不会发，不能撤销；已经发出去的留在数据里。"
        reason = await ask_words(
            "取消这条消息",
            label="为什么（可不填）",
            detail=detail,
            action="取消消息",
            needed=False,
            danger=True,
        )
        if reason is not None:
            campaign_id = self._campaign.id
            await self._plainly(lambda: self._desk.cancel(campaign_id, key=key, reason=reason), "已取消")

    async def _copy(self, key: str) -> None:
        with failures_said():
            made = await in_thread(self._desk.copy, self._campaign.id, key=key)
            ui.navigate.to(f"/campaigns/{made.id}")

    async def _test(self, key: str) -> None:
        chosen = await self._ask_where()
        if chosen is None:
            return
        channel, conversation, district = chosen
        campaign_id = self._campaign.id
        await self._plainly(
            lambda: self._desk.test(
                campaign_id, channel=channel, conversation=conversation, district=district, key=key
            ),
            "已试发，请到那边看一看",
        )

    async def _ask_where(self) -> tuple[str, str, str | None] | None:
        """Channel, conversation and district of a test send."""
        own = await ui.run_javascript(_OWN_CONVERSATION, timeout=5.0)
        with ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("试发给自己看").classes("console-dialog-title")
            channels = {name: word("channel", name) for name in self._channels}
            channel = ui.select(channels, value=next(iter(channels), None), label="渠道")
            channel.props("outlined dense").classes("full-width")
            conversation = ui.input("发到哪次对话（对话编号）", value=own or "")
            named(conversation.props("outlined dense"), "对话编号").classes("full-width")
            if own:
                ui.label("已经填好这个浏览器在问答页的对话，打开问答页就能看到。").classes("dim")
            else:
                ui.label("这个浏览器还没有在问答页说过话：先去说一句，再回来试发。").classes("dim")
                with ui.element("a").props('href="/chat" target=_blank').classes("nicegui-link"):
                    ui.label("打开问答页")
            names = {"": "没有选区县的人", **{name: name for name in self._districts}}
            district = ui.select(names, value="", label="当成哪个区县的人", with_input=True)
            district.props("outlined dense options-dense").classes("full-width")
            with ui.row().classes("console-actions"):
                ui.button("返回", on_click=lambda: dialog.submit(False)).props("flat")
                ui.button("发一条", icon="send", on_click=lambda: dialog.submit(True))
        try:
            if not await dialog:
                return None
            return channel.value or "", conversation.value or "", district.value or None
        finally:
            dialog.delete()


def _started(campaign: Campaign) -> str:
    if campaign.schedule.first_at is None or campaign.next_due_at is None:
        return "开始了，马上发出"
    return f"已定时，{moment_said(campaign.next_due_at)} 发出"

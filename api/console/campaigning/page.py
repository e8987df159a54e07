"""One campaign on a page: what is said, to whom and when, with what is wrong at its place; its steps, its
runs and its history. Nothing is saved by itself, since saving takes an approval back."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.console.campaigning.audience_form import AudienceForm
from api.console.campaigning.elements import badge, load_campaigning, new_key
from api.console.campaigning.filling import Form as Filled
from api.console.campaigning.filling import faults, filled, form_of
from api.console.campaigning.message_form import MessageForm
from api.console.campaigning.past import draw_history
from api.console.campaigning.places import Note, Places, note_of
from api.console.campaigning.previews import Previews
from api.console.campaigning.run_list import RunList
from api.console.campaigning.schedule_form import ScheduleForm
from api.console.campaigning.settling import settle
from api.console.campaigning.steps import Ready, Steps
from api.console.campaigning.words import word
from api.console.parts import confirm, done, failures_said, in_thread, when, words_of
from api.console.visit import Visit
from api.console.writing.elements import Leaving
from api.console.writing.form import Form
from api.desk.activities import ActivityDesk
from api.desk.campaigns import CampaignDesk
from api.desk.messages import Judged, MessageDesk
from api.desk.runs import RunDesk
from api.desk.writing import WritingDesk
from campaigns.errors import CampaignError, ChangedMeanwhile
from campaigns.planning.model import Campaign
from campaigns.planning.service import EDITABLE

_JUDGED_AFTER_S = 0.7
_LOOKED_EVERY_S = 4.0
_TABS = {"content": "内容", "audience": "对象", "schedule": "时间", "runs": "发送情况", "history": "历史"}
_TAB_OF = {"audience": "audience", "schedule": "schedule"}
_TAKES_BACK = ("in_review", "approved", "scheduled", "paused")
_OVER = ("finished", "cancelled")


class CampaignPage:
    def __init__(self, visit: Visit, campaign_id: str) -> None:
        services, actor = visit.services, visit.actor
        self._visit, self._id = visit, campaign_id
        self._desk, self._messages = CampaignDesk(services, actor), MessageDesk(services, actor)
        self._runs, self._writing = RunDesk(services, actor), WritingDesk(services, actor)
        self._places = Places()
        self._judged: Judged | None = None
        self._save_key = new_key()

    async def open(self, tab: str) -> None:
        """Raises UnknownCampaign."""
        load_campaigning()
        self._campaign = await in_thread(self._desk.read, self._id)
        activities = ActivityDesk(self._visit.services, self._visit.actor)
        self._activities = await in_thread(activities.list, states=("approved",), over=False)
        self._districts = list(await in_thread(self._messages.districts))
        self._channels = sorted(await in_thread(self._desk.capabilities))
        self._offer = await in_thread(self._desk.offer)
        self.form = Form(form_of(self._campaign))
        self._base, self._saved_version = deepcopy(self.form.content), self.form.version
        self.form.editable = self._may_edit()
        self._draw(tab if tab in _TABS else "content")
        await self._show()
        self.form.watch(self._judge, delay_s=_JUDGED_AFTER_S)
        self.form.watch(self._say_saved, delay_s=0.0)
        self.form.start()
        ui.timer(_LOOKED_EVERY_S, self._look, immediate=False)

    def _may_edit(self) -> bool:
        return self._visit.actor.may(Right.campaign) and self._campaign.state in EDITABLE

    @property
    def _unsaved(self) -> bool:
        return self.form.version != self._saved_version and self.form.content != self._base

    # ---- drawing

    def _draw(self, tab: str) -> None:
        with ui.element("div").classes("writing-head"):
            back = ui.button(icon="arrow_back", on_click=self._back)
            back.props('flat round dense aria-label="回到日历"')
            self._title = ui.label().classes("writing-head-title").props("role=heading aria-level=1")
            self._badges = ui.row().classes("camp-badges")
        self._about = ui.label().classes("dim")
        self._banner = ui.column().classes("full-width")
        with Leaving() as self._leaving:
            self._leaving.classes("writing-guard")
            with ui.element("div").classes("writing-bar camp-bar"):
                with ui.row().classes("writing-saved").props("role=status aria-live=polite"):
                    self._saved_icon = ui.icon("cloud_done", size="18px")
                    self._saved = ui.label()
                self._save_button = ui.button("保存", icon="save", on_click=self._save)
                self._steps = Steps(
                    self._desk,
                    self._visit.actor,
                    Ready(saved=lambda: not self._unsaved, taken=self._taken),
                    channels=self._channels,
                    districts=self._districts,
                )
            self._summary = ui.row().classes("camp-summary").props("role=status aria-live=polite")
            with ui.tabs() as self._tabs:
                self._tabs.props("no-caps align=left active-color=primary mobile-arrows")
                for name, label in _TABS.items():
                    ui.tab(name, label=label)
            with (
                ui.tab_panels(self._tabs, value=tab, animated=False)
                .props("keep-alive")
                .classes("camp-panels")
            ):
                with ui.tab_panel("content"), ui.element("div").classes("writing-editor"):
                    self._draw_content()
                with ui.tab_panel("audience"):
                    AudienceForm(
                        self.form,
                        self._desk,
                        places=self._places,
                        offer=self._offer,
                        districts=self._districts,
                        channels=self._channels,
                        corrects=self._campaign.corrects,
                    )
                with ui.tab_panel("schedule"):
                    self._schedule = ScheduleForm(self.form, places=self._places)
                with ui.tab_panel("runs"):
                    self._run_list = RunList(self._runs, self._id)
                with ui.tab_panel("history"):
                    self._history = ui.column().classes("full-width")

    def _draw_content(self) -> None:
        with ui.element("div").classes("writing-main"):
            MessageForm(
                self.form,
                places=self._places,
                desk=self._messages,
                writing=self._writing,
                channels=self._channels,
                activities=self._activities,
            )
        with ui.element("div").classes("writing-side-panel camp-side"):
            Previews(self.form, self._messages, channels=self._channels, districts=self._districts)

    def _back(self) -> None:
        week = self._campaign.week_id
        ui.navigate.to(f"/campaigns?week={week}" if week else "/campaigns")

    async def _show(self) -> None:
        """How the campaign stands now, around the form."""
        campaign = self._campaign
        self._title.text = campaign.title
        self._badges.clear()
        with self._badges:
            badge(campaign.state)
            if campaign.state in ("draft", "in_review"):
                tested = "已试发" if campaign.tested else "还没试发"
                ui.badge(tested, color="teal-7" if campaign.tested else "grey-7").classes("console-badge")
            if campaign.corrects is not None:
                ui.badge("更正", color="deep-orange-9").classes("console-badge")
        about = f"{campaign.created_by} 新建，{campaign.updated_by} {when(campaign.updated_at)} 改过"
        if campaign.approved_by is not None:
            about += f"，{campaign.approved_by} {when(campaign.approved_at)} 批准"
        if campaign.next_due_at is not None:
            about += f"；下一次 {when(campaign.next_due_at)} 发出"
        self._about.text = about
        self._show_banner()
        self._steps.show(campaign)
        self._save_button.set_visibility(self._may_edit())
        await self._say_saved()
        with failures_said():
            draw_history(self._history, await in_thread(self._desk.history, self._id))
            await self._run_list.show()

    def _show_banner(self) -> None:
        campaign = self._campaign
        self._banner.clear()
        with self._banner:
            if campaign.state == "paused":
                ui.label(f"已暂停：{campaign.paused_for or '没有写原因'}").classes("camp-banner")
            elif campaign.state in _TAKES_BACK and self._may_edit():
                state = word("state", campaign.state)
                ui.label(f"现在是“{state}”。保存改动会让它回到草稿，要重新试发、送审、批准。").classes(
                    "camp-banner calm"
                )

    async def _say_saved(self) -> None:
        unsaved = self._unsaved
        self._saved_icon.name = "edit" if unsaved else "cloud_done"
        self._saved.text = "有没保存的改动" if unsaved else f"已保存 {when(self._campaign.updated_at)}"
        self._save_button.set_enabled(unsaved)
        self._leaving.remember(unsaved)

    # ---- what is wrong

    async def _judge(self) -> None:
        """What stands in the form, saved or not."""
        if self._campaign.state in _OVER:
            self._schedule.tell(None)
            return
        form = filled(self.form.content)
        notes, judged = faults(form), None
        if not notes:
            try:
                judged = await in_thread(self._messages.judged, self._id, form)
                notes = [note_of(found) for found in judged.findings]
            except CampaignError as error:
                notes = [Note("schedule", words_of(error))]
        if form != filled(self.form.content):
            return  # a newer one is on its way
        self._places.tell(notes)
        self._schedule.tell(judged)
        self._draw_summary(notes)

    def _draw_summary(self, notes: list[Note]) -> None:
        counted: dict[tuple[str, bool], int] = {}
        for note in notes:
            place = (_TAB_OF.get(note.place, "content"), note.asks)
            counted[place] = counted.get(place, 0) + 1
        self._summary.clear()
        with self._summary:
            for (tab, asks), number in sorted(counted.items(), key=lambda each: each[0][1]):
                said = f"{_TABS[tab]}：{number} 处{'要确认' if asks else '要改'}"
                chip = ui.button(said, icon="help_outline" if asks else "error_outline")
                chip.props(f"flat dense no-caps color={'brown-8' if asks else 'negative'}")
                chip.on_click(lambda _, tab=tab: self._tabs.set_value(tab))
            if not notes:
                ui.icon("check_circle", size="18px", color="positive")
                ui.label("没有发现问题").classes("dim")

    # ---- saving

    async def _save(self) -> None:
        form = filled(self.form.content)
        if notes := faults(form):
            self._places.tell(notes)
            self._draw_summary(notes)
            ui.notify(notes[0].text, type="negative")
            return
        state = word("state", self._campaign.state)
        if self._campaign.state in _TAKES_BACK and not await confirm(
            "保存改动？", detail=f"现在是“{state}”，保存后回到草稿，要重新试发、送审、批准。", action="保存"
        ):
            return
        await self._write(form, self._campaign.revision)

    async def _write(self, form: Filled, revision: int) -> None:
        version = self.form.version
        self._save_button.disable()
        with failures_said():
            try:
                saved = await in_thread(
                    self._desk.save, self._id, revision=revision, key=self._save_key, **form
                )
            except ChangedMeanwhile:
                await self._settle()
                return
            self._save_key = new_key()
            self._campaign, self._base = saved, form_of(saved)
            if self.form.version == version:
                self._saved_version = version
            done("已保存")
            await self._show()
        await self._say_saved()

    async def _settle(self) -> None:
        """Somebody else saved meanwhile: nothing is overwritten until the person has decided."""
        theirs = await in_thread(self._desk.read, self._id)
        newest = form_of(theirs)
        decided = await settle(theirs, base=self._base, mine=self.form.content, newest=newest)
        if decided is None:
            await self._say_saved()
            return
        self._campaign, self._base = theirs, newest
        self.form.editable = self._may_edit()
        self.form.replace(decided)
        if decided == newest:
            self._saved_version = self.form.version
            await self._show()
        else:
            await self._write(filled(decided), theirs.revision)

    # ---- what others do

    async def _taken(self, campaign: Campaign) -> None:
        """A step was taken here."""
        await self._adopt(campaign)
        await self._judge()

    async def _look(self) -> None:
        """What became of it meanwhile, by others or by itself. Words that are not saved are left alone:
        saving them says that somebody was first."""
        now = await in_thread(self._desk.read, self._id)
        if now.revision != self._campaign.revision and not self._unsaved:
            await self._adopt(now)

    async def _adopt(self, campaign: Campaign) -> None:
        newest: dict[str, Any] = form_of(campaign)
        before, self._campaign, self._base = self._base, campaign, newest
        if self._may_edit() != self.form.editable:
            ui.navigate.to(f"/campaigns/{self._id}?tab={self._tabs.value}")
            return
        if before != newest:
            self.form.replace(deepcopy(newest))
            ui.notify(f"{campaign.updated_by} 刚刚改过，已换成新的内容。", type="info")
        self._saved_version = self.form.version
        await self._show()

"""The editor of a message: its versions by channel, what it rests on, and the activity that it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from nicegui import ui

from api.console.campaigning.clauses import choose_clause
from api.console.campaigning.elements import named, section
from api.console.campaigning.filling import NEW_VERSION
from api.console.campaigning.message_parts import Parts
from api.console.campaigning.places import Places
from api.console.campaigning.words import word
from api.console.parts import confirm, in_thread
from api.console.writing.form import Form
from api.desk.messages import MessageDesk
from api.desk.writing import WritingDesk
from campaigns.activities import Activity
from campaigns.content import DEFAULT, LONGEST_TEXT, NAMES


class MessageForm:
    def __init__(
        self,
        form: Form,
        *,
        places: Places,
        desk: MessageDesk,
        writing: WritingDesk,
        channels: Iterable[str],
        activities: Sequence[Activity],
    ) -> None:
        self._form, self._places, self._desk, self._writing = form, places, desk, writing
        self._channels, self._activities = list(channels), activities
        self.version = DEFAULT
        with section("写给居民的话"):
            title = ui.input("标题（只有工作人员看得到）", value=form.content["title"])
            title.props("outlined dense hide-bottom-space maxlength=120").classes("full-width")
            named(title, "标题")
            title.enabled = form.editable
            title.on_value_change(lambda event: form.put("title", event.value or ""))
            places.here("title")
            with ui.row().classes("camp-versions"):
                self._tabs = ui.row().classes("camp-versions").props('role=tablist aria-label="版本"')
                self._more = ui.row()
            self._body = ui.column().classes("camp-version")
        with section("依据与活动", "有人回复这条消息时，绿小渝从第一条依据和这个活动接着说。"):
            self._grounds = ui.column().classes("full-width")
            places.here("grounds")
        form.on_redraw(self.draw)
        form.on_redraw(partial(self._retitle, title))
        self.draw()
        form.watch(self._draw_grounds, delay_s=0.0)

    def _retitle(self, title: ui.input) -> None:
        title.value = self._form.content["title"]

    @property
    def _versions(self) -> dict[str, Any]:
        versions: dict[str, Any] = self._form.content["content"]["versions"]
        return versions

    def draw(self) -> None:
        """The content of the form, whatever it was before."""
        if self.version not in self._versions:
            self.version = next(iter(self._versions), DEFAULT)
        self._draw_tabs()
        self._draw_version()

    def _draw_tabs(self) -> None:
        self._tabs.clear()
        with self._tabs:
            for name in sorted(self._versions, key=lambda each: (each != DEFAULT, each)):
                tab = ui.button(word("channel", name), on_click=lambda _, name=name: self._open(name))
                tab.props("dense no-caps role=tab" + (" unelevated" if name == self.version else " flat"))
                tab.props(f"aria-selected={str(name == self.version).lower()}")
        self._more.clear()
        missing = [name for name in [DEFAULT, *self._channels] if name not in self._versions]
        if not missing or not self._form.editable:
            return
        with (
            self._more,
            ui.button("给某个渠道单写", icon="add").props("flat dense no-caps"),
            ui.menu(),
        ):
            for name in missing:
                item = ui.menu_item(word("channel", name), partial(self._begin, name))
                item.props("role=menuitem")

    def _open(self, name: str) -> None:
        self.version = name
        self.draw()

    def _begin(self, name: str) -> None:
        """It starts from what stands in the version that is open."""
        self._versions[name] = deepcopy(dict(self._versions.get(self.version) or NEW_VERSION))
        self._form.touch()
        self._open(name)

    async def _drop(self) -> None:
        name = word("channel", self.version)
        if await confirm(
            f"删去“{name}”的版本？", detail="那个渠道以后用通用版本。", action="删去", danger=True
        ):
            del self._versions[self.version]
            self._form.touch()
            self.draw()

    def _draw_version(self) -> None:
        version, name = self._versions[self.version], self.version
        self._body.clear()
        with self._body:
            text = ui.textarea("正文", value=version["text"])
            text.props(f"outlined autogrow counter maxlength={LONGEST_TEXT}").classes("full-width")
            named(text, "正文")
            text.enabled = self._form.editable

            def changed(event: Any) -> None:
                version["text"] = event.value or ""
                self._form.touch()

            text.on_value_change(changed)
            self._places.here(f"{name}:text")
            with ui.row().classes("writing-row"):
                for key, meaning in NAMES.items():
                    ui.label(f"可以写 {{{key}}}，发出时换成{meaning}。").classes("dim writing-grow")
                if len(self._versions) > 1 and self._form.editable:
                    ui.button("删去这个版本", icon="delete_outline", on_click=self._drop).props(
                        "flat dense color=grey-8"
                    )
            Parts(self._form, version, name, places=self._places, desk=self._desk, writing=self._writing)

    async def _draw_grounds(self) -> None:
        content = self._form.content["content"]
        cited: list[str] = content["clause_ids"]
        drawn = [list(cited), content.get("activity_id"), self._form.editable]
        if drawn == getattr(self, "_drawn", None):
            return
        self._drawn = drawn
        known = {each.id: each for each in await in_thread(self._desk.grounds, cited)}
        self._grounds.clear()
        with self._grounds:
            for at, clause_id in enumerate(cited):
                ground = known.get(clause_id)
                with ui.row().classes("camp-ground"):
                    with ui.column().classes("writing-grow camp-tight"):
                        said = f"{ground.title} {ground.label}" if ground else "没有发布，或者已经撤回"
                        ui.label(said).classes("text-weight-medium" if ground else "writing-trouble")
                        ui.label(ground.text[:90] if ground else clause_id).classes("dim writing-two-lines")
                    if self._form.editable:
                        if at:
                            self._tool("vertical_align_top", f"把依据{at + 1}放到最前", self._first, at)
                        self._tool("close", f"删去依据{at + 1}", self._uncite, at)
            with ui.row().classes("writing-row"):
                if self._form.editable and len(cited) < 20:
                    ui.button("加依据条款", icon="menu_book", on_click=self._cite).props("outline dense")
                self._activity(content)

    def _tool(self, icon: str, label: str, act: Any, at: int) -> None:
        tool = ui.button(icon=icon, on_click=lambda: act(at))
        tool.props(f'flat round dense color=grey-7 aria-label="{label}"')

    def _activity(self, content: dict[str, Any]) -> None:
        options = {each.id: f"{each.title}（{each.place}）" for each in self._activities}
        chosen = content.get("activity_id")
        if chosen and chosen not in options:
            options[chosen] = "（已结束或取消的活动）"
        if not options:
            return
        box = ui.select(options, label="挂哪个活动（可不挂）", value=chosen, clearable=True)
        named(box.props("outlined dense options-dense"), "挂哪个活动").classes("writing-grow")
        box.enabled = self._form.editable

        def changed(value: str | None) -> None:
            content["activity_id"] = value
            self._drawn[1] = value
            self._form.touch()

        box.on_value_change(lambda event: changed(event.value))

    async def _cite(self) -> None:
        cited: list[str] = self._form.content["content"]["clause_ids"]
        chosen = await choose_clause(self._writing, near=cited[-1] if cited else None)
        if chosen is not None and chosen not in cited:
            cited.append(chosen)
            self._form.touch()

    def _first(self, at: int) -> None:
        cited = self._form.content["content"]["clause_ids"]
        cited.insert(0, cited.pop(at))
        self._form.touch()

    def _uncite(self, at: int) -> None:
        del self._form.content["content"]["clause_ids"][at]
        self._form.touch()

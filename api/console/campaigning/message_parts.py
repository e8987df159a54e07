"""The parts of one version of a message: picture, links, quick replies, quiz and pledge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import events, ui

from api.console.campaigning.clauses import choose_clause
from api.console.campaigning.elements import named, picture_shown
from api.console.campaigning.places import Places
from api.console.parts import done, failures_said, in_thread
from api.console.uploading import file_field
from api.console.writing.form import Form
from api.desk.messages import MessageDesk
from api.desk.writing import WritingDesk
from api.web_channel.pictures import LARGEST_BYTES
from campaigns.content import MOST_LINKS, MOST_OPTIONS, MOST_QUICK_REPLIES

Version = dict[str, Any]
LETTERS = "ABCD"


class Parts:
    """Draws the parts of `version` and changes it in place; `form` hears of each change."""

    def __init__(
        self,
        form: Form,
        version: Version,
        name: str,
        *,
        places: Places,
        desk: MessageDesk,
        writing: WritingDesk,
    ) -> None:
        self._form, self._version, self._name = form, version, name
        self._places, self._desk, self._writing = places, desk, writing
        self._redraws: dict[str, Callable[[], None]] = {}
        self._part("图片", "picture", "image", self._picture)
        self._part("链接", "links", "link", self._links)
        self._part("快捷回复", "quick_replies", "chat", self._replies)
        self._part("小测验", "quiz", "quiz", self._quiz)
        self._part("小承诺", "pledge", "volunteer_activism", self._pledge)

    def _part(self, title: str, key: str, icon: str, draw: Callable[[], None]) -> None:
        with ui.column().classes("camp-part").props(f'role=group aria-label="{title}"'):
            with ui.row().classes("camp-part-head"):
                ui.icon(icon, size="20px")
                ui.label(title).classes("text-weight-medium")
            body = ui.column().classes("camp-part-body")
            self._places.here(f"{self._name}:{key}")

        def redraw() -> None:
            body.clear()
            with body:
                draw()

        self._redraws[key] = redraw
        redraw()

    def _again(self, key: str) -> None:
        """The part is another one now."""
        self._form.touch()
        self._redraws[key]()

    def _add(self, words: str, act: Callable[[], None]) -> None:
        if self._form.editable:
            ui.button(words, icon="add", on_click=act).props("outline dense").classes("camp-add")

    def _remove(self, label: str, act: Callable[[], None]) -> None:
        if self._form.editable:
            ui.button(icon="close", on_click=act).props(f'flat round dense color=grey-7 aria-label="{label}"')

    def _input(self, label: str, table: Any, key: Any, *, most: int, area: bool = False) -> ui.input:
        """A field over `table[key]`."""
        box: Any = (ui.textarea if area else ui.input)(label, value=table[key] or "")
        box.props(f"outlined dense hide-bottom-space maxlength={most}" + (" autogrow" if area else ""))
        named(box, label).classes("writing-grow")
        box.enabled = self._form.editable

        def changed(event: events.ValueChangeEventArguments[Any]) -> None:
            table[key] = event.value or ""
            self._form.touch()

        box.on_value_change(changed)
        return box  # type: ignore[no-any-return]

    # ---- picture

    def _picture(self) -> None:
        picture = self._version.get("picture")
        if picture is None:
            self._add("加图片", lambda: self._set("picture", {"url": "", "alternative": ""}))
            return
        with ui.row().classes("writing-row"):
            self._input("图片地址", picture, "url", most=500)
            self._remove("删去图片", lambda: self._set("picture", None))
        if self._form.editable:
            upload = file_field(
                f"也可以上传 PNG、JPEG、WebP，最大 {LARGEST_BYTES // 1_000_000} MB",
                accepted=".png,.jpg,.jpeg,.webp",
                most_bytes=LARGEST_BYTES,
                on_upload=self._uploaded,
                refused="图片没有上传：太大，或者不是支持的格式。",
            )
            upload.classes("camp-upload")
        if picture["url"].startswith("/media/"):
            picture_shown(picture["url"], "上传的图片")
        self._input("替代文字：看不见图的人会听到这句话", picture, "alternative", most=200)

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        with failures_said():
            data = await event.file.read()
            address = await in_thread(self._desk.keep_picture, data)
            picture = self._version.get("picture") or {"alternative": ""}
            self._set("picture", {**picture, "url": address})
            done("图片已上传")

    def _set(self, key: str, value: Any) -> None:
        self._version[key] = value
        self._again(key)

    # ---- links and quick replies

    def _links(self) -> None:
        links = self._version.setdefault("links", [])
        for at, link in enumerate(links):
            with ui.row().classes("camp-link"):
                self._input(f"链接{at + 1}按钮上的字", link, "label", most=60)
                self._input(f"链接{at + 1}网址（https://…）", link, "url", most=500)
                self._remove(f"删去链接{at + 1}", partial(self._drop, "links", at))
        if len(links) < MOST_LINKS:
            self._add("加链接", lambda: self._append("links", {"label": "", "url": ""}))

    def _replies(self) -> None:
        replies = self._version.setdefault("quick_replies", [])
        if replies:
            ui.label("点一下就像居民自己发了这句话，写绿小渝答得上来的问题。").classes("dim")
        for at in range(len(replies)):
            with ui.row().classes("writing-row"):
                self._input(f"快捷回复{at + 1}", replies, at, most=120)
                self._remove(f"删去快捷回复{at + 1}", partial(self._drop, "quick_replies", at))
        if len(replies) < MOST_QUICK_REPLIES:
            self._add("加快捷回复", lambda: self._append("quick_replies", ""))

    def _append(self, key: str, value: Any) -> None:
        self._version[key].append(value)
        self._again(key)

    def _drop(self, key: str, at: int) -> None:
        del self._version[key][at]
        self._again(key)

    # ---- quiz

    def _quiz(self) -> None:
        quiz = self._version.get("quiz")
        if quiz is None:
            blank = {"question": "", "options": ["", ""], "right": 0, "explanation": "", "clause_id": ""}
            self._add("加小测验", lambda: self._set("quiz", blank))
            return
        with ui.row().classes("writing-row"):
            self._input("题目", quiz, "question", most=200)
            self._remove("删去小测验", lambda: self._set("quiz", None))
        ui.label("选项：点左边的圆圈标出正确的那个。").classes("dim")
        for at in range(len(quiz["options"])):
            self._option(quiz, at)
        if len(quiz["options"]) < MOST_OPTIONS:
            self._add("加选项", lambda: self._add_option(quiz))
        self._input("讲解（答完以后看到）", quiz, "explanation", most=500, area=True)
        with ui.row().classes("writing-row"):
            ui.label("讲解依据：").classes("dim")
            cited = ui.label(quiz["clause_id"] or "还没有选").classes("writing-grow")
            cited.classes("" if quiz["clause_id"] else "writing-trouble")
            if self._form.editable:
                ui.button("选条款", icon="menu_book", on_click=lambda: self._cite(quiz)).props(
                    "outline dense"
                )

    def _option(self, quiz: dict[str, Any], at: int) -> None:
        with ui.row().classes("writing-row"):
            right = quiz["right"] == at
            mark = ui.button(
                icon="radio_button_checked" if right else "radio_button_unchecked",
                on_click=lambda: self._mark(quiz, at),
            )
            mark.props(
                f'flat round dense aria-label="选项{LETTERS[at]}是对的" aria-pressed={str(right).lower()}'
            )
            mark.enabled = self._form.editable
            self._input(f"选项{LETTERS[at]}", quiz["options"], at, most=120)
            if len(quiz["options"]) > 2:
                self._remove(f"删去选项{LETTERS[at]}", lambda: self._drop_option(quiz, at))

    def _mark(self, quiz: dict[str, Any], at: int) -> None:
        quiz["right"] = at
        self._again("quiz")

    def _add_option(self, quiz: dict[str, Any]) -> None:
        quiz["options"].append("")
        self._again("quiz")

    def _drop_option(self, quiz: dict[str, Any], at: int) -> None:
        del quiz["options"][at]
        right = quiz["right"]
        if right is not None:
            quiz["right"] = None if right == at else right - (right > at)
        self._again("quiz")

    async def _cite(self, quiz: dict[str, Any]) -> None:
        near = quiz["clause_id"] or next(iter(self._form.content["content"]["clause_ids"]), None)
        chosen = await choose_clause(self._writing, near=near)
        if chosen is not None:
            quiz["clause_id"] = chosen
            self._again("quiz")

    # ---- pledge

    def _pledge(self) -> None:
        if self._version.get("pledge") is None:
            self._add("加小承诺", lambda: self._set("pledge", ""))
            return
        with ui.row().classes("writing-row"):
            self._input("一句居民可以答应做到的话", self._version, "pledge", most=200)
            self._remove("删去小承诺", lambda: self._set("pledge", None))

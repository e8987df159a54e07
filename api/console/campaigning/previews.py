"""A message as each channel shows it: the widget's own drawing for web pages, plain parts for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from api.console.campaigning.elements import named, picture_shown
from api.console.campaigning.filling import faults, filled
from api.console.campaigning.words import word
from api.console.parts import empty, in_thread, words_of
from api.console.writing.elements import Card
from api.console.writing.form import Form
from api.desk.messages import MessageDesk, Shown
from campaigns.content import Quiz, Rendered
from campaigns.delivery.senders import Capabilities
from campaigns.errors import CampaignError

_EVERYWHERE = ""
_LETTERS = "ABCD"


class Previews:
    """Below each other, one a channel; they follow the form."""

    def __init__(
        self, form: Form, desk: MessageDesk, *, channels: Sequence[str], districts: Sequence[str]
    ) -> None:
        self._form, self._desk, self._channels = form, desk, channels
        names = {_EVERYWHERE: "没有选区县的人", **{name: name for name in districts}}
        with ui.row().classes("writing-row"):
            ui.label("居民看到的").classes("writing-section")
            ui.space()
            self._district = ui.select(names, value=_EVERYWHERE, label="换成谁来看", with_input=True)
            self._district.props("outlined dense options-dense").classes("camp-who")
            named(self._district, "换成谁来看")
            self._district.on_value_change(self.show)
        self._note = ui.label().classes("dim")
        self._bodies: dict[str, Callable[[Shown | None], None]] = {}
        for channel in channels:
            self._bodies[channel] = _draw_channel(channel)
        if not channels:
            empty("还没有接通任何渠道。")
        form.watch(self.show, delay_s=0.35)

    async def show(self, _: Any = None) -> None:
        form = filled(self._form.content)
        missing = [note for note in faults(form) if note.place != "title"]
        if missing:
            self._note.text = f"补上这些才能预览：{missing[0].text}"
            self._note.set_visibility(True)
            return
        self._note.set_visibility(False)
        for channel in self._channels:
            try:
                found = await in_thread(
                    self._desk.shown, form["content"], channel, self._district.value or None
                )
            except CampaignError as error:
                self._note.text = words_of(error)
                self._note.set_visibility(True)
                return
            self._bodies[channel](found)


def _draw_channel(channel: str) -> Callable[[Shown | None], None]:
    """An empty place for one channel; what it returns fills it. The widget's card stays and only changes,
    so that it does not blink while somebody types."""
    with (
        ui.column()
        .classes("camp-preview")
        .props(f'role=region aria-label="预览：{word("channel", channel)}"')
    ):
        with ui.row().classes("writing-row"):
            ui.label(word("channel", channel)).classes("text-weight-medium")
            ui.space()
            length = ui.label().classes("dim tabular")
        left_out = ui.column().classes("camp-notes")
        card = Card()
        plain = ui.column().classes("camp-bubble")
        left_out.set_visibility(False)
        plain.set_visibility(False)

    def fill(shown: Shown | None) -> None:
        if shown is None:
            return
        length.text = f"{len(shown.rendered.text)} / {shown.able.longest_text} 字"
        too_long = len(shown.rendered.text) > shown.able.longest_text
        length.classes(
            add="writing-trouble" if too_long else "", remove="" if too_long else "writing-trouble"
        )
        left_out.clear()
        with left_out:
            for words in (*shown.rendered.left_out, *limits(shown.able)):
                with ui.row().classes("camp-finding calm"):
                    ui.icon("info_outline", size="18px")
                    ui.label(words).classes("writing-grow")
        left_out.set_visibility(bool(shown.rendered.left_out or limits(shown.able)))
        card.show(shown.card)
        plain.set_visibility(shown.card is None)
        plain.clear()
        if shown.card is None:
            with plain:
                _draw_plain(shown.rendered)

    return fill


def limits(able: Capabilities) -> list[str]:
    """What else about the channel somebody who writes should know."""
    if able.quota is None:
        return []
    period = "月" if able.quota.period == "month" else "天"
    return [f"这个渠道每人每{period}最多收 {able.quota.count} 条。"]


def _draw_plain(rendered: Rendered) -> None:
    if rendered.picture:
        if rendered.picture.url.startswith("/media/"):
            picture_shown(rendered.picture.url, rendered.picture.alternative)
        ui.label(f"图：{rendered.picture.alternative}").classes("dim")
    ui.label(rendered.text).classes("writing-pre")
    for link in rendered.links:
        with ui.row().classes("camp-chip"):
            ui.icon("open_in_new", size="16px")
            ui.label(link.label)
    if rendered.quiz:
        _draw_quiz(rendered.quiz)
    if rendered.pledge:
        ui.label(f"小承诺：{rendered.pledge}").classes("camp-chip")
    for words in rendered.quick_replies:
        ui.label(words).classes("camp-chip")


def _draw_quiz(quiz: Quiz) -> None:
    with ui.column().classes("camp-tight"):
        ui.label(quiz.question).classes("text-weight-medium")
        for at, option in enumerate(quiz.options):
            ui.label(f"{_LETTERS[at]}. {option}").classes("camp-chip")

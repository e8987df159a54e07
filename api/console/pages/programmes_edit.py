"""One programme: its card's fields and rules on the left, the card and a try-out on the right."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import in_thread
from api.console.visit import Visit
from api.console.writing.editor import Editor
from api.console.writing.elements import Card
from api.console.writing.programme import Amounts, Basics, Sources, without_blanks
from api.console.writing.reckoning import Reckoning
from api.console.writing.rules import Rules
from api.console.writing.trying import Trying
from api.desk.entries import EntryDesk
from api.desk.programmes import ProgrammeDesk
from api.desk.trying import TryingDesk
from api.desk.writing import WritingDesk
from knowledge.errors import KnowledgeError


@console_page(
    "/programmes/new",
    title="新建项目",
    group="知识",
    icon="savings",
    right=Right.edit,
    menu=False,
    order=31,
)
async def new_programme(visit: Visit) -> None:
    await _edit(visit, None, ProgrammeDesk(visit.services, visit.actor).blank())


@console_page(
    "/programmes/{programme_id}",
    title="项目",
    group="知识",
    icon="savings",
    right=Right.read,
    menu=False,
    order=32,
)
async def programme(visit: Visit, programme_id: str) -> None:
    await _edit(visit, programme_id, None)


async def _edit(visit: Visit, programme_id: str | None, blank: dict[str, Any] | None) -> None:
    desk, cards = EntryDesk(visit.services, visit.actor), ProgrammeDesk(visit.services, visit.actor)
    editor = Editor(
        visit, desk, "programme", programme_id, blank=blank, prepare=without_blanks, trial_label="试问试算"
    )
    editor.new_id = lambda content: str(content.get("id") or "")
    if not await editor.open():
        return
    sources = await in_thread(WritingDesk(visit.services, visit.actor).citable)
    with editor.main:
        Basics(editor.form, new=programme_id is None)
        Amounts(editor.form)
        Rules(editor.form, {item.id: item.title for item in sources if item.programme})
        Sources(editor.form)
    with editor.preview:
        card, text = Card(), ui.column().classes("writing-seen")

        async def show() -> None:
            try:
                content = without_blanks(dict(editor.form.content))
                reply, words = await in_thread(_card_and_text, cards, content)
            except KnowledgeError as error:
                reply, words = None, str(error)
            card.show(reply)
            text.clear()
            with text:
                ui.label("卡片全文（规则里引的原话都要在这里面）").classes("dim")
                for line in words.split("\n"):
                    ui.label(line)

        editor.form.watch(show, delay_s=0.4)
    with editor.trial:
        trying = TryingDesk(visit.services, visit.actor)
        Trying(
            editor.form,
            lambda question, content: trying.ask_of_programme(question, without_blanks(content)),
            lacking="草稿还没有标题或编号，试不了。",
            own="这个项目",
            again_after_s=2.0,
        )
        ui.separator()
        Reckoning(editor.form, cards)
    await editor.start()


def _card_and_text(desk: ProgrammeDesk, content: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return desk.card(content), desk.text(content)

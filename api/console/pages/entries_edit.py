"""One entry: written on the left, and on the right what residents would see and find."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import in_thread
from api.console.visit import Visit
from api.console.writing.answering import Answering
from api.console.writing.citations import Citations
from api.console.writing.editor import Editor
from api.console.writing.elements import Card
from api.console.writing.trying import Trying
from api.console.writing.wordings import Wordings, without_blanks
from api.desk.entries import EntryDesk
from api.desk.trying import TryingDesk
from api.desk.writing import WritingDesk
from knowledge.editing.forms import normalised
from knowledge.errors import KnowledgeError


@console_page(
    "/entries/new", title="新建问答", group="知识", icon="quiz", right=Right.edit, menu=False, order=21
)
async def new_entry(visit: Visit, clause: str = "", question: str = "") -> None:
    """`question` is put into the form; `clause` is where picking a citation begins."""
    content = normalised("entry", {"id": "new", "question": question[:200]})
    await _edit(visit, None, content, near=clause or None)


@console_page(
    "/entries/{entry_id}", title="问答", group="知识", icon="quiz", right=Right.read, menu=False, order=22
)
async def entry(visit: Visit, entry_id: str) -> None:
    await _edit(visit, entry_id, None)


def _new_id(desk: EntryDesk, writing: WritingDesk, content: dict[str, Any]) -> str:
    """By what it quotes first, as the shipped ones are numbered; by the day while it quotes nothing."""
    quotes = content.get("quotes") or ()
    return (desk.next_id(quotes[0]["clause"]) if quotes else None) or writing.new_id()


async def _edit(
    visit: Visit, entry_id: str | None, content: dict[str, Any] | None, near: str | None = None
) -> None:
    desk, writing = EntryDesk(visit.services, visit.actor), WritingDesk(visit.services, visit.actor)
    editor = Editor(visit, desk, "entry", entry_id, blank=content, prepare=without_blanks)
    editor.new_id = partial(_new_id, desk, writing)
    if not await editor.open():
        return
    sources = await in_thread(writing.citable)
    audiences = await in_thread(writing.audiences)
    with editor.main:
        Wordings(editor.form, writing)
        Citations(editor.form, writing, near=near)
        Answering(
            editor.form,
            audiences=audiences,
            programmes={item.id: item.title for item in sources if item.programme},
        )
    with editor.preview:
        card, note = Card(), ui.label().classes("dim")

        async def show() -> None:
            try:
                reply = await in_thread(writing.entry_card, dict(editor.form.content))
            except KnowledgeError as error:
                reply, said = None, str(error)
            else:
                said = "" if reply else "选好引文后，这里会显示居民看到的回答。"
            card.show(reply)
            note.set_text(said)
            note.set_visibility(bool(said))

        editor.form.watch(show, delay_s=0.35)
    with editor.trial:
        Trying(editor.form, TryingDesk(visit.services, visit.actor).ask)
    await editor.start()

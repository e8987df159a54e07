"""Two people wrote one campaign: both texts, field by field, and the choice to the person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from nicegui import ui

from api.console.campaigning.filling import NEW_VERSION, Form
from api.console.campaigning.words import word
from api.console.parts import when
from api.console.writing.conflict import Side, proposed
from campaigns.planning.model import Campaign

_LABELS = {
    "title": "标题", "clause_ids": "依据条款", "activity_id": "挂的活动", "audience": "发给谁",
    "schedule": "什么时候发",
}  # fmt: skip
_PARTS = {
    "text": "正文", "picture": "图片", "links": "链接", "quick_replies": "快捷回复", "quiz": "小测验",
    "pledge": "小承诺",
}  # fmt: skip


async def settle(theirs: Campaign, *, base: Form, mine: Form, newest: Form) -> Form | None:
    """The form that the person decided for, to be saved on `theirs`; None while they have not."""
    fields = proposed(_flat(base), _flat(mine), _flat(newest))
    chosen: dict[str, Side | None] = dict(fields)
    with ui.dialog().props("persistent") as dialog, ui.card().classes("console-dialog writing-conflict"):
        ui.label("有人先改了这条消息").classes("console-dialog-title")
        state = word("state", theirs.state)
        changed = f"{theirs.updated_by} 在 {when(theirs.updated_at)} 改过"
        ui.label(f"{changed}，现在是“{state}”。没有覆盖任何内容。")
        if fields:
            ui.label("逐项选定保留谁的：").classes("dim")
            with ui.scroll_area().classes("writing-conflict-fields"):
                for name in fields:
                    _field(name, _flat(mine).get(name), _flat(newest).get(name), chosen)
        with ui.row().classes("console-actions"):
            ui.button("先不处理", on_click=lambda: dialog.submit(None)).props("flat")
            ui.button("全部用对方的", on_click=lambda: dialog.submit(deepcopy(newest))).props("outline")

            def submit() -> None:
                if any(side is None for side in chosen.values()):
                    ui.notify("还有没选的项：双方都改过的要选定用谁的。", type="warning")
                    return
                dialog.submit(_merged(mine, newest, chosen))

            ui.button("按所选合并并保存", on_click=submit)
    try:
        outcome: Form | None = await dialog
        return outcome
    finally:
        dialog.delete()


def _flat(form: Mapping[str, Any]) -> Form:
    """A field for each part of each version, so that two who wrote different parts need not choose."""
    content = form["content"]
    parts = {
        f"{name}/{part}": version.get(part)
        for name, version in content["versions"].items()
        for part in _PARTS
    }
    return {
        "title": form["title"],
        **parts,
        "clause_ids": content["clause_ids"],
        "activity_id": content.get("activity_id"),
        "audience": form["audience"],
        "schedule": form["schedule"],
    }


def _merged(mine: Form, theirs: Form, chosen: Mapping[str, Side | None]) -> Form:
    merged, flat = deepcopy(mine), _flat(theirs)
    for name, side in chosen.items():
        if side != "theirs":
            continue
        value = deepcopy(flat.get(name))
        version, _, part = name.rpartition("/")
        if version:
            known = merged["content"]["versions"].setdefault(version, deepcopy(dict(NEW_VERSION)))
            known[part] = value
        elif name in ("clause_ids", "activity_id"):
            merged["content"][name] = value
        else:
            merged[name] = value
    versions = merged["content"]["versions"]
    merged["content"]["versions"] = {
        name: version
        for name, version in versions.items()
        if version.get("text") or chosen.get(f"{name}/text") != "theirs"  # else they took it away
    }
    return merged


def _field(name: str, mine: Any, theirs: Any, chosen: dict[str, Side | None]) -> None:
    version, _, part = name.rpartition("/")
    label = f"{word('channel', version)}：{_PARTS[part]}" if version else _LABELS[name]
    with ui.column().classes("writing-conflict-field"):
        ui.label(label).classes("text-weight-medium")

        def choose(side: Side) -> None:
            chosen[name] = side

        ui.radio(
            {"mine": f"{label}：用我的", "theirs": f"{label}：用对方的"},
            value=chosen[name],
            on_change=lambda event: choose(event.value),
        ).props("inline dense")
        with ui.row().classes("writing-sides"):
            for title, value in (("我的", mine), ("对方的", theirs)):
                with ui.column().classes("writing-side"):
                    ui.label(title).classes("dim")
                    ui.label(_said(value))


def _said(value: Any) -> str:
    """A value in words as far as it has any: what is not set is left out."""
    if value in (None, "", [], {}):
        return "（空）"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "；".join(value)
    if isinstance(value, Mapping):
        told = [each for each in value.values() if each not in (None, "", [], {}, 0)]
        return "；".join(_said(each) for each in told) or "（没有条件）"
    if isinstance(value, list):
        return "；".join(_said(each) for each in value)
    return json.dumps(value, ensure_ascii=False)

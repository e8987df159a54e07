"""What a change of the lexicon would do, as it is shown before saving."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui

from api.console.trials.elements import clause_address, outside_link, verdict_badge
from api.desk.bench import clause_name
from index.lexicon_checks import Remark
from index.lexicon_effect import Change, Effect
from knowledge.model import Knowledge
from knowledge.publishing.golden import Given

_SHOWN = 40


def draw_remarks(remarks: Iterable[Remark]) -> None:
    for remark in remarks:
        with ui.row().classes(f"trials-remark {remark.severity}").props("role=note"):
            ui.icon("error" if remark.severity == "error" else "info", size="18px")
            ui.label(remark.said).classes("trials-grow")


def draw_effect(effect: Effect, knowledge: Knowledge) -> None:
    broken, mended = effect.broken, effect.mended
    tone = "error" if broken else "fine"
    with ui.row().classes(f"trials-remark {tone}").props("role=status"):
        ui.icon("trending_down" if broken else "task_alt", size="18px")
        ui.label(_said(effect)).classes("trials-grow")
    if not effect.changes:
        return
    ui.label(f"会变的回答（{len(effect.changes)} 个）").classes("trials-title")
    if broken or mended:
        ui.label(f"变坏 {broken} 个，变好 {mended} 个，其余没有标准答案，请看一看。").classes("dim")
    with ui.column().classes("full-width trials-scroll"):
        for change in effect.changes[:_SHOWN]:
            _draw_change(change, knowledge)
        if len(effect.changes) > _SHOWN:
            ui.label(f"还有 {len(effect.changes) - _SHOWN} 个，可以发布前在试验台里看全部。").classes("dim")


def _said(effect: Effect) -> str:
    asked = f"试了 {effect.known} 道黄金题和 {effect.asked - effect.known} 个居民问过的问题"
    if not effect.touched:
        return f"{asked}，都没有用到这个说法，看不出好坏。存好以后可以在试验台里用它问几句。"
    if not effect.changes:
        return f"{asked}，没有一个回答会变（其中 {effect.touched} 个问题的读法会变）。"
    if not effect.known:
        return f"{asked}，{len(effect.changes)} 个回答会变。"
    right = f"黄金题答对 {effect.right_before} → {effect.right_after}"
    return f"{asked}，{right}，{len(effect.changes)} 个回答会变。"


def _draw_change(change: Change, knowledge: Knowledge) -> None:
    with ui.column().classes("trials-change"):
        with ui.row().classes("trials-line"):
            ui.label(change.probe.text).classes("text-weight-medium")
            if change.broken:
                ui.badge("变坏", color="negative").classes("console-badge")
            elif change.mended:
                ui.badge("变好", color="positive").classes("console-badge")
            elif change.probe.golden is None:
                ui.badge("居民问过", color="grey-7").props("outline").classes("console-badge")
        with ui.element("div").classes("trials-pair"):
            _draw_given("改动前", change.before, knowledge)
            _draw_given("改动后", change.after, knowledge)


def _draw_given(label: str, given: Given, knowledge: Knowledge) -> None:
    with ui.column().classes("trials-pane"):
        with ui.row().classes("trials-line"):
            ui.label(label).classes("trials-source")
            verdict_badge(given.kind)
        if given.clause:
            outside_link(clause_name(knowledge, given.clause), clause_address(given.clause)).classes(
                "trials-small"
            )
            ui.label(given.quote).classes("trials-quote trials-small")

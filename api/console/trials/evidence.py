"""The evidence behind one decision, in words that editors read."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from api.console.trials.elements import clause_address, outside_link
from api.desk.bench import clause_name
from index.comparing import Told
from index.explained_words import reasons, veto_said, word
from index.explaining import Explained, ExplainedCandidate
from knowledge.model import Knowledge

_STRONG = 4.0
"""What fills a bar: four in log odds takes an even chance to 98 %."""
_NOT_AT_ONCE = ("has_entry", "is_programme")


def draw_evidence(explained: Explained, told: Told, knowledge: Knowledge, *, of: str) -> None:
    """`of` names the source and the question; `told` is what came of it: where that is a list or an answer in
    parts, it says so."""
    outcome = explained.outcome
    with ui.column().classes("trials-evidence").props("role=region") as region:
        region.props["aria-label"] = f"判断依据：{of}"
        ui.label(f"{word('why', outcome.why)}。").classes("text-weight-medium")
        ui.label(
            f"答对的概率 {outcome.probability:.2f}；{explained.answer_at:.2f} 以上回答，"
            f"{explained.clarify_at:.2f} 以上反问。问的日期：{explained.asked_on.isoformat()}。"
        ).classes("dim")
        if told.verdict != outcome.verdict:
            ui.label(
                f"居民得到的是“{word('verdict', told.verdict)}”：这一句按清单、分问或办事步骤回复；"
                "下面是整句检索的依据。"
            ).classes("dim")
        _vetoes(explained, knowledge)
        _reading(explained)
        _reasons(explained)
        _candidates(explained.candidates, knowledge)


def _vetoes(explained: Explained, knowledge: Knowledge) -> None:
    if not explained.vetoes:
        return
    _title("为什么没有直接回答" if explained.outcome.verdict != "answer" else "没有参加比较的")
    for veto in explained.vetoes:
        name = clause_name(knowledge, veto.clause_id) if veto.clause_id else None
        with ui.row().classes("trials-line"):
            ui.icon("block", size="18px").classes("trials-against")
            ui.label(veto_said(veto, name)).classes("trials-grow")


def _reading(explained: Explained) -> None:
    """What the question was read as."""
    lines = [f"“{said}” → {'、'.join(targets)}" for said, targets in explained.widened.items()]
    facts = [
        ("词表加上的说法", "；".join(lines)),
        ("认出的物品", "、".join(explained.items)),
        ("认出的区县", "、".join(explained.districts)),
        ("问到的方面", "、".join(word("kind", kind) for kind in explained.kinds)),
    ]
    _title("怎样读这个问题")
    for label, value in facts:
        with ui.row().classes("trials-line"):
            ui.label(label).classes("trials-fact")
            ui.label(value or "无").classes("trials-grow" if value else "trials-grow dim")


def _reasons(explained: Explained) -> None:
    found = reasons(explained) if explained.weights else []
    if not found:
        return
    _title("什么支持、什么不支持用排在第一的文字回答")
    with ui.element("div").classes("trials-weights"):
        for reason in found:
            side = "for" if reason.adds > 0 else "against"
            with ui.column().classes("trials-weight-name"):
                ui.label(reason.name)
                if reason.details:
                    ui.label("；".join(reason.details)).classes("dim trials-weight-detail")
            with ui.element("div").classes(f"trials-bar {side}"):
                share = min(abs(reason.adds) / _STRONG, 1.0)
                ui.element("div").style(f"width: {share:.0%}")
            ui.label(f"{word('side', side)} {abs(reason.adds):.1f}").classes(f"tabular trials-{side}")


def _candidates(candidates: Sequence[ExplainedCandidate], knowledge: Knowledge) -> None:
    if not candidates:
        return
    _title("排在前面的文字")
    for place, candidate in enumerate(candidates, 1):
        passage = candidate.candidate.passage
        with ui.column().classes("trials-candidate"):
            with ui.row().classes("trials-line"):
                ui.label(f"{place}.").classes("tabular dim")
                outside_link(clause_name(knowledge, passage.clause_id), clause_address(passage.clause_id))
                ui.label(f"得分 {candidate.candidate.score:.2f}").classes("dim tabular")
                if not candidate.live:
                    ui.badge(word("status", candidate.candidate.status), color="negative").props("outline")
            ui.label(passage.text).classes("trials-quote")
            if candidate.wording:
                ui.label(f"最接近的已批准问法：{candidate.wording}").classes("dim")
            if candidate.candidate.entry is not None:
                entry = candidate.candidate.entry
                ui.link(f"问答 {entry.id}", f"/entries/{entry.id}").classes("trials-small")
            with (
                ui.expansion("各项数值").props("dense dense-toggle").classes("trials-features"),
                ui.element("div").classes("trials-values"),
            ):
                for name, value in candidate.features.items():
                    ui.label(word("feature", name))
                    ui.label(_value(name, value)).classes("tabular")


def _value(name: str, value: float) -> str:
    return ("是" if value else "否") if name in _NOT_AT_ONCE else f"{value:.2f}"


def _title(text: str) -> None:
    ui.label(text).classes("trials-title")

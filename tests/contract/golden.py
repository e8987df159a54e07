"""The golden pair of the action contract, and the answer that it rests on."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from actions.context import Answered, Memory, TurnContext
from actions.replies import Citation, Reply

HERE = Path(__file__).parent


def golden(name: str) -> dict[str, Any]:
    loaded = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


class OneAnswer:
    """Gives the reply of the golden response and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, TurnContext | None]] = []

    def turn(self, question: str, *, request_id: str, context: TurnContext | None = None) -> Answered:
        self.asked.append((question, request_id, context))
        quote = "绿色建材在新建建筑中的应用比例达到 70%"
        citation = Citation(
            clause_id="cq-2022-11#2.5",
            document_id="cq-2022-11",
            document_title="重庆市促进绿色消费实施方案",
            document_number="渝发改规范〔2022〕11号",
            clause_label="第二部分（五）积极推广绿色居住消费",
            quote=quote,
            start=10,
            end=10 + len(quote),
            url="/policies/cq-2022-11?span=2.5:10-31#2.5",
        )
        reply = Reply(
            id="reply-1",
            as_of=date(2026, 11, 21),
            snapshot="snapshot-1",
            kind="answer",
            text=f"到2025年要达到70%。\n{quote}",
            force="target",
            citations=[citation],
        )
        return Answered(reply, Memory(asked=question, cited=("cq-2022-11#2.5",), item="绿色建材"))

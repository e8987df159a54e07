"""A sample of what residents asked, to try a change on. Texts are masked already; they are only read here."""

from __future__ import annotations

from sqlalchemy import Engine, select

from api.store.tables import messages

_READ = 10
"""Messages read for each different question that is wanted: many say the same, some are no question."""
_SHORTEST = 3


def latest_questions(engine: Engine, most: int = 200) -> list[str]:
    """Different messages that got an answer, a question back or an abstention, the latest first."""
    said = (
        select(messages.c.request_id, messages.c.text)
        .where(messages.c.role == "resident")
        .order_by(messages.c.position.desc())
        .limit(most * _READ)
    )
    with engine.connect() as connection:
        asked = [(row.request_id, row.text.strip()) for row in connection.execute(said)]
        kinds = select(messages.c.request_id).where(
            messages.c.role == "assistant", messages.c.kind.in_(("answer", "clarify", "abstain"))
        )
        replied = {
            row.request_id
            for row in connection.execute(kinds.order_by(messages.c.position.desc()).limit(most * _READ * 2))
        }
    different = dict.fromkeys(
        text for request, text in asked if request in replied and len(text) >= _SHORTEST
    )
    return list(different)[:most]

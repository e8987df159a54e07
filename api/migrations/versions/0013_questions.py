"""Facts of turns for the figures, and what staff decided on groups of questions.

Turns that were there before get their facts from what is stored of them; how long they took is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "turn_facts",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=True),
        sa.Column("question_id", sa.String(length=40), nullable=True),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("document", sa.String(length=96), nullable=True),
        sa.Column("clause", sa.String(length=160), nullable=True),
        sa.Column("entry", sa.String(length=96), nullable=True),
        sa.Column("district", sa.String(length=64), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("snapshot", sa.String(length=64), nullable=True),
        sa.Column("degraded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opened", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rated", sa.Boolean(), nullable=True),
        sa.Column("rated_for", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_turn_facts_message_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["messages.id"], name=op.f("fk_turn_facts_question_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_turn_facts")),
        sa.UniqueConstraint("message_id", name=op.f("uq_turn_facts_message_id")),
        sa.UniqueConstraint("question_id", name=op.f("uq_turn_facts_question_id")),
    )
    op.create_index(op.f("ix_turn_facts_at"), "turn_facts", ["at"], unique=False)
    op.create_index(op.f("ix_turn_facts_entry"), "turn_facts", ["entry"], unique=False)
    op.create_table(
        "question_groups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entry", sa.String(length=96), nullable=True),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_groups")),
    )
    op.create_index(op.f("ix_question_groups_state"), "question_groups", ["state"], unique=False)
    op.create_table(
        "question_marks",
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["question_groups.id"],
            name=op.f("fk_question_marks_group_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_question_marks")),
    )
    op.create_index(op.f("ix_question_marks_group_id"), "question_marks", ["group_id"], unique=False)
    _fill()


def downgrade() -> None:
    for table in ("question_marks", "question_groups", "turn_facts"):
        op.drop_table(table)


MAIN = ("answer", "clarify", "abstain", "form", "handoff", "refuse", "notice", "smalltalk")
"""Of several replies of a turn, the first of these kinds is what the turn counts as."""

_text, _flag = sa.String(), sa.Boolean()
messages = sa.table(
    "messages",
    *(sa.column(name, _text) for name in ("id", "conversation_id", "request_id", "role", "kind")),
    sa.column("position", sa.Integer()),
    sa.column("reply", sa.JSON()),
    sa.column("degraded", _flag),
    sa.column("created_at", WHEN),
)
conversations = sa.table("conversations", sa.column("id", _text), sa.column("channel", _text))
feedback = sa.table(
    "feedback", sa.column("message_id", _text), sa.column("useful", _flag), sa.column("reason", _text)
)
turn_facts = sa.table(
    "turn_facts",
    *(
        sa.column(name, _text)
        for name in (
            "message_id", "question_id", "kind", "reason", "document", "clause", "channel", "snapshot",
            "rated_for",
        )
    ),
    sa.column("at", WHEN),
    *(sa.column(name, _flag) for name in ("degraded", "opened", "rated")),
)  # fmt: skip


AT_ONCE = 200


def _fill() -> None:
    """Facts of the turns that are stored: a question and the replies with its request id."""
    connection = op.get_bind()
    channels = {row.id: row.channel for row in connection.execute(sa.select(conversations))}
    ids = sorted(channels)
    for start in range(0, len(ids), AT_ONCE):
        some = messages.c.conversation_id.in_(ids[start : start + AT_ONCE])
        stored = sa.select(messages, feedback.c.useful, feedback.c.reason).select_from(
            messages.outerjoin(feedback, feedback.c.message_id == messages.c.id)
        )
        found = connection.execute(stored.where(some).order_by(messages.c.position)).all()
        if facts := _facts(found, channels):
            connection.execute(sa.insert(turn_facts), facts)


def _facts(found: Sequence[Any], channels: Mapping[str, str]) -> list[dict[str, Any]]:
    asked: dict[tuple[str, str], Any] = {}
    replies: dict[tuple[str, str], list[Any]] = {}
    for row in found:
        turn = (row.conversation_id, row.request_id)
        if row.role == "resident":
            asked[turn] = row
        elif turn in asked and row.kind in MAIN:
            replies.setdefault(turn, []).append(row)
    opened: set[str] = set()
    facts = []
    for turn, question in asked.items():
        if turn not in replies:
            continue
        reply = min(replies[turn], key=lambda each: MAIN.index(each.kind))
        said = reply.reply or {}
        places = [*(said.get("citations") or ()), *(said.get("related") or ())]
        facts.append(
            {
                "message_id": reply.id,
                "question_id": question.id,
                "at": question.created_at,
                "kind": reply.kind,
                "reason": said.get("reason"),
                "document": places[0]["document_id"] if places else None,
                "clause": places[0]["clause_id"] if places else None,
                "channel": channels[question.conversation_id],
                "snapshot": said.get("snapshot"),
                "degraded": bool(reply.degraded),
                "opened": question.conversation_id not in opened,
                "rated": reply.useful,
                "rated_for": reply.reason,
            }
        )
        opened.add(question.conversation_id)
    return facts

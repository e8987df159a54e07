"""A clause as plain JSON-able fields, for trees that today's parser would not give again."""

from __future__ import annotations

from typing import Any, get_args

from knowledge.fields import Fields
from knowledge.model import Clause, ClauseKind

_FIELDS = frozenset(
    {
        "path", "kind", "label", "text", "parent", "marker", "heading",
        "departments", "lead_departments", "due", "incomplete",
    }
)  # fmt: skip


def clause_to_plain(clause: Clause) -> dict[str, Any]:
    """Id and position are not in it: they follow from the path and the place in the list."""
    prefix = f"{clause.document_id}#"
    return {
        "path": clause.path,
        "kind": clause.kind,
        "label": clause.label,
        "text": clause.text,
        "parent": clause.parent.removeprefix(prefix) if clause.parent is not None else None,
        "marker": clause.marker,
        "heading": clause.heading,
        "departments": list(clause.departments),
        "lead_departments": list(clause.lead_departments),
        "due": clause.due,
        "incomplete": clause.incomplete,
    }


def clause_from_plain(raw: object, document_id: str, position: int) -> Clause:
    """Raises InvalidContent."""
    fields = Fields(raw, _FIELDS, "clauses")
    path, parent = fields.text("path"), fields.optional_text("parent")
    return Clause(
        id=f"{document_id}#{path}",
        document_id=document_id,
        path=path,
        kind=fields.choice("kind", get_args(ClauseKind)),
        label=fields.text("label", ""),
        text=fields.text("text", ""),
        position=position,
        parent=f"{document_id}#{parent}" if parent is not None else None,
        marker=fields.text("marker", ""),
        heading=fields.text("heading", ""),
        departments=fields.texts("departments"),
        lead_departments=fields.texts("lead_departments"),
        due=fields.optional_text("due"),
        incomplete=fields.switch("incomplete"),
    )

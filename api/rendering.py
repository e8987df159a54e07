"""A reply as it goes out over HTTP and into the history: the contract's fields, no more and no less."""

from __future__ import annotations

from typing import Any

from actions.replies import Reply


def on_wire(reply: Reply) -> dict[str, Any]:
    """JSON values. `sources` belong to programmes: a clause's citation points at its own text."""
    content = reply.model_dump(mode="json")
    for citation in (*content["citations"], *content["related"]):
        if citation["source_kind"] == "clause":
            citation.pop("sources", None)
    return content

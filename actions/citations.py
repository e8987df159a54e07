"""Citations: a passage of the index as the reader's verbatim quote with its place and its standing."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote as percent

from actions.replies import Citation, SourceLink
from knowledge.model import Knowledge


def cite(knowledge: Knowledge, clause_id: str, start: int, end: int, as_of: date) -> Citation:
    """The span `[start, end)` of a clause or of a programme's card, as it stands on `as_of`."""
    clause = knowledge.clause_by_id.get(clause_id)
    if clause is None:
        return _cite_programme(knowledge, clause_id, start, end, as_of)
    document = knowledge.document_by_id[clause.document_id]
    return Citation(
        clause_id=clause.id,
        document_id=document.id,
        document_title=document.title,
        document_number=document.document_number,
        issuers=list(document.issuers),
        issued_on=document.issued_on,
        clause_label=clause.label,
        quote=clause.text[start:end],
        start=start,
        end=end,
        url=f"/policies/{percent(document.id)}?span={percent(clause.path)}:{start}-{end}#{percent(clause.path)}",
        source_kind="clause",
        status=document.status_on(as_of),
    )


def _cite_programme(knowledge: Knowledge, programme_id: str, start: int, end: int, as_of: date) -> Citation:
    programme = knowledge.programme_by_id[programme_id]
    return Citation(
        clause_id=programme.id,
        document_id=programme.id,
        document_title=programme.title,
        document_number=programme.document_number,
        issuers=[programme.issuer],
        clause_label=programme.title,
        quote=programme.text[start:end],
        start=start,
        end=end,
        url=f"/policies/{percent(programme.id)}?span=:{start}-{end}",
        source_kind="programme",
        checked_on=programme.checked_on,
        status=programme.status_on(as_of),
        sources=[
            SourceLink(title=source.title, publisher=source.publisher, url=source.url)
            for source in programme.sources
            if source.url
        ],
    )

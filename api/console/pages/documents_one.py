"""One document: source and clauses, metadata, what changed, proposals, review."""

from __future__ import annotations

from api.accounts.roles import Right
from api.console.documents.elements import load_styles
from api.console.documents.page import DocumentPage
from api.console.frame import console_page
from api.console.visit import Visit


@console_page(
    "/documents/{document_id}",
    title="政策文件",
    group="知识",
    icon="description",
    right=Right.read,
    menu=False,
)
async def document_page(visit: Visit, document_id: str, tab: str = "text") -> None:
    load_styles()
    await DocumentPage(visit, document_id, tab).draw()

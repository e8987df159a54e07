"""The database's side of knowledge: documents, entries, programmes and words, with their states."""

from knowledge.store import draft_tables as _draft_tables  # noqa: F401 - the tables join the metadata
from knowledge.store.editing import (
    ImportDetails,
    ImportReport,
    import_document,
    import_source,
    import_text,
    publish,
    withdraw,
)
from knowledge.store.engine import create_engine_for
from knowledge.store.listing import Row, list_rows, show
from knowledge.store.loading import load_published
from knowledge.store.seeding import SeedReport, seed
from knowledge.store.tables import Base, metadata
from knowledge.store.version_tables import DocumentVersionRow, ImportJobRow

__all__ = [
    "Base",
    "DocumentVersionRow",
    "ImportDetails",
    "ImportJobRow",
    "ImportReport",
    "Row",
    "SeedReport",
    "create_engine_for",
    "import_document",
    "import_source",
    "import_text",
    "list_rows",
    "load_published",
    "metadata",
    "publish",
    "seed",
    "show",
    "withdraw",
]

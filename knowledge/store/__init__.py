"""The database's side of knowledge: documents, entries, programmes and words, with their states."""

from knowledge.store.editing import ImportDetails, ImportReport, import_document, publish, withdraw
from knowledge.store.engine import create_engine_for
from knowledge.store.listing import Row, list_rows, show
from knowledge.store.loading import load_published
from knowledge.store.seeding import SeedReport, seed
from knowledge.store.tables import Base, metadata

__all__ = [
    "Base",
    "ImportDetails",
    "ImportReport",
    "Row",
    "SeedReport",
    "create_engine_for",
    "import_document",
    "list_rows",
    "load_published",
    "metadata",
    "publish",
    "seed",
    "show",
    "withdraw",
]

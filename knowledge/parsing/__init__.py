"""From the raw text of a Chinese policy document to a tree of clauses."""

from knowledge.parsing.document import ParsedDocument, parse, read_text
from knowledge.parsing.metadata import Metadata, detect_metadata

__all__ = ["Metadata", "ParsedDocument", "detect_metadata", "parse", "read_text"]

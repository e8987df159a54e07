"""From the raw text of a Chinese policy document to a tree of clauses."""

from knowledge.parsing.document import ParsedDocument, parse, read_text
from knowledge.parsing.left_out import LeftOut, left_out
from knowledge.parsing.mending import Mending, Piece, pieces_of
from knowledge.parsing.metadata import Found, Metadata, detect_metadata, find_metadata
from knowledge.parsing.remarks import Remark

__all__ = [
    "Found",
    "LeftOut",
    "Mending",
    "Metadata",
    "ParsedDocument",
    "Piece",
    "Remark",
    "detect_metadata",
    "find_metadata",
    "left_out",
    "parse",
    "pieces_of",
    "read_text",
]

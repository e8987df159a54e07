"""Word files (.docx): their paragraphs, numbers, tables and text boxes as lines of text."""

from knowledge.reading.docx.document import read_docx

__all__ = ["read_docx"]

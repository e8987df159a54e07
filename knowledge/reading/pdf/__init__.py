"""Text PDF: PDFium names the characters and where they stand; what they mean together is `layout`'s."""

from knowledge.reading.pdf.document import read_pdf

__all__ = ["read_pdf"]

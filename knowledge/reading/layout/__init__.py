"""From characters placed on pages to paragraphs and tables: what PDF and OFD share.

Pages come as glyphs and ruled lines with the origin at the top left, in whatever unit; every measure here is
in ems of the text itself.
"""

from knowledge.reading.layout.flow import Flow
from knowledge.reading.layout.marks import Edge, Glyph, Page

__all__ = ["Edge", "Flow", "Glyph", "Page"]

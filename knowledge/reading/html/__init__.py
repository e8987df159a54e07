"""Web pages: the article picked out of what surrounds it, its blocks as lines of text."""

from knowledge.reading.html.page import read_html

__all__ = ["read_html"]

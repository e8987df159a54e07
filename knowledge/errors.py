"""What can go wrong with knowledge, in words that name the thing and the remedy."""

from __future__ import annotations


class KnowledgeError(Exception):
    """Root of everything this package raises on purpose."""


class UnreadableDocument(KnowledgeError):
    """A policy file that holds no text: empty, binary or of no known encoding."""


class InvalidContent(KnowledgeError):
    """Content that contradicts itself: a quote not in its clause, an id given twice, an impossible date."""


class UnknownRow(KnowledgeError):
    """An id that the store does not hold."""


class Conflict(KnowledgeError):
    """A change of state that somebody else made first, or that the state does not allow."""

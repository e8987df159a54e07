"""Everything that can go wrong with an index, under one root."""

from __future__ import annotations


class IndexFault(Exception):
    """The index cannot do what was asked; the message names the thing and the remedy."""


class SnapshotFault(IndexFault):
    """A snapshot is missing, incomplete or damaged."""


class EncoderError(IndexFault):
    """An encoder cannot be loaded; the message names the model and the remedy."""

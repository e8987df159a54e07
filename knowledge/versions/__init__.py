"""What changed between two versions of a document, what rests on it, and which versions there were."""

from knowledge.versions.comparing import ClauseChange, Comparison, compare
from knowledge.versions.history import DocumentVersion, keep_version, link_supersession, versions_of
from knowledge.versions.resting import Resting, Standing, resting_on
from knowledge.versions.superseding import other_sides
from knowledge.versions.words import Run, word_runs

__all__ = [
    "ClauseChange",
    "Comparison",
    "DocumentVersion",
    "Resting",
    "Run",
    "Standing",
    "compare",
    "keep_version",
    "link_supersession",
    "other_sides",
    "resting_on",
    "versions_of",
    "word_runs",
]

"""What can keep a change from being published, in words that name the thing and the remedy."""

from __future__ import annotations

from knowledge.errors import Conflict, KnowledgeError


class Busy(Conflict):
    """Somebody else is publishing at this moment."""


class Stale(Conflict):
    """What was previewed is no longer what would be published."""


class ReasonNeeded(KnowledgeError):
    """The golden questions got worse: a reviewer must say why it is published all the same."""


class CannotBuild(KnowledgeError):
    """A snapshot could not be written: the old one serves on. The message says why."""


class UnknownRelease(KnowledgeError):
    """No release or preview has that id."""


class UnknownTarget(KnowledgeError):
    """What should be taken back is not among what is published."""


class SameReviewer(KnowledgeError):
    """Whoever took something back at once is not the one who reviews it."""

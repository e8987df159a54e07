"""Changing what is published: drafts, their review by another person, comments, revisions, publication.

A draft stands beside the row it would replace; the row stays as it is until a publication applies the draft.
What a publication is (snapshots, golden questions) is not known here.
"""

from knowledge.editing.errors import DraftConflict, RowChanged, SamePerson
from knowledge.editing.forms import from_plain, id_of, kind_of, normalised, to_plain
from knowledge.editing.model import (
    ANY,
    Ageing,
    Comment,
    Draft,
    DraftState,
    Ending,
    Event,
    FieldChange,
    Kind,
    LexiconLine,
    Proposal,
    Revision,
    Stock,
)
from knowledge.editing.overlaying import overlay
from knowledge.editing.service import Editing

__all__ = [
    "ANY",
    "Ageing",
    "Comment",
    "Draft",
    "DraftConflict",
    "DraftState",
    "Editing",
    "Ending",
    "Event",
    "FieldChange",
    "Kind",
    "LexiconLine",
    "Proposal",
    "Revision",
    "RowChanged",
    "SamePerson",
    "Stock",
    "from_plain",
    "id_of",
    "kind_of",
    "normalised",
    "overlay",
    "to_plain",
]

"""From a policy file of any format to its text: what the parser reads, and what a person should look at.

Owns the formats, their detection and the limits that a hostile or huge file meets. Knows nothing of clauses
but what a marker looks like, and nothing of the store.
"""

from knowledge.reading.reading import read_file, read_pasted, read_source
from knowledge.reading.source import (
    KINDS,
    Cancelled,
    Kind,
    Limits,
    Progress,
    SetAside,
    SourceText,
)

__all__ = [
    "KINDS",
    "Cancelled",
    "Kind",
    "Limits",
    "Progress",
    "SetAside",
    "SourceText",
    "read_file",
    "read_pasted",
    "read_source",
]

"""Which approved questions a model may learn from when it is to be judged on the rest.

A shipped model learns from everything; the model that is measured learns from `train` only. The split is
a function of the entry's id and of the wording's place, so that encoder and decision hold out the same.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from knowledge.model import Entry

Split = Literal["train", "wordings", "facts"]

HELD_OUT_FACTS_PERCENT = 10
WORDINGS_CYCLE = 8  # of every eight wordings of a fact, two are held out


def split_of(entry_id: str, wording_index: int) -> Split:
    """Where one wording of an entry belongs.

    `facts`: nothing of the entry may be learnt from (15 % of entries). `wordings`: two in eight wordings
    of the other entries. `wording_index` counts `wordings(entry)`: the question itself is 0.
    """
    draw = int.from_bytes(hashlib.sha256(entry_id.encode()).digest()[:8], "big")
    if draw % 100 < HELD_OUT_FACTS_PERCENT:
        return "facts"
    first = draw // 100 % WORDINGS_CYCLE
    held_out = {first, (first + 3) % WORDINGS_CYCLE}
    return "wordings" if wording_index % WORDINGS_CYCLE in held_out else "train"


def wordings(entry: Entry) -> tuple[str, ...]:
    """The question and its variants, each once, the question first."""
    return tuple(dict.fromkeys((entry.question, *entry.variants)))

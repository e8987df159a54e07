"""Questions that residents asked in vain, by meaning: the app's side of what proposals ask for.

Texts are as they are kept: masked, without the person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sqlalchemy import select

from api.services import Services
from api.store.tables import messages
from index.live import LiveIndex
from knowledge.proposing import NearQuestion
from knowledge.wordings import same_form

_LATEST = 2000
_LIKE = 0.62
"""Cosine from which a question is shown beside a proposal: an editor decides, so a loose bar is right."""
_MOST = 3
_LONGEST = 60


class Unanswered:
    """`Nearby` over the latest questions that got no answer."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def near(self, texts: Sequence[str]) -> Sequence[Sequence[NearQuestion]]:
        """For each text the questions near it, the nearest first; none where no encoder is loaded."""
        questions, library = self._asked(), self._services.library
        encoder = library.searcher().evidence.encoder if isinstance(library, LiveIndex) else None
        if not questions or encoder is None or not texts:
            return [()] * len(texts)
        asked = list(questions)
        cosine = encoder.encode(list(texts)) @ encoder.encode(asked).T
        out = []
        for row in cosine:
            best = [int(i) for i in np.argsort(-row)[:_MOST] if row[i] >= _LIKE]
            out.append(
                tuple(NearQuestion(asked[i], round(float(row[i]), 3), questions[asked[i]]) for i in best)
            )
        return out

    def _asked(self) -> dict[str, int]:
        """The latest unanswered questions and how often each was asked, in its first wording."""
        replies = (
            select(messages.c.conversation_id, messages.c.request_id)
            .where(messages.c.role != "user", messages.c.kind == "abstain")
            .order_by(messages.c.position.desc())
            .limit(_LATEST)
            .subquery()
        )
        query = select(messages.c.text).join(
            replies,
            (messages.c.conversation_id == replies.c.conversation_id)
            & (messages.c.request_id == replies.c.request_id),
        )
        with self._services.engine.connect() as connection:
            texts = list(connection.scalars(query.where(messages.c.role == "user")))
        first: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for text in texts:
            words = text.strip()
            if words and len(words) <= _LONGEST:
                counts[first.setdefault(same_form(words), words)] += 1
        return dict(counts)

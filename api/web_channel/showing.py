"""A notice as the widget gets it: a message of kind `notice` like any other, and `campaign` beside it.

What a quiz's right option is goes out only once the resident has chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from actions.quoting import citations_for
from actions.replies import Reply, Suggestion
from api import texts
from api.clock import Clock
from api.rendering import on_wire
from api.web_channel.links import Links, counted_address
from api.web_channel.notices import Notice
from campaigns.content import OWN_PICTURE, Picture, Quiz
from knowledge.model import Knowledge


class Showing:
    """`knowledge` gives what is published, None while there is no snapshot."""

    def __init__(self, links: Links, *, knowledge: Callable[[], Knowledge | None], clock: Clock) -> None:
        self._links, self._knowledge, self._clock = links, knowledge, clock

    def shown(self, found: Iterable[Notice]) -> list[dict[str, Any]]:
        """The notices in their order, as JSON values. Blocks: it reads the runs' links."""
        listed = list(found)
        links = self._links.of_runs({notice.run_id for notice in listed}) if listed else {}
        return [self._one(notice, links.get(notice.run_id, ())) for notice in listed]

    def explained(self, notice: Notice) -> dict[str, Any] | None:
        """What is said after the quiz: whether the option was right, why, and the clause that says so."""
        quiz, chosen = notice.content.quiz, notice.chosen
        if quiz is None or chosen is None:
            return None
        words = texts.notice(
            "quiz_right" if chosen == quiz.right else "quiz_wrong",
            answer=quiz.options[quiz.right],
            explanation=quiz.explanation,
        )
        about = f"{quiz.options[quiz.right]} {quiz.explanation}"
        reply = self._reply(f"{notice.id}-quiz", words, (quiz.clause_id,), about)
        return {"chosen": chosen, "right": quiz.right, "message": reply}

    def _one(self, notice: Notice, addresses: tuple[str, ...]) -> dict[str, Any]:
        content = notice.content
        reply = self._reply(
            notice.id,
            content.text,
            content.clause_ids,
            content.text,
            suggestions=[Suggestion(label=words, message=words) for words in content.quick_replies],
        )
        number = {url: place for place, url in enumerate(addresses)}
        links = [
            {
                "label": link.label,
                "url": counted_address(notice.run_id, number[link.url]) if link.url in number else link.url,
            }
            for link in content.links
        ]
        return reply | {
            "role": "assistant",
            "created_at": notice.created_at.isoformat(),
            "campaign": {
                "opened": notice.opened_at is not None,
                "picture": _picture(content.picture),
                "links": links,
                "quiz": self._quiz(content.quiz, notice),
                "pledge": (
                    {"text": content.pledge, "taken": notice.pledged_at is not None}
                    if content.pledge
                    else None
                ),
            },
        }

    def _quiz(self, quiz: Quiz | None, notice: Notice) -> dict[str, Any] | None:
        if quiz is None:
            return None
        asked = {"question": quiz.question, "options": list(quiz.options)}
        return asked | (self.explained(notice) or {"chosen": None, "right": None, "message": None})

    def _reply(
        self, reply_id: str, text: str, clause_ids: Iterable[str], about: str, **fields: Any
    ) -> dict[str, Any]:
        knowledge, day = self._knowledge(), self._clock.today()
        citations = citations_for(knowledge, clause_ids, about, day) if knowledge is not None else []
        return on_wire(
            Reply(
                id=reply_id,
                as_of=day,
                snapshot=None,
                kind="notice",
                text=text,
                citations=citations,
                **fields,
            )
        )


def _picture(picture: Picture | None) -> dict[str, Any] | None:
    """`own`: it is served from here, so a page may load it; any other is a link."""
    if picture is None:
        return None
    return asdict(picture) | {"own": OWN_PICTURE.fullmatch(picture.url) is not None}

"""What the desk answers itself: commands, posters' deep links, the privacy notice, the export.

A command is the same in every channel, typed with `/` or as words. Everything else is the dialogue's.
"""

from __future__ import annotations

import secrets

from actions.replies import Reply, Suggestion
from api import texts
from api.channels.addresses import Address
from api.channels.exporting import in_words
from api.channels.updates import KEPT_FOR
from api.channels.words import listed, say, table
from api.own_data import own_data
from api.services import Services
from api.store.conversations import ConversationStore


class Commands:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = ConversationStore(services.engine)

    def run(self, message: str, address: Address) -> list[Reply] | str:
        """The replies to a command; else what is to be said to the dialogue. Blocks."""
        name, rest = self._read(message)
        if name is None:
            return message
        if name == "start":
            return table("posters").get(rest) or [self.words(say("start"), self._first_choices())]
        if name in table("commands"):
            return f"{table('commands')[name]}{rest}"
        if name == "privacy":
            return [self.privacy(address.channel)]
        if name == "topics":
            return [self._topics()]
        if name == "export":
            return [self.words(self._export(address))]
        return [self.words(say("help"), self._first_choices())]

    def words(self, text: str, suggestions: list[Suggestion] | None = None) -> Reply:
        """A reply of the desk's own."""
        return Reply(
            id=secrets.token_hex(12),
            as_of=self._services.clock.today(),
            snapshot=self._services.library.snapshot,
            kind="notice",
            text=text,
            suggestions=suggestions or [],
        )

    def privacy(self, channel: str) -> Reply:
        settings = self._services.settings
        operator = settings.operator or say("operator_unnamed")
        notice = say(
            "privacy",
            operator=operator,
            days=settings.keep_days,
            ended_days=self._services.terms.kept_days_after_end,
            update_days=KEPT_FOR.days,
        )
        paragraphs = [notice]
        if channel in listed("stored_abroad"):
            name = table("privacy_known_as").get(channel, channel)
            paragraphs.append(say("abroad", channel=name))
        return self.words("\n".join(paragraphs))

    def _read(self, message: str) -> tuple[str | None, str]:
        """The command that `message` is and what follows it; None for none."""
        if message in table("said_as"):
            return table("said_as")[message], ""
        if not message.startswith("/"):
            return None, ""
        name, _, rest = message[1:].partition(" ")
        return name.lower(), rest.strip()

    def _topics(self) -> Reply:
        topics = self._services.subscriptions.offer.topics.all
        lines = "\n".join(say("topic_line", label=each.label, about=each.about) for each in topics)
        buttons = [
            Suggestion(label=each.label, message=say("subscribe_to", topic=each.label)) for each in topics
        ]
        return self.words(say("topics", topics=lines), buttons)

    def _export(self, address: Address) -> str:
        kept = own_data(self._services, self._store, address.conversation_id, medium=address.channel)
        return in_words(kept, self._services.subscriptions.offer)

    def _first_choices(self) -> list[Suggestion]:
        return [Suggestion.model_validate(each) for each in texts.suggestions()]

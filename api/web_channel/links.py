"""Links of campaign messages: `/r/{run}/{number}` leads to where a link of the run's frozen message points.

A click is counted in sum. Nothing in the address, and nothing kept, tells who clicked.
"""

from __future__ import annotations

from sqlalchemy import Engine, select

from api.clock import Clock
from api.store.erasing import writing
from campaigns import sums
from campaigns.content import Message, message_from
from campaigns.errors import InvalidInput
from campaigns.store.delivery_tables import runs


def addresses(message: Message) -> tuple[str, ...]:
    """Where the message's links lead, over all its versions, each once: a link's number is its place here."""
    links = (link for _, version in sorted(message.versions.items()) for link in version.links)
    return tuple(dict.fromkeys(link.url for link in links))


class Links:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def of_runs(self, run_ids: set[str]) -> dict[str, tuple[str, ...]]:
        """The addresses of each run's links; a run that is unknown (a test send has none) is left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(runs.c.id, runs.c.content).where(runs.c.id.in_(run_ids)))
            return {row.id: _addresses(row.content) for row in rows}

    def follow(self, run_id: str, number: int, *, counted: bool) -> str | None:
        """Where the link leads; one more click if `counted`. None where there is no such link."""
        known = self.of_runs({run_id}).get(run_id, ())
        if not 0 <= number < len(known):
            return None
        if counted:
            with writing(self._engine) as connection:
                sums.add(connection, run_id, "clicked", self._clock.now(), which=str(number))
        return known[number]


def counted_address(run_id: str, number: int) -> str:
    """The address that a channel shows in the place of a link's own."""
    return f"/r/{run_id}/{number}"


def _addresses(content: object) -> tuple[str, ...]:
    try:
        return addresses(message_from(content))
    except InvalidInput:  # a run of a test or of a later version: its links lead straight where they lead
        return ()

"""One person's visit to the console: who they are, and what they may call."""

from __future__ import annotations

from dataclasses import dataclass

from api.accounts.roles import Actor
from api.accounts.sessions import SignedIn
from api.services import Services

SCOPE_KEY = "console_visit"
"""Under which name the guard leaves the visit in a request's scope."""


@dataclass(frozen=True, slots=True)
class Visit:
    services: Services
    signed_in: SignedIn

    @property
    def actor(self) -> Actor:
        return self.signed_in.actor

    @property
    def shown_name(self) -> str:
        return self.actor.display_name or self.actor.name

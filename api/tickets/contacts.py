"""The contact that a resident leaves for staff: encrypted wherever it is stored, and never kept longer.

Owns the cipher, and the stash in which a contact waits between the message it was typed in and the ticket it
belongs to. It must not know what a contact is used for. Nothing here is ever logged.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Engine, delete, insert, select

from api.clock import Clock
from api.store.erasing import writing
from api.store.tables import contact_stash
from api.tickets.errors import ContactUnreadable, WrongWords

log = logging.getLogger(__name__)

LONGEST_CONTACT = 120
KEPT_FOR = timedelta(hours=1)


class ContactBox:
    """Encrypts contacts with the installation's `contact_key` (Fernet: AES-128-CBC with HMAC-SHA-256).

    Each contact is bound to its `owner`, a ticket's id or a pseudonym: moved to another row it opens no more.
    """

    def __init__(self, contact_key: str) -> None:
        digest = hashlib.sha256(b"contact:" + contact_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def seal(self, contact: str, *, owner: str) -> str:
        return self._fernet.encrypt(json.dumps([owner, contact]).encode()).decode("ascii")

    def unseal(self, sealed: str, *, owner: str) -> str:
        """Raises `ContactUnreadable` where another key or owner sealed it."""
        try:
            sealed_for, contact = json.loads(self._fernet.decrypt(sealed.encode("ascii")))
        except InvalidToken:
            raise ContactUnreadable from None
        if sealed_for != owner:
            raise ContactUnreadable
        return str(contact)


class ContactStash:
    """Contacts that were typed and have no ticket yet, one a conversation, for an hour at most.

    `pseudonym` is that of the conversation (`Keys.pseudonym`). All methods block.
    """

    def __init__(self, engine: Engine, *, box: ContactBox, clock: Clock) -> None:
        self._engine, self._box, self._clock = engine, box, clock

    def put(self, pseudonym: str, contact: str) -> None:
        """Keep `contact`, as it was typed, in the place of an earlier one. Raises `WrongWords`."""
        sealed = self._box.seal(checked_contact(contact), owner=pseudonym)
        expires_at = self._clock.now() + KEPT_FOR
        with writing(self._engine) as connection:
            connection.execute(delete(contact_stash).where(contact_stash.c.pseudonym == pseudonym))
            connection.execute(
                insert(contact_stash).values(pseudonym=pseudonym, contact=sealed, expires_at=expires_at)
            )

    def holds(self, pseudonym: str) -> bool:
        """Whether a contact waits that has not expired."""
        found = select(contact_stash.c.pseudonym).where(
            contact_stash.c.pseudonym == pseudonym, contact_stash.c.expires_at > self._clock.now()
        )
        with self._engine.connect() as connection:
            return connection.scalar(found) is not None

    def take(self, pseudonym: str) -> str | None:
        """The contact, once: it is deleted by the same statement. None where none waits or it expired.

        None as well where it was sealed with another key: a resident can be asked again.
        """
        taken = (
            delete(contact_stash)
            .where(contact_stash.c.pseudonym == pseudonym)
            .returning(contact_stash.c.contact, contact_stash.c.expires_at)
        )
        now = self._clock.now()
        with writing(self._engine) as connection:
            row = connection.execute(taken).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        try:
            return self._box.unseal(row.contact, owner=pseudonym)
        except ContactUnreadable:
            log.error("a waiting contact was sealed with another contact_key")
            return None

    def drop(self, pseudonym: str) -> None:
        """Forget what waits: the resident left the form."""
        with writing(self._engine) as connection:
            connection.execute(delete(contact_stash).where(contact_stash.c.pseudonym == pseudonym))


def checked_contact(contact: str) -> str:
    """Trimmed. Raises `WrongWords`."""
    contact = " ".join(contact.split())
    if not 1 <= len(contact) <= LONGEST_CONTACT:
        raise WrongWords(
            f"A contact has 1 to {LONGEST_CONTACT} characters, this one has {len(contact)}: "
            "give one telephone number or address."
        )
    return contact

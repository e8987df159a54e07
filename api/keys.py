"""The secrets of one installation, made at the first start and kept in files that only the owner reads.

Owns: making, reading and using the pseudonym key, the tokens between the two processes, the key for
residents' contacts and the console's. Nothing here is ever logged, and `Keys` hides its values when printed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


class KeysError(RuntimeError):
    """A secret's file cannot be read or made; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`action_token` opens the action webhook to Rasa, `dialogue_token` Rasa's REST channel to the app.

    `contact_key` encrypts what residents leave to be called back; without its file those are lost.
    `console_key` seals what the console leaves in a browser for minutes.
    """

    pseudonym_key: str = field(repr=False)
    action_token: str = field(repr=False)
    dialogue_token: str = field(repr=False)
    contact_key: str = field(repr=False)
    console_key: str = field(repr=False)

    def pseudonym(self, conversation_id: str) -> str:
        """The sender id that Rasa stores: keyed, so that it leads back to nobody without the key."""
        digest = hmac.new(self.pseudonym_key.encode(), conversation_id.encode(), hashlib.sha256)
        return digest.hexdigest()[:40]

    def derived(self, *purpose: str) -> str:
        """A key or name for `purpose`, 64 hex digits, from which the key it is made of cannot be told."""
        words = "\x00".join(purpose).encode()
        return hmac.new(self.contact_key.encode(), b"derived:" + words, hashlib.sha256).hexdigest()

    def conversation(self, client_id: str) -> str:
        """The id of a conversation that a message with `client_id` opens: the same however often it comes."""
        return self._derived("conversation", client_id)[:22]

    def token(self, conversation_id: str, client_id: str) -> str:
        """The token of a conversation that a message with `client_id` opens, the same each time."""
        return self._derived("token", conversation_id, client_id)

    def _derived(self, *parts: str) -> str:
        """No id holds a zero byte, so that no pseudonym is ever derived here."""
        digest = hmac.new(self.pseudonym_key.encode(), "\0".join(parts).encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def load_keys(folder: Path) -> Keys:
    """The keys in `folder` (mode 0700, files 0600); those that are missing are made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise KeysError(
            f"{folder} cannot be made: {error.strerror}. Check who owns {folder.parent}."
        ) from error
    names = ("pseudonym_key", "action_token", "dialogue_token", "contact_key", "console_key")
    return Keys(**{name: _secret(folder / name) for name in names})


def _secret(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise KeysError(f"{path} cannot be written: {error.strerror}. Check who owns its folder.") from error
    with os.fdopen(descriptor, "w") as file:
        value = secrets.token_urlsafe(32)
        file.write(value)
    return value


def _read(path: Path) -> str:
    try:
        value = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysError(
            f"{path} cannot be read. Check who owns it, or remove it to have it made anew."
        ) from error
    if len(value) < 32:
        raise KeysError(f"{path} holds fewer than 32 characters. Remove it to have it made anew.")
    return value

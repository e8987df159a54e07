"""What an official account may do, by its kind, and the secrets that it is reached with.

The figures are those of WeChat's rules: customer-service messages within 48 hours after a resident's own,
five at most; mass sends once a day for subscription accounts, four a month to a follower for service ones.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from api.settings import AccountKind, SettingsError
from campaigns.delivery.senders import Capabilities, Quota

WINDOW = timedelta(hours=48)
WINDOW_MESSAGES = 5
LONGEST_BYTES = 2048
"""Of one text message, in UTF-8."""
LONGEST_TEXT = 600
"""Signs of a campaign's text: Chinese ones take three bytes each."""
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


@dataclass(frozen=True, slots=True)
class Abilities:
    """`mass_per_day`: mass sends that the whole account may make a day, None for no such limit."""

    customer_service: bool
    mass: bool
    quota: Quota | None = None
    mass_per_day: int | None = None


ABILITIES: dict[AccountKind, Abilities] = {
    "basic": Abilities(customer_service=False, mass=False),
    "subscription": Abilities(True, True, Quota(1, "day"), mass_per_day=1),
    "service": Abilities(True, True, Quota(4, "month"), mass_per_day=100),
}


def capabilities_of(abilities: Abilities) -> Capabilities:
    """What campaigns may show there: words alone, because a mass send's text can hold nothing else."""
    return Capabilities(
        pictures=False,
        links=False,
        quick_replies=False,
        quiz=False,
        longest_text=LONGEST_TEXT,
        per_second=20.0,
        quota=abilities.quota,
        concurrency=4,
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """`token` signs what WeChat sends; `aes_key` seals it, None for an account in plain mode."""

    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str | None = field(repr=False)


def read_credentials(path: Path) -> Credentials:
    """The secrets in a TOML file with `secret`, `token` and, for the encrypted mode, `aes_key`.

    Raises SettingsError.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Check its owner.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is no TOML file: {error}. Write secret, token and aes_key.") from None
    if unknown := sorted(set(table) - {"secret", "token", "aes_key"}):
        raise SettingsError(f"{path} sets '{unknown[0]}'; it takes secret, token and aes_key.")
    secret, token, aes_key = table.get("secret"), table.get("token"), table.get("aes_key")
    if not isinstance(secret, str) or not secret.strip():
        raise SettingsError(f"{path} has no secret: copy the account's AppSecret there.")
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise SettingsError(f"{path} has no usable token: 3 to 32 letters and digits, as set at WeChat.")
    if aes_key is not None and not _usable(aes_key):
        raise SettingsError(f"{path} has no usable aes_key: the 43 signs of the EncodingAESKey.")
    return Credentials(secret.strip(), token, aes_key)


def _usable(aes_key: object) -> bool:
    if not isinstance(aes_key, str) or _AES_KEY.fullmatch(aes_key) is None:
        return False
    try:
        return len(base64.b64decode(aes_key + "=")) == 32
    except binascii.Error:
        return False

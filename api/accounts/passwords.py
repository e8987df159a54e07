"""Passwords: which are good enough, how they are hashed, and how one is made for somebody.

Verifying takes the same time whether or not there is a hash to verify against, and few run at once: each
takes 64 MiB.
"""

from __future__ import annotations

import secrets
import threading
from functools import cached_property
from pathlib import Path

import yaml
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.accounts.errors import InvalidAccount

LEAST_LENGTH, GREATEST_LENGTH, LEAST_DIFFERENT = 10, 128, 5
AT_ONCE = 2
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_COMMON = Path(__file__).with_name("common_passwords.yml")


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` is by default argon2id with the second recommended parameters of RFC 9106."""
        self._hasher = hasher or PasswordHasher()
        self._turnstile = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turnstile:
            return self._hasher.hash(password)

    def fits(self, hashed: str | None, password: str) -> bool:
        """Whether `password` is the one behind `hashed`; False, after as long, where there is no hash."""
        with self._turnstile:
            try:
                return self._hasher.verify(hashed or self._nobodys, password) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_stale(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))


def check_password(password: str, *, name: str) -> None:
    """Raises InvalidAccount for one that is too short, too simple or well known."""
    if not LEAST_LENGTH <= len(password) <= GREATEST_LENGTH:
        raise InvalidAccount(f"密码长度应为 {LEAST_LENGTH} 到 {GREATEST_LENGTH} 个字符。")
    lowered = password.casefold()
    if len(set(lowered)) < LEAST_DIFFERENT:
        raise InvalidAccount(f"密码太简单：至少要有 {LEAST_DIFFERENT} 种不同的字符。")
    if name.casefold() in lowered:
        raise InvalidAccount("密码里不能含有账号名。")
    if lowered in _common():
        raise InvalidAccount("这个密码太常见，容易被猜到，请换一个。")


def make_password() -> str:
    """One to hand over: easy to read aloud, 79 bits."""
    drawn = "".join(secrets.choice(_READABLE) for _ in range(16))
    return "-".join(drawn[start : start + 4] for start in range(0, 16, 4))


def _common() -> frozenset[str]:
    return frozenset(yaml.safe_load(_COMMON.read_text("utf-8")))

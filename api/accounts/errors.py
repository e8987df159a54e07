"""What can go wrong with accounts, in words for the person who reads them."""

from __future__ import annotations


class AccountError(Exception):
    """Root of what this package raises on purpose; the message, in Chinese, says what to do."""


class InvalidAccount(AccountError):
    """A name, role or password that cannot be used."""


class UnknownAccount(AccountError):
    """A name that nobody has."""


class AccountTaken(AccountError):
    """A name that somebody has already."""


REFUSED = "账号或密码不正确。"


class SignInRefused(AccountError):
    """Name and password don't fit, or the account may not sign in: which of them is never said."""


class SignInLocked(SignInRefused):
    """Too many failures; `wait_s` says for how long."""

    def __init__(self, wait_s: int) -> None:
        minutes, seconds = divmod(max(wait_s, 1), 60)
        wait = f"{minutes + (seconds > 0)} 分钟" if minutes else f"{seconds} 秒"
        super().__init__(f"失败次数过多，请 {wait}后再试，或请管理员解锁。")
        self.wait_s = wait_s

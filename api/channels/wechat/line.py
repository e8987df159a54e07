"""WeChat's API over wechatpy, which waits for ever by default: here it gives up after three seconds.

Every failure becomes one `Failure` that says whether the message may have been taken. Blocks; for the event
loop there is `later`, in threads of its own, so that a slow WeChat never takes those of the database.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Literal, TypeVar

import requests
import structlog
from urllib3.exceptions import MaxRetryError, NewConnectionError
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

log = structlog.get_logger(__name__)
T = TypeVar("T")

API_URL = "https://api.weixin.qq.com"
TIMEOUT_S = 3.0
THREADS = 16
MOST_TAGGED = 50
"""People that one call may tag."""
_TOKEN_OVER = frozenset({40001, 40014, 42001})
_GONE = frozenset({40003, 43004, 49003})
_WINDOW = frozenset({45015, 45047})
_MASS_OVER = frozenset({45028})
_AGAIN_S: dict[int, float] = {-1: 5.0, 45009: 3600.0, 45011: 60.0, 45066: 60.0, 40164: 600.0, 61024: 600.0}
ALREADY_SENT = 45065
"""A mass send with this clientmsgid went out before."""

FailureKind = Literal["gone", "window", "quota", "again", "never", "unknown"]


class Failure(Exception):
    """`gone`: follows no more. `window`: not by customer service now. `quota`: no mass send left. `again`:
    surely not taken, try after `after_s`. `never`: this will not go. `unknown`: it may have been taken."""

    def __init__(
        self, kind: FailureKind, reason: str, *, after_s: float | None = None, code: int | None = None
    ) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind, self.reason, self.after_s, self.code = kind, reason, after_s, code


class _Client(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with the stable token, which one process does not take from another, and time-outs
    where wechatpy gives none."""

    def __init__(self, app_id: str, secret: str, *, api_url: str, timeout_s: float) -> None:
        self.API_BASE_URL = f"{api_url.rstrip('/')}/cgi-bin/"
        super().__init__(app_id, secret, timeout=timeout_s, auto_retry=False)
        self._http.trust_env = api_url == API_URL
        self._fetching = threading.Lock()

    def fetch_access_token(self) -> Any:
        before = self.session.get(self.access_token_key)
        with self._fetching:
            if self.session.get(self.access_token_key) != before:
                return None
            return self._fetch()

    def renew(self, used: str | None) -> None:
        """Another token in the place of `used`, which WeChat refused."""
        with self._fetching:
            if self.session.get(self.access_token_key) == used:
                self._fetch(force=True)

    def _fetch(self, force: bool = False) -> Any:
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        response = self._http.post(f"{self.API_BASE_URL}stable_token", json=asked, timeout=self.timeout)
        response.raise_for_status()
        found = response.json()
        if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
            code = found.get("errcode") if isinstance(found, dict) else None
            raise WeChatClientException(code, "no token", client=self)
        lasts = float(found.get("expires_in") or 7200)
        self.session.set(self.access_token_key, found["access_token"], int(lasts))
        self.expires_at = time.time() + lasts
        return found


class Line:
    def __init__(
        self, app_id: str, secret: str, *, api_url: str = API_URL, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._client = _Client(app_id, secret, api_url=api_url, timeout_s=timeout_s)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="wechat")

    async def later(self, work: Callable[..., T], *given: object) -> T:
        """`work` of this line in one of its threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *given))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client._http.close()

    def send_text(self, chat: str, text: str) -> None:
        """A customer-service message. Raises Failure."""
        self._call(lambda client: client.message.send_text(chat, text))

    def preview(self, chat: str, text: str) -> None:
        """What a mass send would show, to one person. Raises Failure."""
        body = {"touser": chat, "msgtype": "text", "text": {"content": text}}
        self._call(lambda client: client.post("message/mass/preview", data=body))

    def send_mass(self, tag_id: int, text: str, *, client_id: str) -> str:
        """WeChat's id of a mass send to everybody with the tag; the same `client_id` sends once in a day.

        Raises Failure.
        """
        body = {
            "filter": {"is_to_all": False, "tag_id": tag_id},
            "text": {"content": text},
            "msgtype": "text",
            "clientmsgid": client_id,
        }
        try:
            sent = self._call(lambda client: client.post("message/mass/sendall", data=body))
        except Failure as failure:
            if failure.code == ALREADY_SENT:
                return ""
            raise
        return str(sent.get("msg_id") or "")

    def make_tag(self, name: str) -> int:
        """Raises Failure."""
        made = self._call(lambda client: client.tag.create(name))
        if not isinstance(made.get("id"), int):
            raise Failure("unknown", "nonsense")
        return int(made["id"])

    def tag(self, tag_id: int, chats: Sequence[str]) -> None:
        """Tag at most `MOST_TAGGED`; doing it again changes nothing. Raises Failure."""
        self._call(lambda client: client.tag.tag_user(tag_id, list(chats)))

    def drop_tag(self, tag_id: int) -> None:
        """Raises Failure."""
        self._call(lambda client: client.tag.delete(tag_id))

    def put_menu(self, menu: dict[str, Any]) -> None:
        """Raises Failure."""
        self._call(lambda client: client.menu.create(menu))

    def _call(self, work: Callable[[Any], Any]) -> dict[str, Any]:
        """One call, and once more where its token had run out."""
        for last in (False, True):
            used = None
            try:
                used = self._token()
                answer = work(self._client)
                if not isinstance(answer, dict):
                    raise Failure("unknown", "nonsense")
                return answer
            except WeChatClientException as error:
                if error.errcode in _TOKEN_OVER and not last:
                    self._renew(used)
                    continue
                raise _failure_of(error) from None
            except (requests.RequestException, KeyError, TypeError, ValueError) as error:
                raise _failure_of(error) from None
        raise AssertionError("unreachable")

    def _token(self) -> str:
        try:
            return str(self._client.access_token)
        except (requests.RequestException, WeChatClientException, ValueError) as error:
            raise _without_token(error) from None

    def _renew(self, used: str | None) -> None:
        try:
            self._client.renew(used)
        except (requests.RequestException, WeChatClientException, ValueError) as error:
            raise _without_token(error) from None


def _without_token(error: Exception) -> Failure:
    """Nothing was sent: there was no token to send it with."""
    code = getattr(error, "errcode", None)
    log.error("wechat_no_token", code=code, exc_type=type(error).__name__)
    after_s = _AGAIN_S.get(code, 30.0) if isinstance(code, int) else 30.0
    return Failure("again", f"token_{code}" if code else "no_token", after_s=after_s, code=code)


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, WeChatClientException):
        return _refusal(error)
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Failure("again", "unreachable", after_s=5.0)
    if isinstance(error, requests.Timeout):
        return Failure("unknown", "timeout")
    return Failure("unknown", type(error).__name__)


def _refusal(error: WeChatClientException) -> Failure:
    code = error.errcode
    if code is None:
        status = getattr(error.response, "status_code", 0)
        if status in (429, 503):
            return Failure("again", f"http_{status}", after_s=_wait_asked(error.response))
        return Failure("never" if 400 <= status < 500 else "unknown", f"http_{status}")
    reason = f"wechat_{code}"
    if code in _GONE:
        return Failure("gone", reason, code=code)
    if code in _WINDOW:
        return Failure("window", reason, code=code)
    if code in _MASS_OVER:
        return Failure("quota", reason, code=code)
    if code in _AGAIN_S or code in _TOKEN_OVER:
        return Failure("again", reason, after_s=_AGAIN_S.get(code, 60.0), code=code)
    return Failure("never", reason, code=code)


def _wait_asked(response: Any) -> float:
    asked = str(response.headers.get("Retry-After", ""))
    return min(float(asked), 3600.0) if asked.isascii() and asked.isdigit() else 30.0


def _never_connected(error: Exception) -> bool:
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)

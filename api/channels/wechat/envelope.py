"""What WeChat sends, opened, and what is answered, sealed: signatures, the encrypted mode, replays.

An account with a key takes only sealed messages: their signature covers what they say. In plain mode the
signature covers time and nonce alone, so a signature that comes again with other words is refused as well.
Knows nothing of what a message means.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import secrets
import struct
import threading
import time
from collections.abc import Callable, Mapping
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

FRESH_S = 300.0
"""How far a message's time may lie from ours."""


class NotFromWeChat(Exception):
    """Forged, replayed, or for another account. `reason` is a code for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Cipher(PrpCrypto):  # type: ignore[misc]
    """wechatpy's, with a beginning that nobody can foretell: the mode's only protection of equal messages."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class Envelope:
    def __init__(
        self, *, app_id: str, token: str, aes_key: str | None, now: Callable[[], float] = time.time
    ) -> None:
        self._app_id, self._token, self._now = app_id, token, now
        self._crypto = None if aes_key is None else WeChatCrypto(token, aes_key, app_id)
        self._seen: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    @property
    def sealed(self) -> bool:
        return self._crypto is not None

    def check(self, query: Mapping[str, str]) -> None:
        """That WeChat itself asks for this address. Raises NotFromWeChat."""
        self._signed(query.get("signature", ""), query)

    def open(self, query: Mapping[str, str], body: bytes) -> str:
        """The XML of a message. Raises NotFromWeChat."""
        if self._crypto is None:
            self._signed(query.get("signature", ""), query)
            self._once(query.get("signature", ""), body)
            return _text(body)
        if query.get("encrypt_type") != "aes":
            raise NotFromWeChat("not_sealed")
        try:
            sealed = xmltodict.parse(_text(body))["xml"]["Encrypt"]
        except (ExpatError, KeyError, TypeError, ValueError):
            raise NotFromWeChat("not_sealed") from None
        if not isinstance(sealed, str):
            raise NotFromWeChat("not_sealed")
        signature = query.get("msg_signature", "")
        self._signed(signature, query, sealed)
        self._once(signature, body)
        try:
            return str(_Cipher(self._crypto.key).decrypt(sealed, self._app_id))
        except WeChatException:
            raise NotFromWeChat("other_account") from None
        except (binascii.Error, struct.error, ValueError, IndexError, TypeError):
            raise NotFromWeChat("seal_broken") from None

    def seal(self, xml: str) -> str:
        """An answer as it goes out: as it is in plain mode."""
        if self._crypto is None:
            return xml
        sealed = _Cipher(self._crypto.key).encrypt(xml, self._app_id).decode()
        at, nonce = str(int(self._now())), secrets.token_hex(8)
        fields = {
            "Encrypt": sealed,
            "MsgSignature": _signature(self._token, at, nonce, sealed),
            "TimeStamp": at,
            "Nonce": nonce,
        }
        return str(xmltodict.unparse({"xml": fields}, full_document=False))

    def _signed(self, signature: str, query: Mapping[str, str], *more: str) -> None:
        at, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not at or not nonce or not signature.isascii():
            raise NotFromWeChat("unsigned")
        if not hmac.compare_digest(_signature(self._token, at, nonce, *more), signature):
            raise NotFromWeChat("forged")
        if not (at.isascii() and at.isdigit()) or abs(int(at) - self._now()) > FRESH_S:
            raise NotFromWeChat("stale")

    def _once(self, signature: str, body: bytes) -> None:
        """A signature belongs to one message; the same message may come again, its id tells that."""
        now, digest = self._now(), hashlib.sha256(body).digest()
        with self._lock:
            while self._seen:
                oldest = next(iter(self._seen))
                if now - self._seen[oldest][0] <= 2 * FRESH_S:
                    break
                del self._seen[oldest]
            if self._seen.setdefault(signature, (now, digest))[1] != digest:
                raise NotFromWeChat("replayed")


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise NotFromWeChat("not_text") from None

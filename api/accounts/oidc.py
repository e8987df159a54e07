"""OpenID Connect: the office's own provider says who somebody is (authorization code flow with PKCE).

What must come back unchanged (state, nonce, verifier) waits in a cookie that only this installation can read,
so that an answer opens a session only in the browser that asked. Tokens are checked and thrown away.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from cryptography.fernet import Fernet, InvalidToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.accounts.errors import SignInRefused
from api.accounts.role_map import claim_at, parse_role_map, roles_from
from api.accounts.signing_in import Vouched
from api.settings import Settings

log = logging.getLogger(__name__)

ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
"""Signatures by a key that only the provider has."""
WAITS_S = 600
TIMEOUT_S = 10.0
LEEWAY_S = 60


class ProviderRefused(SignInRefused):
    """The provider did not answer as it must, or the answer belongs to another request."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a request to the provider leaves in the browser until the answer comes."""

    state: str
    nonce: str
    verifier: str
    wanted: str


class Provider:
    def __init__(self, settings: Settings, *, key: str) -> None:
        """`key` is the installation's console key. Raises ProviderRefused where the client's secret cannot
        be read."""
        self._settings = settings
        self._roles = parse_role_map(settings.oidc_roles)
        self._secret = _secret_in(settings.oidc_client_secret_file)
        digest = hashlib.sha256(b"oidc:" + key.encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(digest))
        self._metadata: dict[str, Any] | None = None

    async def begin(self, *, redirect_uri: str, wanted: str) -> tuple[str, str]:
        """The address at the provider to send the browser to, and the sealed `Pending` for its cookie.
        `wanted` is where to go on afterwards. Raises ProviderRefused."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = Pending(state, nonce, verifier, wanted)
        async with self._client(redirect_uri) as client:
            metadata = await self._discovered(client)
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=pending.state,
                nonce=pending.nonce,
                code_verifier=pending.verifier,
            )
        return str(url), self._box.encrypt(json.dumps(asdict(pending)).encode()).decode("ascii")

    async def finish(self, answer: str, sealed: str, *, redirect_uri: str) -> tuple[Vouched, str]:
        """Who it is, and where to go on. `answer` is the address that the provider sent the browser to.
        Raises ProviderRefused."""
        pending = self._opened(sealed)
        given = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
        if not secrets.compare_digest(given.get("state", "").encode(), pending.state.encode()):
            raise ProviderRefused("登录请求已过期或不是从本页面发起的，请重新登录。")
        if given.get("iss", self._settings.oidc_issuer) != self._settings.oidc_issuer:
            raise ProviderRefused("登录结果来自另一个认证服务，已拒绝。")
        if "code" not in given:
            raise ProviderRefused("单位统一身份认证没有同意这次登录。")
        try:
            claims = await self._claims(given["code"], pending, redirect_uri)
        except (AuthlibBaseError, JoseError, HTTPError, KeyError, ValueError) as error:
            log.warning("the provider's answer was refused", extra={"reason": type(error).__name__})
            raise ProviderRefused("单位统一身份认证的结果无法核实，请重试或联系管理员。") from error
        return self._vouched(claims), pending.wanted

    async def _claims(self, code: str, pending: Pending, redirect_uri: str) -> dict[str, Any]:
        async with self._client(redirect_uri) as client:
            metadata = await self._discovered(client)
            token = await client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=pending.verifier,
                redirect_uri=redirect_uri,
            )
            answer = await client.request("GET", metadata["jwks_uri"], withhold_token=True)
            answer.raise_for_status()
            claims = self._verified(token, answer.json(), metadata, pending.nonce)
            needed = (self._settings.oidc_name_claim, self._settings.oidc_roles_claim)
            if any(claim_at(claims, name) is None for name in needed) and "userinfo_endpoint" in metadata:
                answer = await client.get(metadata["userinfo_endpoint"])
                answer.raise_for_status()
                more = answer.json()
                if more.get("sub") != claims["sub"]:
                    raise ValueError("userinfo speaks of somebody else")
                claims = {**more, **claims}
        return claims

    def _verified(
        self, token: Mapping[str, Any], keys: Any, metadata: Mapping[str, Any], nonce: str
    ) -> dict[str, Any]:
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=sorted(ALGORITHMS.intersection(offered)), strict_check_header=False)
        decoded = jwt.decode(token["id_token"], key=KeySet.import_key_set(keys), registry=registry)
        audience = decoded.claims.get("aud")
        if self._settings.oidc_client_id not in (audience if isinstance(audience, list) else [audience]):
            raise ValueError("the token is for another client")
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self._settings.oidc_issuer}},
            {
                "nonce": nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": token["access_token"],
            },
        )
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        name = claim_at(claims, self._settings.oidc_name_claim)
        if not isinstance(name, str) or not name.strip():
            raise ProviderRefused("单位统一身份认证没有给出账号名，请联系管理员。")
        shown = claims.get("name")
        return Vouched(
            external_id=f"{self._settings.oidc_issuer}|{claims['sub']}",
            name=name,
            display_name=shown if isinstance(shown, str) else "",
            roles=roles_from(claims, self._settings.oidc_roles_claim, self._roles),
        )

    def _opened(self, sealed: str) -> Pending:
        try:
            return Pending(**json.loads(self._box.decrypt(sealed.encode("utf-8"), ttl=WAITS_S)))
        except InvalidToken:
            raise ProviderRefused("登录请求已过期或不是从本页面发起的，请重新登录。") from None

    async def _discovered(self, client: AsyncOAuth2Client) -> dict[str, Any]:
        """The provider's own description, read once. Raises ProviderRefused."""
        if self._metadata is None:
            issuer = self._settings.oidc_issuer
            try:
                url = f"{issuer}/.well-known/openid-configuration"
                answer = await client.request("GET", url, withhold_token=True)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
            except (HTTPError, ValueError) as error:
                log.warning("the provider cannot be reached", extra={"reason": type(error).__name__})
                raise ProviderRefused("单位统一身份认证暂时连不上，请稍后再试。") from error
            if found.get("issuer") != issuer:
                log.error("the provider names another issuer than LVXIAOYU_OIDC_ISSUER")
                raise ProviderRefused("单位统一身份认证的设置有误，请联系管理员。")
            self._metadata = found
        return self._metadata

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=self._secret,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope=" ".join(self._settings.oidc_scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )


def _secret_in(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        log.error("LVXIAOYU_OIDC_CLIENT_SECRET_FILE cannot be read", extra={"path": str(path)})
        raise ProviderRefused("单位统一身份认证的设置有误，请联系管理员。") from error

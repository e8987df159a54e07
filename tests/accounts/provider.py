"""A small OpenID Connect provider on loopback: discovery, authorization code with PKCE, signed tokens.

It signs everybody in at once as `claims`. What it does wrong is chosen by its fields.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "lvxiaoyu", "provider-secret"


class TestProvider:
    __test__ = False

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.named_issuer = issuer
        self.claims: dict[str, Any] = {
            "sub": "7",
            "preferred_username": "wang.fang",
            "name": "王芳",
            "realm_access": {"roles": ["kb-leads", "offline_access"]},
        }
        self.from_userinfo: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}
        """Claims of the token that are not what they should be."""
        self.signed_by = self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.algorithm = "RS256"
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._access: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/userinfo", self._userinfo),
            ]
        )

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.named_issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.asked.append(query)
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        answer = urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        return RedirectResponse(f"{query['redirect_uri']}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            request.headers.get("authorization") != f"Basic {basic}"
            or asked is None
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now, access = int(time.time()), secrets.token_urlsafe(16)
        self._access.add(access)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.claims,
            **self.changed,
        }
        key = OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.signed_by
        header = {"alg": self.algorithm, "kid": self.signed_by.kid}
        token = jwt.encode(header, claims, key, algorithms=[self.algorithm])
        return JSONResponse({"access_token": access, "token_type": "Bearer", "id_token": token})

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._access:
            return JSONResponse({}, 401)
        return JSONResponse(self.from_userinfo)

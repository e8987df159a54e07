"""Signing in through a real provider on loopback, and what a wrong one cannot do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from api.accounts.audit import Sought
from api.accounts.roles import Role
from api.console.guard import COOKIE
from api.settings import SettingsError, load_settings
from tests.accounts.provider import CLIENT, SECRET, TestProvider
from tests.console.site import Site, make_site
from tests.e2e.serving import free_port, serving

UNVERIFIED = "无法核实"


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    port = free_port()
    provider = TestProvider(f"http://127.0.0.1:{port}")
    with serving(provider.app, port):  # type: ignore[arg-type]
        yield provider


@pytest.fixture
def site(tmp_path: Path, provider: TestProvider) -> Site:
    secret = tmp_path / "client-secret"
    secret.write_text(f"{SECRET}\n")
    return make_site(
        tmp_path,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret_file=secret,
        oidc_roles_claim="realm_access.roles",
        oidc_roles="kb-editors=editor, kb-leads=reviewer administrator",
    )


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.visitor() as visitor:
        yield visitor


async def leave(visitor: httpx.AsyncClient, wanted: str = "/console/entries") -> str:
    """To the provider and back up to our door: the address that it sends the browser to."""
    start = await visitor.get("/console/oidc/start", params={"next": wanted})
    assert start.status_code == 303, start.text
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(start.headers["location"])
    assert answer.status_code == 302
    return answer.headers["location"]


async def come_back(visitor: httpx.AsyncClient, address: str) -> httpx.Response:
    return await visitor.get(address, headers={"Sec-Fetch-Site": "cross-site"})


async def refused(visitor: httpx.AsyncClient, site: Site, why: str) -> None:
    response = await come_back(visitor, await leave(visitor))
    assert response.status_code == 403
    assert why in response.text
    assert visitor.cookies.get(COOKIE) is None
    assert site.services.staff.accounts.listed() == []


async def test_whom_the_provider_vouches_for_is_signed_in_with_their_roles(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    response = await come_back(visitor, await leave(visitor))
    assert response.status_code == 200
    assert 'content="0; url=/console/entries"' in response.text
    (cookie,) = [line for line in response.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}=")]
    assert "SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    (account,) = site.services.staff.accounts.listed()
    assert (account.name, account.display_name, account.external) == ("wang.fang", "王芳", True)
    assert account.roles == frozenset({Role.reviewer, Role.administrator})
    assert (await visitor.get("/console/session")).status_code == 204
    (asked,) = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["scope"]) == ("code", "openid profile")
    assert asked["redirect_uri"] == "http://app/console/oidc/callback"


async def test_roles_follow_the_provider_at_the_next_sign_in(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    site.add("root-user", Role.administrator)
    await come_back(visitor, await leave(visitor))
    provider.claims["realm_access"] = {"roles": ["kb-editors"]}
    async with site.visitor() as other:
        await come_back(other, await leave(other))
        assert (await other.get("/console/session")).status_code == 204
    assert site.services.staff.accounts.get("wang.fang").roles == frozenset({Role.editor})
    assert (await visitor.get("/console/session", headers={"Accept": "*/*"})).status_code == 401


async def test_claims_that_the_token_lacks_come_from_userinfo(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.from_userinfo = dict(provider.claims)
    provider.claims = {"sub": "7"}
    await come_back(visitor, await leave(visitor))
    assert [account.name for account in site.services.staff.accounts.listed()] == ["wang.fang"]


async def test_userinfo_of_somebody_else_is_refused(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.from_userinfo = {**provider.claims, "sub": "8"}
    provider.claims = {"sub": "7"}
    await refused(visitor, site, UNVERIFIED)


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another request"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client", "third"]},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000},
        {"exp": None},
        {"sub": None},
        {"at_hash": "AAAA"},
    ],
)
async def test_a_token_that_is_not_for_this_request_is_refused(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider, changed: dict[str, object]
) -> None:
    provider.changed = changed
    await refused(visitor, site, UNVERIFIED)


async def test_a_token_by_another_key_is_refused(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.signed_by = RSAKey.generate_key(2048, {"kid": "one"})
    await refused(visitor, site, UNVERIFIED)


async def test_a_token_signed_with_the_shared_secret_is_refused(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.algorithm = "HS256"
    await refused(visitor, site, UNVERIFIED)


async def test_somebody_without_a_role_here_is_told_so(
    site: Site, visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.claims["realm_access"] = {"roles": ["canteen"]}
    await refused(visitor, site, "还没有分配本系统的角色")


async def test_the_answer_opens_a_session_only_in_the_browser_that_asked(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    address = await leave(visitor)
    async with site.visitor() as victim:
        response = await come_back(victim, address)
        assert response.status_code == 403
        assert "不是从本页面发起的" in response.text
        await leave(victim)
        response = await come_back(victim, address)
        assert "不是从本页面发起的" in response.text
        assert victim.cookies.get(COOKIE) is None


async def test_an_answer_is_good_once(site: Site, visitor: httpx.AsyncClient) -> None:
    address = await leave(visitor)
    assert (await come_back(visitor, address)).status_code == 200
    assert (await come_back(visitor, address)).status_code == 403


async def test_an_answer_of_another_provider_is_refused(visitor: httpx.AsyncClient) -> None:
    parts = urlsplit(await leave(visitor))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query["iss"] = "https://evil.example"
    response = await come_back(visitor, parts._replace(query=urlencode(query)).geturl())
    assert "另一个认证服务" in response.text


async def test_a_refusal_at_the_provider_is_said(visitor: httpx.AsyncClient) -> None:
    parts = urlsplit(await leave(visitor))
    state = parse_qs(parts.query)["state"][0]
    query = urlencode({"error": "access_denied", "state": state})
    response = await come_back(visitor, parts._replace(query=query).geturl())
    assert (response.status_code, "没有同意" in response.text) == (403, True)


async def test_the_name_of_a_local_account_is_not_taken_over(site: Site, visitor: httpx.AsyncClient) -> None:
    site.add("wang.fang", Role.administrator)
    response = await come_back(visitor, await leave(visitor))
    assert "同名账号" in response.text
    assert visitor.cookies.get(COOKIE) is None


async def test_a_provider_that_calls_itself_otherwise_is_not_trusted(
    visitor: httpx.AsyncClient, provider: TestProvider
) -> None:
    provider.named_issuer = "https://evil.example"
    response = await visitor.get("/console/oidc/start")
    assert (response.status_code, "设置有误" in response.text) == (502, True)


async def test_a_provider_that_is_down_is_said_and_passwords_still_work(tmp_path: Path) -> None:
    site = make_site(
        tmp_path,
        oidc_issuer=f"http://127.0.0.1:{free_port()}",
        oidc_client_id=CLIENT,
        oidc_roles="a=viewer",
        oidc_label="市政务认证",
    )
    async with site.visitor() as visitor:
        assert "市政务认证" in (await visitor.get("/console/sign-in")).text
        started = time.monotonic()
        response = await visitor.get("/console/oidc/start")
        assert response.status_code == 502
        assert "连不上" in response.text
        assert 'name="password"' in response.text
        assert time.monotonic() - started < 60


async def test_another_site_cannot_start_it(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/console/oidc/start", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403


async def test_it_is_off_by_default(tmp_path: Path) -> None:
    async with make_site(tmp_path).visitor() as visitor:
        assert "oidc" not in (await visitor.get("/console/sign-in")).text
        for path in ("start", "callback"):
            assert (await visitor.get(f"/console/oidc/{path}")).status_code == 404


async def test_signing_in_is_written_down(site: Site, visitor: httpx.AsyncClient) -> None:
    await come_back(visitor, await leave(visitor))
    assert [line.what for line in site.services.audit.lines(Sought())] == ["sign_in.done", "account.added"]


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"oidc_issuer": "https://id.example.org"}, "LVXIAOYU_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "id.example.org"}, "give an address"),
        ({"oidc_roles": "kb=chief"}, "'chief' is no role"),
        ({"oidc_roles": "kb"}, "theirs=ours"),
        ({"console_url": "https://a.example.org/console"}, "give an address"),
    ],
)
def test_settings_that_let_nobody_in_are_named(variables: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        load_settings(**variables)

"""Signing in and out over HTTP: forms, cookies, who is let in, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.accounts.audit import Sought
from api.accounts.roles import Role
from api.accounts.sessions import csrf_of
from tests.accounts.conftest import PASSWORD
from tests.console.site import Site, make_site, session_of, sign_in

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.add("li-lei", Role.editor)
    return site


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.visitor() as visitor:
        yield visitor


async def test_a_person_who_is_not_signed_in_is_sent_to_the_sign_in_page(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/console/entries?state=draft")
    assert response.status_code == 303
    target = urlsplit(response.headers["location"])
    assert target.path == "/console/sign-in"
    assert parse_qs(target.query) == {"next": ["/console/entries?state=draft"]}


@pytest.mark.parametrize(
    "path",
    [
        "/console",
        "/console/",
        "/console/session",
        "/console/audit/export",
        "/console/_nicegui/3.18.0/static/nicegui.js",
        "/console/_nicegui/client/123/upload/4",
    ],
)
async def test_a_script_without_a_session_gets_nothing_but_a_401(
    visitor: httpx.AsyncClient, path: str
) -> None:
    response = await visitor.get(path, headers={"Accept": "*/*"})
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


async def test_signing_in_leads_where_one_wanted_to_go(visitor: httpx.AsyncClient) -> None:
    response = await sign_in(visitor, "li-lei", wanted="/console/entries?state=draft")
    assert response.status_code == 303
    assert response.headers["location"] == "/console/entries?state=draft"
    assert (await visitor.get("/console/session")).status_code == 204


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/console/../../evil",
        "/console\\@evil.example",
        "/consoleevil",
        "javascript:alert(1)",
        "/console/\r\nSet-Cookie: x=y",
        "/console/sign-in?next=/console/",
    ],
)
async def test_signing_in_leads_nowhere_outside_the_console(visitor: httpx.AsyncClient, wanted: str) -> None:
    response = await sign_in(visitor, "li-lei", wanted=wanted)
    assert response.headers["location"] == "/console/"


async def test_the_cookie_is_for_the_console_alone_and_out_of_reach(visitor: httpx.AsyncClient) -> None:
    response = await sign_in(visitor, "li-lei")
    (cookie,) = [value for value in response.headers.get_list("set-cookie") if "lvxiaoyu_console" in value]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"path=/console", "httponly", "samesite=strict"}


async def test_behind_tls_the_cookie_never_goes_without_it(site: Site, tmp_path: Path) -> None:
    named = make_site(tmp_path / "named", console_url="https://kb.example.org")
    named.add("li-lei", Role.editor)
    for at, origin, visitor in (
        (site, "https://app", site.visitor(scheme="https")),
        (named, "https://kb.example.org", named.visitor(scheme="https")),
    ):
        assert at.services.staff.accounts.get("li-lei").active
        async with visitor:
            response = await sign_in(visitor, "li-lei", Origin=origin)
            assert response.status_code == 303
            for cookie in response.headers.get_list("set-cookie"):
                if "lvxiaoyu_console=" in cookie:
                    assert "secure" in cookie.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://app.evil.example"},
        {"Origin": "http://app:8080"},
        {"Origin": ""},
    ],
)
async def test_a_form_from_another_site_signs_nobody_in(
    visitor: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await sign_in(visitor, "li-lei", **headers)
    assert response.status_code == 403
    assert session_of(visitor) is None


async def test_a_form_that_says_not_where_it_comes_from_signs_nobody_in(site: Site) -> None:
    async with site.visitor() as visitor:
        page = await visitor.get("/console/sign-in")
        token = page.text.split('name="token" value="')[1].split('"')[0]
        form = {"name": "li-lei", "password": PASSWORD, "token": token}
        for stated, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303)):
            response = await visitor.post("/console/sign-in", data=form, headers={"Sec-Fetch-Site": stated})
            assert response.status_code == status


async def test_a_form_without_the_page_s_token_signs_nobody_in(visitor: httpx.AsyncClient) -> None:
    await visitor.get("/console/sign-in")
    for token in ("", "guessed"):
        response = await visitor.post(
            "/console/sign-in",
            data={"name": "li-lei", "password": PASSWORD, "token": token},
            headers={"Origin": "http://app"},
        )
        assert response.status_code == 403
        assert session_of(visitor) is None


async def test_a_session_that_somebody_planted_is_worth_nothing_after_signing_in(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    async with site.visitor() as attacker:
        await sign_in(attacker, "li-lei")
        planted = session_of(attacker)
        assert planted is not None
        visitor.cookies.set("lvxiaoyu_console", planted, domain="app.local", path="/console")
        fields = {"Cookie": f"lvxiaoyu_console={planted}"}
        response = await visitor.get("/console/sign-in", headers=fields)
        assert response.status_code == 303
        mine = site.services.staff.sign_in.by_password("li-lei", PASSWORD, address="a", replacing=planted)
        assert mine != planted
        assert (await attacker.get("/console/session", headers={"Accept": "*/*"})).status_code == 401


async def test_an_invented_session_id_is_not_taken_over(visitor: httpx.AsyncClient) -> None:
    visitor.headers["Cookie"] = "lvxiaoyu_console=i-made-this-up"
    response = await visitor.get("/console/session", headers={"Accept": "*/*"})
    assert response.status_code == 401
    del visitor.headers["Cookie"]
    await sign_in(visitor, "li-lei")
    assert session_of(visitor) != "i-made-this-up"


async def test_five_wrong_passwords_lock_and_say_for_how_long(site: Site, visitor: httpx.AsyncClient) -> None:
    for _ in range(5):
        response = await sign_in(visitor, "li-lei", "wrong-wrong-1")
        assert response.status_code == 401
        assert "账号或密码不正确" in response.text
    locked = await sign_in(visitor, "li-lei")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert "30 秒后再试" in locked.text
    site.clock.later(seconds=30)
    assert (await sign_in(visitor, "li-lei")).status_code == 303


async def test_a_dictionary_does_not_open_an_account(site: Site, visitor: httpx.AsyncClient) -> None:
    for number in range(60):
        await sign_in(visitor, "li-lei", f"guess-number-{number}")
    assert (await sign_in(visitor, "li-lei")).status_code == 429
    assert site.services.audit.count(Sought(what="sign_in.refused")) == 5


async def test_what_was_typed_comes_back_as_text(visitor: httpx.AsyncClient) -> None:
    response = await sign_in(visitor, '"><script>alert(1)</script>', "x" * 20)
    assert response.status_code == 401
    assert "<script>" not in response.text
    assert "&lt;script&gt;" in response.text
    assert "x" * 20 not in response.text


@pytest.mark.parametrize(
    ("name", "password"), [("a" * 129, "x"), ("li-lei", "x" * 513), ("\x00", "\x00"), ("", "")]
)
async def test_odd_fields_are_refused_in_words(visitor: httpx.AsyncClient, name: str, password: str) -> None:
    response = await sign_in(visitor, name, password)
    assert response.status_code in {401, 422}
    assert 'role="alert"' in response.text


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    await sign_in(visitor, "li-lei")
    token = session_of(visitor)
    assert token is not None
    response = await visitor.post(
        "/console/sign-out", data={"token": csrf_of(token)}, headers={"Origin": "http://app"}
    )
    assert (response.status_code, response.headers["location"]) == (303, "/console/sign-in?note=out")
    assert session_of(visitor) is None
    assert site.services.staff.sessions.find(token) is None


async def test_nobody_is_signed_out_from_another_site(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    token = session_of(visitor)
    assert token is not None
    foreign = await visitor.post(
        "/console/sign-out", data={"token": csrf_of(token)}, headers={"Origin": "https://evil.example"}
    )
    without = await visitor.post("/console/sign-out", data={}, headers={"Origin": "http://app"})
    read = await visitor.get("/console/sign-out")
    assert (foreign.status_code, without.status_code, read.status_code) == (403, 403, 405)
    assert (await visitor.get("/console/session")).status_code == 204


async def test_a_link_on_another_site_gets_a_page_that_goes_on_from_here(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    response = await visitor.get("/console/entries?a=1&b=2", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200
    assert 'url=/console/sign-in?next=/console/entries%3Fa%3D1%26b%3D2"' in response.text
    await sign_in(visitor, "li-lei")
    onward = await visitor.get("/console/sign-in", params={"next": "/console/entries?a=1&b=2"})
    assert (onward.status_code, onward.headers["location"]) == (303, "/console/entries?a=1&b=2")


async def test_a_first_password_has_to_be_changed_before_anything_else(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    first = site.services.staff.accounts.invite("han", roles=[Role.administrator], by="root")
    await sign_in(visitor, "han", first)
    response = await visitor.get("/console/accounts")
    assert (response.status_code, response.headers["location"]) == (303, "/console/password")
    export = await visitor.get("/console/audit/export")
    assert (export.status_code, export.headers["location"]) == (303, "/console/password")


async def test_the_log_is_exported_for_administrators_only(site: Site, visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    assert (await visitor.get("/console/audit/export")).status_code == 403
    site.add("root-user", Role.administrator)
    async with site.visitor() as administrator:
        await sign_in(administrator, "root-user")
        table = await administrator.get("/console/audit/export", params={"what": "account"})
        lines = await administrator.get("/console/audit/export", params={"format": "jsonl", "by": "root"})
        wrong = await administrator.get("/console/audit/export", params={"since": "yesterday"})
    assert table.headers["content-disposition"] == 'attachment; filename="audit-20261120.csv"'
    assert len(table.text.splitlines()) == 3
    assert [line.count("account.added") for line in lines.text.splitlines()] == [1, 1]
    assert wrong.status_code == 422


async def test_only_the_console_s_pages_have_the_wider_content_policy(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    assert "unsafe" not in (await visitor.get("/")).headers["content-security-policy"]
    for path in ("/chat", "/console/sign-in", "/console/session", "/console/static/console.js", "/policies"):
        response = await visitor.get(path)
        assert response.headers["content-security-policy"].startswith(STRICT), path
    inside = await visitor.get("/console/entries")
    policy = inside.headers["content-security-policy"]
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert inside.headers["cache-control"] == "no-store"


async def test_a_large_upload_is_refused_before_it_is_read(site: Site, visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65536

    path = "/console/_nicegui/client/123/upload/4"
    stated = {"Origin": "http://app", "Content-Length": str(200 * 1024 * 1024)}
    response = await visitor.post(path, content=endless(), headers=stated)
    assert (response.status_code, read) == (413, 0)
    assert site.services.settings.max_document_bytes == 30 * 1024 * 1024


async def test_somebody_whose_session_is_over_is_told_so(site: Site, visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    site.clock.later(hours=12)
    response = await visitor.get("/console/entries")
    assert response.headers["location"] == "/console/sign-in?next=/console/entries&note=ended"
    assert "登录已失效，请重新登录。" in (await visitor.get(response.headers["location"])).text


async def test_nobody_uploads_without_a_session(site: Site) -> None:
    async with site.visitor() as stranger:
        path = "/console/_nicegui/client/123/upload/4"
        response = await stranger.post(path, content=b"x", headers={"Origin": "http://app"})
        assert response.status_code == 401
        foreign = await stranger.post(path, content=b"x", headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403


async def test_long_polling_is_no_way_around_the_socket(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "li-lei")
    response = await visitor.get("/console/_nicegui_ws/socket.io/?EIO=4&transport=polling")
    assert response.status_code == 404


async def test_without_an_administrator_the_page_says_how_to_make_one(
    site: Site, visitor: httpx.AsyncClient
) -> None:
    page = await visitor.get("/console/sign-in")
    assert "lvxiaoyu user add 账号名 --role administrator" in page.text
    site.add("root-user", Role.administrator)
    assert "lvxiaoyu user add" not in (await visitor.get("/console/sign-in")).text


async def test_a_process_without_the_console_has_nothing_there(tmp_path: Path) -> None:
    async with make_site(tmp_path, console=False).visitor() as visitor:
        assert (await visitor.get("/console/sign-in")).status_code == 404
        assert (await visitor.get("/")).status_code == 200

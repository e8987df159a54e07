"""What surrounds the routes: headers, origins, limits, problem documents, figures, the documentation page."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.limiting import RateLimiter, is_loopback
from api.logs import configure_logs
from tests.api.conftest import MakeServices, browse
from tests.api.parts import CLAUSE, DOCUMENT, PROGRAMME, Shelf

PROBLEM = "application/problem+json"


@pytest.fixture
def app(make_services: MakeServices) -> FastAPI:
    settings = {"allow_origins": "https://www.example.org", "rate_limit": "2/minute"}
    return create_app(make_services(settings=settings))


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/docs", "/nowhere", "/api/v1/clauses?id=x", "/static/widget.js"]
)
async def test_every_response_carries_the_strict_headers(app: FastAPI, path: str) -> None:
    async with browse(app) as client:
        headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"[0-9a-f]{24}", headers["x-request-id"])


async def test_each_request_has_an_id_of_its_own(app: FastAPI) -> None:
    async with browse(app) as client:
        ids = {(await client.get("/healthz")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_a_site_that_is_allowed_may_call_the_chat(app: FastAPI) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    async with browse(app) as client:
        good = await client.options("/api/v1/chat", headers={**asked, "origin": "https://www.example.org"})
        bad = await client.options("/api/v1/chat", headers={**asked, "origin": "https://evil.example"})
        said = await client.post(
            "/api/v1/chat", json={"message": "骑行停放"}, headers={"origin": "https://www.example.org"}
        )
    assert good.headers["access-control-allow-origin"] == "https://www.example.org"
    assert "access-control-allow-origin" not in bad.headers
    assert said.headers["access-control-allow-origin"] == "https://www.example.org"


async def test_the_widgets_files_may_be_loaded_by_other_sites(app: FastAPI) -> None:
    async with browse(app) as client:
        widget = await client.get("/static/widget.js")
        page = await client.get("/healthz")
    assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
    assert page.headers["cross-origin-resource-policy"] == "same-origin"


async def test_too_many_requests_are_told_when_to_come_back(app: FastAPI) -> None:
    async with browse(app, "203.0.113.7") as client:
        answers = [await client.get("/api/v1/clauses", params={"id": CLAUSE.id}) for _ in range(3)]
        health = await client.get("/healthz")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["content-type"] == PROBLEM
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert health.status_code == 200


async def test_loopback_may_send_a_hundred_requests_a_second(app: FastAPI) -> None:
    async with browse(app) as client:
        for _ in range(100):
            assert (await client.get("/api/v1/clauses", params={"id": CLAUSE.id})).status_code == 200


def test_one_ipv6_home_is_one_client() -> None:
    limiter = RateLimiter("1/minute", "100/second")
    assert limiter.wait_s("2001:db8::1") == 0
    assert limiter.wait_s("2001:db8::2") > 0
    assert limiter.wait_s("2001:db8:1::1") == 0


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/chat", 405),
        ("DELETE", "/api/v1/clauses", 405),
        ("GET", "/api/v1/clauses", 422),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_document_too(
    app: FastAPI, method: str, path: str, status: int
) -> None:
    async with browse(app) as client:
        response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == status


async def test_a_person_who_follows_a_dead_link_gets_a_page(app: FastAPI) -> None:
    async with browse(app) as client:
        response = await client.get("/nowhere", headers={"accept": "text/html,*/*"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


async def test_a_crash_tells_nothing_but_an_id(make_services: MakeServices) -> None:
    class Crashing(Shelf):
        @property
        def knowledge(self) -> object:  # type: ignore[override]
            raise ZeroDivisionError("secret words")

    async with browse(create_app(make_services(library=Crashing()))) as client:
        response = await client.get("/api/v1/clauses", params={"id": "x"})
    assert response.status_code == 500
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    assert "ZeroDivision" not in response.text


async def test_a_clauses_text_is_the_one_that_offsets_count_in(app: FastAPI) -> None:
    async with browse(app) as client:
        content = (await client.get("/api/v1/clauses", params={"id": CLAUSE.id})).json()
        card = (await client.get("/api/v1/clauses", params={"id": PROGRAMME.id})).json()
        unknown = await client.get("/api/v1/clauses", params={"id": "xx#9"})
    assert (content["text"], content["clause_label"]) == (CLAUSE.text, CLAUSE.label)
    assert (content["document_number"], content["status"]) == (DOCUMENT.document_number, "unstated")
    assert (card["text"], card["source_kind"], card["checked_on"]) == (
        PROGRAMME.text,
        "programme",
        "2026-11-20",
    )
    assert unknown.status_code == 404


async def test_a_programmes_citation_names_its_sources(app: FastAPI) -> None:
    async with browse(app) as client:
        content = (await client.post("/api/v1/chat", json={"message": "哪里能借"})).json()
    [citation] = content["messages"][0]["citations"]
    assert citation["sources"] == [
        {"title": "借车启用", "publisher": "某报", "url": "https://example.org/bike"}
    ]


async def test_readiness_is_told_part_by_part(app: FastAPI) -> None:
    async with browse(app) as client:
        response = await client.get("/readyz")
    content = response.json()
    assert response.status_code == 200
    assert {name: part["status"] for name, part in content["parts"].items()} == {
        "dialogue": "unavailable",
        "index": "ready",
        "store": "ready",
        "queue": "not_used",
    }
    assert content["status"] == "degraded"


async def test_the_figures_count_turns_and_requests_without_words(app: FastAPI) -> None:
    async with browse(app) as client:
        await client.post("/api/v1/chat", json={"message": "骑行停放点，电话13800138000"})
        text = (await client.get("/metrics")).text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["lvxiaoyu_replies_total", (("degraded", "yes"), ("kind", "answer"))] == 1
    assert samples["lvxiaoyu_masked_total", (("kind", "phone"),)] == 1
    route = (("method", "POST"), ("route", "/api/v1/chat"), ("status", "200"))
    assert samples["lvxiaoyu_http_requests_total", route] == 1
    assert "骑行" not in text


async def test_the_documentation_needs_no_other_server_and_no_inline_script(app: FastAPI) -> None:
    async with browse(app) as client:
        page = (await client.get("/docs")).text
        assert "http://" not in page
        assert "https://" not in page
        assert not re.search(r"<script(?![^>]*src=)", page)
        for path in re.findall(r'(?:src|href)="([^"]+)"', page):
            assert (await client.get(path)).status_code == 200, path
        schema = (await client.get("/openapi.json")).json()
    assert {"/api/v1/chat", "/api/v1/conversations/{conversation_id}", "/api/v1/feedback"} <= set(
        schema["paths"]
    )
    body = schema["paths"]["/api/v1/chat"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"message", "conversation_id", "client_id"}
    assert "/internal/actions" not in json.dumps(schema)


@pytest.fixture
def log_lines(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    path = tmp_path / "log" / "app.log"
    configure_logs("info", path)
    yield lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    root.handlers[:], root.level = before


async def test_logs_are_json_and_hold_no_words_of_a_resident(
    app: FastAPI, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    async with browse(app) as client:
        response = await client.post("/api/v1/chat", json={"message": "骑行停放点在磁器口吗"})
    [line] = [line for line in log_lines() if line["event"] == "request"]
    assert (line["route"], line["status"], line["level"]) == ("/api/v1/chat", 200, "info")
    assert line["request_id"] == response.headers["x-request-id"]
    assert "磁器口" not in str(log_lines())

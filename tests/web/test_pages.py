import dataclasses
from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.web.bundle import PARTS, widget_script
from knowledge.model import Amount
from tests.e2e.widget_app import build


@pytest.fixture(scope="module")
def app():
    return build()


@pytest.fixture(scope="module")
def client(app) -> TestClient:
    return TestClient(app)


@pytest.fixture
def known(app):
    """The published knowledge, put back after a test that changes it."""
    before = app.state.services.known
    yield before
    app.state.services.known = before


def test_the_chat_page_offers_published_questions_and_the_documents(client: TestClient):
    page = client.get("/chat").text
    assert "买新能源汽车可以减免购置税吗？" in page
    assert 'href="/policies/cq-2022-11"' in page


def test_the_chat_page_leaves_out_a_question_that_is_withdrawn(client: TestClient, app, known):
    kept = tuple(entry for entry in known.entries if entry.question != "买新能源汽车可以减免购置税吗？")
    app.state.services.known = dataclasses.replace(known, entries=kept)
    assert "买新能源汽车可以减免购置税吗？" not in client.get("/chat").text


@pytest.mark.parametrize(
    "path", ["/", "/chat", "/policies", "/policies/cq-2022-11", "/policies/nev-purchase-tax"]
)
def test_no_page_has_inline_script_or_style(client: TestClient, path: str):
    page = client.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert " on" not in "".join(part.split(">")[0] for part in page.split("<")[1:]).replace(" one", "")
    assert page.count("<script") == page.count("<script src=")


def test_a_citations_link_marks_its_words(client: TestClient, known):
    words = known.clause_by_id["cq-2022-11#2.6"].text[12:40]
    page = client.get("/policies/cq-2022-11?span=2.6:12-40").text
    assert f"<mark>{words}</mark>" in page
    assert page.count("<mark>") == 1
    assert 'id="2.6"' in page


@pytest.mark.parametrize("span", ["2.6:5-99999", "nonsense", "9.9:1-2", "2.6:9-3"])
def test_a_span_that_leads_nowhere_is_said_politely(client: TestClient, span: str):
    response = client.get("/policies/cq-2022-11", params={"span": span})
    assert response.status_code == 200
    assert "<mark>" not in response.text
    assert "下面是全部内容" in response.text


def test_every_clause_has_its_anchor(client: TestClient, known):
    for document in known.documents:
        page = client.get(f"/policies/{document.id}").text
        for clause in known.clauses_of(document.id):
            assert page.count(f'id="{clause.path}"') == 1


def test_a_broken_off_annex_says_so_at_its_row_and_at_the_head(client: TestClient, known):
    page = client.get("/policies/cq-2020-1891").text
    assert page.count("原文到此中断") == 1
    assert known.document_by_id["cq-2020-1891"].warnings[0] in page


def test_a_text_is_shown_as_text(client: TestClient, app, known):
    hostile = "<script>alert(1)</script>&amp;"
    clauses = tuple(
        dataclasses.replace(clause, text=hostile) if clause.id == "cq-2022-11#preamble" else clause
        for clause in known.clauses
    )
    app.state.services.known = dataclasses.replace(known, clauses=clauses)
    page = client.get("/policies/cq-2022-11").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in page
    assert hostile not in page


def test_a_superseded_document_points_to_its_successor(client: TestClient, app, known):
    older = dataclasses.replace(known.document_by_id["cq-2020-1891"], superseded_by="cq-2022-11")
    app.state.services.known = dataclasses.replace(known, documents=(older, known.documents[1]))
    page = client.get("/policies/cq-2020-1891").text
    assert "已被取代" in page
    assert 'href="/policies/cq-2022-11"' in page


def test_an_expired_document_says_since_when(client: TestClient, app, known):
    older = dataclasses.replace(known.document_by_id["cq-2020-1891"], effective_to=date(2025, 12, 31))
    app.state.services.known = dataclasses.replace(known, documents=(older, known.documents[1]))
    assert "2025年12月31日 后失效" in client.get("/policies/cq-2020-1891").text


def test_a_programme_gives_each_amount_its_own_dates(client: TestClient):
    page = client.get("/policies/nev-purchase-tax").text
    assert "据公开报道整理，以官方最新通知为准" in page
    assert "2024年1月1日 至 2025年12月31日" in page
    assert "2026年1月1日 至 2027年12月31日" in page
    assert "30,000 元/辆" in page
    assert "50%" in page


def test_a_programme_shows_only_sources_that_open(client: TestClient, app, known):
    programme = known.programme_by_id["nev-purchase-tax"]
    sources = (
        dataclasses.replace(programme.sources[0], title="能打开"),
        dataclasses.replace(programme.sources[0], title="没有地址", url=None),
        dataclasses.replace(programme.sources[0], title="脚本", url="javascript:alert(1)"),
    )
    amounts = (Amount("罚款", None, "100-300", "元"),)
    changed = dataclasses.replace(programme, sources=sources, amounts=amounts)
    app.state.services.known = dataclasses.replace(known, programmes=(changed,))
    page = client.get("/policies/nev-purchase-tax").text
    assert "能打开" in page
    assert "没有地址" not in page
    assert "脚本" not in page
    assert "100-300 元" in page


def test_a_programmes_cited_words_are_marked(client: TestClient, known):
    text = known.programme_by_id["nev-purchase-tax"].text
    page = client.get("/policies/nev-purchase-tax?span=:0-12").text
    assert f"<mark>{text[:12]}</mark>" in page


def test_an_unknown_document_gets_a_friendly_page(client: TestClient):
    response = client.get("/policies/none")
    assert response.status_code == 404
    assert 'href="/policies"' in response.text


def test_the_library_lists_everything_published(client: TestClient, known):
    page = client.get("/policies").text
    for published in (*known.documents, *known.programmes):
        assert f'href="/policies/{published.id}"' in page


@pytest.mark.parametrize("path", ["widget.js", "widget.css", "site.css", "leaf.svg"])
def test_a_static_file_is_not_sent_twice(client: TestClient, path: str):
    first = client.get(f"/static/{path}")
    again = client.get(f"/static/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert first.status_code == 200
    assert "max-age" in first.headers["cache-control"]
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["none.js", "../pages.py", "%2e%2e/pages.py", ""])
def test_nothing_else_is_served_as_static(client: TestClient, path: str):
    assert client.get(f"/static/{path}").status_code == 404


def test_the_script_holds_every_part_and_no_unsafe_insertion():
    script = widget_script().content.decode()
    assert all(f"/* ---- {part} ---- */" in script for part in PARTS)
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert unsafe not in script

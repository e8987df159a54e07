"""What a text says of itself, with the place where it says so."""

from __future__ import annotations

from knowledge.content_loader import read_content
from knowledge.parsing import Found, find_metadata, parse

NOTICE = """示例市商务委员会
关于印发示例补贴办法的通知
示商务〔2026〕7号
各有关单位：
现将办法印发给你们。
示例市商务委员会
示例市财政局
2026年3月2日
示例补贴办法
第一条　购买节水器具的居民可以申请补贴。
第二条　每台补贴200元。
第三条　本办法自2026年4月1日起施行，有效期2年。《示例旧办法》（示商务〔2023〕9号）同时废止。
"""


def test_number_issuers_dates_and_what_is_ended_are_found_with_their_place() -> None:
    found = find_metadata(parse(NOTICE, "d").clauses)
    assert {(item.field, item.value, item.path) for item in found} == {
        ("document_number", "示商务〔2026〕7号", "notice"),
        ("title", "示例补贴办法", "title"),
        ("issuers", "示例市商务委员会、示例市财政局", "notice"),
        ("issued_on", "2026-03-02", "notice"),
        ("effective_from", "2026-04-01", "3"),
        ("effective_to", "2028-03-31", "3"),
        ("replaces", "示商务〔2023〕9号", "3"),
    }
    texts = {clause.path: clause.text for clause in parse(NOTICE, "d").clauses}
    assert all(item.words in texts[item.path] for item in found)


def test_from_the_day_of_issue_is_the_day_of_issue() -> None:
    text = NOTICE.replace("自2026年4月1日起施行，有效期2年", "自印发之日起施行，有效期至2027年12月31日")
    found = {item.field: item.value for item in find_metadata(parse(text, "d").clauses)}
    assert (found["effective_from"], found["effective_to"]) == ("2026-03-02", "2027-12-31")


def test_the_shipped_texts_say_what_their_fields_say() -> None:
    for item in read_content().documents:
        found = {found.field: found.value for found in find_metadata(item.clauses)}
        assert found["title"] == item.document.title
        assert found["document_number"] == item.document.document_number
        assert found["issuers"] == "、".join(item.document.issuers)
        assert item.document.issued_on is not None
        assert found["issued_on"] == item.document.issued_on.isoformat()


def test_an_impossible_day_is_no_day() -> None:
    assert find_metadata(parse("一、甲\n自2026年13月40日起施行。\n", "d").clauses) == ()
    assert Found("issued_on", "2026-01-01", "notice", "x") == Found("issued_on", "2026-01-01", "notice", "x")

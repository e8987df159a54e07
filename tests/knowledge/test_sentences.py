"""Sentences of a clause, each at its offsets."""

from knowledge.model import Clause
from knowledge.sentences import sentences


def test_spans_cover_every_clause_once_and_in_order(clauses: dict[str, Clause]) -> None:
    for clause in clauses.values():
        end = 0
        for span in sentences(clause):
            assert span.text == clause.text[span.start : span.end]
            assert span.text.strip() == span.text != ""
            assert not clause.text[end : span.start].strip()
            end = span.end
        assert not clause.text[end:].strip()


def test_heading_sentences_and_departments_are_told_apart(clauses: dict[str, Clause]) -> None:
    spans = sentences(clauses["cq-2022-11#4.18"])
    assert [(span.kind, span.text) for span in spans] == [
        ("heading", "（十八）加强统计监测分析评价。"),
        ("sentence", "按照国家绿色消费统计相关要求，加强对绿色消费的数据收集、统计监测和分析预测。"),
        (
            "sentence",
            "积极参与绿色消费指数和评价指标体系研究，探索开展不同地区、不同领域绿色消费水平和发展变化情况评价。",
        ),
        ("departments", "（市发展改革委、市统计局等部门按职责分工负责）"),
    ]


def test_a_row_of_a_table_is_one_sentence(clauses: dict[str, Clause]) -> None:
    row = clauses["cq-2020-1891#annex.3"]
    (span,) = sentences(row)
    assert (span.kind, span.text) == ("sentence", row.text)


def _clause(text: str) -> Clause:
    return Clause("d#1", "d", "1", "article", "第一条", text, 0)


def test_only_a_long_sentence_is_cut_at_semicolons() -> None:
    short = "第一条甲应当节水；乙应当节电。"
    assert [span.text for span in sentences(_clause(short))] == [short]
    first, second = "第一条" + "甲" * 80 + "；", "乙" * 80 + "。"
    assert [span.text for span in sentences(_clause(first + second))] == [first, second]


def test_a_full_stop_inside_quotation_marks_or_brackets_ends_nothing() -> None:
    text = "他说：“节水。节电。”大家（包括孩子。）都听了。好！"
    assert [span.text for span in sentences(_clause(text))] == [
        "他说：“节水。节电。”大家（包括孩子。）都听了。",
        "好！",
    ]


def test_an_unclosed_bracket_swallows_no_line() -> None:
    text = "第一款（未完。\n第二款。"
    assert [span.text for span in sentences(_clause(text))] == ["第一款（未完。", "第二款。"]

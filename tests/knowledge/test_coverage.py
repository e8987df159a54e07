"""Which clauses have entries, and which sentences nobody quotes."""

from __future__ import annotations

from knowledge.coverage import ClauseCoverage, coverage
from knowledge.model import Clause, Entry, Knowledge, Quote
from knowledge.shipped import Shipped

HEAD = Clause("d#1", "d", "1", "part", "第一部分 总则", "一、总则", 1, heading="总则")
NOTICE = Clause("d#notice", "d", "notice", "notice", "印发通知", "某某委员会\n各区县：\n现印发给你们。", 0)
TWO = Clause(
    "d#1.1", "d", "1.1", "section", "第一部分（一）节水", "（一）节水。全市节水。鼓励用节水器具。（市水利局负责）", 2, heading="节水"
)  # fmt: skip
NONE = Clause(
    "d#1.2", "d", "1.2", "section", "第一部分（二）节电", "（二）节电。全市节电。", 3, heading="节电"
)
ROW = Clause("d#annex.1", "d", "annex.1", "annex_row", "附件第1项", "1.出台节水办法 2025年底", 5)
ANNEX = Clause("d#annex", "d", "annex", "annex", "附件", "附件：清单\n任务\n时限", 4)


def _quote(clause: Clause, words: str) -> Quote:
    start = clause.text.index(words)
    return Quote(clause.id, start, start + len(words), words)


def _knowledge(*entries: Entry) -> Knowledge:
    return Knowledge((), (NOTICE, HEAD, TWO, NONE, ANNEX, ROW), entries)


def test_each_clause_says_its_entries_wordings_and_what_nobody_quotes() -> None:
    first = Entry("a", "甲？", ("乙？", "丙？"), (_quote(TWO, "市节水"), _quote(TWO, "全市节水。")))
    second = Entry("b", "丁？", (), (_quote(ROW, "节水办法"), _quote(TWO, "全市")))
    assert coverage(_knowledge(first, second)) == (
        ClauseCoverage("d#notice", "印发通知", "notice", 0, 0, 1, ("现印发给你们。",)),
        ClauseCoverage("d#1", "第一部分 总则", "part", 0, 0, 0, ()),
        ClauseCoverage("d#1.1", "第一部分（一）节水", "section", 2, 4, 2, ("鼓励用节水器具。",)),
        ClauseCoverage("d#1.2", "第一部分（二）节电", "section", 0, 0, 1, ("全市节电。",)),
        ClauseCoverage("d#annex", "附件", "annex", 0, 0, 0, ()),
        ClauseCoverage("d#annex.1", "附件第1项", "annex_row", 1, 1, 1, ()),
    )


def test_only_a_clause_that_says_something_can_be_a_gap() -> None:
    found = coverage(
        _knowledge(Entry("a", "甲？", (), (_quote(TWO, "全市节水。"), _quote(NOTICE, "现印发"))))
    )
    assert [item.clause_id for item in found if item.is_gap] == ["d#1.2", "d#annex.1"]


def test_words_of_the_heading_or_the_departments_quote_no_sentence() -> None:
    quotes = (_quote(TWO, "（一）节水。"), _quote(TWO, "市水利局"))
    found = {item.clause_id: item for item in coverage(_knowledge(Entry("a", "甲？", (), quotes)))}
    assert (found["d#1.1"].entries, found["d#1.1"].missing) == (1, ("全市节水。", "鼓励用节水器具。"))


def test_every_shipped_clause_that_says_something_has_an_entry(shipped: Shipped) -> None:
    found = coverage(shipped.published())
    cut_off = {clause.id for clause in shipped.published().clauses if clause.incomplete}
    assert {item.clause_id for item in found if item.is_gap} <= cut_off == {"cq-2020-1891#annex.15"}
    transport = next(item for item in found if item.clause_id == "cq-2022-11#2.6")
    assert (transport.label, transport.sentences, transport.missing) == (
        "第二部分（六）发展绿色交通消费",
        12,
        (),
    )
    assert transport.wordings > transport.entries >= 24


def test_taking_an_entry_out_shows_the_sentence_it_alone_quoted(shipped: Shipped) -> None:
    knowledge = shipped.published()
    quoted = [
        entry for entry in knowledge.entries if any("#3.3" in quote.clause_id for quote in entry.quotes)
    ]
    assert len(quoted) >= 1
    rest = tuple(entry for entry in knowledge.entries if entry not in quoted)
    left = Knowledge(knowledge.documents, knowledge.clauses, rest, knowledge.programmes)
    lost = next(item for item in coverage(left) if item.clause_id == "cq-2020-1891#3.3")
    assert lost.is_gap
    assert len(lost.missing) == lost.sentences == 1
